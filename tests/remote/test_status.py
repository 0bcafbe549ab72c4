"""What `remote status`, `arena status` and `doctor` say of a remote."""

from __future__ import annotations

import json
from typing import Any

from llmhub.arena.team.store import push_from_here, server_of
from llmhub.remote.address import Address
from tests.conftest import Llmhub
from tests.support.processes.commands import ago, arena_db, board, document, seed


def findings(run: Any, part: str) -> list[dict[str, Any]]:
    return [one for one in json.loads(run.stdout)["findings"] if one["check"] == part]


def test_status_says_what_is_not_in_step_and_changes_nothing(llmhub: Llmhub, address: Address) -> None:
    seed(board({"a": 1.0}), ago(hours=30))
    with server_of(address) as server:
        push_from_here(server, arena_db())
    newest = seed(board({"a": 2.0}), ago(hours=2))
    told = {"LLMHUB_REMOTE_URL": address.url}
    for _ in range(2):
        status = document(llmhub("remote", "status", "--json", **told))
        assert (status["to_pull"], status["to_push"], status["snapshots"], status["fresh"]) == (0, 1, 1, False)
        assert (status["writable"], status["format"], status["last_pull"]) == (True, 1, None)
    assert document(llmhub("arena", "status", "--json", **told))["remote"] == {
        "address": address.shown,
        "last_pull": None,
    }
    assert llmhub("remote", "push", **told).returncode == 0
    assert llmhub("remote", "pull", **told).returncode == 0
    status = document(llmhub("remote", "status", "--json", **told))
    assert (status["to_push"], status["fresh"]) == (0, True)
    assert status["newest_run"][:19] == newest.taken_at.isoformat()[:19]
    assert f"{address.shown} (synchronised at " in llmhub("arena", "status", **told).stdout


def test_the_doctor_asks_the_remote_and_says_what_is_wrong(llmhub: Llmhub, address: Address) -> None:
    nowhere = {"LLMHUB_ARENA_SOURCE_URL": "http://127.0.0.1:1", "LLMHUB_MODELSDEV_URL": "http://127.0.0.1:1"}
    (sound,) = findings(llmhub("doctor", "--json", LLMHUB_REMOTE_URL=address.url, **nowhere), "remote")
    assert sound["level"] == "ok"
    assert sound["message"] == f"{address.shown} answers, and can be read and written here: 0 snapshots"
    closed = "postgresql://team:pw@127.0.0.1:1/x"
    (unreachable,) = findings(llmhub("doctor", "--json", LLMHUB_REMOTE_URL=closed, **nowhere), "remote")
    assert unreachable["level"] == "error"
    assert unreachable["remedy"] == "until it answers, refreshes go on without it"
    (offline,) = findings(llmhub("doctor", "--offline", "--json", LLMHUB_REMOTE_URL=closed), "remote")
    assert offline["message"] == "postgresql://team@127.0.0.1:1/x was not asked"
    (wrong,) = findings(llmhub("doctor", "--offline", "--json", LLMHUB_REMOTE_URL="mysql://x"), "LLMHUB_REMOTE_URL")
    assert wrong["level"] == "error"
    assert findings(llmhub("doctor", "--offline", "--json"), "remote") == []

"""Three machines and one server: what the first imports, the others get, byte for byte."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tests.remote.conftest import Home
from tests.support.made_up.modelsdev_documents import document
from tests.support.made_up.publications import board_rows, row, write_publication
from tests.support.servers.http import LocalServer, Request, Response

_IDS = re.compile(r'"(id|snapshot|snapshot_id)": \d+')


def history(folder: Path) -> list[Path]:
    """Write five publications of two leaderboards, one of them with unknown numbers, and return the files."""
    files = []
    for subset in ("text", "vision"):
        rows = []
        for number in range(5):
            day = (date(2026, 1, 5) + timedelta(weeks=number)).isoformat()
            for category in ("overall", "coding"):
                rows += board_rows(category, published_on=day, shift=number * 1.5)
            rows.append(
                row("made-up-dawn", 1200.0 + number, None, None, published_on=day, votes=None, organization=None)
            )
        files.append(write_publication(folder, subset, rows, name="full-00000-of-00001.parquet"))
    return files


def prices(folder: Path) -> list[Path]:
    """Write three documents of models.dev, with a change of a price in each, and return the files."""
    files = []
    for number in range(3):
        listed: Any = document()
        listed["acme"]["models"]["made-up-2"]["cost"]["input"] = 1.0 + number
        if number == 2:
            listed["acme"]["models"]["made-up-2"]["status"] = "deprecated"
            del listed["acme"]["models"]["other/model:free"]
        file = folder / f"api-2026-0{number + 1}-01.json"
        folder.mkdir(exist_ok=True)
        file.write_text(json.dumps(listed))
        files.append(file)
    return files


ASKED = (
    ("arena", "history", "--json"),
    ("arena", "history", "made-up-aurora-2", "made-up-dawn", "--json"),
    ("arena", "diff", "--json"),
    ("arena", "diff", "2026-01-05", "latest", "--leaderboard", "vision", "--category", "coding", "--json"),
    ("arena", "show", "--json"),
    ("arena", "show", "2026-01-20", "--leaderboard", "vision", "--json"),
    ("catalog", "history", "acme/made-up-2", "acme/other/model:free", "--json"),
    ("catalog", "diff", "2026-01-02", "latest", "--all", "--json"),
)


def answers(home: Home, code: Path) -> list[str]:
    """Return what a home answers, without the ids of snapshots, which are each store's own."""
    said = []
    for words in ASKED:
        run = home.run(*words)
        assert (run.returncode, run.stderr) == (0, ""), (words, run.stderr)
        said.append(_IDS.sub(r'"\1": 0', run.stdout))
    audited = home.run("audit", code, "--json")
    assert (audited.returncode, audited.stderr) == (0, "")
    assert '"check": "deprecated"' in audited.stdout
    return [*said, audited.stdout]


def test_what_one_machine_imports_and_pushes_two_others_answer_alike(
    homes: Callable[..., Home], remote_url: str, tmp_path: Path
) -> None:
    a, b, c = homes("a", LLMHUB_REMOTE_URL=remote_url), homes("b", LLMHUB_REMOTE_URL=remote_url), homes("c")
    assert a.run("arena", "import", *history(tmp_path / "published")).returncode == 0
    assert a.run("catalog", "import", *prices(tmp_path / "documents")).returncode == 0
    pushed = json.loads(a.run("remote", "push", "--json").stdout)
    assert (len(pushed["new"]), pushed["conflicts"], pushed["refused"]) == (8, [], [])

    pulled = json.loads(b.run("remote", "pull", "--json").stdout)
    assert sorted(map(str, pulled["new"])) == sorted(map(str, pushed["new"]))

    shared = tmp_path / "shared.db"
    assert a.run("arena", "backup", shared).returncode == 0

    def serve(request: Request) -> Response:
        assert request.path == "/arena.db"
        if request.headers.get("if-none-match") == '"first"':
            return Response(status=304, headers={"ETag": '"first"'})
        return Response(headers={"ETag": '"first"'}, body=shared.read_bytes())

    with LocalServer(serve) as server:
        assert "pulled 8 snapshots" in c.run("remote", "pull", f"{server.url}/arena.db").stdout
        again = c.run("remote", "pull", f"{server.url}/arena.db")
        assert "pulled nothing new" in again.stdout
        assert len(server.received) == 2

    code = tmp_path / "app.py"
    code.write_text('MODEL = "acme/made-up-2"\nOTHER = "acme/other/model:free"\n')
    assert answers(a, code) == answers(b, code) == answers(c, code)
    for home in (a, b, c):
        assert "is sound" in home.run("arena", "verify").stdout
    assert "pulled nothing new" in b.run("remote", "pull").stdout
    assert "pushed nothing new" in b.run("remote", "push").stdout

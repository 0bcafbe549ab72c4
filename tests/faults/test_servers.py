"""Servers that refuse, hang, lie and lead astray, met by the real commands; their parts are tested beside them."""

from __future__ import annotations

import gzip
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.aftermath import complaint, no_traceback, nothing_left_behind
from tests.faults.stage import Stage, set_stage
from tests.support.servers.http import LocalServer, Response, endless, hanging, html, redirect, status

SECONDS, FEW_SECONDS = "60", "3"
"""LLMHUB_ARENA_TIMEOUT: what a user can set. The few are for answers that do not come, however long one waits."""

VENDORED = Path(__file__).resolve().parents[2] / "vendor" / "arena" / "update_leaderboard_data.py"


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Return a home with a store."""
    return set_stage(tmp_path, monkeypatch)


KILLED = f"it had not ended after {FEW_SECONDS} s (LLMHUB_ARENA_TIMEOUT)"

# What the dataset's server answers, always: what the refresh's line holds, and what the back-fill's does.
ANSWERS: dict[str, tuple[Callable[[], Response], str, str | None]] = {
    "hangs before the headers": (lambda: Response(body=b"x", delay=600), KILLED, None),
    "hangs after the headers": (hanging, KILLED, None),
    "drips": (lambda: Response(body=b"PAR1" * 1000, drip=0.5), KILLED, None),
    "redirects for ever": (lambda: redirect("/again/latest-00000-of-00001.parquet"), "redirects", "redirects"),
    "redirects to a file": (lambda: redirect("file:///etc/passwd"), "", "redirects to file, which is not followed"),
    "404": (lambda: status(404), "404", "404"),
    "HTML": (html, "", ""),
    "a gzip bomb": (
        lambda: Response(headers={"Content-Encoding": "gzip"}, body=gzip.compress(bytes(96 << 20), 1)),
        "packed as gzip, expected the file as it is",
        "",
    ),
    "without end": (endless, "larger than the 67,108,864 bytes allowed", None),
}


@pytest.mark.parametrize("what", ANSWERS)
def test_whatever_the_server_answers_the_store_stands_and_the_line_says_why(stage: Stage, what: str) -> None:
    make, of_refresh, of_backfill = ANSWERS[what]
    answer = make()
    with LocalServer(lambda _: answer) as server:
        asked = {"LLMHUB_ARENA_SOURCE_URL": server.url}
        seconds = FEW_SECONDS if of_refresh == KILLED else SECONDS
        script = {"LLMHUB_ARENA_SCRIPT": str(VENDORED), "LLMHUB_ARENA_TIMEOUT": seconds}
        line = complaint(stage.run("refresh --force", **asked, **script))
        assert of_refresh in line
        assert "nothing was written, snapshot 2 of " in line
        if of_backfill is not None:
            assert of_backfill in complaint(stage.run("backfill", **asked))
    (stage.arena / "backfill.lock").unlink(missing_ok=True)
    stage.works_again()


def closed_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        number: int = listening.getsockname()[1]
        return number


@pytest.mark.parametrize("what", ["closed port", "proxy that refuses", "proxy that is none"])
def test_where_no_server_is_reached_the_line_says_so_without_a_password(stage: Stage, what: str) -> None:
    nobody = f"http://user:made-up-secret@127.0.0.1:{closed_port()}"
    asked = {
        "closed port": {"LLMHUB_ARENA_SOURCE_URL": nobody},
        "proxy that refuses": {"LLMHUB_ARENA_SOURCE_URL": "http://elsewhere.invalid", "HTTP_PROXY": nobody},
        "proxy that is none": {
            "LLMHUB_ARENA_SOURCE_URL": "http://elsewhere.invalid",
            "HTTP_PROXY": "made-up-secret://",
        },
    }[what]
    script = {"LLMHUB_ARENA_SCRIPT": str(VENDORED), "LLMHUB_ARENA_TIMEOUT": FEW_SECONDS}
    for run in (stage.run("refresh --force", **asked, **script), stage.run("backfill", **asked)):
        complaint(run)
        no_traceback(run)
        assert "made-up-secret" not in run.stdout + run.stderr
    (stage.arena / "backfill.lock").unlink(missing_ok=True)
    nothing_left_behind(stage.arena)
    assert "made-up-secret" not in (stage.arena / "refresh-failure.json").read_text()
    stage.works_again()

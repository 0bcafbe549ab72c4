"""The update script's runner, through the policy: real scripts in real child processes."""

from __future__ import annotations

import json
import stat
import threading
from pathlib import Path

import pytest

from llmhub.catalog.arena_source import load_arena_models
from tests.catalog.conftest import NOON, STORED_RATINGS, Arena, Freeze, Log, UseScript
from tests.support.scripts import (
    GOOD_RATINGS,
    HANGS,
    HANGS_WITH_GRANDCHILD,
    HANGS_WITH_GRANDCHILD_IN_OWN_SESSION,
    LEAVES_GOOD_FILE,
    upstream_row,
    wait_until_gone,
)


def ratings() -> dict[str, float]:
    return {name: model.rating for name, model in load_arena_models().items()}


def file_of(**values: object) -> str:
    return json.dumps({"full": {"made-up-a": {**upstream_row(1400.0), **values}}})


def leave(content: str) -> str:
    return f"leave('leaderboard-text.json', {content!r})"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("pass", "exited with 0 but left no data/leaderboard-text.json"),
        (f"{LEAVES_GOOD_FILE}; print('it broke', file=sys.stderr); sys.exit(1)", "exited with 1: it broke"),
        ("os.kill(os.getpid(), 11)", "ended by SIGSEGV"),
        (leave(file_of()[:40]), "not valid JSON"),
        (leave(file_of(rating=float("nan"))), "full.made-up-a.rating: found nan"),
        (leave("[]"), "found [], expected an object"),
        (leave('{"chinese": {}}'), "expected an overall board"),
        (leave(file_of(rating="1400")), "full.made-up-a.rating: found '1400'"),
        (f"{LEAVES_GOOD_FILE}; leave('leaderboard-vision.json', '[]')", "data/leaderboard-vision.json: top level"),
        ("note('x', 1); os.symlink(NOTES / 'x', 'data/leaderboard-text.json')", "as a symbolic link"),
        ("os.mkfifo('data/leaderboard-text.json')", "not a regular file"),
        (f"{LEAVES_GOOD_FILE}; os.rename('data', 'real'); os.symlink('real', 'data')", "replaced its data folder"),
        ("sys.stderr.write('x' * 5_000_000); sys.stdout.write('y' * 5_000_000); sys.exit(3)", "exited with 3: xxx"),
        ("sys.stderr.buffer.write(b'\\xff\\x1b[31m bad'); sys.exit(1)", "\\x1b[31m bad"),
        ("print('http://me:pa@ss@host/x', file=sys.stderr); sys.exit(1)", "http://***@host/x"),
    ],
)
def test_a_run_that_fails_writes_nothing_and_the_stored_snapshot_answers(
    arena: Arena, use_script: UseScript, log: Log, body: str, reason: str
) -> None:
    arena.seed(days=2)
    before = arena.db.read_bytes()
    script = use_script(body)
    assert ratings() == STORED_RATINGS
    assert script.runs == 1
    message = log.only("WARNING")
    assert reason in message
    assert "48 h old" in message
    assert message.isprintable()
    assert arena.db.read_bytes() == before
    assert arena.left_behind() == set()


@pytest.mark.parametrize("body", [HANGS, HANGS_WITH_GRANDCHILD, HANGS_WITH_GRANDCHILD_IN_OWN_SESSION])
def test_a_script_that_hangs_is_killed_at_the_timeout_with_all_that_it_started(
    arena: Arena, use_script: UseScript, log: Log, monkeypatch: pytest.MonkeyPatch, body: str
) -> None:
    monkeypatch.setenv("LLMHUB_ARENA_TIMEOUT", "2")
    arena.seed(days=2)
    script = use_script(body)
    assert ratings() == STORED_RATINGS
    assert "was killed: it had not ended after 2 s" in log.only("WARNING")
    started = [int(text) for pattern in ("hangs", "grandchild*") for text in _notes(script.notes, pattern)]
    assert len(started) == 1 + ("grandchild" in body)
    wait_until_gone(started)
    assert arena.left_behind() == set()


def _notes(folder: Path, pattern: str) -> list[str]:
    return [note.read_text() for note in folder.glob(pattern)]


def test_a_script_that_hangs_is_killed_while_time_stands_still(
    arena: Arena, use_script: UseScript, freeze_either_way: Freeze, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLMHUB_ARENA_TIMEOUT", "1")
    script = use_script(HANGS)
    with freeze_either_way(NOON):
        assert ratings() == {}
    wait_until_gone(script.pids)
    assert arena.left_behind() == set()


def test_what_a_script_leaves_running_ends_with_it(arena: Arena, use_script: UseScript) -> None:
    script = use_script(f"{LEAVES_GOOD_FILE}; {HANGS_WITH_GRANDCHILD_IN_OWN_SESSION.removesuffix(HANGS)}")
    assert ratings() == GOOD_RATINGS
    wait_until_gone(map(int, script.wait_for("grandchild")))
    assert arena.left_behind() == set()


def test_the_script_sees_what_a_download_needs_and_no_secret(
    arena: Arena, use_script: UseScript, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "HF_TOKEN", "AWS_SECRET_ACCESS_KEY", "PYTHONPATH", "MY_SECRET")
    needed = ("LC_ALL", "HTTPS_PROXY", "no_proxy", "SSL_CERT_FILE", "LLMHUB_ARENA_SOURCE_URL")
    for name in (*secrets, *needed):
        monkeypatch.setenv(name, "C.UTF-8" if name == "LC_ALL" else f"/canary-{name}")
    script = use_script(
        "note('seen', json.dumps([dict(os.environ), os.getpgid(0) == os.getpid(), os.stat('.').st_mode, "
        f"sys.stdin.read(), os.getcwd()])); {LEAVES_GOOD_FILE}"
    )
    assert ratings() == GOOD_RATINGS
    environment, leads_group, mode, given, folder = json.loads(script.wait_for("seen")[0])
    assert not set(secrets) & environment.keys()
    assert "LLMHUB_CONFIG_DIR" not in environment
    assert set(needed) | {"PATH", "HOME"} <= environment.keys()
    assert leads_group
    assert (stat.S_IMODE(mode), given) == (0o700, "")
    assert Path(folder).parents[1] == arena.folder
    assert not Path(folder).exists()


def test_a_missing_script_is_named(arena: Arena, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMHUB_ARENA_SCRIPT", str(arena.folder / "none.py"))
    assert ratings() == {}
    assert "none.py is missing: check LLMHUB_ARENA_SCRIPT" in log.only("ERROR")


def test_no_thread_goes_on_after_a_run(use_script: UseScript) -> None:
    before = threading.active_count()
    use_script(LEAVES_GOOD_FILE)
    assert ratings() == GOOD_RATINGS
    assert threading.active_count() <= before

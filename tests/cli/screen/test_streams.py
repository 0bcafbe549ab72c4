"""Standard output and error that are full, closed or cut short: one line, where it can be said, and the exit code."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from llmhub.arena import SnapshotStore
from tests.support.processes.commands import ago, board, seed, upstream_json

FULL = Path("/dev/full")
NO_ROOM = "error: standard output cannot be written (No space left on device): send it to where there is room\n"
CLOSED = "error: standard output is closed: give it a file, a pipe or /dev/null\n"
UNKNOWN = "error: no snapshot"

needs_a_full_device = pytest.mark.skipif(not FULL.exists(), reason="only Linux has a device that is always full")


def run_in_shell(folder: Path, command: str, *redirections: str) -> tuple[int, str, str]:
    """Run `llmhub` as a shell with these redirections does; return its exit code, stdout and stderr."""
    line = f'exec "$0" -m llmhub {command} {" ".join(redirections)}'
    run = subprocess.run(
        ["bash", "-c", line, sys.executable], cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )
    return run.returncode, run.stdout, run.stderr


@needs_a_full_device
@pytest.mark.parametrize("command", ["--help", "arena show", "arena show --json"])
def test_a_full_disk_under_the_output_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("PYTHONUNBUFFERED", "")
    seed(board({"made-up-a": 1400.0}), ago(days=1))
    assert run_in_shell(tmp_path, command, ">/dev/full") == (1, "", NO_ROOM)


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_output_that_was_written_in_part_is_no_success(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unbuffered: str
) -> None:
    # With it Python itself writes what there is room for, and says nothing of the rest.
    monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
    seed(board({f"made-up-{number}": 1000.0 - number for number in range(500)}), ago(days=1))
    limited = f"ulimit -f 4; trap '' XFSZ; exec {sys.executable} -m llmhub arena show --json >cut.json"
    run = subprocess.run(["bash", "-c", limited], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (tmp_path / "cut.json").stat().st_size == 4 * 1024
    line = "error: standard output cannot be written (File too large): send it to where there is room\n"
    assert (run.returncode, run.stderr) == (1, line)


def test_a_closed_output_is_an_error_where_something_is_to_be_printed(tmp_path: Path) -> None:
    seed(board({"made-up-a": 1400.0}), ago(days=1))
    assert run_in_shell(tmp_path, "arena show", ">&-") == (1, "", CLOSED)
    code, _, said = run_in_shell(tmp_path, "arena show 7", ">&-")
    assert code == 2
    assert said.startswith(UNKNOWN)


def test_a_closed_output_does_not_become_a_file_of_the_store(tmp_path: Path) -> None:
    seed(board({"made-up-a": 1400.0}), ago(days=1))
    assert run_in_shell(tmp_path, "arena backup --quiet copy.db", "<&-", ">&-", "2>&-") == (0, "", "")
    assert (tmp_path / "copy.db").read_bytes().startswith(b"SQLite format 3")


def into_a_closed_pipe(folder: Path, *words: str | Path) -> tuple[int, str]:
    """Run `llmhub` with nobody at the other end of its output, as after `| head`; return its exit code and stderr."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as output:
        command = [sys.executable, "-m", "llmhub", *map(str, words)]
        run = subprocess.run(command, cwd=folder, stdout=output, stderr=subprocess.PIPE, text=True, check=False)
    return run.returncode, run.stderr


def test_work_goes_on_to_its_end_and_its_exit_code_where_nobody_reads_the_output(tmp_path: Path) -> None:
    days = ("2025-06-01", "2025-06-02", "2025-06-03")
    for day in days:
        file = tmp_path / day / "leaderboard-text.json"
        file.parent.mkdir()
        file.write_text(upstream_json({"made-up-a": 1000.0}))
    assert into_a_closed_pipe(tmp_path, "arena", "import", *days) == (0, "")
    with SnapshotStore.open() as store:
        assert [f"{snapshot.taken_at:%Y-%m-%d}" for snapshot in store.snapshots()] == [*reversed(days)]
    code, said = into_a_closed_pipe(tmp_path, "arena", "import", "--json", "2025-06-01", "2025-06-01/gone.json")
    assert (code, "gone.json" in said) == (2, True)
    assert into_a_closed_pipe(tmp_path, "arena", "diff", "1", "3", "--exit-code") == (0, "")
    seed(board({"made-up-a": 1400.0}), ago(days=1))
    assert into_a_closed_pipe(tmp_path, "arena", "diff", "1", "4", "--exit-code") == (3, "")


@needs_a_full_device
@pytest.mark.parametrize("stderr", ["2>/dev/full", "2>&-"])
def test_messages_that_nobody_can_read_change_no_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stderr: str
) -> None:
    monkeypatch.setenv("PYTHONUNBUFFERED", "")
    # click writes past a stream of this encoding.
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    # Of the future: it is shown, with a warning.
    seed(board({"made-up-a": 1400.0}), ago(days=-1))
    code, shown, _ = run_in_shell(tmp_path, "arena show --csv", stderr)
    assert (code, len(shown.splitlines())) == (0, 2)
    assert run_in_shell(tmp_path, "arena show 7", stderr) == (2, "", "")

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from llmhub.arena.files import written_whole
from llmhub.errors import FileInTheWayError, OutputError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with nothing in it."""
    empty = tmp_path / "folder"
    empty.mkdir()
    return empty


def write(target: Path, content: str, *, force: bool, fail: bool = False) -> None:
    with written_whole(target, force=force) as temporary:
        temporary.write_text(content)
        if fail:
            raise ZeroDivisionError


def test_a_file_gets_its_name_when_it_is_finished(folder: Path) -> None:
    target = folder / "file"
    with written_whole(target, force=False) as temporary:
        temporary.write_text("whole")
        assert not target.exists()
    assert target.read_text() == "whole"
    assert list(folder.iterdir()) == [target]


@pytest.mark.parametrize("force", [False, True])
def test_what_fails_on_the_way_leaves_nothing_and_takes_nothings_place(folder: Path, *, force: bool) -> None:
    target = folder / "file"
    if force:
        target.write_text("old")
    with pytest.raises(ZeroDivisionError):
        write(target, "half", force=force, fail=True)
    assert [path.read_text() for path in folder.iterdir()] == (["old"] if force else [])


def test_what_killed_writers_left_beside_a_file_goes_and_nothing_else(folder: Path) -> None:
    target = folder / "file"
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        pass
    kept = [f".other.{gone.pid}.tmp", f".file.{os.getppid()}.tmp", ".file.tmp", f".file.{gone.pid}.tmp.old", "file.1"]
    # A process that has the number of a killed one finds its file; in a container they all have.
    left = [f".file.{gone.pid}.tmp", f".file.{gone.pid}.tmp-journal", f".file.{os.getpid()}.tmp"]
    for name in kept + left:
        (folder / name).touch()
    write(target, "whole", force=False)
    assert {path.name for path in folder.iterdir()} == {"file", *kept}


def test_a_file_that_comes_meanwhile_is_not_written_over(folder: Path) -> None:
    target = folder / "file"
    with pytest.raises(FileInTheWayError), written_whole(target, force=False):
        target.write_text("another's")
    assert target.read_text() == "another's"
    assert list(folder.iterdir()) == [target]


def test_a_link_is_in_the_way_wherever_it_leads_and_force_replaces_the_link_alone(folder: Path) -> None:
    target, elsewhere = folder / "file", folder / "elsewhere"
    target.symlink_to(elsewhere)
    with pytest.raises(FileInTheWayError), written_whole(target, force=False):
        pass
    elsewhere.write_text("untouched")
    with written_whole(target, force=True) as temporary:
        temporary.write_text("new")
    assert (target.is_symlink(), target.read_text(), elsewhere.read_text()) == (False, "new", "untouched")


def test_a_full_disk_is_one_error(folder: Path) -> None:
    with (
        pytest.raises(OutputError, match="cannot be written: No space left"),
        written_whole(folder / "file", force=False),
    ):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_file_system_without_hard_links_is_written_to_all_the_same(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    with written_whole(folder / "file", force=False) as temporary:
        temporary.write_text("whole")
    assert [path.read_text() for path in folder.iterdir()] == ["whole"]


@pytest.mark.parametrize("force", [False, True])
def test_a_pipe_or_a_device_is_never_written_over(folder: Path, *, force: bool) -> None:
    """A renamed file would take the place of /dev/null: the pipe stands here for both."""
    target = folder / "pipe"
    os.mkfifo(target)
    with pytest.raises(FileInTheWayError, match="no regular file, and is not written over: name another"):
        write(target, "new", force=force)
    assert target.is_fifo()
    assert list(folder.iterdir()) == [target]


def test_a_name_that_nothing_can_have_is_one_error(folder: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written: File name too long"):
        write(folder / ("x" * 300), "new", force=False)

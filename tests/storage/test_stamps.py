"""A stamp is given only where it could miss no change of the file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from llmhub.storage import stamps
from llmhub.storage.sqlite_file import identity
from llmhub.storage.stamps import stamp, stamp_of


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a file that counts as left alone, however young it is."""
    monkeypatch.setattr(stamps, "_SETTLED_NS", -1)
    path = tmp_path / "a.db"
    path.write_bytes(b"made up")
    return path


def test_a_file_that_nobody_writes_keeps_its_stamp(file: Path) -> None:
    first = stamp(file, identity(file))
    assert first is not None
    assert stamp(file, identity(file)) == first


def test_a_write_changes_the_stamp_also_where_it_sets_the_times_back(file: Path) -> None:
    first, before = stamp(file, identity(file)), file.stat()
    while file.stat().st_ctime_ns == before.st_ctime_ns:
        file.write_bytes(b"made UP")
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert file.stat().st_mtime_ns == before.st_mtime_ns
    assert stamp(file, identity(file)) != first


@pytest.mark.parametrize("ending", ["-journal", "-wal"])
def test_a_file_whose_content_may_be_in_a_second_one_has_no_stamp(file: Path, ending: str) -> None:
    file.with_name(file.name + ending).touch()
    assert stamp(file, identity(file)) is None


@pytest.mark.parametrize("ending", ["-journal", "-wal"])
def test_behind_a_symbolic_link_the_second_file_stands_beside_the_real_one(file: Path, ending: str) -> None:
    link = file.parent / "elsewhere" / "link.db"
    link.parent.mkdir()
    link.symlink_to(file)
    assert stamp_of(link) == stamp_of(file) is not None
    file.with_name(file.name + ending).touch()
    assert stamp_of(link) is None


def test_a_file_that_took_the_place_of_the_open_one_has_no_stamp(file: Path) -> None:
    opened = identity(file)
    other = file.with_name("b.db")
    other.write_bytes(b"made up")
    other.replace(file)
    assert stamp(file, opened) is None


def test_a_file_that_is_gone_or_was_not_there_when_it_was_opened_has_no_stamp(file: Path) -> None:
    opened = identity(file)
    assert stamp(file, None) is None
    file.unlink()
    assert stamp(file, opened) is None


def test_a_file_that_was_written_just_now_has_no_stamp(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    file.touch()
    assert stamp(file, identity(file)) is None


def test_a_file_that_nobody_has_open_has_the_same_stamp(file: Path) -> None:
    assert stamp_of(file) == stamp(file, identity(file)) is not None
    file.with_name(file.name + "-wal").touch()
    assert stamp_of(file) is None
    assert stamp_of(file.with_name("other.db")) is None

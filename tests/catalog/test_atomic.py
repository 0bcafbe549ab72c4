"""Files that are there whole or not at all: private, killed writers, writers side by side, folders in the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from llmhub.catalog.atomic import write_atomically
from llmhub.errors import CacheError
from tests.arena.children import race, run_to_death, run_unprivileged

_DIES_BEFORE_IT_IS_WHOLE = """
import os, signal, sys
from pathlib import Path
from llmhub.catalog.atomic import write_atomically
os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)
write_atomically(Path(sys.argv[1]), b"new" * 100_000)
"""

_WRITES_OFTEN = """
import sys
from pathlib import Path
from llmhub.catalog.atomic import write_atomically
print("ready", flush=True)
sys.stdin.readline()
path, letter = Path(sys.argv[1]), sys.argv[2].encode()
for _ in range(8):
    write_atomically(path, letter * 300_000)
    found = path.read_bytes()
    assert len(found) == 300_000 and len(set(found)) == 1, "half a file"
print(sorted(path.parent.glob(".*.tmp")) == [] or "others write")
"""

_MAY_NOT = """
import sys
from pathlib import Path
from llmhub.catalog.atomic import write_atomically
from llmhub.errors import CacheError
folder = Path(sys.argv[1])
folder.chmod(0o500)
try:
    write_atomically(folder / "kept.json", b"new")
except CacheError as error:
    print(error)
folder.chmod(0o700)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "folder" / "kept.json"


def left_behind(path: Path) -> list[str]:
    return [entry.name for entry in path.parent.glob(".*.tmp")]


def test_the_file_and_the_folders_that_were_missing_are_the_owners_alone(path: Path) -> None:
    write_atomically(path, b"one")
    write_atomically(path, b"two")
    assert path.read_bytes() == b"two"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [folder.stat().st_mode & 0o777 for folder in (path.parent, path.parent.parent)] == [0o700, 0o700]
    assert left_behind(path) == []


def test_a_writer_that_is_killed_leaves_the_old_content_and_the_next_one_clears_up(path: Path) -> None:
    write_atomically(path, b"old")
    run_to_death(_DIES_BEFORE_IT_IS_WHOLE, path)
    assert path.read_bytes() == b"old"
    assert len(left_behind(path)) == 1
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert left_behind(path) == []


def test_only_what_was_left_behind_is_cleared(path: Path) -> None:
    write_atomically(path, b"one")
    theirs = [path.with_name(name) for name in ("kept.json.tmp", ".other.json.x.tmp", "notes.tmp")]
    for other in theirs:
        other.touch()
    write_atomically(path, b"two")
    assert all(other.exists() for other in theirs)


def test_writers_side_by_side_each_leave_a_whole_file_and_none_clears_another_s(path: Path) -> None:
    path.parent.mkdir(parents=True)
    race(_WRITES_OFTEN, [(path, letter) for letter in "abc"])
    assert len(set(path.read_bytes())) == 1
    assert left_behind(path) == []


def test_what_cannot_be_written_is_told_with_the_path_and_leaves_nothing(tmp_path: Path) -> None:
    in_the_way = tmp_path / "a file"
    in_the_way.touch()
    folder = tmp_path / "kept.json"
    folder.mkdir()
    for path in (in_the_way / "kept.json", in_the_way / "deeper" / "kept.json", folder):
        with pytest.raises(
            CacheError, match=r"cannot be written .*: make its folder writable, with space left"
        ) as caught:
            write_atomically(path, b"new")
        assert str(path) in str(caught.value)
    assert left_behind(folder) == []


def test_a_folder_that_may_not_be_written_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "closed"
    folder.mkdir()
    assert run_unprivileged(_MAY_NOT, folder).startswith(f"{folder}/kept.json cannot be written (Permission denied)")
    assert list(folder.iterdir()) == []

"""Files and workplaces: whole or not at all, never over another's, and what killed processes left is cleared."""

from __future__ import annotations

import errno
import fcntl
import os
import re
import stat
from pathlib import Path

import pytest

from llmhub.errors import CacheError, FileInTheWayError, OutputError
from llmhub.files import open_regular, read_regular, remove_own, write_own, written_whole
from llmhub.folders import (
    MARK,
    clear_left_behind,
    in_turn,
    is_own_folder,
    make_private_folder,
    own_folder,
    remove_own_folder,
    workplace,
)
from tests.support.checks.strangers import STRANGERS, seen
from tests.support.processes.children import (
    kill_once_ready,
    race,
    run_limited,
    run_python,
    run_to_death,
    run_unprivileged,
)

BEGINS = re.compile(rb"ours: ")


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


# -- reading


def test_only_a_regular_file_is_read_and_nobody_is_waited_for(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("content")
    with open_regular(tmp_path / "file") as file:
        assert file.read() == b"content"
    os.mkfifo(tmp_path / "pipe")
    for path, why in (
        (tmp_path / "pipe", "not a regular file"),
        (Path("/dev/zero"), "not a regular file"),
        (tmp_path, "direct"),
    ):
        with pytest.raises(OSError, match=why):
            open_regular(path)
        with pytest.raises(OSError, match=why):
            read_regular(path, 10)


@pytest.mark.parametrize(("most", "size"), [(6, "6 bytes"), (1 << 20, "1 MiB")])
def test_a_file_is_read_whole_or_is_too_large(tmp_path: Path, most: int, size: str) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x" * most)
    assert read_regular(file, most) == b"x" * most
    file.write_bytes(b"x" * (most + 1))
    with pytest.raises(OSError, match=f"it is larger than {size}"):
        read_regular(file, most)


# -- files that the user asked for


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


def test_a_file_that_comes_meanwhile_is_not_written_over(folder: Path) -> None:
    target = folder / "file"
    with pytest.raises(FileInTheWayError), written_whole(target, force=False):
        target.write_text("another's")
    assert target.read_text() == "another's"
    assert list(folder.iterdir()) == [target]


def test_a_pipe_that_comes_meanwhile_is_not_written_over_even_with_force(folder: Path) -> None:
    target = folder / "file"
    with pytest.raises(FileInTheWayError), written_whole(target, force=True):
        os.mkfifo(target)
    assert target.is_fifo()
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


@pytest.mark.parametrize("taken", [False, True], ids=["free", "taken meanwhile"])
def test_a_file_system_without_hard_links_is_written_to_and_nothing_written_over_all_the_same(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *, taken: bool
) -> None:
    target = folder / "file"

    def refuse(*_: object) -> None:
        if taken:
            target.write_text("another's")
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    if taken:
        with pytest.raises(FileInTheWayError):
            write(target, "whole", force=False)
    else:
        write(target, "whole", force=False)
    assert [path.read_text() for path in folder.iterdir()] == ["another's" if taken else "whole"]


@pytest.mark.parametrize("force", [False, True])
def test_a_pipe_or_a_device_is_never_written_over(folder: Path, *, force: bool) -> None:
    """A renamed file would take the place of /dev/null: the pipe stands here for both."""
    target = folder / "pipe"
    os.mkfifo(target)
    with pytest.raises(FileInTheWayError, match="not a regular file, and is not written over: name another"):
        write(target, "new", force=force)
    assert target.is_fifo()
    assert list(folder.iterdir()) == [target]


def test_a_name_that_nothing_can_have_is_one_error(folder: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written: File name too long"):
        write(folder / ("x" * 300), "new", force=False)


@pytest.mark.parametrize("force", [False, True])
def test_a_finished_file_and_its_name_are_on_the_disk_before_it_is_done(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *, force: bool
) -> None:
    waited: list[bool] = []
    sync = os.fsync

    def note(descriptor: int) -> None:
        sync(descriptor)
        waited.append((folder / "file").exists() and os.path.samestat(os.fstat(descriptor), folder.stat()))

    monkeypatch.setattr(os, "fsync", note)
    write(folder / "file", "whole", force=force)
    assert waited == [False, True], "first the content, and then, once it has its name, the folder"


# -- workplaces, and what killed processes leave


_DIES_AT_WORK = """
import sys
from pathlib import Path
from llmhub.folders import workplace
with workplace(Path(sys.argv[1])) as place:
    (place / "file").write_text("half")
    (place / "deep").mkdir()
    (place / "deep" / "file").write_text("half")
    print("ready", flush=True)
    sys.stdin.readline()
"""


def test_a_workplace_is_this_users_alone_and_goes_with_all_that_is_in_it(folder: Path) -> None:
    with workplace(folder) as place:
        assert stat.S_IMODE(place.stat().st_mode) & 0o777 == 0o700
        assert is_own_folder(place)
        (place / "deep").mkdir()
        (place / "deep" / "file").touch()
    assert list(folder.iterdir()) == []


def test_what_a_killed_process_left_goes_with_the_next_writer(folder: Path) -> None:
    kill_once_ready(_DIES_AT_WORK, folder)
    assert len(list(folder.iterdir())) == 1
    write(folder / "file", "whole", force=False)
    assert [path.name for path in folder.iterdir()] == ["file"]


def test_a_workplace_in_use_is_never_cleared_by_this_process_or_another(folder: Path) -> None:
    with workplace(folder) as place:
        clear_left_behind(folder)
        run_python(
            "import sys, pathlib, llmhub.folders; llmhub.folders.clear_left_behind(pathlib.Path(sys.argv[1]))", folder
        )
        with workplace(folder) as other:
            assert place.exists()
            assert other != place
        assert is_own_folder(place)


def test_workplaces_of_one_kind_are_not_cleared_with_those_of_another(folder: Path) -> None:
    kill_once_ready(_DIES_AT_WORK.replace("sys.argv[1])", "sys.argv[1]), 'run-'"), folder)
    clear_left_behind(folder)
    assert len(list(folder.iterdir())) == 1
    told: list[Path] = []
    clear_left_behind(folder, "run-", clearing=told.append)
    assert len(told) == 1
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("stranger", STRANGERS)
def test_what_a_stranger_named_like_a_workplace_stays(folder: Path, stranger: str) -> None:
    STRANGERS[stranger](folder / f".llmhub-{'0' * 16}")
    before = seen(folder)
    clear_left_behind(folder)
    with workplace(folder):
        pass
    assert seen(folder) == before


@pytest.mark.parametrize("stranger", STRANGERS)
def test_a_folder_whose_mark_is_a_strangers_stays(folder: Path, stranger: str) -> None:
    left = folder / f".llmhub-{'0' * 16}"
    left.mkdir()
    (left / "file").write_text("a stranger's")
    STRANGERS[stranger](left / MARK)
    before = seen(folder)
    clear_left_behind(folder)
    remove_own_folder(left)
    assert seen(folder) == before


def test_where_there_are_no_locks_files_are_written_and_nothing_is_cleared(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kill_once_ready(_DIES_AT_WORK, folder)
    left = seen(folder)

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", refuse)
    write(folder / "file", "whole", force=False)
    with in_turn(folder):
        assert seen(folder) == left | {"file": "100000 whole"}


@pytest.mark.parametrize("dies_before", ["os.open(path / MARK", "fcntl.flock(", "os.write(descriptor"])
def test_what_a_process_left_that_was_killed_while_it_made_its_workplace_goes(folder: Path, dies_before: str) -> None:
    name = dies_before.partition("(")[0]
    code = f"""
    import fcntl, os, signal, sys
    from pathlib import Path
    from llmhub.folders import workplace
    {name} = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
    with workplace(Path(sys.argv[1])):
        pass
    """
    run_to_death(code, folder)
    assert len(list(folder.iterdir())) == 1
    clear_left_behind(folder)
    assert list(folder.iterdir()) == []


def test_where_there_is_no_room_for_a_mark_no_folder_is_left(folder: Path) -> None:
    code = """
    import sys
    from pathlib import Path
    from llmhub.folders import make_private_folder, own_folder
    folder = Path(sys.argv[1])
    make_private_folder(folder / "private")
    try:
        own_folder(folder / "own")
    except OSError as error:
        print(error.strerror)
    """
    assert run_limited(1, code, folder) == "File too large"
    assert [path.name for path in folder.rglob("*")] == ["private"]


# -- folders that are llmhub's for good


def test_a_folder_that_llmhub_makes_is_private_and_marked_and_one_that_is_there_is_neither(tmp_path: Path) -> None:
    made, there = tmp_path / "above" / "made", tmp_path / "there"
    there.mkdir(mode=0o755)
    for one in (made, there):
        make_private_folder(one)
    assert [stat.S_IMODE(one.stat().st_mode) for one in (made.parent, made, there)] == [0o700, 0o700, 0o755]
    assert [is_own_folder(one) for one in (made.parent, made, there)] == [False, True, False]


def test_a_folder_of_llmhubs_own_is_made_once_and_found_again(folder: Path) -> None:
    own = own_folder(folder / "own")
    (own / "kept").write_text("kept")
    assert own_folder(folder / "own") == own
    assert seen(folder)["own/kept"] == "100000 kept"
    remove_own_folder(own)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("stranger", STRANGERS)
def test_a_strangers_folder_is_not_taken_for_llmhubs_own(folder: Path, stranger: str) -> None:
    STRANGERS[stranger](folder / "own")
    before = seen(folder)
    with pytest.raises(FileInTheWayError, match="own is there and llmhub did not make it: move it away"):
        own_folder(folder / "own")
    remove_own_folder(folder / "own")
    assert seen(folder) == before


# -- files that llmhub keeps for itself


def test_a_file_of_llmhubs_own_is_replaced_and_is_this_users_alone(folder: Path) -> None:
    path = folder / "deep" / "kept"
    write_own(path, b"ours: one", begins=BEGINS)
    write_own(path, b"ours: two", begins=BEGINS)
    assert path.read_bytes() == b"ours: two"
    assert [stat.S_IMODE(one.stat().st_mode) for one in (path, path.parent)] == [0o600, 0o700]
    assert {one.name for one in path.parent.iterdir()} == {"kept", MARK}
    remove_own(path, BEGINS)
    remove_own(path, BEGINS)
    assert not path.exists()


@pytest.mark.parametrize("stranger", STRANGERS)
def test_what_a_stranger_put_in_a_files_place_is_neither_replaced_nor_removed(folder: Path, stranger: str) -> None:
    path = folder / "kept"
    STRANGERS[stranger](path)
    before = seen(folder)
    with pytest.raises(CacheError, match="kept is there and llmhub did not write it: move it away"):
        write_own(path, b"ours: new", begins=BEGINS)
    remove_own(path, BEGINS)
    assert seen(folder) == before


def test_in_a_folder_that_llmhub_made_a_damaged_file_is_its_own_still(folder: Path) -> None:
    path = folder / "made" / "kept"
    write_own(path, b"ours: one", begins=BEGINS)
    path.write_bytes(b"\0" * 7)
    write_own(path, b"ours: two", begins=BEGINS)
    assert path.read_bytes() == b"ours: two"


_DIES_BEFORE_IT_IS_WHOLE = """
import os, re, signal, sys
from pathlib import Path
from llmhub.files import write_own
os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)
write_own(Path(sys.argv[1]), b"ours: new" * 100_000, begins=re.compile(b"ours: "))
"""


def test_a_writer_that_is_killed_leaves_the_old_content_and_the_next_one_clears_up(folder: Path) -> None:
    path = folder / "kept"
    write_own(path, b"ours: old", begins=BEGINS)
    run_to_death(_DIES_BEFORE_IT_IS_WHOLE, path)
    assert path.read_bytes() == b"ours: old"
    assert len(list(folder.iterdir())) == 2
    write_own(path, b"ours: new", begins=BEGINS)
    assert [one.read_bytes() for one in folder.iterdir()] == [b"ours: new"]


_WRITES_OFTEN = """
import re, sys
from pathlib import Path
from llmhub.files import write_own
print("ready", flush=True)
sys.stdin.readline()
path, letter = Path(sys.argv[1]), sys.argv[2].encode()
for _ in range(8):
    write_own(path, letter * 300_000, begins=re.compile(b"[abc]"))
    found = path.read_bytes()
    assert len(found) == 300_000 and len(set(found)) == 1, "half a file"
"""


def test_writers_side_by_side_each_leave_a_whole_file_and_none_clears_another_s(folder: Path) -> None:
    path = folder / "kept"
    race(_WRITES_OFTEN, [(path, letter) for letter in "abc"])
    assert len(set(path.read_bytes())) == 1
    assert list(folder.iterdir()) == [path]


def test_what_cannot_be_written_is_told_with_the_path_and_leaves_nothing(tmp_path: Path) -> None:
    in_the_way = tmp_path / "a file"
    in_the_way.touch()
    for path in (in_the_way / "kept", in_the_way / "deeper" / "kept"):
        with pytest.raises(
            CacheError, match=r"cannot be written .*: make its folder writable, with space left"
        ) as told:
            write_own(path, b"ours: new", begins=BEGINS)
        assert str(path) in str(told.value)
    assert {one.name for one in tmp_path.iterdir()} == {"a file", "home"}


_MAY_NOT = """
import re, sys
from pathlib import Path
from llmhub.errors import CacheError
from llmhub.files import write_own
folder = Path(sys.argv[1])
folder.chmod(0o500)
try:
    write_own(folder / "kept", b"ours: new", begins=re.compile(b"ours: "))
except CacheError as error:
    print(error)
folder.chmod(0o700)
"""


def test_a_folder_that_may_not_be_written_is_told(folder: Path) -> None:
    assert run_unprivileged(_MAY_NOT, folder).startswith(f"{folder}/kept cannot be written (Permission denied)")
    assert list(folder.iterdir()) == []

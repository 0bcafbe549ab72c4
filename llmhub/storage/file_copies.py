"""Copy, keep and replace the files of one SQLite database without opening them in this process.

POSIX drops all locks that a process holds on a file as soon as the process closes any descriptor of that file. SQLite
takes care of its own descriptors and cannot know of others: a second descriptor would let another process write into
the middle of a transaction. So nothing but SQLite opens a database in this process. Names are linked, renamed and
removed here; content is copied and compared by a child process, which holds no locks.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from llmhub.files import sync_folder
from llmhub.storage.sqlite_file import companions, with_content

# -- content, in a process of its own

_COPY = """
import os, shutil, sys
try:
    with open(sys.argv[1], "rb") as source:
        made = os.open(sys.argv[2], os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(made, "wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
            target.flush()
            os.fsync(made)
except OSError as error:
    sys.exit(error.errno)
"""

_COMPARE = """
import filecmp, sys
try:
    print(filecmp.cmp(sys.argv[1], sys.argv[2], shallow=False))
except OSError as error:
    sys.exit(error.errno)
"""


def copy(source: Path, target: Path) -> None:
    """Copy one file of a database byte by byte to a new private file; wait until the disk has it.

    Raises:
        OSError: it cannot be read, or the copy cannot be made; there may be a part of it.
    """
    _in_a_child(_COPY, source, target)


def same_content(one: Path, other: Path) -> bool:
    """Say whether two files hold the same bytes.

    Raises:
        OSError: one of them cannot be read.
    """
    if one.samefile(other):
        return True
    return one.stat().st_size == other.stat().st_size and _in_a_child(_COMPARE, one, other) == "True"


def _in_a_child(code: str, one: Path, other: Path) -> str:
    import subprocess

    done = subprocess.run(  # noqa: S603 -- this Python, and code of this module
        [sys.executable, "-I", "-S", "-c", code, str(one), str(other)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode > 0 and not done.stderr:
        raise OSError(done.returncode, os.strerror(done.returncode), str(other))
    if done.returncode:
        # A child that was killed has no error number; Python's own last words are one line.
        said = done.stderr.strip().splitlines() or [f"the child process ended with {done.returncode}"]
        raise OSError(0, said[-1], str(other))
    return done.stdout.strip()


def copy_whole(path: Path, target: Path) -> None:
    """Copy a database with all that belongs to it; see `copy`."""
    for part, copied in zip(with_content(path), with_content(target), strict=True):
        if part.exists():
            copy(part, copied)


def duplicate(copied: Path, target: Path) -> None:
    """Copy a copy that `copy_whole` made and that SQLite has not opened, in this process."""
    # A copy that SQLite has not opened has no locks to lose, so no child process is needed.
    import shutil

    for part, other in zip(with_content(copied), with_content(target), strict=True):
        if part.exists():
            shutil.copyfile(part, other)


def is_copied_as(path: Path, kept: Path) -> bool:
    """Say whether a file is a copy of a database, and each of its companions is the same or does not exist yet.

    Raises:
        OSError: one of them cannot be read.
    """
    pairs = zip(companions(path).with_content, companions(kept).with_content, strict=True)
    return same_content(path, kept) and all(
        not other.exists() or (one.exists() and same_content(one, other)) for one, other in pairs
    )


# -- names


def keep_whole(path: Path, kept: Path) -> None:
    """Give a copy of a database, with all that belongs to it, another name in a folder on the same file system.

    Files of an earlier attempt stay.
    """
    for part, other in zip(with_content(path), with_content(kept), strict=True):
        if part.exists() and not other.exists():
            part.rename(other)
    sync_folder(kept.parent)


def put_in_place(new: Path, path: Path) -> None:
    """Move a database to the place of one that no process can use."""
    for companion in companions(path):
        # SQLite would apply it to the new file.
        companion.unlink(missing_ok=True)
    new.replace(path)
    sync_folder(path.parent)

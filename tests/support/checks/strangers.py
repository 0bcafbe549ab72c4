"""Things in the file system that are not llmhub's, and proof that they were left alone."""

import os
import stat
from collections.abc import Callable
from pathlib import Path


def _file(path: Path) -> None:
    path.write_text("a stranger's")


def _folder(path: Path) -> None:
    path.mkdir()
    (path / "file").write_text("a stranger's")


def _link(path: Path) -> None:
    target = path.with_name("the stranger's own")
    target.write_text("ours: or so it says")
    path.symlink_to(target)


STRANGERS: dict[str, Callable[[Path], None]] = {
    "file": _file,
    "folder": _folder,
    "empty folder": Path.mkdir,
    "link": _link,
    "link to nowhere": lambda path: path.symlink_to("nowhere"),
    "pipe": os.mkfifo,
}
"""What may stand where llmhub wants to write, and is not llmhub's: by its name, what makes it at a path."""


def seen(path: Path) -> dict[str, str]:
    """Return all that is below a folder: what it is and what stands in it; no link is followed."""
    return {str(one.relative_to(path)): looked_at(one) for one in sorted(path.rglob("*"))}


def looked_at(path: Path) -> str:
    """Return what something is, and what stands in it; no link is followed."""
    kind = stat.S_IFMT(path.lstat().st_mode)
    content = path.read_text() if stat.S_ISREG(kind) else str(path.readlink()) if stat.S_ISLNK(kind) else ""
    return f"{kind:o} {content}"

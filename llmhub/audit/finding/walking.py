"""List the files below paths that git does not ignore; where git cannot say, llmhub reads .gitignore itself.

Links below a path are not followed, so that no walk goes in a circle.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from llmhub.audit.finding.git_files import git_files
from llmhub.errors import PathNotFoundError

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

_IGNORE_FILE = ".gitignore"
_OF_VERSION_CONTROL = frozenset({".git", ".hg", ".svn", ".jj", "CVS"})
_MOST_IGNORE_BYTES = 1 << 20
_HERE = os.path.join(os.curdir, "")  # noqa: PTH118 -- a beginning of names

Rules = tuple[tuple[str, "GitIgnoreSpec"], ...]


def require_paths(paths: Iterable[Path]) -> None:
    """Check that paths exist.

    Raises:
        PathNotFoundError: one does not.
    """
    for path in paths:
        if not os.path.exists(path):  # noqa: PTH110 -- Path.exists raises for some
            raise PathNotFoundError(f"{path} does not exist: name a file or a folder")


def files_below(paths: Iterable[Path]) -> Iterator[str]:
    """Yield the files to read, each once: the given ones, and those below folders; in no order.

    They are names and not `Path`s, which take as long to make as a small file to read.
    """
    seen: set[str] = set()
    for path in paths:
        for name in _below(str(path)) if path.is_dir() else (str(path),):
            if (normal := _normal(name)) not in seen:
                seen.add(normal)
                yield name


def _normal(name: str) -> str:
    # normpath takes as long as all else that is done with a name here.
    return os.path.normpath(name) if ".." in name else name.removeprefix(_HERE)


def _below(folder: str) -> Iterator[str]:
    folders = [folder]
    while folders:
        place = folders.pop()
        found = git_files(place)
        if found is None:
            yield from _walk(place)
            continue
        for name in found:
            try:
                mode = os.lstat(name).st_mode
            except OSError:
                # A file that git tracks may be deleted.
                continue
            if stat.S_ISDIR(mode):
                # git lists another repository inside as one name.
                if os.path.normpath(name) != os.path.normpath(place):
                    folders.append(name)
            elif not stat.S_ISLNK(mode):
                yield name


def _walk(folder: str) -> Iterator[str]:
    """Yield the files below a folder that no .gitignore in it or below it leaves out."""
    folders: list[tuple[str, Rules]] = [(folder, ())]
    while folders:
        place, rules = folders.pop()
        try:
            entries = sorted(os.scandir(place), key=lambda entry: entry.name)
        except OSError:
            continue
        if any(entry.name == _IGNORE_FILE for entry in entries):
            rules = (*rules, *_rules_of(place))
        for entry in entries:
            is_folder = entry.is_dir(follow_symlinks=False)
            if entry.is_symlink() or (is_folder and entry.name in _OF_VERSION_CONTROL):
                continue
            if rules and _is_ignored(entry.path, rules, is_folder=is_folder):
                continue
            if is_folder:
                folders.append((entry.path, rules))
            else:
                yield entry.path


def _rules_of(folder: str) -> Rules:
    from pathspec import GitIgnoreSpec

    from llmhub.files import read_regular

    try:
        text = read_regular(Path(folder, _IGNORE_FILE), _MOST_IGNORE_BYTES).decode(errors="replace")
        return ((folder, GitIgnoreSpec.from_lines(text.splitlines())),)
    except (OSError, ValueError):
        # git, too, ignores a line that is not a pattern, and a file that it cannot read.
        return ()


def _is_ignored(path: str, rules: Rules, *, is_folder: bool) -> bool:
    """Say whether a path is ignored: the deepest .gitignore with a pattern for it decides."""
    for folder, spec in reversed(rules):
        name = PurePath(os.path.relpath(path, folder)).as_posix() + ("/" if is_folder else "")
        if (said := spec.check_file(name).include) is not None:
            return said
    return False

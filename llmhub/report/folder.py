"""The folder of a site: write its pages, and remove those of an earlier report.

A marker file of llmhub's lists the pages that it wrote. No other file in the folder is ever touched: a `.git` or a
`CNAME` stays, and only listed pages of an earlier report are removed.
"""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from llmhub.errors import FileInTheWayError, OutputError
from llmhub.files import read_regular, reason_of, written_whole
from llmhub.folders import in_turn, workplace

MARKER = ".llmhub-report.json"

_MODELS = "models"
_MAX_MARKER_BYTES = 64 << 20
# The names of a report's pages. Other programs may have written to the folder from which the list is read.
_PAGE = re.compile(rf"(?:{_MODELS}/)?[a-z0-9][a-z0-9.-]*\.html|[a-z]+\.atom", re.ASCII)


@dataclass(frozen=True, slots=True)
class Written:
    """The number of pages written, the bytes of all files, and the number of earlier files removed."""

    pages: int
    size: int
    removed: int


def write_site(folder: Path, pages: Iterable[tuple[str, str]], *, force: bool) -> Written:
    """Write a site's pages into a folder, each whole or not at all, and remove the rest of an earlier report.

    A page replaces the earlier one only when it is finished. The page that people open first should be the last of
    `pages`, so that everything it links to exists.

    Args:
        folder: the folder; made if missing.
        pages: pairs of path below the folder and text.
        force: write into a folder with other files in it, and over those with the same names.

    Raises:
        FileInTheWayError: other files are there, and `force` was not given; nothing was written.
        OutputError: the folder or a file cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with in_turn(folder), workplace(folder) as place:
            return _written(folder, list(pages), place, force=force)
    except OSError as error:
        raise OutputError(f"{folder} cannot be written to: {reason_of(error, 'name another folder')}") from error


def _written(folder: Path, pages: list[tuple[str, str]], place: Path, *, force: bool) -> Written:
    before = _pages_of(folder)
    if before is None and not force and _has_files(folder, place):
        raise FileInTheWayError(
            f"{folder} holds files that are not of an llmhub report: name another folder, or give --force to write "
            "beside them"
        )
    paths = {path for path, _ in pages}
    strangers = [] if force else [path for path in sorted(paths - (before or set())) if os.path.lexists(folder / path)]
    if strangers:
        raise FileInTheWayError(f"{folder / strangers[0]} exists and is not llmhub's: move it, or give --force")
    # Whenever this stops, the folder is marked, and every written page is on the list.
    _write_marker(folder, paths | (before or set()), place)
    _make_models(folder)
    for path, text in pages:
        _write(folder / path, text, place)
    gone = sorted((before or set()) - paths)
    for path in gone:
        _remove(folder / path)
    _write_marker(folder, paths, place)
    count = sum(path.endswith(".html") for path, _ in pages)
    return Written(count, sum(len(text.encode()) for _, text in pages), len(gone))


def _pages_of(folder: Path) -> set[str] | None:
    """Return the pages that an earlier report wrote; None if the folder is not a report's.

    Raises:
        OutputError: the folder cannot be read, or its marker is malformed.
    """
    marker = folder / MARKER
    if marker.is_symlink():
        raise OutputError(f"{marker} is a symbolic link, which no report makes: remove it")
    try:
        listed = json.loads(read_regular(marker, _MAX_MARKER_BYTES))["pages"]
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise OutputError(f"{marker} cannot be read: {error.strerror or error}") from error
    except (ValueError, KeyError, TypeError, RecursionError):
        raise OutputError(f"{marker} is malformed: remove it, and give --force to write beside what is there") from None
    if not (isinstance(listed, list) and all(isinstance(path, str) and _PAGE.fullmatch(path) for path in listed)):
        raise OutputError(
            f"{marker} lists files that no report writes: remove it and give --force to write beside the rest"
        )
    return set(listed)


def _has_files(folder: Path, place: Path) -> bool:
    return any(path != place for path in folder.iterdir())


def _make_models(folder: Path) -> None:
    models = folder / _MODELS
    try:
        models.mkdir(exist_ok=True)
    except OSError as error:
        raise OutputError(f"{models} cannot be made: {error.strerror or error}") from error
    if models.is_symlink():
        raise OutputError(f"{models} is a link out of the folder: remove it")


def _write_marker(folder: Path, pages: set[str], place: Path) -> None:
    text = json.dumps({"written_by": "llmhub report", "pages": sorted(pages)}, indent=1) + "\n"
    _write(folder / MARKER, text, place)


def _write(target: Path, text: str, place: Path) -> None:
    with written_whole(target, force=True, durable=False, place=place) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def _remove(page: Path) -> None:
    try:
        # No report writes anything but regular files.
        if stat.S_ISREG(page.lstat().st_mode):
            page.unlink()
    except FileNotFoundError:
        return
    except OSError as error:
        raise OutputError(f"{page} of an earlier report cannot be removed: {error.strerror or error}") from error

"""Answers that llmhub keeps only to be faster: each is read for as long as it was made of exactly what is there now.

A kept file is a line that says what it was made of, and then its parts, each with a digest of its own, so that a
reader proves and parses only the parts that it asks for. What is damaged, cut, foreign or of another version counts as
not there: who asks makes it again, and writes it anew. The digests protect against accidents, not against an attacker.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

from llmhub import settings
from llmhub.errors import CacheError
from llmhub.files import open_regular, read_regular, write_own
from llmhub.storage.stamps import stamp_of

__all__ = ["keep", "kept_parts", "made_of", "made_of_store", "overrides_digest"]

_log = logging.getLogger(__name__)

# What decides what an answer of the catalog says, below the package's folder.
_CODE = ("arena", "catalog", "offers", "storage")
_PACKAGE = os.fspath(Path(__file__).parents[2])
_BEGINS = re.compile(rb'\{"kept_by_llmhub":')
_MOST_HEAD_BYTES = 10_000
_MOST_BYTES = 256 << 20


def made_of(*facts: Any) -> str | None:
    """Return a digest of what an answer is made of: these facts, and this program's code.

    Args:
        facts: what JSON can express: settings, days, the stamp of the store (`llmhub.storage.stamps.stamp_of`).

    Returns:
        None if the code cannot be seen, as in a zip file, or a fact is None: then nothing may be kept.
    """
    if None in facts or (code := _code(_PACKAGE, _CODE)) is None:
        return None
    return hashlib.sha256(json.dumps([code, facts]).encode()).hexdigest()


def made_of_store(*facts: Any) -> str | None:
    """Return a digest of the store's content, the user's overrides.json, these facts and this program's code.

    Returns:
        None as of `made_of`, and if one of the two files may be changing or cannot be read.
    """
    return made_of(*facts, stamp_of(settings.arena_db()), overrides_digest())


def overrides_digest() -> str | None:
    """Return a digest of the user's overrides.json, which may be missing; None if it cannot be read."""
    try:
        overrides = read_regular(settings.overrides_file(), _MOST_BYTES)
    except FileNotFoundError:
        overrides = b""
    except OSError:
        # Who needs the overrides says what is wrong with them.
        return None
    return hashlib.sha256(overrides).hexdigest()


@cache
def _code(package: str, folders: tuple[str, ...]) -> str | None:
    """Return a digest of this program's code as it was when this process first asked; None if it cannot be seen.

    A process that runs on while the program is upgraded thus keeps nothing as an answer of the new code.
    """
    try:
        return hashlib.sha256(json.dumps(list(_files(package, folders))).encode()).hexdigest()
    except OSError:
        return None


def _files(folder: str, names: tuple[str, ...] = ()) -> Iterator[tuple[str, int, int]]:
    """Yield the path, size and time of each file below a folder: what Python itself tells a changed module by."""
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if names and entry.name not in names:
            continue
        # A name without a dot is a folder's; to ask the system of each takes as long as all else here.
        if "." not in entry.name:
            if entry.name != "__pycache__":
                yield from _files(entry.path)
        else:
            status = entry.stat()
            yield entry.path, status.st_size, status.st_mtime_ns


def kept_parts(path: Path, made: str | None, *names: str) -> list[bytes] | None:
    """Return these parts of a kept file, each proven; None if it was made of something else, lacks one or is damaged.

    Args:
        path: the file.
        made: what `made_of` returns now.
        names: the parts' names.
    """
    if made is None:
        return None
    try:
        with open_regular(path) as file:
            return _read(file, made, names)
    except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
        # There is no file, or its first line is none that is written here.
        return None


def _read(file: BinaryIO, made: str, names: tuple[str, ...]) -> list[bytes] | None:
    head = json.loads(file.readline(_MOST_HEAD_BYTES))
    if head["made_of"] != made:
        return None
    begin = file.tell()
    found = []
    for name in names:
        start, size, digest = head["parts"][name]
        file.seek(begin + start)
        part = file.read(min(size, _MOST_BYTES))
        if _digest(made, name, part) != digest:
            return None
        found.append(part)
    return found


def keep(path: Path, made: str | None, parts: Callable[[], Mapping[str, bytes]], *, now: str | None) -> None:
    """Keep an answer for the next process, whole or not at all; where that fails, only the log says so.

    Nothing is kept if what the answer is made of changed meanwhile: who knows which parts of it are of before.

    Args:
        path: the file; what another program wrote there stays as it is.
        made: what `made_of` returned before the answer was made; None: nothing is kept.
        parts: returns its parts, by name; called only if they are kept.
        now: what `made_of` returns now.
    """
    if made is None or now != made:
        return
    kept, start, places = parts(), 0, {}
    for name, part in kept.items():
        places[name] = (start, len(part), _digest(made, name, part))
        start += len(part)
    head = json.dumps({"kept_by_llmhub": 1, "made_of": made, "parts": places}, separators=(",", ":"))
    try:
        write_own(path, b"".join((head.encode(), b"\n", *kept.values())), begins=_BEGINS)
    except CacheError as error:
        _log.info("%s is not kept: %s", path.name, error)


def _digest(made: str, name: str, part: bytes) -> str:
    digest = hashlib.sha256(f"{made} {name}\n".encode())
    digest.update(part)
    return digest.hexdigest()

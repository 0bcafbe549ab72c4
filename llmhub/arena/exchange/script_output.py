"""Reads and validates the files of a run of the update script, without trusting them."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from llmhub.arena.boards import Leaderboard
from llmhub.arena.exchange.json_files import Meta, parse_leaderboard, parse_meta
from llmhub.arena.upstream import LEADERBOARD_FILES, META_FILE, file_name
from llmhub.errors import PayloadError, ScriptError
from llmhub.files import read_regular

_REQUIRED = "leaderboard-text.json"
_MAX_FILE_BYTES = 64 * 1024 * 1024
_MOST_LEADERBOARDS = 64


@dataclass(frozen=True, slots=True)
class ScriptOutput:
    """The leaderboards that one successful run of the script brought, and its files by name."""

    leaderboards: Mapping[str, Leaderboard]
    revision: str | None
    files: Mapping[str, bytes]


def read_output(directory: Path) -> ScriptOutput:
    """Read and validate the files that a run left in `directory`/data.

    Only the files that the contract names are read, and those of the leaderboards that leaderboard-meta.json lists.

    Raises:
        ScriptError: there is no leaderboard-text.json, or a file is a link, not a regular file, or too large.
        PayloadError: a file is malformed; the message says where.
    """
    data = directory / "data"
    if data.is_symlink() or not data.is_dir():
        raise ScriptError("the update script replaced its data folder by something else; nothing in it is read")
    meta_bytes = _read_regular(data, META_FILE)
    meta = Meta() if meta_bytes is None else parse_meta(meta_bytes, f"data/{META_FILE}")
    files = {} if meta_bytes is None else {META_FILE: meta_bytes}
    leaderboards: dict[str, Leaderboard] = {}
    for name, leaderboard in {**LEADERBOARD_FILES, **_listed(meta)}.items():
        content = _read_regular(data, name)
        if content is None:
            continue
        if leaderboard in leaderboards:
            raise PayloadError(f"data/{name}: found a second file for {leaderboard}, expected one")
        files[name] = content
        published_on = meta.published_on.get(leaderboard)
        leaderboards[leaderboard] = parse_leaderboard(content, f"data/{name}", published_on=published_on)
    return ScriptOutput(leaderboards, meta.revision, files)


def require_text(directory: Path) -> None:
    """Check that a run left the one required file.

    Raises:
        ScriptError: there is no leaderboard-text.json in `directory`/data.
    """
    if not os.path.lexists(directory / "data" / _REQUIRED):
        raise ScriptError(f"the update script exited with 0 but left no data/{_REQUIRED}")


def _listed(meta: Meta) -> dict[str, str]:
    """Return the files of the leaderboards that a run lists, except those that are always looked for."""
    known = set(LEADERBOARD_FILES.values())
    listed = [name for name in meta.leaderboards if name not in known]
    if len(listed) > _MOST_LEADERBOARDS:
        raise PayloadError(f"data/{META_FILE}: found {len(listed)} leaderboards, expected at most {_MOST_LEADERBOARDS}")
    return {file_name(name): name for name in listed}


def _read_regular(data: Path, name: str) -> bytes | None:
    """Return the content of a regular file directly in `data`; None if there is no such file.

    Raises:
        ScriptError: it is a link, a pipe, a folder, ..., or larger than any leaderboard file.
    """
    path = data / name
    try:
        kind = path.lstat().st_mode
        if not stat.S_ISREG(kind):
            what = "a symbolic link" if stat.S_ISLNK(kind) else "something that is not a regular file"
            raise ScriptError(f"the update script left data/{name} as {what}, which is not read")
        return read_regular(path, _MAX_FILE_BYTES)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ScriptError(f"data/{name}, which the update script left, cannot be read: {error.strerror}") from error

"""Importing publications from files: what a file is, when it was published, and its way into the store."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from llmhub.arena.payload import LEADERBOARD_FILES, parse_leaderboard
from llmhub.arena.refs import parse_moment
from llmhub.arena.schema import Leaderboard, Snapshot
from llmhub.arena.store import SnapshotStore
from llmhub.errors import InvalidReferenceError, PayloadError

_MAX_FILE_BYTES = 256 * 1024 * 1024
_FILE_NAME = re.compile(r"leaderboard-[^/\\]+?\.json(?=(\.gz)?$)")
_DATE = re.compile(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Publication:
    """A leaderboard file, which leaderboard it holds, and the moment it is stored under (UTC)."""

    path: Path
    leaderboard: str
    taken_at: datetime


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of one file: the snapshot it is part of, and whether that is news to the store."""

    publication: Publication
    snapshot: Snapshot
    new: bool


def identify(path: Path, *, leaderboard: str | None = None, taken_at: datetime | None = None) -> Publication:
    """Find out from a file's name and path what it holds and when it was published.

    Args:
        path: `leaderboard-text.json` and the like, plain or .gz, in a folder whose name has the date in it.
        leaderboard: which leaderboard it holds, whatever it is called.
        taken_at: when it was published, wherever it lies.

    Raises:
        PayloadError: the name or the path does not say; the message says which option does.
    """
    if leaderboard is None:
        found = _FILE_NAME.search(path.name)
        leaderboard = LEADERBOARD_FILES.get(found[0]) if found else None
        if leaderboard is None:
            known = ", ".join(LEADERBOARD_FILES)
            raise PayloadError(f"{path}: the name says no known leaderboard ({known}): give --leaderboard NAME")
    return Publication(path, leaderboard, taken_at or _date_in(path))


def import_publication(store: SnapshotStore, publication: Publication) -> Imported:
    """Store one leaderboard file as part of the `arena-catalog` snapshot of its date.

    Raises:
        PayloadError: the file is missing or malformed.
        SnapshotConflictError: that date has different boards of this leaderboard.
        StoreError: the store could not be written; see its children.
    """
    day = publication.taken_at.date()
    content = read_leaderboard_file(publication.path)
    parsed: Leaderboard = parse_leaderboard(content, str(publication.path), published_on=day)
    snapshot, new = store.add_reporting(
        {publication.leaderboard: parsed}, taken_at=publication.taken_at, source="arena-catalog"
    )
    return Imported(publication, snapshot, new)


def in_order(publications: Sequence[Publication]) -> list[Publication]:
    """Return the publications by date, so that ids rise with time; those of one date as they were given."""
    return sorted(publications, key=lambda publication: publication.taken_at)


def read_leaderboard_file(path: Path) -> bytes:
    """Return a leaderboard file's bytes, decompressed if its name ends in .gz.

    Raises:
        PayloadError: it is missing, unreadable, damaged, or larger than any leaderboard.
    """
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            content = file.read(_MAX_FILE_BYTES + 1)
    except FileNotFoundError:
        raise PayloadError(f"{path}: found no such file, expected a leaderboard in JSON") from None
    except (EOFError, zlib.error) as error:
        raise PayloadError(f"{path}: found damaged gzip data ({error}), expected a complete file") from None
    except OSError as error:
        raise PayloadError(f"{path}: cannot be read: {error.strerror or error}") from None
    if len(content) > _MAX_FILE_BYTES:
        raise PayloadError(f"{path}: found more than {_MAX_FILE_BYTES >> 20} MiB, expected a leaderboard")
    return content


def _date_in(path: Path) -> datetime:
    """Return the date in a file's path, looking from its name outwards, as 00:00 UTC."""
    for part in reversed(path.absolute().parts):
        dates = set(_DATE.findall(part))
        if len(dates) > 1:
            raise PayloadError(f"{path}: {part!r} has {len(dates)} dates in it: give --taken-at DATE")
        if dates:
            try:
                return parse_moment(dates.pop())
            except InvalidReferenceError as error:
                raise PayloadError(f"{path}: {error}: give --taken-at DATE") from None
    raise PayloadError(f"{path}: the path has no date (2025-05-20) in it: give --taken-at DATE")

"""Imports publications from files: finds out what a file holds and when it was published, and stores it."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path

from llmhub.arena.boards import Leaderboard, Snapshot
from llmhub.arena.database import database
from llmhub.arena.exchange.json_files import ExportMeta, parse_export_meta, parse_leaderboard
from llmhub.arena.exchange.parquet_files import DatasetFile, Day, leaderboard_of, open_dataset
from llmhub.arena.references import parse_moment
from llmhub.arena.sql.writing import Writer
from llmhub.arena.store import BoardStore
from llmhub.arena.upstream import LEADERBOARD_FILES, META_FILE
from llmhub.errors import InvalidReferenceError, InvalidScoreError, LlmhubError, PayloadError, SnapshotConflictError
from llmhub.files import read_packed
from llmhub.progress import Step, step
from llmhub.storage import compacting

_log = logging.getLogger(__name__)

# Rewriting the store is worth the time if an import brought a large part of it.
_GROWTH_TO_REPACK = 0.25
# The same limit as for a run of the update script; real files have a fortieth of it.
_MAX_FILE_BYTES = 64 * 1024 * 1024
_FILE_NAME = re.compile(r"leaderboard-[^/\\]+?\.json(?=(\.gz)?$)")
_DATE = re.compile(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class PublicationFile:
    """A file with one leaderboard of one publication.

    Attributes:
        path: the file.
        leaderboard: which leaderboard it holds.
        taken_at: the moment of the snapshot that it is stored as, in UTC.
        published_on: the day on which it was published; None if that is the day of `taken_at`.
    """

    path: Path
    leaderboard: str
    taken_at: datetime
    published_on: date | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """The result of importing one file.

    Attributes:
        publication: the file.
        snapshot: its snapshot.
        new: whether the store did not have it yet.
        rows: how many rows the file has.
    """

    publication: PublicationFile
    snapshot: Snapshot
    new: bool
    rows: int


def files_of(path: Path) -> list[Path]:
    """Return a file itself; for a folder, the leaderboard files in and below it, by their paths.

    Raises:
        PayloadError: a folder has no such file.
    """
    if not path.is_dir():
        return [path]
    inside = (Path(folder, name) for folder, _, names in os.walk(path) for name in names)
    found = sorted(file for file in inside if _FILE_NAME.match(file.name) or file.suffix == ".parquet")
    if not found:
        raise PayloadError(
            f"{path}: found no leaderboard file, expected leaderboard-*.json, leaderboard-*.json.gz or *.parquet"
        )
    return found


def identify(path: Path, *, leaderboard: str | None = None, taken_at: datetime | None = None) -> PublicationFile:
    """Find out what a file holds and when it was published, from its name, its path or the meta file of an export.

    Args:
        path: `leaderboard-text.json` and the like, plain or .gz, in a folder whose name has the date in it; or any
            file of `llmhub arena export`.
        leaderboard: which leaderboard it holds, whatever the file's name.
        taken_at: when it was published, whatever the folder's name.

    Raises:
        PayloadError: neither name nor path tells; the message names the option that does. Or the leaderboard-meta.json
            beside it is malformed.
    """
    exported = ExportMeta() if leaderboard and taken_at else _exported_beside(path)
    if leaderboard is None:
        found = _FILE_NAME.search(path.name)
        leaderboard = exported.leaderboards.get(path.name.removesuffix(".gz"))
        leaderboard = leaderboard or (LEADERBOARD_FILES.get(found[0]) if found else None)
        if leaderboard is None:
            known = ", ".join(LEADERBOARD_FILES)
            raise PayloadError(f"{path}: the name says no known leaderboard ({known}): give --leaderboard NAME")
    published_on = exported.published_on.get(leaderboard) if taken_at is None else None
    return PublicationFile(path, leaderboard, taken_at or exported.taken_at or _date_in(path), published_on)


def _exported_beside(path: Path) -> ExportMeta:
    """Return the content of an export's leaderboard-meta.json beside a file; empty if there is none."""
    meta = path.with_name(META_FILE)
    return parse_export_meta(read_leaderboard_file(meta), str(meta)) if meta.is_file() else ExportMeta()


def import_publication(store: BoardStore | Writer, publication: PublicationFile) -> Imported:
    """Store one leaderboard file as part of the `arena-catalog` snapshot of its date.

    Of many files, a `Writer` stores each faster than the store itself.

    Raises:
        PayloadError: the file is missing or malformed.
        SnapshotConflictError: that date has different boards of this leaderboard.
        StoreError: the store could not be written; see its children.
    """
    _log.info("reading %s: %s of %s", publication.path, publication.leaderboard, publication.taken_at.date())
    day = publication.published_on or publication.taken_at.date()
    content = read_leaderboard_file(publication.path)
    parsed: Leaderboard = parse_leaderboard(content, str(publication.path), published_on=day)
    snapshot, new = store.add_reporting(
        {publication.leaderboard: parsed}, taken_at=publication.taken_at, source="arena-catalog"
    )
    return Imported(publication, snapshot, new, sum(map(len, parsed.boards.values())))


@dataclass(frozen=True, slots=True)
class ImportedDataset:
    """The result of importing a dataset file.

    Attributes:
        path: the file.
        leaderboard: which leaderboard it holds.
        dates: the publication dates that the store now has, oldest first.
        new: the snapshots of those that the store did not have yet.
        rows: how many rows they have in the file.
        dropped: how many of these have no finite rating, and are not in the store.
        partial: skipped dates: the file has only some of their categories.
        refused: why other dates were not stored, an error for each.
    """

    path: Path
    leaderboard: str
    dates: tuple[date, ...]
    new: tuple[Snapshot, ...]
    rows: int
    dropped: int
    partial: tuple[date, ...]
    refused: tuple[LlmhubError, ...]


def import_dataset(
    store: BoardStore | Writer,
    path: Path,
    *,
    leaderboard: str | None = None,
    since: date | None = None,
    revision: str | None = None,
) -> ImportedDataset:
    """Store a dataset file (Parquet), each date as part of the `dataset` snapshot of that date at 00:00 UTC.

    Each date is committed before the next begins, so that the next import completes an interrupted one. Dates that
    are stored already are not stored again. A date that breaks a rule, or is stored with other boards, is skipped and
    named in the result; so are the older dates of a `latest` file, which are not complete.

    Args:
        store: where to.
        path: the file.
        leaderboard: which leaderboard it holds; by default what its folder is called.
        since: the oldest date to store; by default the file's oldest.
        revision: the dataset's revision, for snapshots that are new.

    Raises:
        PayloadError: the file is missing, is not a complete Parquet file, has no ratings, is malformed as a whole, or
            its folder names no leaderboard; nothing was stored, or only complete dates.
        InvalidScoreError: the leaderboard's name is not valid.
        StoreError: the store could not be written; see its children.
    """
    with (
        step(f"importing {path.parent.name}/{path.name}", "rows") as under_way,
        open_dataset(path) as file,
        nullcontext(store) if isinstance(store, Writer) else store.bulk_writer() as writer,
    ):
        name = leaderboard or leaderboard_of(path)
        writer.require_name(name, "leaderboard")
        size = _size(writer.path)
        done = _store_days(writer, file, name, since=since, revision=revision, under_way=under_way)
    _log.info(
        "%s: dates: %d, of them new: %d; rows: %d, left out: %d",
        path,
        len(done.dates),
        len(done.new),
        done.rows,
        done.dropped,
    )
    if _size(store.path) - size > size * _GROWTH_TO_REPACK:
        with step("making the store smaller"):
            compacting.repack(database, store.path)
    return done


def _store_days(
    writer: Writer,
    file: DatasetFile,
    leaderboard: str,
    *,
    since: date | None,
    revision: str | None,
    under_way: Step,
) -> ImportedDataset:
    """Store each date of a file, and return the result."""
    dates: list[date] = []
    new: list[Snapshot] = []
    refused: list[LlmhubError] = []
    rows = dropped = done = 0
    total = sum(file.rows_since(since).values())
    for day in file.days(since=since):
        try:
            snapshot = _store_day(writer, leaderboard, day, revision)
        except (PayloadError, SnapshotConflictError) as error:
            refused.append(error)
        except InvalidScoreError as error:
            refused.append(PayloadError(f"{file.path}: {day.date}: {error}; nothing of this date was stored"))
        else:
            dates.append(day.date)
            new += [] if snapshot is None else [snapshot]
            rows += day.rows
            dropped += day.dropped
        done += day.rows
        under_way.at(done, total)
    return ImportedDataset(
        file.path, leaderboard, tuple(dates), tuple(new), rows, dropped, tuple(file.partial), tuple(refused)
    )


def _store_day(writer: Writer, leaderboard: str, day: Day, revision: str | None) -> Snapshot | None:
    """Store one date of a file in one transaction, and return its snapshot if it was new.

    Raises:
        PayloadError: a row breaks a rule.
        InvalidScoreError: a name or a score breaks a rule.
        SnapshotConflictError: that date has different boards of this leaderboard.
        StoreError: the store could not be written; see its children.
    """
    if isinstance(day.leaderboard, PayloadError):
        raise day.leaderboard
    if not day.leaderboard.boards:
        return None
    taken_at = datetime.combine(day.date, time(), UTC)
    snapshot, is_new = writer.add_reporting(
        {leaderboard: day.leaderboard}, taken_at=taken_at, source="dataset", revision=revision
    )
    return snapshot if is_new else None


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def in_order(publications: Sequence[PublicationFile]) -> list[PublicationFile]:
    """Return the publications sorted by date, so that ids rise with time; those of one date in the given order."""
    return sorted(publications, key=lambda publication: publication.taken_at)


def read_leaderboard_file(path: Path) -> bytes:
    """Return a leaderboard file's bytes, decompressed if its name ends in .gz.

    Raises:
        PayloadError: it is missing, unreadable, damaged, or larger than any leaderboard.
    """
    return read_packed(path, _MAX_FILE_BYTES, expected="a leaderboard in JSON", wrong=PayloadError)


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

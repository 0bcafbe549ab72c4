"""Writes a snapshot to files that `import` reads back: upstream's JSON or the published dataset's Parquet."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date
from operator import itemgetter
from pathlib import Path
from typing import Literal

from llmhub import settings
from llmhub.arena.boards import OVERALL, TEXT, Leaderboard, ModelFacts, Snapshot
from llmhub.arena.compare.ranks import rank_of
from llmhub.arena.exchange.attribution import attribution
from llmhub.arena.exchange.duckdb_interrupts import require_room
from llmhub.arena.exchange.parquet_writing import copy_to_parquet
from llmhub.arena.store import BoardStore
from llmhub.arena.upstream import META_FILE, file_name, plain_name, upstream_shape
from llmhub.errors import BoardNotFoundError, OutputError
from llmhub.files import NO_ROOM_WORDS, require_free, sync_folder, written_whole
from llmhub.progress import step

Format = Literal["json", "parquet"]

_DUCKDB_REASON = re.compile(r'"exception_message":("(?:[^"\\]|\\.)*")')
_PARQUET_FILE = "latest-00000-of-00001.parquet"
# Votes are floating-point numbers in the dataset and when JSON is read: exact for integers up to this one.
_MOST_FLOAT_VOTES = 1 << 53

# The dataset's columns, in its order.
_COLUMNS = {
    "model_name": "VARCHAR",
    "organization": "VARCHAR",
    "license": "VARCHAR",
    "rating": "DOUBLE",
    "rating_lower": "DOUBLE",
    "rating_upper": "DOUBLE",
    "variance": "DOUBLE",
    "vote_count": "DOUBLE",
    "rank": "DOUBLE",
    "category": "VARCHAR",
    "leaderboard_publish_date": "VARCHAR",
}


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A file that was written: which leaderboard it holds, with how many boards and scores.

    `lost` says what an import of the file does not bring back; None if it brings back everything.
    """

    path: Path
    leaderboard: str
    boards: int
    scores: int
    lost: str | None


@dataclass(frozen=True, slots=True)
class Exported:
    """The files that a snapshot was written to, and the one that describes them."""

    snapshot: Snapshot
    files: tuple[ExportedFile, ...]
    meta: Path


def find_snapshot(store: BoardStore, reference: str, leaderboard: str | None = None) -> Snapshot:
    """Return the snapshot that a reference names, among those that have a leaderboard, by default text.

    Raises:
        NotFoundError: see `BoardStore.resolve`.
        InvalidReferenceError: see `BoardStore.resolve`.
    """
    name = leaderboard or TEXT
    categories = [category for known, category in store.rankings() if known == name]
    return store.resolve(reference, name, OVERALL if OVERALL in categories or not categories else categories[0])


def export(
    store: BoardStore,
    snapshot: Snapshot,
    folder: Path,
    *,
    leaderboard: str | None = None,
    format: Format = "json",  # noqa: A002 -- what the option is called
    force: bool = False,
) -> Exported:
    """Write a snapshot's leaderboards into a folder, a file each, and leaderboard-meta.json.

    Every file is finished before the first one gets its name. A leaderboard's name is made safe before it becomes part
    of a path (see `upstream.plain_name`).

    Args:
        store: the store that has the snapshot.
        snapshot: the snapshot to write.
        folder: the folder to write to; it is made if it does not exist.
        leaderboard: only this one; by default all that the snapshot has.
        format: upstream's JSON with votes, organization and licence, or the dataset's Parquet in the dataset's
            folders, `variance` null.
        force: overwrite existing files.

    Raises:
        BoardNotFoundError: the snapshot does not have the leaderboard.
        FileInTheWayError: one of the files exists, and `force` was not given; nothing was written.
        OutputError: a file cannot be written, or upstream's format cannot hold a category.
        StoreError: the store cannot be read; see its children.
    """
    publication = store.publication(snapshot, leaderboard)
    if not publication:
        names = ", ".join(snapshot.leaderboards)
        raise BoardNotFoundError(f"snapshot {snapshot.id} has no leaderboard {leaderboard!r}; it has {names}")
    writers = {
        name: (_json_writer if format == "json" else _parquet_writer)(snapshot, name, publication[name])
        for name in publication
    }
    paths = {name: folder / _place(name, format) for name in publication}
    files = tuple(
        ExportedFile(paths[name], name, len(one.boards), sum(map(len, one.boards.values())), _lost(one, format))
        for name, one in publication.items()
    )
    meta = folder / META_FILE
    for target in (meta, *paths.values()):
        require_free(target, force=force)
    try:
        for target in paths.values():
            target.parent.mkdir(parents=True, exist_ok=True)
            sync_folder(target.parent.parent)
    except OSError as error:
        raise OutputError(f"{folder} cannot be made ({error.strerror or error}): name another folder") from error
    with ExitStack() as stack:
        # ExitStack unwinds in reverse, so the meta file, entered first, is renamed last.
        temporary = stack.enter_context(written_whole(meta, force=force))
        _write_json(temporary, _meta(snapshot, folder, files))
        under_way = stack.enter_context(step("writing", "files"))
        for number, (name, write) in enumerate(writers.items()):
            under_way.at(number, len(writers))
            write(stack.enter_context(written_whole(paths[name], force=force)))
    return Exported(snapshot, files, meta)


def _place(leaderboard: str, format: Format) -> Path:  # noqa: A002 -- see export
    if format == "json":
        return Path(file_name(leaderboard))
    return Path(plain_name(leaderboard).replace("-", "_"), _PARQUET_FILE)


def _lost(leaderboard: Leaderboard, format: Format) -> str | None:  # noqa: A002 -- see export
    if format == "parquet":
        empty = sorted(category for category, board in leaderboard.boards.items() if not board)
        return f"boards without a model have no line: {', '.join(empty)}" if empty else None
    if not leaderboard.boards.get(OVERALL):
        return "it has no overall board, which import asks for: use Parquet"
    if any((score.votes or 0) > _MOST_FLOAT_VOTES for board in leaderboard.boards.values() for score in board.values()):
        return f"vote counts above {_MOST_FLOAT_VOTES:,} are rounded by import: use Parquet"
    return None


def _meta(snapshot: Snapshot, folder: Path, files: tuple[ExportedFile, ...]) -> dict[str, object]:
    def published(name: str) -> str | None:
        day = snapshot.leaderboards.get(name)
        return None if day is None else day.isoformat()

    return {
        "source": snapshot.source,
        "taken_at": f"{snapshot.taken_at.astimezone(UTC).replace(tzinfo=None).isoformat()}Z",
        "revision": snapshot.revision,
        "attribution": attribution(snapshot, made_up=settings.made_up_file().exists()),
        "leaderboards": {
            file.leaderboard: {
                "file": file.path.relative_to(folder).as_posix(),
                "published_on": published(file.leaderboard),
                "boards": file.boards,
                "rows": file.scores,
            }
            for file in files
        },
    }


def _json_writer(_: Snapshot, name: str, leaderboard: Leaderboard) -> Callable[[Path], None]:
    try:
        shape = upstream_shape(leaderboard)
    except ValueError as error:
        raise OutputError(
            f"{name} has a category {error.args[0]!r}, a key that means another category in upstream's files: "
            "use --format parquet"
        ) from None
    return lambda path: _write_json(path, shape)


def _write_json(path: Path, document: Mapping[str, object]) -> None:
    # Numbers are written with enough digits to read back the same ones.
    path.write_text(json.dumps(document, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")


def _parquet_writer(snapshot: Snapshot, _: str, leaderboard: Leaderboard) -> Callable[[Path], None]:
    day = leaderboard.published_on or snapshot.taken_at.date()
    return lambda path: _write_parquet(path, list(_rows(leaderboard, day)))


def _rows(leaderboard: Leaderboard, day: date) -> Iterator[tuple[object, ...]]:
    """Yield the rows as in the dataset: by category, best first, unknown facts of a model empty."""
    for category, board in sorted(leaderboard.boards.items()):
        ranks = rank_of(score.rating for score in board.values())
        for model, (rating, lower, upper, votes) in sorted(board.items(), key=lambda line: (-line[1][0], line[0])):
            facts = leaderboard.models.get(model, ModelFacts())
            yield (
                model,
                facts.organization or "",
                facts.license or "",
                rating,
                lower,
                upper,
                None,
                votes,
                ranks[rating],
                category,
                day.isoformat(),
            )


def _write_parquet(path: Path, rows: list[tuple[object, ...]]) -> None:
    require_room()
    import duckdb

    types = dict(_COLUMNS)
    votes_of = itemgetter([*types].index("vote_count"))
    if any(isinstance(votes, int) and votes > _MOST_FLOAT_VOTES for votes in map(votes_of, rows)):
        types["vote_count"] = "BIGINT"
    try:
        copy_to_parquet(path, types, rows)
    except duckdb.Error as error:
        raise OutputError(f"{path.parent} cannot be written to: {_reason(str(error))}") from error


def _reason(said: str) -> str:
    """Return DuckDB's reason in words, from its first line or the JSON in it, and what to do."""
    found = _DUCKDB_REASON.search(said)
    reason = json.loads(found[1]) if found else said.partition("\n")[0]
    return f"{reason}: make room, and try again" if reason.endswith(NO_ROOM_WORDS) else reason

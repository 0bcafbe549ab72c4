"""`llmhub arena import` and `backfill`: publications of the past, from files or from the dataset."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

import click

from llmhub.cli import progress, render
from llmhub.cli.options import MomentType, NameType
from llmhub.errors import LlmhubError, counted
from llmhub.memory import rare_garbage_collection
from llmhub.progress import step

if TYPE_CHECKING:
    from pathlib import Path

    from llmhub.arena.exchange.importing import Imported, ImportedDataset, PublicationFile
    from llmhub.arena.sql.writing import Writer


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True))
@click.option(
    "--leaderboard",
    type=NameType("leaderboard"),
    metavar="NAME",
    help="The leaderboard in the files; default: from their names (JSON) or their folder's name (Parquet).",
)
@click.option(
    "--taken-at",
    type=MomentType(),
    metavar="DATE",
    help="When the JSON files were published; default: the date in their path. Parquet files hold their dates.",
)
@click.pass_context
def import_(
    context: click.Context, *, files: tuple[str, ...], leaderboard: str | None, taken_at: datetime | None
) -> None:
    """Store leaderboard files: upstream's JSON, plain or .gz, or the published dataset's Parquet.

    A folder stands for all files in and below it that are named leaderboard-*.json, leaderboard-*.json.gz or *.parquet.
    The files of one date become one snapshot. Boards that are stored already are not stored again. If a file, or a date
    in it, cannot be stored, the command names it, stores the others, and exits with 1.

    A Parquet file is stored date by date, so the same command completes an interrupted import. Of a `latest` file only
    the newest date is stored; the older ones in it lack categories.
    """
    from pathlib import Path

    from llmhub.arena.exchange.importing import files_of
    from llmhub.arena.exchange.parquet_files import is_parquet
    from llmhub.store import SnapshotStore

    paths = _without_meta([path for file in files for path in files_of(Path(file))])
    parquet = [path for path in paths if is_parquet(path)]
    if parquet and taken_at is not None:
        raise click.BadParameter(f"{parquet[0]} is Parquet, which has its dates in it", param_hint="'--taken-at'")
    with rare_garbage_collection(), progress.shown(), SnapshotStore.open() as store, store.bulk_writer() as writer:
        failed = _import_json([path for path in paths if path not in parquet], writer, leaderboard, taken_at)
        failed += sum(not _import_parquet(path, writer, leaderboard) for path in parquet)
    if failed:
        render.warn(f"{failed} of {counted(len(paths), 'file')} could not be stored")
        context.exit(1)


def _without_meta(paths: Sequence[Path]) -> list[Path]:
    """Return the files without an export's leaderboard-meta.json, so that `import out/*.json` works."""
    from llmhub.arena.upstream import META_FILE

    kept = [path for path in paths if path.name != META_FILE]
    if not kept:
        raise click.UsageError(f"{paths[0]} only describes the files beside it: give those files")
    for path in paths:
        if path.name == META_FILE:
            render.note(f"{path} describes the files beside it and holds no leaderboard: passed over")
    return kept


def _import_json(paths: Sequence[Path], writer: Writer, leaderboard: str | None, taken_at: datetime | None) -> int:
    """Store JSON files by date, print the result of each, and return how many could not be stored."""
    from llmhub.arena.exchange.importing import identify, import_publication, in_order

    publications: list[PublicationFile] = []
    for path in paths:
        try:
            publications.append(identify(path, leaderboard=leaderboard, taken_at=taken_at))
        except LlmhubError as error:
            render.warn(f"error: {error}")
    stored: list[Imported] = []
    with step("importing", "files") as under_way:
        for number, publication in enumerate(in_order(publications)):
            under_way.at(number, len(publications))
            try:
                done = import_publication(writer, publication)
            except LlmhubError as error:
                render.warn(f"error: {error}")
                continue
            if stored and stored[-1].snapshot.id != done.snapshot.id:
                _say_date([one for one in stored if one.snapshot.id == stored[-1].snapshot.id])
            stored.append(done)
    if stored:
        _say_date([one for one in stored if one.snapshot.id == stored[-1].snapshot.id])
        _say_total(stored)
    return len(paths) - len(stored)


def _say_date(files: Sequence[Imported]) -> None:
    """Say in one line what came of the files of one date, of which there is at least one."""
    first = files[0]
    parts = [
        f"{what}: {', '.join(one.publication.leaderboard for one in files if one.new is new)}"
        for what, new in (("stored", True), ("known already", False))
        if any(one.new is new for one in files)
    ]
    where = f"snapshot {first.snapshot.id} of {first.snapshot.taken_at:%Y-%m-%d}"
    origin = first.publication.path if len(files) == 1 else f"{len(files)} files"
    render.outcome(f"{'; '.join(parts)} in {where} ({origin})")


def _say_total(files: Sequence[Imported]) -> None:
    dates = {one.snapshot.id for one in files}
    if len(dates) > 1:
        new = sum(one.new for one in files)
        render.outcome(
            f"{len(files):,} files of {_dates(len(dates))}: {new:,} stored, {len(files) - new:,} known already"
        )


def _import_parquet(path: Path, writer: Writer, leaderboard: str | None) -> bool:
    """Store one Parquet file, print the result, and return whether all of it could be stored."""
    from llmhub.arena.exchange.importing import import_dataset

    try:
        done = import_dataset(writer, path, leaderboard=leaderboard)
    except LlmhubError as error:
        render.warn(f"error: {error}")
        return False
    _say_dataset(done, str(path))
    return not done.refused


@click.command()
@click.option(
    "--leaderboard",
    "leaderboards",
    type=NameType("leaderboard"),
    multiple=True,
    default=("text",),
    show_default=True,
    metavar="NAME",
    help="Which leaderboard; may be given more than once.",
)
@click.option("--since", type=MomentType(), metavar="DATE", help="Only publications of that day or later.")
@click.pass_context
def backfill(context: click.Context, *, leaderboards: tuple[str, ...], since: datetime | None) -> None:
    """Download and store everything ever published.

    Every publication in the dataset becomes a snapshot of its date, unless it is stored already. The same command
    continues an interrupted download or import. This does not make the store fresh: `llmhub arena refresh` does.
    """
    from llmhub.arena.exchange import backfill as library
    from llmhub.store import SnapshotStore

    failed = 0
    with rare_garbage_collection(), progress.shown(), SnapshotStore.open() as store:
        for leaderboard in dict.fromkeys(leaderboards):
            day = since and since.date()
            try:
                done = library.backfill(store, leaderboard, since=day)
            except LlmhubError as error:
                failed += 1
                render.warn(f"error: {error}")
            else:
                failed += bool(done.refused)
                _say_dataset(done, "the dataset")
    if failed:
        if len(leaderboards) > 1:
            render.warn(f"{failed} of {counted(len(leaderboards), 'leaderboard')} could not be stored")
        context.exit(1)


def _say_dataset(done: ImportedDataset, origin: str) -> None:
    """Print the result for a dataset file: what is stored on stdout, what is not on stderr."""
    dates, known = done.dates, len(done.dates) - done.new
    stored = f"{_dates(done.new)} stored" + (f", {_dates(known)} known already" if known else "")
    span = f" ({_span(dates)})" if dates else ""
    render.outcome(f"{done.leaderboard}: {stored}{span}: {counted(done.rows - done.dropped, 'row')} ({origin})")
    if done.dropped:
        render.note(f"{done.leaderboard}: left out {counted(done.dropped, 'row')} without a finite rating")
    if done.partial:
        passed_over = f"{_dates(len(done.partial))} passed over ({_span(done.partial)})"
        why = "this file has only some of their categories; a `full` file has them all"
        render.note(f"{done.leaderboard}: {passed_over}: {why}")
    for error in done.refused:
        render.warn(f"error: {error}")


def _dates(number: int) -> str:
    return counted(number, "date")


def _span(dates: Sequence[date]) -> str:
    return str(dates[0]) if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"

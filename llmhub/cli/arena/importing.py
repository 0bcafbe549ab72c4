"""`llmhub arena import` and `backfill`: publications of the past, from files or from the dataset."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, TypeAlias

import click

from llmhub.cli import progress, render, results
from llmhub.cli.options import MomentType, NameType, json_option
from llmhub.errors import LlmhubError, counted
from llmhub.memory import rare_garbage_collection
from llmhub.progress import step

if TYPE_CHECKING:
    from pathlib import Path

    from llmhub.arena.boards import Snapshot
    from llmhub.arena.exchange.importing import Imported, ImportedDataset, PublicationFile
    from llmhub.arena.sql.writing import Writer

    Done: TypeAlias = Imported | ImportedDataset | LlmhubError
    """What came of a file or a leaderboard; an error if nothing of it was stored."""


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
@json_option
@click.pass_context
def import_(
    context: click.Context,
    *,
    files: tuple[str, ...],
    leaderboard: str | None,
    taken_at: datetime | None,
    output: str | None,
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

    found: list[tuple[Path, Done]] = []
    paths: list[Path] = []
    for file in files:
        try:
            paths += files_of(Path(file))
        except LlmhubError as error:
            if len(files) == 1:
                raise
            found.append((Path(file), results.failed(error)))
    paths = _without_meta(paths)
    parquet = [path for path in paths if is_parquet(path)]
    if parquet and taken_at is not None:
        raise click.BadParameter(f"{parquet[0]} is Parquet, which has its dates in it", param_hint="'--taken-at'")
    say = results.saying(output)
    if paths:
        with rare_garbage_collection(), progress.shown(), SnapshotStore.open() as store, store.bulk_writer() as writer:
            plain = [path for path in paths if path not in parquet]
            found += _import_json(plain, writer, leaderboard, taken_at, say)
            found += [(path, _import_parquet(path, writer, leaderboard, say)) for path in parquet]
    if output == "json":
        documents = [{"path": str(path)} | _result_json(done, leaderboard) for path, done in found]
        render.echo_json(results.with_totals("files", documents))
    if failed := sum(_has_failed(done) for _, done in found):
        results.exit_failed(context, failed, len(found), "file")


def _without_meta(paths: Sequence[Path]) -> list[Path]:
    """Return the files without an export's leaderboard-meta.json, so that `import out/*.json` works."""
    from llmhub.arena.upstream import META_FILE

    kept = [path for path in paths if path.name != META_FILE]
    if paths and not kept:
        raise click.UsageError(f"{paths[0]} only describes the files beside it: give those files")
    for path in paths:
        if path.name == META_FILE:
            render.note(f"{path} describes the files beside it and holds no leaderboard: passed over")
    return kept


def _import_json(
    paths: Sequence[Path], writer: Writer, leaderboard: str | None, taken_at: datetime | None, say: results.Say
) -> list[tuple[Path, Done]]:
    """Store JSON files by date, say the result of each date, and return the result of each file."""
    from llmhub.arena.exchange.importing import identify, import_publication, in_order

    publications: list[PublicationFile] = []
    found: list[tuple[Path, Done]] = []
    for path in paths:
        try:
            publications.append(identify(path, leaderboard=leaderboard, taken_at=taken_at))
        except LlmhubError as error:
            found.append((path, results.failed(error)))
    stored: list[Imported] = []
    with step("importing", "files") as under_way:
        for number, publication in enumerate(in_order(publications)):
            under_way.at(number, len(publications))
            try:
                done = import_publication(writer, publication)
            except LlmhubError as error:
                found.append((publication.path, results.failed(error)))
                continue
            found.append((publication.path, done))
            if stored and stored[-1].snapshot.id != done.snapshot.id:
                say(_date_text(_of_last_date(stored)))
            stored.append(done)
    if stored:
        say(_date_text(_of_last_date(stored)))
    if len(dates := {one.snapshot.id for one in stored}) > 1:
        new = sum(one.new for one in stored)
        say(f"{len(stored):,} files of {_dates(len(dates))}: {new:,} stored, {len(stored) - new:,} known already")
    return found


def _of_last_date(stored: Sequence[Imported]) -> list[Imported]:
    return [one for one in stored if one.snapshot.id == stored[-1].snapshot.id]


def _date_text(files: Sequence[Imported]) -> str:
    """Return what came of the files of one date, of which there is at least one."""
    first = files[0]
    parts = [
        f"{what}: {', '.join(one.publication.leaderboard for one in files if one.new is new)}"
        for what, new in (("stored", True), ("known already", False))
        if any(one.new is new for one in files)
    ]
    where = f"snapshot {first.snapshot.id} of {first.snapshot.taken_at:%Y-%m-%d}"
    origin = first.publication.path if len(files) == 1 else f"{len(files)} files"
    return f"{'; '.join(parts)} in {where} ({origin})"


def _import_parquet(path: Path, writer: Writer, leaderboard: str | None, say: results.Say) -> Done:
    """Store one Parquet file, and say and return the result."""
    from llmhub.arena.exchange.importing import import_dataset

    try:
        done = import_dataset(writer, path, leaderboard=leaderboard)
    except LlmhubError as error:
        return results.failed(error)
    _say_dataset(done, str(path), say)
    return done


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
@json_option
@click.pass_context
def backfill(
    context: click.Context, *, leaderboards: tuple[str, ...], since: datetime | None, output: str | None
) -> None:
    """Download and store everything ever published.

    Every publication in the dataset becomes a snapshot of its date, unless it is stored already. The same command
    continues an interrupted download or import. This does not make the store fresh: `llmhub arena refresh` does.
    """
    from llmhub.arena.exchange import backfill as library
    from llmhub.store import SnapshotStore

    say = results.saying(output)
    found: dict[str, Done] = {}
    with rare_garbage_collection(), progress.shown(), SnapshotStore.open() as store:
        for leaderboard in dict.fromkeys(leaderboards):
            try:
                done = library.backfill(store, leaderboard, since=since and since.date())
            except LlmhubError as error:
                found[leaderboard] = results.failed(error)
            else:
                found[leaderboard] = done
                _say_dataset(done, "the dataset", say)
    if output == "json":
        documents = [_result_json(done, name) for name, done in found.items()]
        render.echo_json(results.with_totals("leaderboards", documents))
    if failed := sum(map(_has_failed, found.values())):
        if len(found) == 1:
            # Its error says it all.
            context.exit(1)
        results.exit_failed(context, failed, len(found), "leaderboard")


def _say_dataset(done: ImportedDataset, origin: str, say: results.Say) -> None:
    """Say the result of a dataset file; on stderr what of it is not stored."""
    dates, new = done.dates, len(done.new)
    stored = f"{_dates(new)} stored" + (f", {_dates(len(dates) - new)} known already" if len(dates) > new else "")
    span = f" ({_span(dates)})" if dates else ""
    say(f"{done.leaderboard}: {stored}{span}: {counted(done.rows - done.dropped, 'row')} ({origin})")
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


def _has_failed(done: Done) -> bool:
    """Say whether something of a file could not be stored."""
    return isinstance(done, LlmhubError) or bool(getattr(done, "refused", ()))


# -- as a document


def _result_json(done: Done, leaderboard: str | None) -> dict[str, object]:
    """Return what came of a file or a leaderboard, whose name is None if it is not known."""
    from llmhub.arena.exchange.importing import Imported

    if isinstance(done, LlmhubError):
        return _entry(leaderboard, refused=[done])
    if isinstance(done, Imported):
        new = [done.snapshot] if done.new else []
        return _entry(done.publication.leaderboard, new, known=1 - len(new), rows=done.rows)
    return _entry(
        done.leaderboard,
        done.new,
        known=len(done.dates) - len(done.new),
        refused=done.refused,
        passed_over=done.partial,
        rows=done.rows - done.dropped,
        dropped=done.dropped,
    )


def _entry(
    leaderboard: str | None,
    new: Sequence[Snapshot] = (),
    *,
    known: int = 0,
    refused: Sequence[LlmhubError] = (),
    passed_over: Sequence[date] = (),
    rows: int = 0,
    dropped: int = 0,
) -> dict[str, object]:
    return {
        "leaderboard": leaderboard,
        "status": "failed" if refused else "stored" if new else "known",
        "reason": str(refused[0]) if refused else None,
        "new": [{"id": one.id, "source": one.source, "taken_at": render.moment_json(one.taken_at)} for one in new],
        "known": known,
        "refused": [{"reason": str(error)} for error in refused],
        "passed_over": [render.day_json(day) for day in passed_over],
        "rows": rows,
        "dropped": dropped,
    }

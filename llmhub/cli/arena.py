"""`llmhub arena`: the commands of the versioned store."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from llmhub.cli import render
from llmhub.cli.options import (
    AgeType,
    MomentType,
    NameType,
    board_options,
    json_option,
    list_options,
    show_log_messages,
)
from llmhub.errors import LlmhubError, RefreshError

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmhub.arena.diff import BoardDiff
    from llmhub.arena.schema import TrackPoint
    from llmhub.catalog.arena_source import ArenaStatus, Refreshed

_REFERENCES = (
    "A reference is latest, previous (the newest earlier snapshot whose board differs), latest~N, an id (12), a "
    "date (2025-05-20: the newest at or before its end, UTC), an ISO time, or an age (36h, 7d, 2w)."
)
_FINDINGS = 3
# More than anybody has, and less than what SQLite takes for a number.
_MOST = 1_000_000_000


@click.group()
def arena() -> None:
    """LMArena's leaderboards, with history and diffs."""
    show_log_messages()


@arena.command()
@click.option("--force", is_flag=True, help="Run the script even if the newest run is recent enough.")
@click.option(
    "--max-age", type=AgeType(), default="24h", show_default=True, metavar="AGE", help="How old the newest run may be."
)
def refresh(*, force: bool, max_age: timedelta) -> None:
    """Run the update script if the store is stale.

    Says what changed since the run before.

    A run that fails writes nothing: the newest snapshot goes on answering, and the exit code is 1.
    """
    from llmhub.arena.store import SnapshotStore  # noqa: PLC0415
    from llmhub.catalog.arena_source import refresh_arena  # noqa: PLC0415

    try:
        with _progress("running the update script") as watch:
            refreshed = refresh_arena(max_age=max_age, force=force, watch=watch)
    except RefreshError as error:
        raise RefreshError(f"{error}; nothing was written, {_still_serving()}") from error
    now = datetime.now(UTC)
    with SnapshotStore.open() as store:
        _say_refreshed(refreshed, max_age, now)
        if refreshed.ran and refreshed.previous is not None:
            _say_difference(store.diff(str(refreshed.previous.id), str(refreshed.snapshot.id)))
    _warn_if_old(refreshed, now)


def _still_serving() -> str:
    """Say what the store answers after a refresh that failed."""
    from llmhub.catalog.arena_source import arena_status  # noqa: PLC0415

    try:
        newest = arena_status().newest
    except LlmhubError as error:
        return f"and the store cannot be read: {error}"
    if newest is None:
        return "and there is no earlier snapshot"
    return f"{render.snapshot_text(newest)} still answers"


def _say_refreshed(refreshed: Refreshed, max_age: timedelta, now: datetime) -> None:
    snapshot = refreshed.snapshot
    named = render.snapshot_text(snapshot)
    what = (
        f"{len(snapshot.leaderboards)} leaderboards, {snapshot.boards} boards, "
        f"{snapshot.models} models on text / overall"
    )
    if refreshed.ran:
        render.line(f"stored {named}: {what}")
    elif refreshed.previous is not None and refreshed.previous.id == snapshot.id:
        age, limit = render.age_text(now - snapshot.taken_at), render.age_text(max_age)
        render.line(
            f"fresh: {render.snapshot_text(snapshot)} is {age} old (at most {limit}); --force runs the script anyway"
        )
    else:
        render.line(f"another process brought {named} meanwhile: {what}")


def _say_difference(diff: BoardDiff) -> None:
    since = f"text / overall since snapshot {diff.before.id}"
    if diff.same:
        render.line(f"{since}: nothing changed")
        return
    significant = sum(change.significant is True for change in diff.changed)
    render.line(
        f"{since}: {len(diff.added)} came, {len(diff.removed)} went, {len(diff.renamed)} renamed, "
        f"{len(diff.changed)} changed ({significant} significantly), scale shift {render.signed(diff.scale_shift)}; "
        f"`llmhub arena diff {diff.before.id} {diff.after.id}` lists them"
    )


def _warn_if_old(refreshed: Refreshed, now: datetime) -> None:
    from llmhub.catalog.arena_source import OLD_DATA, data_age  # noqa: PLC0415

    age = data_age(refreshed.snapshot, now)
    if age is not None and age > OLD_DATA:
        render.note(_old_data_line(age))


def _old_data_line(age: timedelta) -> str:
    return f"warning: the runs succeed but the data is old: the text leaderboard was published {age.days} days ago"


@contextmanager
def _progress(what: str) -> Iterator[Callable[[str], None]]:
    """Show on stderr that something is under way, and its last message; only on a terminal."""
    from rich.console import Console  # noqa: PLC0415 -- nothing else here needs it
    from rich.text import Text  # noqa: PLC0415

    if not sys.stderr.isatty():
        yield lambda _: None
        return
    console = Console(stderr=True, highlight=False, markup=False)
    with console.status(Text(what)) as status:
        yield lambda message: status.update(Text(f"{what}: {message}"))


@arena.command()
@json_option
def status(*, output: str | None) -> None:
    """Show where the store is and how old its data is."""
    from llmhub.catalog.arena_source import OLD_DATA, arena_status  # noqa: PLC0415

    found = arena_status()
    old = None if found.data_age is None else found.data_age > OLD_DATA
    if output == "json":
        render.echo_json(_status_json(found, data_is_old=old))
    else:
        render.fields(_status_fields(found))
    if old and found.data_age is not None:
        render.note(_old_data_line(found.data_age))


def _status_json(found: ArenaStatus, *, data_is_old: bool | None) -> dict[str, object]:
    failure = found.last_failure
    return {
        "store": str(found.store),
        "size_bytes": found.size_bytes,
        **found.counts._asdict(),
        "newest": found.newest and render.snapshot_json(found.newest),
        "newest_run": found.newest_run and render.snapshot_json(found.newest_run),
        "fresh": found.fresh,
        "run_age_hours": None if found.run_age is None else round(found.run_age / timedelta(hours=1), 3),
        "data_age_days": None if found.data_age is None else found.data_age.days,
        "data_is_old": data_is_old,
        "revision": found.newest_run and found.newest_run.revision,
        "script": str(found.script),
        "offline": found.offline,
        "last_failure": failure and {"failed_at": render.moment_json(failure.failed_at), "reason": failure.reason},
    }


def _status_fields(found: ArenaStatus) -> Iterator[tuple[str, str]]:
    absent = "" if found.size_bytes else " (not there yet: `llmhub arena refresh` makes it)"
    yield "store", f"{found.store}{absent}"
    yield "newest", render.snapshot_text(found.newest) if found.newest else "no snapshot of text / overall"
    if found.newest_run is None or found.run_age is None:
        yield "last run", "the update script has not run yet"
    else:
        fresh = "fresh" if found.fresh else "stale: `llmhub arena refresh` runs the update script"
        yield "last run", f"{render.age_text(found.run_age)} ago ({fresh})"
        published = render.UNKNOWN if found.data_age is None else f"published {found.data_age.days} days ago"
        yield "its data", f"{published}, revision {found.newest_run.revision or render.UNKNOWN}"
    if found.last_failure is not None:
        yield "last failure", f"{render.moment_text(found.last_failure.failed_at)} UTC: {found.last_failure.reason}"
    yield "script", f"{found.script}{' (LLMHUB_OFFLINE is set: it will not be run)' if found.offline else ''}"
    counts = found.counts
    rows = f"{counts.boards:,} boards, {counts.scores:,} scores, {counts.models:,} models"
    yield "holds", f"{counts.snapshots:,} snapshots, {rows} in {render.size_text(found.size_bytes)}"


@arena.command()
@click.argument("models", nargs=-1, type=NameType(), metavar="[MODEL]...")
@click.option("--limit", type=click.IntRange(1, _MOST), metavar="N", help="At most the newest N.")
@board_options
@list_options
@click.pass_context
def history(
    context: click.Context,
    *,
    models: tuple[str, ...],
    limit: int | None,
    leaderboard: str,
    category: str,
    output: str | None,
) -> None:
    """List snapshots, or how models moved.

    Without models: the snapshots, newest first; with --leaderboard or --category those that have the board. With
    models: their rating, rank and change at each snapshot, oldest first.
    """
    if models:
        _history_of_models(models, limit, leaderboard, category, output)
    else:
        named = {context.get_parameter_source(option) for option in ("leaderboard", "category")}
        asked = click.core.ParameterSource.COMMANDLINE in named
        _history_of_snapshots(limit, (leaderboard, category) if asked else None, output)


def _history_of_snapshots(limit: int | None, board: tuple[str, str] | None, output: str | None) -> None:
    from llmhub.arena.store import SnapshotStore  # noqa: PLC0415

    with SnapshotStore.open() as store:
        snapshots = store.snapshots(limit) if board is None else store.snapshots_with(*board, limit=limit)
    rows = [render.snapshot_json(snapshot) for snapshot in snapshots]
    if output == "json":
        render.echo_json(rows)
    elif output == "csv":
        render.echo_csv(rows, ("id", "taken_at", "published_on", "source", "boards", "models"))
    elif not snapshots:
        render.note("the store has no snapshot yet: run `llmhub arena refresh` or `llmhub arena import`")
    else:
        render.echo_table(
            ("id", "taken at (UTC)", "text published", "source", "boards", "models on text / overall"),
            (
                (s.id, render.moment_text(s.taken_at), s.published_on or render.UNKNOWN, s.source, s.boards, s.models)
                for s in snapshots
            ),
            left=("taken at (UTC)", "text published", "source"),
        )


def _history_of_models(
    models: tuple[str, ...], limit: int | None, leaderboard: str, category: str, output: str | None
) -> None:
    from llmhub.arena.store import SnapshotStore  # noqa: PLC0415

    with SnapshotStore.open() as store:
        tracks = {model: store.track_ranked(model, leaderboard, category)[-(limit or 0) :] for model in models}
    rows = {model: [_point_json(point) for point in track] for model, track in tracks.items()}
    if output == "json":
        render.echo_json(rows)
    elif output == "csv":
        columns = ("model", "id", "taken_at", "rating", "lower", "upper", "rank", "votes")
        render.echo_csv([{"model": model, **row} for model, track in rows.items() for row in track], columns)
    else:
        for model, track in tracks.items():
            render.heading(f"{model} on {leaderboard} / {category}")
            render.echo_table(
                ("id", "taken at (UTC)", "rating", "change", "interval", "rank", "votes"),
                _point_rows(track),
                left=("taken at (UTC)",),
            )


def _point_json(point: TrackPoint) -> dict[str, object]:
    return {
        "id": point.snapshot.id,
        "taken_at": render.moment_json(point.snapshot.taken_at),
        "rating": point.score.rating,
        "lower": point.score.lower,
        "upper": point.score.upper,
        "rank": point.rank,
        "votes": point.score.votes,
    }


def _point_rows(track: list[TrackPoint]) -> Iterator[tuple[object, ...]]:
    before: float | None = None
    for snapshot, score, rank in track:
        yield (
            snapshot.id,
            render.moment_text(snapshot.taken_at),
            render.number(score.rating),
            "" if before is None else render.signed(score.rating - before),
            render.interval(score.lower, score.upper),
            rank,
            render.count(score.votes),
        )
        before = score.rating


@arena.command(epilog=_REFERENCES)
@click.argument("reference", default="latest", metavar="[REF]")
@click.option("--top", type=click.IntRange(1, _MOST), metavar="N", help="Only the first N lines.")
@board_options
@list_options
def show(*, reference: str, top: int | None, leaderboard: str, category: str, output: str | None) -> None:
    """Show a board, best model first.

    The rank (UB) is 1 + the number of models whose lower bound is above this model's upper bound, as on
    LMArena's web site.
    """
    from llmhub.arena.ranks import ranked  # noqa: PLC0415
    from llmhub.arena.store import SnapshotStore  # noqa: PLC0415

    with SnapshotStore.open() as store:
        snapshot, entries = store.board(reference, leaderboard, category)
    lines = ranked(entries)[:top]
    rows = [entry._asdict() for entry in lines]
    if output == "json":
        render.echo_json(
            {
                "snapshot": render.snapshot_json(snapshot),
                "leaderboard": leaderboard,
                "category": category,
                "scores": rows,
            }
        )
    elif output == "csv":
        columns = ("rank", "rank_ub", "model", "rating", "lower", "upper", "votes", "organization")
        render.echo_csv(rows, columns)
    else:
        shown = f"the first {len(lines)} of {len(entries)}" if len(lines) < len(entries) else str(len(entries))
        render.heading(f"{leaderboard} / {category}: {shown} models, {render.snapshot_text(snapshot)}")
        render.echo_table(
            ("rank", "rank (UB)", "model", "rating", "interval", "votes", "organization"),
            (
                (
                    entry.rank,
                    entry.rank_ub or render.UNKNOWN,
                    entry.model,
                    render.number(entry.rating),
                    render.interval(entry.lower, entry.upper),
                    render.count(entry.votes),
                    entry.organization or render.UNKNOWN,
                )
                for entry in lines
            ),
            left=("model", "organization"),
        )


@arena.command(epilog=_REFERENCES)
@click.argument("before", default="previous", metavar="[A]")
@click.argument("after", default="latest", metavar="[B]")
@click.option("--exit-code", is_flag=True, help="Exit with 3 if the boards differ.")
@board_options
@list_options
@click.pass_context
def diff(
    context: click.Context,
    *,
    before: str,
    after: str,
    exit_code: bool,
    leaderboard: str,
    category: str,
    output: str | None,
) -> None:
    """Show what came, went and moved on a board.

    From A to B, by default from previous to latest; models that were only renamed are told from the others.

    The scale shift is the median change of the models on both boards. A change is significant if the two
    intervals do not overlap once the scale shift is taken out: that compares intervals and is no hypothesis test.
    """
    from llmhub.arena.store import SnapshotStore  # noqa: PLC0415

    with SnapshotStore.open() as store:
        found = store.diff(before, after, leaderboard, category)
    if output == "json":
        render.echo_json(_diff_json(found))
    elif output == "csv":
        columns = ("what", "model", "renamed_to", "rating_from", "rating_to", "delta", "rank_from", "rank_to")
        render.echo_csv(list(_diff_rows(found)), (*columns, "significant"))
    else:
        _show_diff(found)
    if exit_code and not found.same:
        context.exit(_FINDINGS)


def _diff_json(found: BoardDiff) -> dict[str, object]:
    return {
        "from": render.snapshot_json(found.before),
        "to": render.snapshot_json(found.after),
        "leaderboard": found.leaderboard,
        "category": found.category,
        "scale_shift": found.scale_shift,
        "added": [model._asdict() for model in found.added],
        "removed": [model._asdict() for model in found.removed],
        "renamed": [{"from": pair.old, "to": pair.new, "rating": pair.rating} for pair in found.renamed],
        "changed": [change._asdict() for change in found.changed],
        "unchanged": found.unchanged,
    }


def _diff_rows(found: BoardDiff) -> Iterator[dict[str, object]]:
    for model in found.added:
        yield {"what": "added", "model": model.model, "rating_to": model.rating, "rank_to": model.rank}
    for model in found.removed:
        yield {"what": "removed", "model": model.model, "rating_from": model.rating, "rank_from": model.rank}
    for pair in found.renamed:
        rating = {"rating_from": pair.rating, "rating_to": pair.rating, "delta": 0.0}
        yield {"what": "renamed", "model": pair.old, "renamed_to": pair.new, **rating}
    for change in found.changed:
        yield {"what": "changed", **change._asdict()}


def _show_diff(found: BoardDiff) -> None:
    render.heading(f"{found.leaderboard} / {found.category}")
    render.line(f"from {render.snapshot_text(found.before)}")
    render.line(f"to   {render.snapshot_text(found.after)}")
    common = len(found.changed) + found.unchanged
    if found.scale_shift is None:
        render.line("no model is on both boards")
    else:
        render.line(
            f"scale shift {render.signed(found.scale_shift)}: the median change of the {common} models on both boards"
        )
    if found.same:
        render.line("nothing else changed" if found.scale_shift else "nothing changed")
        return
    for title, models in (("came", found.added), ("went", found.removed)):
        if models:
            render.heading(f"{title} ({len(models)})", apart=True)
            rows = ((model.rank, model.model, render.number(model.rating)) for model in models)
            render.echo_table(("rank", "model", "rating"), rows, left=("model",))
    if found.renamed:
        render.heading(f"renamed ({len(found.renamed)})", apart=True)
        pairs = ((pair.old, pair.new, render.number(pair.rating)) for pair in found.renamed)
        render.echo_table(("from", "to", "rating"), pairs, left=("from", "to"))
    if found.changed:
        render.heading(f"changed ({len(found.changed)}; {found.unchanged} did not)", apart=True)
        render.echo_table(
            ("rank", "was", "model", "rating", "change", "less the shift", "significant"),
            (
                (
                    change.rank_to,
                    change.rank_from,
                    change.model,
                    render.number(change.rating_to),
                    render.signed(change.delta),
                    render.signed(change.delta - (found.scale_shift or 0.0)),
                    {True: "yes", False: "no", None: render.UNKNOWN}[change.significant],
                )
                for change in found.changed
            ),
            left=("model", "significant"),
        )


@arena.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False))
@click.option(
    "--leaderboard",
    type=NameType(),
    metavar="NAME",
    help="Which leaderboard the files hold; default: as they are called.",
)
@click.option(
    "--taken-at", type=MomentType(), metavar="DATE", help="When they were published; default: the date in their path."
)
@click.pass_context
def import_(
    context: click.Context, *, files: tuple[str, ...], leaderboard: str | None, taken_at: datetime | None
) -> None:
    """Store leaderboard files in upstream's JSON, plain or .gz.

    The files of one date gather in one snapshot. What is stored already is not stored again. A file that cannot
    be stored is named, the others are stored all the same, and the exit code is 1.
    """
    from pathlib import Path  # noqa: PLC0415 -- --help needs none of it

    from llmhub.arena.importing import identify, import_publication, in_order  # noqa: PLC0415
    from llmhub.arena.store import SnapshotStore  # noqa: PLC0415

    publications, failed = [], 0
    for file in files:
        try:
            publications.append(identify(Path(file), leaderboard=leaderboard, taken_at=taken_at))
        except LlmhubError as error:
            failed += 1
            render.note(f"error: {error}")
    with SnapshotStore.open() as store:
        for publication in in_order(publications):
            try:
                done = import_publication(store, publication)
            except LlmhubError as error:
                failed += 1
                render.note(f"error: {error}")
            else:
                what = "stored" if done.new else "known already"
                where = f"snapshot {done.snapshot.id} of {done.snapshot.taken_at:%Y-%m-%d}"
                render.line(f"{what}: {publication.leaderboard} in {where} ({publication.path})")
    if failed:
        render.note(f"{failed} of {len(files)} files could not be stored")
        context.exit(1)

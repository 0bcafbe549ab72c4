"""`llmhub arena history`: the snapshots, and how models moved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING

import click

from llmhub.cli import render
from llmhub.cli.options import MOST, NameType, board_options, list_options, span_options

if TYPE_CHECKING:
    from llmhub.arena.compare.equal_snapshots import EqualSnapshots
    from llmhub.arena.compare.history import HistoryPoint, HistoryRow, ModelHistory

_SNAPSHOT_COLUMNS = ("id", "taken_at", "published_on", "source", "boards", "models")


@click.command()
@click.argument("models", nargs=-1, type=NameType("model"), metavar="[MODEL]...")
@click.option("--limit", type=click.IntRange(1, MOST), metavar="N", help="At most the newest N.")
@span_options
@click.option("--all", "every", is_flag=True, help="A line for each snapshot, even if it brought nothing new.")
@click.option("--no-follow", is_flag=True, help="Look for the models under these names only.")
@board_options
@list_options
@click.pass_context
def history(
    context: click.Context,
    *,
    models: tuple[str, ...],
    limit: int | None,
    since: datetime | None,
    until: datetime | None,
    every: bool,
    no_follow: bool,
    leaderboard: str,
    category: str,
    output: str | None,
) -> None:
    """List snapshots, or how models moved.

    Without models it lists the snapshots, newest first; with --leaderboard or --category those that have the board. The
    table folds snapshots whose boards did not change into one line; JSON and CSV have them all.

    With models it shows their rating, rank and change at each publication, oldest first, on the day of the publication;
    a run that brought the same publication again adds no line. A model is followed through its renames: one name went
    and another came with the same rating, interval and votes. A scale break is marked where the board was re-anchored:
    the median change of its models is 2 points or more, and most moved the same way.
    """
    if models:
        from llmhub.store import SnapshotStore

        with SnapshotStore.open() as store:
            whole = store.over_time(
                *models, leaderboard=leaderboard, category=category, through_renames=not no_follow, every=every
            ).histories
        shown = [found.between(since, until, limit) for found in whole]
        _show_models(whole, shown, output, every=every)
    else:
        named = {context.get_parameter_source(option) for option in ("leaderboard", "category")}
        asked = click.core.ParameterSource.COMMANDLINE in named
        board = (leaderboard, category) if asked else None
        if output is None and not every:
            _show_changes(board, since, until, limit)
        else:
            _show_snapshots(board, since, until, limit, output)


def _show_changes(
    board: tuple[str, str] | None, since: datetime | None, until: datetime | None, limit: int | None
) -> None:
    from llmhub.store import SnapshotStore

    with SnapshotStore.open() as store:
        groups = store.equal_snapshots(board, since=since, until=until)
    _snapshot_table(groups[:limit], narrowed=bool(since or until))


def _show_snapshots(
    board: tuple[str, str] | None,
    since: datetime | None,
    until: datetime | None,
    limit: int | None,
    output: str | None,
) -> None:
    from llmhub.arena.compare.equal_snapshots import EqualSnapshots
    from llmhub.store import SnapshotStore

    with SnapshotStore.open() as store:
        if board is None:
            snapshots = store.snapshots(limit, since=since, until=until)
        else:
            snapshots = store.snapshots_with(*board, limit=limit, since=since, until=until)
    rows = [render.snapshot_json(snapshot) for snapshot in snapshots]
    if output == "json":
        render.echo_json(rows)
    elif output == "csv":
        render.echo_csv(rows, _SNAPSHOT_COLUMNS)
    else:
        _snapshot_table(
            [EqualSnapshots(snapshot, snapshot, 1) for snapshot in snapshots], narrowed=bool(since or until)
        )


def _snapshot_table(groups: list[EqualSnapshots], *, narrowed: bool) -> None:
    if not groups and narrowed:
        render.note("no snapshot lies between these dates: give another --since or --until")
        return
    if not groups:
        from llmhub.arena.sql.not_found_errors import no_snapshot_yet

        render.note(str(no_snapshot_yet()))
        return
    columns = ["id", "taken at (UTC)", "published", "source", "boards", "models"]
    unchanged = any(group.count > 1 for group in groups)
    dropped = render.echo_table(
        [*columns, "unchanged"] if unchanged else columns,
        ((*_snapshot_cells(group), *([_unchanged(group)] if unchanged else [])) for group in groups),
        left=("taken at (UTC)", "published", "source", "unchanged"),
        prose=("unchanged",),
        drop=("boards", "source", "models"),
    )
    of_text = [name for name in ("published", "models") if name not in dropped]
    render.legend(f"{', '.join(of_text)}  of text / overall")


def _snapshot_cells(group: EqualSnapshots) -> tuple[object, ...]:
    one = group.newest
    published = one.published_on or render.UNKNOWN
    return one.id, render.moment_text(one.taken_at), published, one.source, one.boards, one.models


def _unchanged(group: EqualSnapshots) -> str:
    if group.count == 1:
        return ""
    return f"{group.count} snapshots since {group.oldest.id} of {group.oldest.taken_at:%Y-%m-%d}"


def _show_models(
    whole: Sequence[ModelHistory], shown: Sequence[ModelHistory], output: str | None, *, every: bool
) -> None:
    if output == "json":
        render.echo_json({found.model: [_point_json(_row_json(row)) for row in found.rows] for found in shown})
    elif output == "csv":
        from llmhub.arena.compare.history import HistoryRow

        render.echo_csv([_row_json(row) for found in shown for row in found.rows], HistoryRow._fields)
    else:
        for number, (all_of_it, found) in enumerate(zip(whole, shown, strict=True)):
            render.heading(f"{found.model} on {found.leaderboard} / {found.category}", apart=number > 0)
            _show_summary(all_of_it, "snapshots" if every else "publications")
            if found.points:
                _show_points(found)
            else:
                render.note("no snapshot lists it between these dates: give another --since or --until")


def _row_json(row: HistoryRow) -> dict[str, object]:
    return row._asdict() | {
        "taken_at": render.moment_json(row.taken_at),
        "published_on": render.day_json(row.published_on),
    }


def _point_json(row: dict[str, object]) -> dict[str, object]:
    """Return a row as a point of its model's list, with its two dates side by side."""
    dates = {name: row[name] for name in ("id", "taken_at", "published_on")}
    return dates | {name: value for name, value in row.items() if name != "model"}


def _show_summary(found: ModelHistory, points: str) -> None:
    """Print when a model was first and last seen, and its names."""
    first, last = found.points[0], found.points[-1]
    render.line(f"first seen {_seen(first)}")
    render.line(f"last seen  {_seen(last)}, in {len(found.points)} of {found.moments} {points}")
    for before, after in pairwise(found.points):
        if before.listed_as != after.listed_as:
            render.line(f"renamed    from {before.listed_as} to {after.listed_as} on {after.moment:%Y-%m-%d}")


def _seen(point: HistoryPoint) -> str:
    return f"{point.moment:%Y-%m-%d}: rating {render.number(point.score.rating)}, rank {point.rank}"


def _show_points(found: ModelHistory) -> None:
    from llmhub.cli.arena.sparkline import sparkline

    ratings = [point.score.rating for point in found.points]
    if len(ratings) > 1:
        span = f"{render.number(min(ratings))} to {render.number(max(ratings))}"
        click.echo(f"ratings    {sparkline(ratings)} {span}")
    notes = list(_notes(found))
    noted = any(notes)
    columns = ["id", "published", "taken at (UTC)", "rating", "change", "interval", "rank", "votes"]
    render.echo_table(
        [*columns, "note"] if noted else columns,
        ((*cells, note) if noted else cells for cells, note in zip(_point_rows(found), notes, strict=True)),
        left=("published", "taken at (UTC)", "note"),
        prose=("note",),
        drop=("taken at (UTC)", "id", "interval", "votes"),
    )


def _point_rows(found: ModelHistory) -> Iterator[tuple[object, ...]]:
    before: float | None = None
    for point in found.points:
        rating, lower, upper, votes = point.score
        yield (
            point.snapshot_id,
            point.published_on or render.UNKNOWN,
            render.moment_text(point.taken_at),
            render.number(rating),
            "" if before is None else render.signed(rating - before),
            render.interval(lower, upper),
            point.rank,
            render.count(votes),
        )
        before = rating


def _notes(found: ModelHistory) -> Iterator[str]:
    name = found.points[0].listed_as
    for point in found.points:
        said = []
        if point.scale_break is not None:
            said.append(f"scale break {render.signed(point.scale_break)}")
        if point.listed_as != name:
            said.append(f"now {point.listed_as}")
        name = point.listed_as
        yield ", ".join(said)

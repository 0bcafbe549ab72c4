"""`llmhub arena history`: the snapshots, and how models moved."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from llmhub.cli import render
from llmhub.cli.options import MOST, NameType, board_options, list_options

if TYPE_CHECKING:
    from llmhub.arena.schema import TrackPoint


@click.command()
@click.argument("models", nargs=-1, type=NameType(), metavar="[MODEL]...")
@click.option("--limit", type=click.IntRange(1, MOST), metavar="N", help="At most the newest N.")
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

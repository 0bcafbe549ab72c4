"""`llmhub arena movers`: who rose and fell most between two snapshots."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from llmhub.cli import render
from llmhub.cli.options import MOST, REFERENCES, ReferenceType, board_options, list_options

if TYPE_CHECKING:
    from llmhub.arena.compare.movers import Moved, Movers


@click.command(epilog=REFERENCES)
@click.argument("before", type=ReferenceType(), default="previous", metavar="[A]")
@click.argument("after", type=ReferenceType(), default="latest", metavar="[B]")
@click.option(
    "--top",
    type=click.IntRange(1, MOST),
    default=10,
    show_default=True,
    metavar="N",
    help="At most N that rose and N that fell.",
)
@board_options
@list_options
def movers(*, before: str, after: str, top: int, leaderboard: str, category: str, output: str | None) -> None:
    """Show who rose and who fell most on a board.

    It compares A with B, by default previous with latest, and ranks the models on both boards by their net change: the
    change without the scale shift, which is the median change of these models. A change is significant if the two
    intervals do not overlap then: that compares intervals and is not a hypothesis test.
    """
    from llmhub.arena.compare.movers import MoverRow
    from llmhub.store import SnapshotStore

    with SnapshotStore.open() as store:
        found = store.movers(before, after, leaderboard, category)
    shown = found.top(top)
    if output == "json":
        render.echo_json(
            {
                "from": render.snapshot_json(shown.before),
                "to": render.snapshot_json(shown.after),
                "leaderboard": leaderboard,
                "category": category,
                "scale_shift": shown.scale_shift,
                "common": shown.common,
                "risen": [moved._asdict() for moved in shown.risen],
                "fallen": [moved._asdict() for moved in shown.fallen],
            }
        )
    elif output == "csv":
        render.echo_csv([row._asdict() for row in shown.rows], MoverRow._fields)
    else:
        _show(found, shown)


def _show(found: Movers, shown: Movers) -> None:
    render.heading(f"{found.leaderboard} / {found.category}")
    render.line(f"from {render.snapshot_text(found.before)}")
    render.line(f"to   {render.snapshot_text(found.after)}")
    render.line(render.shift_text(found.scale_shift, found.common))
    if not (found.risen or found.fallen):
        render.line("no model moved")
    for what, models, everyone in (("rose", shown.risen, found.risen), ("fell", shown.fallen, found.fallen)):
        if models:
            render.heading(render.list_title(f"{what} most", len(models), len(everyone)), apart=True)
            render.echo_table(
                ("rank", "was", "model", "rating", "change", "net", "significant"),
                map(_cells, models),
                left=("model", "significant"),
                ids=("model",),
                drop=("was", "change", "significant"),
            )


def _cells(moved: Moved) -> tuple[object, ...]:
    return (
        moved.rank_to,
        moved.rank_from,
        moved.model,
        render.number(moved.rating_to),
        render.signed(moved.delta),
        render.signed(moved.delta_less_shift),
        render.verdict(moved.significant),
    )

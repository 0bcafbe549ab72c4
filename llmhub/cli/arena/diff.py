"""`llmhub arena diff`: what changed between two snapshots."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from llmhub.cli import render
from llmhub.cli.options import FINDINGS, REFERENCES, ReferenceType, board_options, list_options

if TYPE_CHECKING:
    from llmhub.arena.diff import BoardDiff


@click.command(epilog=REFERENCES)
@click.argument("before", type=ReferenceType(), default="previous", metavar="[A]")
@click.argument("after", type=ReferenceType(), default="latest", metavar="[B]")
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
    from llmhub.arena.diff import DiffRow  # noqa: PLC0415
    from llmhub.arena.store import SnapshotStore  # noqa: PLC0415

    with SnapshotStore.open() as store:
        found = store.diff(before, after, leaderboard, category)
    if output == "json":
        render.echo_json(_diff_json(found))
    elif output == "csv":
        render.echo_csv([row._asdict() for row in found.rows], DiffRow._fields)
    else:
        _show_diff(found)
    if exit_code and not found.same:
        context.exit(FINDINGS)


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


def _show_diff(found: BoardDiff) -> None:
    render.heading(f"{found.leaderboard} / {found.category}")
    render.line(f"from {render.snapshot_text(found.before)}")
    render.line(f"to   {render.snapshot_text(found.after)}")
    render.line(render.shift_text(found.scale_shift, len(found.changed) + found.unchanged))
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
                    render.verdict(change.significant),
                )
                for change in found.changed
            ),
            left=("model", "significant"),
        )

"""`llmhub arena diff`: what changed between two snapshots."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from llmhub.cli import render
from llmhub.cli.options import FINDINGS, MOST, REFERENCES, NameType, ReferenceType, board_options, list_options

if TYPE_CHECKING:
    from llmhub.arena.compare.diff import BoardDiff


_FIRST = 20
_LISTED = 10


@click.command(epilog=REFERENCES)
@click.argument("before", type=ReferenceType(), default="previous", metavar="[A]")
@click.argument("after", type=ReferenceType(), default="latest", metavar="[B]")
@click.option("--all", "every", is_flag=True, help="List everything that came, went or changed.")
@click.option("--top", type=click.IntRange(1, MOST), metavar="N", help="Everything among the first N of either board.")
@click.option(
    "--org", "organization", type=NameType("organization"), metavar="NAME", help="Everything about this organization."
)
@click.option("--exit-code", is_flag=True, help="Exit with 3 if the boards differ.")
@board_options
@list_options
@click.pass_context
def diff(
    context: click.Context,
    *,
    before: str,
    after: str,
    every: bool,
    top: int | None,
    organization: str | None,
    exit_code: bool,
    leaderboard: str,
    category: str,
    output: str | None,
) -> None:
    """Show what came, went and moved on a board.

    It compares A with B, by default previous with latest. Models that were only renamed are listed apart.

    The counts come first; then up to 10 models each that came, went or were renamed, and the changes that are
    significant or moved a rank among the first 20. --all lists everything, --top and --org list everything about some
    models. JSON and CSV hold everything, unless --top or --org narrow it.

    The scale shift is the median change of the models on both boards; a net change is a change without it. A change is
    significant if the two intervals do not overlap once the scale shift is taken out: that compares intervals and is
    not a hypothesis test.
    """
    from llmhub.arena.compare.diff import DiffRow
    from llmhub.store import SnapshotStore

    with SnapshotStore.open() as store:
        found = store.diff(before, after, leaderboard, category)
    narrowed = _narrowed(found, top, organization)
    if output == "json":
        render.echo_json(diff_json(narrowed))
    elif output == "csv":
        render.echo_csv([row._asdict() for row in narrowed.rows], DiffRow._fields)
    else:
        _show_diff(found, narrowed, whole=every or narrowed is not found)
    if exit_code and not found.same:
        context.exit(FINDINGS)


def _narrowed(found: BoardDiff, top: int | None, organization: str | None) -> BoardDiff:
    if organization is not None:
        from llmhub.arena.compare.organizations import models_of

        wanted = models_of(organization, found.organizations.items(), "either board")
        found = found.of_models(frozenset(wanted).__contains__)
    return found if top is None else found.among_first(top)


def diff_json(found: BoardDiff) -> dict[str, object]:
    """Return a diff's documented JSON shape."""
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


def _show_diff(found: BoardDiff, narrowed: BoardDiff, *, whole: bool) -> None:
    """Print a diff for people.

    Args:
        found: the whole diff, for the counts.
        narrowed: the part that --top and --org select.
        whole: whether to list all of that.
    """
    render.heading(f"{found.leaderboard} / {found.category}")
    render.line(f"from {render.snapshot_text(found.before)}")
    render.line(f"to   {render.snapshot_text(found.after)}")
    render.line(render.shift_text(found.scale_shift, len(found.changed) + found.unchanged))
    if found.same:
        render.line("nothing else changed" if found.scale_shift else "nothing changed")
        return
    render.line(_counts_text(found))
    for title, models, of in (
        ("came", narrowed.added, found.added),
        ("went", narrowed.removed, found.removed),
    ):
        if listed := models if whole else models[:_LISTED]:
            render.heading(render.list_title(title, len(listed), len(of)), apart=True)
            rows = ((model.rank, model.model, render.number(model.rating)) for model in listed)
            render.echo_table(("rank", "model", "rating"), rows, left=("model",), ids=("model",))
    if renamed := narrowed.renamed if whole else narrowed.renamed[:_LISTED]:
        render.heading(render.list_title("renamed", len(renamed), len(found.renamed)), apart=True)
        pairs = ((pair.old, pair.new, render.number(pair.rating)) for pair in renamed)
        render.echo_table(("from", "to", "rating"), pairs, left=("from", "to"), ids=("from", "to"))
    shown = narrowed if whole else narrowed.notable(_FIRST)
    if shown.changed:
        why = "" if whole else f"significant, or moved in rank among the first {_FIRST}"
        render.heading(render.list_title("changed", len(shown.changed), len(found.changed), why), apart=True)
        _show_changes(shown)
    if not whole and _left_out(found, shown):
        click.echo()
        render.line("--all lists the rest; --top N and --org NAME list everything about some models")


def _left_out(found: BoardDiff, shown: BoardDiff) -> bool:
    longest = max(len(found.added), len(found.removed), len(found.renamed))
    return longest > _LISTED or len(shown.changed) < len(found.changed)


def _counts_text(found: BoardDiff) -> str:
    """Return the counts of changes."""
    significant = sum(change.significant is True for change in found.changed)
    return (
        f"{len(found.added)} came, {len(found.removed)} went, {len(found.renamed)} renamed, "
        f"{len(found.changed)} changed ({significant} significantly), {found.unchanged} did not"
    )


def _show_changes(found: BoardDiff) -> None:
    render.echo_table(
        ("rank", "was", "model", "rating", "change", "net", "significant"),
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
        ids=("model",),
        drop=("was", "change", "significant"),
    )

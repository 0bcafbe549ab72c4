"""`llmhub arena plot`: draw how models moved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from llmhub.cli import progress, render
from llmhub.cli.options import MOST, NameType, board_options, json_option, span_options
from llmhub.cli.pictures import (
    drawn_json,
    look_options,
    picture_option,
    picture_target,
    require_few_models,
    require_picture,
)
from llmhub.errors import ModelNotFoundError, counted

if TYPE_CHECKING:
    from llmhub.arena.compare.history import ModelHistory, OverTime
    from llmhub.charts.theme import ThemeName

_MOST_OF_ORGANIZATION = 8


@click.command()
@click.argument("models", nargs=-1, type=NameType("model"), metavar="[MODEL]...")
@picture_option
@click.option("--top", type=click.IntRange(1, MOST), metavar="N", help="The first N models of the newest board.")
@click.option(
    "--org",
    "organization",
    type=NameType("organization"),
    metavar="NAME",
    help="This organization's best eight models on the newest board.",
)
@span_options
@click.option("--all", "every", is_flag=True, help="A point for each snapshot, even if it brought nothing new.")
@click.option("--align", "aligned", is_flag=True, help="Take scale breaks out, so that lines connect across them.")
@look_options
@board_options
@json_option
@click.pass_context
def plot(
    context: click.Context,
    *,
    models: tuple[str, ...],
    file: Path,
    top: int | None,
    organization: str | None,
    since: datetime | None,
    until: datetime | None,
    every: bool,
    aligned: bool,
    theme: ThemeName | None,
    force: bool,
    leaderboard: str,
    category: str,
    output: str | None,
) -> None:
    """Draw how models' ratings moved over time, with their intervals.

    Each publication is a point on its day; a run that brought a publication again adds no point.

    Name models, or take the first N of the newest board with --top, or the best eight of an organization with --org;
    together they take the organization's first N. A chart takes at most 24 models: the first eight have a colour each,
    the next ones the same colours with other dashes, and each line has its name at its end. Intervals are bands with up
    to four models; with more, a bar at the end of each line shows its last interval.

    Models are followed through renames, and scale breaks are marked, as in `llmhub arena history MODEL`. A line is
    broken where its model was not listed, and where the scale moved, unless --align moves earlier ratings onto the
    newest scale.

    An HTML page is complete in itself, describes the point under the pointer, is narrow on a phone, and follows its
    reader's light or dark system. Drawing needs no network, but it needs the extra `charts`; without it, the command
    prints how to install it.
    """
    require_picture(context, file, theme)
    if not (models or top or organization is not None):
        raise click.UsageError("name models, or give --top or --org", context)
    from llmhub import settings
    from llmhub.charts.drawing import draw
    from llmhub.charts.series import distinct, picture

    target = picture_target(file, force=force)
    found = _read(models, top, organization, (leaderboard, category), every=every)
    listed, unlisted = _in_span(found.histories, since, until)
    shown, twice = distinct(listed)
    left_out = unlisted | {model: f"{model} is {other} under another name: drawn once" for model, other in twice}
    for why in left_out.values():
        render.note(why)
    drawn = picture(shown, found.timeline, aligned=aligned, made_up=settings.made_up_file().exists())
    with progress.shown("drawing"):
        draw(drawn, target, theme=theme or "light", force=force)
    if output == "json":
        board = {"leaderboard": leaderboard, "category": category}
        drawn_of = drawn_json(target, [one.model for one in shown], left_out)
        render.echo_json(drawn_of | board | {"moments": drawn.moments})
        return
    moments = counted(drawn.moments, "snapshot" if every else "publication")
    size = render.size_text(target.stat().st_size)
    models_drawn = f"{counted(len(shown), 'model')} at {moments}"
    render.outcome(f"drew {models_drawn} of {leaderboard} / {category} in {target}: {size}")


def _read(
    models: tuple[str, ...], top: int | None, organization: str | None, board: tuple[str, str], *, every: bool
) -> OverTime:
    """Return the histories of the chosen models, and the publications of their board."""
    from llmhub.charts.choice import choose
    from llmhub.store import SnapshotStore

    with SnapshotStore.open() as store:
        if top or organization is not None:
            _, entries = store.board("latest", *board)
            found = choose(entries, organization)
            most = top or _MOST_OF_ORGANIZATION
            if top is None and len(found) > most:
                render.note(f"the best {most} of {len(found)} models of {organization}: --top asks for more")
            models = (*models, *found[:most])
        chosen = list(dict.fromkeys(models))
        require_few_models(click.get_current_context(), chosen, "give a smaller --top")
        return store.over_time(*chosen, leaderboard=board[0], category=board[1], every=every)


def _in_span(
    histories: Sequence[ModelHistory], since: datetime | None, until: datetime | None
) -> tuple[list[ModelHistory], dict[str, str]]:
    """Return the part of each history that lies between two moments, and why there is none of some models."""
    cut = [found.between(since, until) for found in histories]
    shown = [found for found in cut if found.points]
    if not shown:
        raise ModelNotFoundError(
            "no snapshot lists any of the models between these dates: give another --since or --until"
        )
    return shown, {
        found.model: f"no snapshot lists {found.model} between these dates: it is not drawn"
        for found in cut
        if not found.points
    }

"""`llmhub catalog plot`: how prices changed, as a picture."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from llmhub.charts.limits import BLENDED, PRICES
from llmhub.cli import progress, render
from llmhub.cli.offers.texts import labs
from llmhub.cli.options import MOST, NameType, json_option, span_options
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
    from collections.abc import Sequence

    from llmhub.charts.theme import ThemeName
    from llmhub.offers.history import Change


@click.command()
@click.argument("models", nargs=-1, type=NameType(), metavar="[MODEL]...")
@picture_option
@click.option(
    "--top",
    type=click.IntRange(1, MOST),
    metavar="N",
    help="The N best rated models.",
)
@click.option("--price", type=click.Choice(PRICES), default=BLENDED, show_default=True, help="The price to draw.")
@span_options
@look_options
@json_option
@click.pass_context
def plot(
    context: click.Context,
    *,
    models: tuple[str, ...],
    file: Path,
    top: int | None,
    price: str,
    since: datetime | None,
    until: datetime | None,
    theme: ThemeName | None,
    force: bool,
    output: str | None,
) -> None:
    """Draw how prices changed over time, as steps.

    MODEL is provider/model_id, as models.dev names it. --top takes the best rated models that can be called, or if none
    can, the best of all, each at the offer whose price `llmhub report` shows. A line steps at each snapshot that first
    had another price, and goes on until the last snapshot, or until the offer went. The blended price is (3 x input +
    output) / 4. A hollow dot marks a change that is likely a correction, as in `llmhub catalog diff`.

    A chart takes at most 24 models; colours, labels and the HTML page are those of `llmhub arena plot`. Drawing needs
    no network, but it needs the extra `charts`; without it, the command prints how to install that.
    """
    require_picture(context, file, theme)
    if not (models or top):
        raise click.UsageError("name models, or give --top", context)
    from llmhub import settings
    from llmhub.charts.drawing import draw
    from llmhub.charts.prices import price_picture

    target = picture_target(file, force=force)
    changes, end = _read(models, top)
    made_up = settings.made_up_file().exists()
    drawn = price_picture(changes, end, price=price, since=since, until=until, made_up=made_up)
    if not drawn.series:
        raise ModelNotFoundError(f"none of the models has a recorded {price} price in that span of time")
    models = tuple(one.key for one in drawn.series)
    left_out = {
        model: f"{model} has no recorded {price} price in that span of time" for model in changes if model not in models
    }
    for why in left_out.values():
        render.note(why)
    with progress.shown("drawing"):
        draw(drawn, target, theme=theme or "light", force=force)
    if output == "json":
        render.echo_json(drawn_json(target, models, left_out) | {"price": price, "changes": drawn.changes})
        return
    offers, moved = counted(len(models), "offer"), counted(drawn.changes, "change")
    size = render.size_text(target.stat().st_size)
    render.outcome(f"drew the {price} prices of {offers} with {moved} in {target}: {size}")


def _read(models: tuple[str, ...], top: int | None) -> tuple[dict[str, list[Change]], datetime]:
    """Return how the offers changed that were asked for, and when the last snapshot was recorded."""
    from llmhub.offers.fields import MODELS_DEV
    from llmhub.offers.sql.finding import no_such_offer, resolve
    from llmhub.offers.sql.price_timelines import changes_of_many
    from llmhub.store import SnapshotStore

    chosen = list(dict.fromkeys((*models, *(_best(top) if top else ()))))
    require_few_models(click.get_current_context(), chosen, "name fewer")
    now = datetime.now(UTC)
    with SnapshotStore.open() as store, store.reading() as maybe:
        connection, last = resolve(maybe, "latest", now=now)
        found = changes_of_many(connection, chosen, until=now)
        for model in chosen:
            if model not in found:
                raise no_such_offer(connection, model, MODELS_DEV, labs=labs)
    return {model: found[model] for model in chosen}, last.taken_at


def _best(top: int) -> Sequence[str]:
    """Return an offer of each of the best rated models, as models.dev names it: the one whose price a report shows.

    They are of the models that can be called, or where there is none, of all.
    """
    from llmhub.catalog.cache import last_catalog
    from llmhub.report.elsewhere import read_elsewhere
    from llmhub.report.offers import by_arena_name

    catalog = last_catalog()
    offers = by_arena_name(catalog.models if catalog else ())
    if not offers and (offers := read_elsewhere(catalog, today=f"{datetime.now(UTC):%Y-%m-%d}").offers):
        render.note("no rated model can be called: these are the best of models.dev, each at its cheapest offer")
    best = sorted(offers.values(), key=lambda found: (-(found[0].arena_score or 0.0), found[0].canonical_id))
    targets = [[one.modelsdev_match.target for one in found if one.modelsdev_match is not None] for found in best]
    named = [next((target for target in found if target), None) for found in targets]
    if not any(named):
        raise ModelNotFoundError("no rated model can be called: `llmhub catalog refresh` looks, or name models")
    return list(dict.fromkeys(name for name in named if name))[:top]

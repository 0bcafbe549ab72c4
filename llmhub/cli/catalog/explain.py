"""`llmhub catalog explain`: the reasons for a model's line in the catalog."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from llmhub.cli import render
from llmhub.cli.catalog.current import current
from llmhub.cli.catalog.texts import TIERS, prices_text, tier
from llmhub.cli.options import NameType, json_option

if TYPE_CHECKING:
    from llmhub.catalog.schema import CanonicalModel, Catalog
    from llmhub.cli.catalog.life import Known
    from llmhub.offers.values import PriceTier

_KINDS = (
    "A match is exact (the ids say the same), dated (an id without a date, and the dated model that it stands for), "
    "alias (another name of the same model), variant (the same model at another effort or mode, or in another region), "
    "override (your overrides.json says so) or none."
)


@click.command(epilog=_KINDS)
@click.argument("model", type=NameType("callable"))
@json_option
def explain(*, model: str, output: str | None) -> None:
    """Explain a model's line in the catalog.

    MODEL is provider/model_id, or a model id that only one provider offers. The command shows how the model was matched
    to models.dev and to the leaderboard, which entries were considered and not taken, what each tier rests on, when the
    model ends, what replaces it, and what each source says about its life and its price. For a model that cannot be
    called from here it shows only its life and its price.
    """
    from llmhub.catalog.choosing.selection import find
    from llmhub.catalog.explanation import reasons
    from llmhub.catalog.stored.record import as_json
    from llmhub.cli.catalog import life
    from llmhub.errors import ModelNotFoundError

    found = current()
    try:
        chosen = find(found, model)
    except ModelNotFoundError:
        known = life.known_of([model])
        if known is None:
            raise
        _explain_life(model, known, output)
        return
    because = reasons(chosen)
    known = life.known_of(life.names_of(chosen))
    if output == "json":
        whole = as_json(found, models=())
        where_from = {name: whole[name] for name in ("built_at", "sources", "arena_snapshot")}
        document = {"model": as_json(chosen), "because": because, **where_from}
        render.echo_json(document | life.as_json(known))
    else:
        _explain(chosen, because, found)
        if known is not None:
            life.show(known)


def _explain_life(model: str, known: Known, output: str | None) -> None:
    """Tell the life of a model that cannot be called from here."""
    from llmhub.cli.catalog import life

    if output == "json":
        render.echo_json({"model": None, "name": model} | life.as_json(known))
        return
    render.heading(model)
    render.line("cannot be called from here; this is what the store knows of it")
    life.show(known)


def _explain(model: CanonicalModel, because: dict[str, str], found: Catalog) -> None:
    from llmhub.catalog.explanation import match_text

    render.heading(f"{model.canonical_id}: {model.display_name}")
    render.fields(_facts(model))
    render.heading("tiers, from 1 (the best or cheapest fifth) to 5", apart=True)
    render.fields((name, f"{tier(model, name).strip()}, {because[name]}") for name in TIERS)
    render.heading("matched to", apart=True)
    render.fields(
        [
            ("models.dev", match_text(model.modelsdev_match, "models.dev")),
            *_not_taken(model.modelsdev_match),
            ("arena", match_text(model.arena_match, "the leaderboard")),
            *_not_taken(model.arena_match),
            ("ratings", _snapshot_text(found)),
        ]
    )


def _prices(model: CanonicalModel) -> Iterator[tuple[str, str]]:
    """Give a line of prices, and one more for each length of prompt that costs something else."""
    yield "prices", f"{_price_list(model)} (US dollars per million tokens{_whose(model)})"
    for longer in model.price_tiers:
        yield f"  above {longer.above_tokens:,}", f"{_price_list(longer)} (tokens in the prompt)"


def _whose(model: CanonicalModel) -> str:
    """Return whose price it is, where it is not models.dev's."""
    if model.price_source in {None, "models.dev"}:
        return ""
    reason = f": {model.price_reason}" if model.price_reason else ""
    return f", from {model.price_source}{reason}"


def _price_list(offer: CanonicalModel | PriceTier) -> str:
    return prices_text(offer, always=("input", "output"))


def _facts(model: CanonicalModel) -> Iterator[tuple[str, str]]:
    from llmhub.catalog.explanation import setting_text

    unknown = render.UNKNOWN
    yield "made by", f"{model.lab or unknown}, family {model.family or unknown}"
    yield "served by", f"{model.provider}, as {model.model_id}"
    yield "kind", model.type
    if model.status is not None:
        yield "status", f"{model.status}, says {getattr(model, 'retires_source', None) or 'models.dev'}"
    if model.arena_score is None:
        yield "rating", "none"
    else:
        interval = render.interval(model.arena_ci_low, model.arena_ci_high)
        setting = f", which is at {setting_text(model.arena_setting)}" if model.arena_setting else ""
        rating = f"{render.number(model.arena_score)} ({interval})"
        yield "rating", f"{rating} on text / overall, as {model.arena_id}{setting}"
    yield from _prices(model)
    window, most_in, most_out = map(
        render.count, (model.context_tokens, model.max_input_tokens, model.max_output_tokens)
    )
    yield "limits", f"context {window}, input {most_in}, output {most_out} (tokens)"
    takes, gives = (" ".join(kinds) or unknown for kinds in (model.input_modalities, model.output_modalities))
    yield "input", takes
    yield "output", gives
    yield "abilities", " ".join(model.tags) or unknown
    released, updated, known = (
        day or unknown for day in (model.release_date, model.last_updated, model.knowledge_cutoff)
    )
    yield "dates", f"released {released}, updated {updated}, knowledge until {known}"


def _not_taken(match: Any) -> Iterator[tuple[str, str]]:
    if match is not None and match.candidates:
        yield "  considered", ", ".join(match.candidates)


def _snapshot_text(found: Catalog) -> str:
    snapshot = found.arena_snapshot
    if snapshot is None:
        return "there are none; `llmhub arena refresh` brings them"
    published = f", published {snapshot.published_on}" if snapshot.published_on else ""
    stale = "; it was over 24 h old when the catalog was built" if snapshot.stale else ""
    return f"snapshot {snapshot.snapshot_id} of {render.moment_text(snapshot.taken_at)} UTC{published}{stale}"

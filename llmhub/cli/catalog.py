"""`llmhub catalog`: which models can be called, what they cost, how good they are, and why it says so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from llmhub.cli import progress, render
from llmhub.cli.groups import Group
from llmhub.cli.options import NameType, NumberType, json_option, list_options
from llmhub.cli.verbosity import errors_as_warnings, is_quiet

if TYPE_CHECKING:
    from llmhub.catalog.schema import CanonicalModel, Catalog, ProviderStatus, SourceStatus
    from llmhub.offers.values import PriceTier

# What llmhub.catalog.selection offers, said again since --help imports none of it; a test compares.
TIERS = ("quality", "reasoning", "creative", "cost")
ABILITIES = ("attachments", "audio", "pdf", "reasoning", "structured-output", "tools", "video", "vision")
ORDERS = (*TIERS, "rating", "price", "name", "context", "release")

_MARKS = {"rated": "", "priced": "", "predecessor": "~", "family": "~", "provider": "~", "unknown": "?"}
_OTHER_SETTING = "*"
_NO_TIER = "\N{EN DASH}"
_LEGEND = f"""\
tiers    1 is the best or cheapest, 5 the last; no mark: measured; ~ guessed from the newest rated model that it
         follows; ? nothing is known, whatever the number; {_NO_TIER} it does not answer in text
ratings  points on text / overall, with their 95 % interval; * rated at another effort or mode, as its tiers are
prices   US dollars per million tokens"""
_KINDS = (
    "A match is exact (the ids say the same), dated (an id without a date, and the dated model that it stands for), "
    "alias (another name of the same model), variant (the same model at another effort or mode, or in another region), "
    "override (your overrides.json says so) or none."
)
_SOURCES = {"anyllm": "any-llm", "modelsdev": "models.dev", "arena": "arena"}
_MOST = 1_000_000_000


@click.group(cls=Group)
def catalog() -> None:
    """The models that you can call: price, rating, tiers, and why."""


@catalog.command()
@click.option("--force", is_flag=True, help="Take models.dev's document though it lost over a third of its models.")
@click.option("--strict", is_flag=True, help="Exit 1 if any source or provider failed.")
def refresh(*, force: bool, strict: bool) -> None:
    """Ask any-llm, models.dev and the arena anew.

    Says what came of each. One that fails stops none of the others: the catalog is built from the rest, and what
    failed is tried again when the catalog is asked for after 15 minutes. Exits 1 where nothing usable came.
    """
    from llmhub.catalog.outcome import failed, require_usable  # noqa: PLC0415
    from llmhub.catalog.pipeline import rebuild_catalog  # noqa: PLC0415
    from llmhub.errors import SourceError  # noqa: PLC0415

    with progress.shown(), errors_as_warnings():
        built = rebuild_catalog(accept_shrunken=force)
    if not is_quiet():
        say_what_came(built)
    require_usable(built)
    if strict and (names := failed(built)):
        raise SourceError(f"failed: {', '.join(names)}: see above, or `llmhub catalog providers`")


def say_what_came(built: Catalog) -> None:
    """Print what a catalog was built of, and what came of each source."""
    matched = sum(_is_matched(model) for model in built.models)
    rated = sum(model.arena_score is not None for model in built.models)
    count = _counted(len(built.models), "model")
    render.line(f"{count} can be called: {matched:,} matched to models.dev, {rated:,} rated")
    render.fields((_SOURCES[status.source], _source_text(status, built)) for status in built.sources)
    if troubled := [status for status in built.providers if _is_troubled(status)]:
        render.heading(f"configured, and not as it should be ({len(troubled)})", apart=True)
        render.fields((status.provider, status.reason or render.UNKNOWN) for status in troubled)
        _say_what_to_install(built)
    _say_if_empty(built)


def _is_matched(model: CanonicalModel) -> bool:
    return model.modelsdev_match is not None and model.modelsdev_match.target is not None


def _is_troubled(status: ProviderStatus) -> bool:
    return status.failed or (status.configured and status.reason is not None)


def _say_what_to_install(built: Catalog, *, unconfigured: bool = False) -> None:
    from llmhub.catalog.anyllm_source import pip_line  # noqa: PLC0415
    from llmhub.installation import install_line  # noqa: PLC0415

    if configured := pip_line(built.providers):
        render.line(f"the packages of those that are configured: {configured}")
    if unconfigured and pip_line(built.providers, unconfigured=True) not in {None, configured}:
        render.line(f"the packages of all: {install_line('all-providers')}")


def _source_text(status: SourceStatus, built: Catalog) -> str:
    """Say in one line what became of a source."""
    what = _counted(status.count, "model")
    if status.source == "anyllm":
        callable_ = sum(provider.callable for provider in built.providers)
        what += f" of {_counted(callable_, 'provider')}"
    elif status.as_of is not None:
        what += f", as of {render.moment_text(status.as_of)} UTC ({_age(status.as_of, built)} old)"
    if status.source == "arena" and (snapshot := built.arena_snapshot) is not None:
        published = f", published {snapshot.published_on}" if snapshot.published_on else ""
        what += f", snapshot {snapshot.snapshot_id}{published}"
    return f"{status.status}: {what}{f'; {status.reason}' if status.reason else ''}"


def _age(moment: datetime, built: Catalog) -> str:
    return render.age_text(max(built.built_at - moment, built.built_at - built.built_at))


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _say_if_empty(built: Catalog) -> None:
    if built.models:
        return
    state = next((status for status in built.sources if status.source == "anyllm"), None)
    if state is not None and state.status == "skipped":
        why = "providers are not asked while LLMHUB_OFFLINE is set: unset it, and run `llmhub catalog refresh`"
    elif state is not None and state.status == "failed" and not built.providers:
        why = state.reason or render.UNKNOWN
    elif any(provider.configured for provider in built.providers):
        why = "no provider that has a key or an address here listed one; `llmhub catalog providers` says why"
    else:
        named = sorted(built.providers, key=lambda provider: provider.provider != "openai")
        key = next((provider.key_variables[0] for provider in named if provider.key_variables), "OPENAI_API_KEY")
        why = (
            f"set a provider's key, such as {key}, or start a local server; "
            "`llmhub catalog providers` says what each provider needs"
        )
    render.note(f"no model can be called: {why}")


def _current() -> Catalog:
    """Return the cached catalog, or build one; what is amiss with it is said on stderr."""
    from llmhub.catalog.cache import load_cached_catalog  # noqa: PLC0415
    from llmhub.catalog.pipeline import build_catalog  # noqa: PLC0415

    cached = load_cached_catalog()
    if cached is None:
        with progress.shown(), errors_as_warnings():
            return build_catalog(force_refresh=True)
    for status in cached.sources:
        if status.status != "ok":
            render.warn(f"warning: {_SOURCES[status.source]}: {status.status}: {status.reason or render.UNKNOWN}")
    return cached


@catalog.command()
@click.option(
    "--provider",
    "providers",
    multiple=True,
    type=NameType("provider"),
    metavar="NAME",
    help="Of this provider; repeat for more.",
)
@click.option("--quality", type=click.IntRange(1, 5), metavar="TIER", help="At most this tier of quality.")
@click.option("--reasoning", type=click.IntRange(1, 5), metavar="TIER", help="At most this tier of reasoning.")
@click.option("--creative", type=click.IntRange(1, 5), metavar="TIER", help="At most this tier of creative writing.")
@click.option("--cost", type=click.IntRange(1, 5), metavar="TIER", help="At most this tier of cost.")
@click.option(
    "--include-guesses", is_flag=True, help="Let tiers that are guessed from another model pass the four above."
)
@click.option("--include-unknown", is_flag=True, help="Let tiers that rest on nothing pass the four above.")
@click.option(
    "--max-price",
    type=NumberType(min=0),
    metavar="USD",
    help="At most this per million tokens, three in four of them input: (3 x input + output) / 4.",
)
@click.option("--can", multiple=True, type=click.Choice(ABILITIES), help="Able to do this; repeat for more.")
@click.option("--open-weights", is_flag=True, help="With open weights.")
@click.option("--min-context", type=click.IntRange(1, _MOST), metavar="TOKENS", help="With a context of at least this.")
@click.option("--rated", is_flag=True, help="With a rating of its own.")
@click.option("--no-deprecated", is_flag=True, help="Not called deprecated or retired.")
@click.option(
    "--type",
    "types",
    multiple=True,
    type=NameType(),
    metavar="TYPE",
    default=("chat",),
    show_default=True,
    help="For this: chat, embedding, image, ..., or all; repeat for more.",
)
@click.option("--search", type=NameType(), metavar="TEXT", help="With this in its id, name, family or lab.")
@click.option(
    "--sort", type=click.Choice(ORDERS), default="quality", show_default=True, help="The order; unknown comes last."
)
@click.option("--top", type=click.IntRange(1, _MOST), metavar="N", help="Only the first N.")
@list_options
def show(
    *,
    providers: tuple[str, ...],
    types: tuple[str, ...],
    can: tuple[str, ...],
    sort: str,
    top: int | None,
    output: str | None,
    **asked: Any,
) -> None:
    """Show the models that you can call and that answer in text.

    A model that does not say what a filter asks for is left out. Tiers go from 1, the best or cheapest, to 5; filters
    by tier count measured ones alone.
    """
    from llmhub.catalog.rows import CatalogRow, rows_of  # noqa: PLC0415
    from llmhub.catalog.selection import Selection, select  # noqa: PLC0415

    worst = {name: tier for name in TIERS if (tier := asked.pop(name)) is not None}
    selection = Selection(
        providers=frozenset(providers),
        types=frozenset() if "all" in types else frozenset(types),
        most=worst,
        can=frozenset(can),
        **asked,
    )
    found = _current()
    models = select(found, selection, sort=sort, top=top)
    if output == "json":
        render.echo_json(found.model_copy(update={"models": models}).model_dump(mode="json"))
    elif output == "csv":
        render.echo_csv([row._asdict() for row in rows_of(models)], CatalogRow._fields)
    elif not found.models:
        _say_if_empty(found)
    else:
        _show_models(models, found)


def _show_models(models: tuple[CanonicalModel, ...], found: Catalog) -> None:
    of = f"{len(models):,} of " if len(models) < len(found.models) else ""
    render.heading(
        f"{of}{_counted(len(found.models), 'model')} that can be called, as of {render.moment_text(found.built_at)} UTC"
    )
    render.echo_table(
        ("model", *TIERS, "rating", "interval", "in", "out", "context"),
        (
            (
                _named(model),
                *(_tier(model, name) for name in TIERS),
                f"{render.number(model.arena_score)}{_OTHER_SETTING if model.arena_setting else ''}",
                render.interval(model.arena_ci_low, model.arena_ci_high),
                _price(model.price_input_per_million),
                _price(model.price_output_per_million),
                render.count(model.context_tokens),
            )
            for model in models
        ),
        left=("model",),
    )
    for text in _LEGEND.splitlines():
        render.line(text)
    if others := sum(model.type != "chat" for model in found.models) - sum(model.type != "chat" for model in models):
        what = f"{_counted(others, 'model')} for something else than answers in text"
        render.line(f"types    {what}: --type all shows {'it' if others == 1 else 'them'} too")


def _named(model: CanonicalModel) -> str:
    """Return a model's id, with what models.dev says of its life."""
    return model.canonical_id if model.status in {None, "active"} else f"{model.canonical_id} ({model.status})"


def _tier(model: CanonicalModel, name: str) -> str:
    """Return a tier with the mark of what it rests on."""
    basis = getattr(model, f"{name}_basis")
    if model.type != "chat":
        return f"{_NO_TIER:<2} "
    mark = _OTHER_SETTING if basis == "rated" and model.arena_setting else _MARKS[basis]
    return f"{getattr(model, f'{name}_tier')}{mark:<2}"


def _price(price: float | None) -> str:
    """Return US dollars as people read them, or `unknown`."""
    from llmhub.catalog.tiers.prices import price_text  # noqa: PLC0415

    return render.UNKNOWN if price is None else price_text(price)


@catalog.command(epilog=_KINDS)
@click.argument("model", type=NameType("callable"))
@json_option
def explain(*, model: str, output: str | None) -> None:
    """Show why the catalog says what it says of MODEL.

    MODEL is provider/model_id, or a model id that one provider alone offers. How it was matched to models.dev and to
    the leaderboard, what each tier rests on, and what was looked at and not taken.
    """
    from llmhub.catalog.explanation import reasons  # noqa: PLC0415
    from llmhub.catalog.selection import find  # noqa: PLC0415

    found = _current()
    chosen = find(found, model)
    because = reasons(chosen)
    if output == "json":
        document = found.model_dump(mode="json", include={"built_at", "sources", "arena_snapshot"})
        render.echo_json({"model": chosen.model_dump(mode="json"), "because": because, **document})
    else:
        _explain(chosen, because, found)


def _explain(model: CanonicalModel, because: dict[str, str], found: Catalog) -> None:
    from llmhub.catalog.explanation import match_text  # noqa: PLC0415

    render.heading(f"{model.canonical_id}: {model.display_name}")
    render.fields(_facts(model))
    render.heading("how good and how dear, from 1 (the best, the cheapest) to 5", apart=True)
    render.fields((name, f"{_tier(model, name)} {because[name]}") for name in TIERS)
    render.heading("where that is from", apart=True)
    render.fields(
        [
            ("models.dev", match_text(model.modelsdev_match, "models.dev")),
            *_not_taken(model.modelsdev_match),
            ("arena", match_text(model.arena_match, "the leaderboard")),
            *_not_taken(model.arena_match),
            ("ratings", _snapshot_text(found)),
        ]
    )


_PRICES = {
    "in": "input",
    "out": "output",
    "reasoning": "reasoning",
    "cache read": "cache_read",
    "cache write": "cache_write",
    "audio in": "input_audio",
    "audio out": "output_audio",
}


def _prices(model: CanonicalModel) -> Iterator[tuple[str, str]]:
    """Give a line of prices, and one more for each length of prompt that costs something else."""
    yield "prices", f"{_price_list(model)} (US dollars per million tokens)"
    for tier in model.price_tiers:
        yield f"  above {tier.above_tokens:,}", f"{_price_list(tier)} (tokens in the prompt)"


def _price_list(offer: CanonicalModel | PriceTier) -> str:
    asked = {shown: getattr(offer, f"price_{name}_per_million") for shown, name in _PRICES.items()}
    return ", ".join(
        f"{shown} {_price(price)}" for shown, price in asked.items() if price is not None or shown in _BOTH
    )


_BOTH = ("in", "out")


def _facts(model: CanonicalModel) -> Iterator[tuple[str, str]]:
    from llmhub.catalog.explanation import setting_text  # noqa: PLC0415

    unknown = render.UNKNOWN
    yield "made by", f"{model.lab or unknown}, family {model.family or unknown}"
    yield "served by", f"{model.provider}, as {model.model_id}"
    yield "for", model.type
    if model.status is not None:
        yield "status", f"{model.status}, says models.dev"
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
    yield "limits", f"context {window}, in {most_in}, out {most_out} (tokens)"
    takes, gives = (" ".join(kinds) or unknown for kinds in (model.input_modalities, model.output_modalities))
    yield "takes, gives", f"{takes}; {gives}"
    yield "known for", " ".join(model.tags) or unknown
    released, updated, known = (
        day or unknown for day in (model.release_date, model.last_updated, model.knowledge_cutoff)
    )
    yield "dates", f"released {released}, updated {updated}, knowledge to {known}"


def _not_taken(match: Any) -> Iterator[tuple[str, str]]:
    if match is not None and match.candidates:
        yield "  not taken", ", ".join(match.candidates)


def _snapshot_text(found: Catalog) -> str:
    snapshot = found.arena_snapshot
    if snapshot is None:
        return "there are none: `llmhub arena refresh` says why"
    published = f", published {snapshot.published_on}" if snapshot.published_on else ""
    stale = "; it was over 24 h old when the catalog was built" if snapshot.stale else ""
    return f"snapshot {snapshot.snapshot_id} of {render.moment_text(snapshot.taken_at)} UTC{published}{stale}"


@catalog.command()
@list_options
def providers(*, output: str | None) -> None:
    """Show which providers can be called, and why not."""
    found = _current()
    ordered = sorted(found.providers, key=lambda status: (not status.callable, not status.failed))
    rows = [_provider_json(status) for status in ordered]
    if output == "json":
        render.echo_json(rows)
    elif output == "csv":
        columns = ("provider", "callable", "failed", "configured", "reason", "models", "key_variables", "install")
        render.echo_csv([row | {"key_variables": " ".join(row["key_variables"])} for row in rows], columns)
    else:
        _show_providers(ordered, found)


def _provider_json(status: ProviderStatus) -> dict[str, Any]:
    from llmhub.catalog.anyllm_source import pip_line  # noqa: PLC0415

    return status.model_dump(mode="json") | {"install": pip_line([status], unconfigured=True)}


def _show_providers(ordered: list[ProviderStatus], found: Catalog) -> None:
    able = sum(status.callable for status in ordered)
    asked = f"as of {render.moment_text(found.built_at)} UTC"
    render.heading(f"{able} of {_counted(len(ordered), 'provider')} can be called, {asked}")
    render.echo_table(
        ("provider", "callable", "models", "why"),
        (
            (
                status.provider,
                "yes" if status.callable else "FAILED" if status.failed else "no",
                f"{status.models:,}" if status.callable else "",
                status.reason or "",
            )
            for status in ordered
        ),
        left=("provider", "callable", "why"),
    )
    _say_what_to_install(found, unconfigured=True)
    _say_if_empty(found)

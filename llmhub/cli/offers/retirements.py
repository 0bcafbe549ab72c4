"""`llmhub catalog retirements`: which offers end, and when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from llmhub.cli import render
from llmhub.cli.options import MOST, AgeType, NameType, form_option, list_options
from llmhub.errors import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from llmhub.offers.lives.calendar import Retirement
    from llmhub.offers.lives.lifecycle import Lifecycle, Said

_COLUMNS = ("model", "retires_on", "days_left", "status", "replacement", "source", "citation", "disputed")


@click.command()
@click.option("--mine", is_flag=True, help="Only models that can be called from here.")
@click.option(
    "--provider", "providers", multiple=True, type=NameType(), metavar="NAME", help="Of this provider; repeat for more."
)
@click.option("--within", type=AgeType(), metavar="TIME", help="Only within this time: 90d, 12w, ...")
@click.option("--past", is_flag=True, help="Show those that have ended instead, the latest first.")
@click.option("--top", type=click.IntRange(1, MOST), metavar="N", help="Only the first N.")
@form_option("--ics", help="Print a calendar (iCalendar), to import or to subscribe to.")
@list_options
def retirements(
    *,
    mine: bool,
    providers: tuple[str, ...],
    within: timedelta | None,
    past: bool,
    top: int | None,
    output: str | None,
) -> None:
    """Show which models end, and when.

    The nearest day comes first. The days are those that LiteLLM's price map names, which each refresh stores, and those
    of imported notices of modeldeprecations.dev and deprecations.info. A day that a provider promises only as "not
    before" is left out. Providers have their names of models.dev.
    """
    from llmhub.offers.lives.calendar import as_icalendar, calendar_of

    today = datetime.now(UTC).date()
    names = _names_of_mine() if mine else None
    lives = _lives(today, names, past=past)
    mine_alone = None if names is None else _first_dated(names, lives)
    named = frozenset(providers)

    def wanted(model: str) -> bool:
        return (not named or model.partition("/")[0] in named) and (mine_alone is None or model in mine_alone)

    found = calendar_of(lives, today=today, within=within, past=past, wanted=wanted)
    total, found = len(found), found[:top]
    if output == "json":
        render.echo_json([_json(one) for one in found])
    elif output == "csv":
        render.echo_csv([_json(one) for one in found], _COLUMNS)
    elif output == "ics":
        # As bytes: the lines of a calendar end in CRLF everywhere.
        click.echo(as_icalendar(found).encode(), nl=False)
    else:
        _show(found, total=total, past=past, within=within is not None)


def _lives(today: date, names: Iterable[Iterable[str]] | None, *, past: bool) -> Mapping[str, Lifecycle]:
    """Return the lives of the offers that end, or ended; of those with these names alone, whenever they end."""
    if names is None:
        from llmhub.catalog.offered.kept_lives import ending_lives

        return ending_lives(today=today, past=past)
    from llmhub.arena.database import reading_store
    from llmhub.catalog.offered.lives import EVER, known_lifecycles

    only = frozenset(name for each in names for name in each)
    with reading_store() as connection:
        # Of a model with several names the first one counts for which a day is known, whether or not it has passed.
        return known_lifecycles(connection, today=today, only=only, ending=EVER)


def _names_of_mine() -> list[tuple[str, ...]]:
    """Return the names of each model that can be called, the surest first."""
    from llmhub.catalog.matching.provider_names import provider_names
    from llmhub.catalog.offered.keys import offer_keys
    from llmhub.cli.catalog.current import current

    names = provider_names()
    return [tuple(offer_keys(one.provider, one.model_id, one.modelsdev_match, names)) for one in current().models]


def _first_dated(names: Iterable[Iterable[str]], lives: Mapping[str, Lifecycle]) -> frozenset[str]:
    """Return the first name of each model for which a last day is known."""
    dated = {key for key, life in lives.items() if life.retires_on is not None}
    found = (next((name for name in each if name in dated), None) for each in names)
    return frozenset(name for name in found if name is not None)


def _is_any_known() -> bool:
    """Say whether the last day of any offer is known."""
    from llmhub.arena.database import reading_store
    from llmhub.catalog.offered.lives import EVER, known_lifecycles

    with reading_store() as connection:
        lives = known_lifecycles(connection, today=datetime.now(UTC).date(), ending=EVER)
    return any(life.retires_on is not None for life in lives.values())


def _json(one: Retirement) -> dict[str, object]:
    life = one.life
    return {
        "model": one.model,
        "retires_on": one.retires_on.isoformat(),
        "days_left": one.days_left,
        "status": life.status,
        "replacement": life.replacement,
        "source": life.source,
        "citation": life.citation,
        "disputed": life.disputed,
        "said": [_said_json(said) for said in life.said],
    }


def _said_json(said: Said) -> dict[str, object]:
    return {
        "source": said.source,
        "recorded": render.moment_json(said.recorded),
        "status": said.status,
        "retires_on": render.day_json(said.retires_on),
        "retires_earliest": render.day_json(said.retires_earliest),
        "replacement": said.replacement,
        "citation": said.citation,
        "withdrawn": None if said.withdrawn is None else render.moment_json(said.withdrawn),
    }


def _show(found: list[Retirement], *, total: int, past: bool, within: bool) -> None:
    if not found:
        if _is_any_known():
            when = f"{'ended' if past else 'ends'} in that time" if within else "has a day that is known"
            render.note(f"none of the models that are asked for {when}")
        else:
            sources = "`llmhub catalog refresh` asks LiteLLM, `llmhub catalog import` reads notices"
            render.note(f"no day is known on which a model {'ended' if past else 'ends'}: {sources}")
        return
    verb = "ended" if past else "ends" if total == 1 else "end"
    part = f"the first {len(found):,} of " if len(found) < total else ""
    render.heading(f"{part}{counted(total, 'model')} that {verb}")
    render.echo_table(
        ("day", "days", "model", "successor", "source"),
        (
            (
                f"{one.retires_on}{' disputed' if one.life.disputed else ''}",
                f"{one.days_left:+,}" if one.days_left else "today",
                one.model,
                one.life.replacement or "",
                one.life.source or "",
            )
            for one in found
        ),
        left=("day", "model", "successor", "source"),
        ids=("model", "successor"),
        drop=("source", "successor"),
    )

"""The part of `llmhub catalog explain` about an offer's life and its two witnesses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from llmhub.cli import render
from llmhub.cli.catalog.texts import PRICE_WORDS, dollars, price_of, prices_text

if TYPE_CHECKING:
    from llmhub.catalog.schema import CanonicalModel
    from llmhub.offers.fields import Moment
    from llmhub.offers.litellm.witnesses import Dispute, Witness
    from llmhub.offers.lives.lifecycle import Lifecycle
    from llmhub.offers.lives.story import Step, Story


class Known(NamedTuple):
    """What the store knows of an offer.

    Attributes:
        life: its life today.
        stories: what each source said of its life over time.
        witnesses: what the two sources of prices say now.
        disputes: the prices about which they differ.
    """

    life: Lifecycle
    stories: list[Story]
    witnesses: list[Witness]
    disputes: tuple[Dispute, ...]


def names_of(model: CanonicalModel) -> list[str]:
    """Return the names under which sources list exactly the offer that a callable model is, the surest first."""
    from llmhub.catalog.matching.provider_names import provider_names
    from llmhub.catalog.offered.keys import offer_keys

    return list(offer_keys(model.provider, model.model_id, model.modelsdev_match, provider_names()))


def known_of(names: Iterable[str]) -> Known | None:
    """Return what the store knows of an offer; None if it knows nothing."""
    from llmhub.arena.database import reading_store
    from llmhub.catalog.offered.lives import known_lifecycles
    from llmhub.errors import StoreError
    from llmhub.offers import answers
    from llmhub.offers.litellm.witnesses import disputes
    from llmhub.offers.lives.lifecycle import ACTIVE

    asked, now = list(dict.fromkeys(names)), datetime.now(UTC)
    try:
        with reading_store() as connection:
            witnesses, stories = answers.told_of(connection, asked, now=now)
            lives = known_lifecycles(connection, today=now.date(), only=asked)
    except StoreError as error:
        render.warn(f"warning: what is stored of prices and retirement dates cannot be read: {error}")
        return None
    known = [lives[name] for name in asked if name in lives]
    life = next((each for each in known if each.source is not None), known[0] if known else ACTIVE)
    if not (stories or known):
        return None
    differing = disputes(witnesses[0].offer, witnesses[1].offer) if len(witnesses) > 1 else ()
    return Known(life, stories, witnesses, differing)


def as_json(known: Known | None) -> dict[str, object]:
    """Return the documented JSON of what is known, as fields of a document."""
    if known is None:
        return {"life": None, "witnesses": [], "disputed_prices": []}
    life = known.life
    return {
        "life": {
            "status": life.status,
            "retires_on": render.day_json(life.retires_on),
            "retires_earliest": render.day_json(life.retires_earliest),
            "replacement": life.replacement,
            "source": life.source,
            "citation": life.citation,
            "disputed": life.disputed,
            "stories": [
                {
                    "source": story.source,
                    "since": render.moment_json(story.since),
                    "went": render.moment_json(story.went),
                    "withdrawn": story.source in _withdrawn(life),
                    "steps": [step._asdict() | {"at": render.moment_json(step.at)} for step in story.steps],
                }
                for story in known.stories
            ],
        },
        "witnesses": [
            {
                "source": one.source,
                "since": render.moment_json(one.since),
                "last": render.moment_json(one.last),
                **{name: price_of(one.offer, name) for name in PRICE_WORDS},
            }
            for one in known.witnesses
        ],
        "disputed_prices": [
            {"field": one.field, known.witnesses[0].source: one.ours, known.witnesses[1].source: one.theirs}
            for one in known.disputes
        ],
    }


def show(known: Known) -> None:
    """Print what is known of an offer's life, and what the two sources say of its price."""
    render.heading("life", apart=True)
    render.fields(_life_lines(known))
    if not known.witnesses:
        return
    render.heading("prices by source", apart=True)
    render.fields(_witness_lines(known))


def _life_lines(known: Known) -> Iterator[tuple[str, Any]]:
    life = known.life
    says = f", says {life.source}" if life.source else ""
    yield "now", f"{life.status}{says}{'; disputed: the sources contradict each other' if life.disputed else ''}"
    if life.retires_on is not None:
        left = (life.retires_on - datetime.now(UTC).date()).days
        near = {-1: "yesterday", 0: "today", 1: "tomorrow"}
        when = near.get(left) or (f"in {left:,} days" if left > 0 else f"{-left:,} days ago")
        yield "ends", f"{life.retires_on} ({when})"
    if life.retires_earliest is not None:
        yield "not before", str(life.retires_earliest)
    if life.replacement is not None:
        yield "successor", life.replacement
    if life.citation is not None:
        yield "source", life.citation
    withdrawn = _withdrawn(life)
    for story in known.stories:
        went = f", no longer since {story.went:%Y-%m-%d}" if story.went is not None else ""
        if (at := withdrawn.get(story.source)) is not None:
            went = f", withdrawn: since {at:%Y-%m-%d} it names other days of that provider, and not this one"
        yield f"at {story.source}", f"listed since {story.since:%Y-%m-%d}{went}"
        for step in story.steps:
            yield f"  {step.at:%Y-%m-%d}", _step_text(step)
    for said in life.said:
        if said.since is not None:
            yield f"at {said.source}", f"no longer listed by its provider since {said.since:%Y-%m-%d}"


def _withdrawn(life: Lifecycle) -> dict[str, Moment]:
    """Return since when sources no longer name the day of an offer whose end was withdrawn."""
    return {said.source: said.withdrawn for said in life.said if said.withdrawn is not None}


def _step_text(step: Step) -> str:
    parts = [
        step.status,
        f"ends {step.retires_on}" if step.retires_on else None,
        f"not before {step.retires_earliest}" if step.retires_earliest else None,
        f"then {step.replacement}" if step.replacement else None,
    ]
    return ", ".join(part for part in parts if part) or "no longer says when it ends"


def _witness_lines(known: Known) -> Iterator[tuple[str, str]]:
    newest = max(known.witnesses, key=lambda one: one.since)
    for one in known.witnesses:
        newer = ", the newer one" if known.disputes and one is newest else ""
        yield f"at {one.source}", f"{prices_text(one.offer)}; recorded on {one.since:%Y-%m-%d}{newer}"
    if known.disputes:
        which = ", ".join(
            f"{PRICE_WORDS[one.field]} {dollars(one.ours)} / {dollars(one.theirs)}" for one in known.disputes
        )
        yield "disputed", which
    elif len(known.witnesses) > 1:
        yield "verdict", "the sources agree"
    else:
        yield "verdict", "no second source lists this offer"

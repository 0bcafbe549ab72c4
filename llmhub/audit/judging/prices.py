"""Judge an offer by its price, newer models and ratings: dearer, superseded, dominated. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from llmhub.audit.judging.abilities import able_to_replace, costs_no_more
from llmhub.audit.judging.texts import both_dollars, dollars
from llmhub.audit.report import Verdict
from llmhub.catalog.arena_model import ArenaModel
from llmhub.catalog.matching.grammar import Grammar
from llmhub.catalog.tiers.predecessors import Predecessors, RatedModel

if TYPE_CHECKING:
    from llmhub.audit.judging.facts import Facts
    from llmhub.catalog.schema import CanonicalModel
    from llmhub.offers.lives.lifecycle import Lifecycle
    from llmhub.offers.values import Offer

_ENDING = frozenset({"deprecated", "retired", "alpha", "beta"})


def dearer(model: str, facts: Facts) -> Verdict | None:
    """Return a verdict if an offer's price rose; None if it did not."""
    then, now = facts.earlier.get(model), facts.current.get(model)
    if then is None or now is None:
        return None
    prices = (
        ("input", then.offer.price_input_per_million, now.price_input_per_million),
        ("output", then.offer.price_output_per_million, now.price_output_per_million),
    )
    rises = [
        f"{name} from {dollars(old)} to {dollars(new)}"
        for name, old, new in prices
        if old is not None and new is not None and new > old
    ]
    if not rises:
        return None
    note = f"; likely a correction: {then.note}" if then.note else ""
    message = (
        f"{model} costs more per million tokens than on {then.recorded.taken_at:%Y-%m-%d}: {', '.join(rises)}{note}"
    )
    return Verdict("dearer", model, message, source=then.recorded.source)


def superseded(model: str, facts: Facts, lines: Lines) -> Verdict | None:
    """Return a verdict if the lab offers a newer model of the line at no higher price; None if it does not."""
    own = facts.current.get(model)
    if own is None:
        return None
    newer = [
        offer
        for offer in lines.newer_than(own)
        if costs_no_more(offer, own) and offer.status not in _ENDING and _goes_on(facts.lives.get(offer.canonical_id))
    ]
    if not newer:
        return None
    best = max(newer, key=lambda offer: (offer.release_date or "", offer.canonical_id))
    message = (
        f"{model} has a newer model of its line at no higher price: {best.canonical_id} "
        f"({_prices(best)}; this one {_prices(own)})"
    )
    return Verdict("superseded", model, message, source="models.dev")


def dominated(model: str, facts: Facts) -> Verdict | None:
    """Return a verdict if a callable model costs no more and is rated significantly better; None if there is none."""
    own, rating = facts.current.get(model), facts.ratings.get(model)
    if own is None or rating is None or rating.high is None:
        return None
    better = [
        other
        for other in facts.models
        if other.arena_setting is None
        and other.arena_ci_low is not None
        and other.arena_ci_low > rating.high
        and facts.offer_of_model.get(other.canonical_id) != model
        and costs_no_more(other, own)
        and able_to_replace(other, own)
        and _stays(other, facts)
    ]
    if not better:
        return None
    best = max(better, key=_score)
    message = (
        f"{model} is rated {rating.score:.0f} ({_prices(own)}); {best.canonical_id} costs no more ({_prices(best)}) "
        f"and is rated {best.arena_score:.0f}"
    )
    return Verdict("dominated", model, message, source="arena")


def _score(model: CanonicalModel) -> tuple[float, str]:
    return model.arena_score or 0.0, model.canonical_id


def _goes_on(life: Lifecycle | None) -> bool:
    """Say whether no source says that an offer ends."""
    return life is None or (life.status not in _ENDING and life.retires_on is None)


def _stays(model: CanonicalModel, facts: Facts) -> bool:
    life = facts.lives.get(facts.offer_of_model.get(model.canonical_id, model.canonical_id))
    return model.status not in _ENDING and _goes_on(life)


def _prices(offer: Offer | CanonicalModel) -> str:
    return both_dollars(offer.price_input_per_million, offer.price_output_per_million)


class Lines:
    """Tells which offers of a lab follow which, by the catalog's rules of lines and versions."""

    def __init__(self, facts: Facts) -> None:
        """Index the labs' own offers."""
        vocabulary = facts.overrides.vocabulary
        self._grammar = Grammar(vocabulary)
        self._lab_of = {provider: name for name, lab in vocabulary.labs.items() for provider in lab.providers}
        self._offers = facts.of_labs
        self._followers: dict[str, dict[str, list[Offer]]] = {}

    def newer_than(self, own: Offer) -> Iterator[Offer]:
        """Yield the offers of the same provider that follow an offer, directly or through others."""
        parts = self._grammar.parse(own.model_id)
        if own.provider not in self._lab_of or parts.floating:
            return
        followers = self._of(own.provider)
        seen = {own.model_id}
        waiting = [own.model_id]
        while waiting:
            for offer in followers.get(waiting.pop(), ()):
                if offer.model_id in seen:
                    continue
                seen.add(offer.model_id)
                waiting.append(offer.model_id)
                newer = self._grammar.parse(offer.model_id)
                # A preview does not supersede a released model, nor a thinking model one that does not think.
                if newer.mode == parts.mode and (parts.preview or not newer.preview):
                    yield offer

    def _of(self, provider: str) -> dict[str, list[Offer]]:
        """Return for each id of a provider the offers that follow it."""
        if provider not in self._followers:
            offers = [offer for offer in self._offers.values() if offer.provider == provider]
            self._followers[provider] = dict(self._follow(offers, self._lab_of[provider]))
        return self._followers[provider]

    def _follow(self, offers: Iterable[Offer], lab: str) -> dict[str, list[Offer]]:
        listed = [offer for offer in offers if not self._grammar.parse(offer.model_id).floating]
        known = Predecessors(self._grammar, [_as_rated(offer, lab) for offer in listed])
        found: dict[str, list[Offer]] = {}
        for offer in listed:
            if (before := known.find(offer.model_id, offer, lab)) is not None and before.arena_id != offer.model_id:
                found.setdefault(before.arena_id, []).append(offer)
        return found


def _as_rated(offer: Offer, lab: str) -> RatedModel:
    """Return an offer in the form that the rules of lines take; they look at names and dates, and not at ratings."""
    model = ArenaModel(
        arena_id=offer.model_id,
        rating=0.0,
        rating_q025=None,
        rating_q975=None,
        category="overall",
        votes=None,
        organization=None,
    )
    return RatedModel(model, lab, offer.release_date)

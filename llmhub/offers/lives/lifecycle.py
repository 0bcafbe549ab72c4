"""The life of an offer: active, deprecated, retired, and when it ends, of what several witnesses say. Pure.

A witness is a source of offers that says something of an offer's life, or the provider's own listings. The witness that
cites where it knows its day from goes before one that cites nothing; among equals the order is `WITNESSES`.

Some providers promise that a model will not end before its first, second or third birthday. LiteLLM has such a promise
as a day on which the offer ends: it is one only if another witness says so too, or that the offer is deprecated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple, TypeAlias

from llmhub.offers.fields import (
    ANY_LLM,
    DEPRECATIONS_INFO,
    LITELLM,
    MODEL_DEPRECATIONS,
    MODELS_DEV,
    Moment,
    OfferStatus,
)

WITNESSES = (LITELLM, MODEL_DEPRECATIONS, DEPRECATIONS_INFO, MODELS_DEV, ANY_LLM)
"""Who says something of an offer's life, in the order in which they count."""

Day: TypeAlias = date
"""A day of a row of a table; see `fields.Moment`."""

_UNRANKED = len(WITNESSES)
# A source that calls an offer retired before the day that another one names means that it is being phased out.
_WORDS: tuple[tuple[OfferStatus, frozenset[str]], ...] = (
    ("deprecated", frozenset({"deprecated", "retired"})),
    ("beta", frozenset({"beta"})),
    ("alpha", frozenset({"alpha"})),
)


class Said(NamedTuple):
    """What a witness last said of an offer's life; None if it says nothing.

    Attributes:
        source: who says so: a source of offers, or `any-llm` for what the provider's own listings show.
        recorded: the moment of the newest snapshot that says so.
        status: its word for the offer's life.
        retires_on: the day on which the offer ends.
        retires_earliest: the day before which the offer does not end.
        replacement: the id that the source names as its successor.
        citation: where the source knows its days from.
        since: from when on a provider's listings show it; None for other sources.
    """

    source: str
    recorded: Moment
    status: OfferStatus | None = None
    retires_on: Day | None = None
    retires_earliest: Day | None = None
    replacement: str | None = None
    citation: str | None = None
    since: Moment | None = None


class Lifecycle(NamedTuple):
    """The life of an offer on a day.

    Attributes:
        status: `retired`: its day has passed, or its provider stopped listing it; `deprecated`, `beta` and `alpha`: a
            source says so; `active`: no source says otherwise.
        retires_on: the day on which it ends, or ended; None if no source says one.
        retires_earliest: the day before which it does not end, where its provider promises only that.
        replacement: the id that a source names as its successor.
        source: which source the status and the day are from; None if no source says anything.
        citation: where that source knows it from, usually a page of the provider.
        disputed: whether two sources contradict each other; `said` tells what each says.
        said: what each source says, the one that counts first.
    """

    status: OfferStatus = "active"
    retires_on: Day | None = None
    retires_earliest: Day | None = None
    replacement: str | None = None
    source: str | None = None
    citation: str | None = None
    disputed: bool = False
    said: tuple[Said, ...] = ()

    def days_left(self, today: date) -> int | None:
        """Return in how many days it ends: 0 today, negative if it has ended; None if no day is known."""
        return None if self.retires_on is None else (self.retires_on - today).days

    def retires_within(self, days: int, today: date) -> bool:
        """Say whether it ends today or in the next so many days."""
        left = self.days_left(today)
        return self.status != "retired" and left is not None and 0 <= left <= days


ACTIVE = Lifecycle()
"""The life of an offer of which no source says anything."""


def lifecycle_of(said: Iterable[Said], today: date, *, released: Iterable[date] = ()) -> Lifecycle:
    """Return the life of an offer on a day.

    Args:
        said: what each source last said of it; only what was recorded by that day.
        today: the day, in UTC.
        released: when it came out, as far as that is known.
    """
    witnesses = tuple(sorted(_told_apart(tuple(said), frozenset(released)), key=_order))
    if not witnesses:
        return ACTIVE
    dated = next((one for one in witnesses if one.retires_on is not None), None)
    earliest = next((one.retires_earliest for one in witnesses if one.retires_earliest is not None), None)
    status, decides = _status(witnesses, dated, today)
    lead = decides or dated
    return Lifecycle(
        status=status,
        retires_on=dated.retires_on if dated else None,
        retires_earliest=earliest,
        replacement=_replacement(witnesses, lead),
        source=lead.source if lead else None,
        citation=_citation(witnesses, lead),
        disputed=_is_disputed(witnesses, today),
        said=witnesses,
    )


def _told_apart(said: tuple[Said, ...], released: frozenset[date]) -> Iterator[Said]:
    """Yield what each witness says, a promise of "not before" as such, though it is written as the day of the end."""
    ending = any(one.status in {"deprecated", "retired"} for one in said)
    promised = {one.retires_earliest for one in said if one.retires_earliest is not None}
    days = Counter(one.retires_on for one in said if one.retires_on is not None)
    for one in said:
        day = one.retires_on
        if day is None or ending or not (day in promised or (days[day] == 1 and _is_birthday(day, released))):
            yield one
        else:
            yield one._replace(retires_on=None, retires_earliest=one.retires_earliest or day)


def _is_birthday(day: date, released: frozenset[date]) -> bool:
    return any((day.month, day.day) == (one.month, one.day) and day.year > one.year for one in released)


def _order(said: Said) -> tuple[bool, int]:
    rank = WITNESSES.index(said.source) if said.source in WITNESSES else _UNRANKED
    return said.citation is None, rank


def _status(witnesses: Sequence[Said], dated: Said | None, today: date) -> tuple[OfferStatus, Said | None]:
    """Return an offer's status, and the witness that it is from; None if it follows from silence."""
    if dated is not None and dated.retires_on is not None and dated.retires_on < today:
        return "retired", dated
    gone = next((one for one in witnesses if one.status == "retired" and one.source == ANY_LLM), None)
    if gone is not None:
        return "retired", gone
    words = [one for one in witnesses if one.status not in {None, "active"} and one.source != ANY_LLM]
    if dated is None and (retired := next((one for one in words if one.status == "retired"), None)) is not None:
        return "retired", retired
    for status, called in _WORDS:
        named = next((one for one in words if one.status in called), None)
        if named is not None:
            # A day says more than a word; who names the day is the witness for both.
            return status, dated if dated is not None and status == "deprecated" else named
    return "active", dated


def _replacement(witnesses: Sequence[Said], lead: Said | None) -> str | None:
    first = (lead,) if lead else ()
    return next((one.replacement for one in (*first, *witnesses) if one.replacement is not None), None)


def _citation(witnesses: Sequence[Said], lead: Said | None) -> str | None:
    """Return where the witness that counts knows it from, or another one that says the same day."""
    if lead is None or lead.citation is not None:
        return lead.citation if lead else None
    same = (one for one in witnesses if one.retires_on == lead.retires_on and one.retires_on is not None)
    return next((one.citation for one in same if one.citation is not None), None)


def _is_disputed(witnesses: Sequence[Said], today: date) -> bool:
    """Say whether two witnesses contradict each other: two days, a day that was ruled out, or alive after its end."""
    days = {one.retires_on for one in witnesses if one.retires_on is not None}
    if len(days) > 1:
        return True
    day = next(iter(days), None)
    earliest = {one.retires_earliest for one in witnesses if one.retires_earliest is not None}
    if len(earliest) > 1 or (day is not None and any(day < one for one in earliest)):
        return True
    ended = {one.source for one in witnesses if one.status == "retired"}
    alive = {one.source for one in witnesses if one.status in {"active", "beta", "alpha"}}
    if day is not None:
        still = {one.source for one in witnesses if one.source in alive and one.recorded.date() > day}
        return bool(still) or (bool(ended) and day > today)
    phasing_out = any(one.status == "deprecated" for one in witnesses)
    called_active = any(one.status == "active" and one.source != ANY_LLM for one in witnesses)
    return bool(ended and (alive or phasing_out)) or (phasing_out and called_active)

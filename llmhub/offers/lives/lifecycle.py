"""Combine what several witnesses say of an offer's life: active, deprecated, retired, and its last day. Pure.

A witness is a source of offers that says something of an offer's life, or the provider's own listings. A witness that
cites a page for its day takes precedence over one that does not; among equals the order is `WITNESSES`.

Some providers promise that a model will not end before its first, second or third birthday. LiteLLM writes such a
promise as the last day. It counts as the last day only if another witness names the same day, or says that the offer is
deprecated.
"""

from __future__ import annotations

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
"""The witnesses of an offer's life, the one that takes precedence first."""

Day: TypeAlias = date
"""A day of a row of a table; see `fields.Moment`."""

_UNRANKED = len(WITNESSES)
# If one source calls an offer retired, and another one names a later last day, the offer is being phased out.
_ENDING = frozenset({"deprecated", "retired"})
_WORDS: tuple[tuple[OfferStatus, frozenset[str]], ...] = (
    ("deprecated", _ENDING),
    ("beta", frozenset({"beta"})),
    ("alpha", frozenset({"alpha"})),
)


class Said(NamedTuple):
    """What a witness last said of an offer's life; None if it says nothing.

    Attributes:
        source: a source of offers, or `any-llm` for what the provider's own listings show.
        recorded: the moment of the newest snapshot that says so.
        status: its word for the offer's life.
        retires_on: the day on which the offer ends.
        retires_earliest: the day before which the offer does not end.
        replacement: the id that the source names as its successor.
        citation: the page that the source cites for its days.
        since: the moment from which on the provider's listings lack the offer; None for other sources.
        withdrawn: the moment of the first document that shows that the provider withdrew what was said of the end; None
            if it stands. What was said is unknown then.
    """

    source: str
    recorded: Moment
    status: OfferStatus | None = None
    retires_on: Day | None = None
    retires_earliest: Day | None = None
    replacement: str | None = None
    citation: str | None = None
    since: Moment | None = None
    withdrawn: Moment | None = None


class Lifecycle(NamedTuple):
    """The life of an offer on a day.

    Attributes:
        status: `retired`: its day has passed, or its provider stopped listing it; `deprecated`, `beta` and `alpha`: a
            source says so; `active`: no source says otherwise.
        retires_on: the day on which it ends, or ended; None if no source says one.
        retires_earliest: the day before which its provider promises not to end it.
        replacement: the id that a source names as its successor.
        source: the source of the status and the day; None if no source says anything.
        citation: the page that this source cites, usually the provider's.
        disputed: whether two sources contradict each other; `said` has what each says.
        said: what each source says, the one that takes precedence first.
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
        """Say whether it ends today or within this number of days."""
        left = self.days_left(today)
        return self.status != "retired" and left is not None and 0 <= left <= days


ACTIVE = Lifecycle()
"""The life of an offer of which no source says anything."""


def without_notice(said: Said, at: Moment) -> Said:
    """Return what is left of a statement whose notice of the end was withdrawn at a moment: that it was."""
    return Said(said.source, said.recorded, citation=said.citation, withdrawn=at)


def lifecycle_of(said: Iterable[Said], today: date, *, released: Iterable[date] = ()) -> Lifecycle:
    """Return the life of an offer on a day.

    Args:
        said: what each source last said of it; only what was recorded by that day.
        today: the day, in UTC.
        released: its known release dates.
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


def doubted_days(said: Sequence[Said]) -> frozenset[date]:
    """Return the last days that are only a promise of "not before" if they are birthdays of the model.

    These are the days that one witness alone names, as long as no witness says that the offer is deprecated.
    """
    named = [one.retires_on for one in said if one.retires_on is not None]
    if not named or any(one.status in _ENDING for one in said):
        return frozenset()
    promised = {one.retires_earliest for one in said}
    return frozenset(day for day in named if named.count(day) == 1 and day not in promised)


def _told_apart(said: tuple[Said, ...], released: frozenset[date]) -> Iterator[Said]:
    """Yield what each witness says; a last day that is only a promise of "not before" becomes `retires_earliest`."""
    promised = {one.retires_earliest for one in said if one.retires_earliest is not None}
    promised |= {day for day in doubted_days(said) if is_birthday(day, released)}
    ending = any(one.status in _ENDING for one in said)
    for one in said:
        if ending or one.retires_on not in promised:
            yield one
        else:
            yield one._replace(retires_on=None, retires_earliest=one.retires_earliest or one.retires_on)


def is_birthday(day: date, released: Iterable[date]) -> bool:
    """Say whether a day is an anniversary of one of these release dates."""
    return any((day.month, day.day) == (one.month, one.day) and day.year > one.year for one in released)


def _order(said: Said) -> tuple[bool, int]:
    rank = WITNESSES.index(said.source) if said.source in WITNESSES else _UNRANKED
    return said.citation is None, rank


def _status(witnesses: Sequence[Said], dated: Said | None, today: date) -> tuple[OfferStatus, Said | None]:
    """Return an offer's status, and the witness that says so; None if no witness says anything."""
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
            # The witness that names the day counts for the status too.
            return status, dated if dated is not None and status == "deprecated" else named
    return "active", dated


def _replacement(witnesses: Sequence[Said], lead: Said | None) -> str | None:
    first = (lead,) if lead else ()
    return next((one.replacement for one in (*first, *witnesses) if one.replacement is not None), None)


def _citation(witnesses: Sequence[Said], lead: Said | None) -> str | None:
    """Return the page that the decisive witness cites, or that another witness of the same day cites."""
    if lead is None or lead.citation is not None:
        return lead.citation if lead else None
    same = (one for one in witnesses if one.retires_on == lead.retires_on and one.retires_on is not None)
    return next((one.citation for one in same if one.citation is not None), None)


def _is_disputed(witnesses: Sequence[Said], today: date) -> bool:
    """Say whether two witnesses contradict each other: by two days, a day that was ruled out, or life after the end."""
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

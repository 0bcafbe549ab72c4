"""Judge the life of an offer: retired, retires, deprecated. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from llmhub.audit.judging.texts import in_days
from llmhub.audit.report import LEVEL_OF, Check, Verdict
from llmhub.offers.fields import ANY_LLM

if TYPE_CHECKING:
    from llmhub.offers.lives.lifecycle import Lifecycle

_ORDER: Sequence[Check] = tuple(LEVEL_OF)


def verdict_on_life(model: str, life: Lifecycle, *, today: date, within: timedelta) -> Verdict | None:
    """Return what is wrong with an offer's life; None if nothing is.

    Args:
        model: the offer.
        life: its life on that day.
        today: the day, in UTC.
        within: a last day counts if it is at most this far ahead.
    """
    if (check := _check(life, today, within)) is None:
        return None
    disputed = f"; sources disagree, see `llmhub catalog explain {model}`" if life.disputed else ""
    names = f"; its source names {life.replacement} instead" if life.replacement else ""
    return Verdict(
        check=check,
        model=model,
        message=f"{model} {_said(check, life, today)}{names}{disputed}",
        retires_on=life.retires_on,
        source=life.source,
        citation=life.citation,
    )


def _check(life: Lifecycle, today: date, within: timedelta) -> Check | None:
    if life.status == "retired":
        return "retired"
    if life.retires_within(within.days, today):
        return "retires"
    # A last day that is farther off is no reason for a finding, even if the source says deprecated.
    return "deprecated" if life.status == "deprecated" and life.retires_on is None else None


def _said(check: Check, life: Lifecycle, today: date) -> str:
    source = f" ({life.source})" if life.source else ""
    day = life.retires_on
    if check == "deprecated":
        until = f", and not retired before {life.retires_earliest}" if life.retires_earliest else ""
        return f"is deprecated{source}{until}"
    if check == "retires" and day is not None:
        return f"retires on {day}, {in_days(day, today)}{source}"
    if day is not None:
        return f"was retired on {day}{source}"
    if life.source == ANY_LLM:
        since = next((said.since for said in life.said if said.since is not None), None)
        return "is no longer listed by its provider" + (f", since {since:%Y-%m-%d}" if since else "")
    return f"is retired{source}"


def least(verdicts: Sequence[Verdict | None]) -> Verdict | None:
    """Return the mildest of the verdicts on several offers that may be meant; None if one offer has none."""
    found = [verdict for verdict in verdicts if verdict is not None]
    if not found or len(found) < len(verdicts):
        return None
    return max(found, key=lambda verdict: _ORDER.index(verdict.check))

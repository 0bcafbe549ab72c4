"""Which changes of a price look like corrections of the source rather than decisions of the provider. Pure.

They are marked, and shown all the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

_TAKEN_BACK = timedelta(days=30)
_FIRST_WEEK = timedelta(days=7)
_OLD = timedelta(days=365)
_TENFOLD = 10
_DOUBLED = 2
_DATE_LENGTH = len("2025-08-31")


class Step(NamedTuple):
    """A change of one price of one offer: the moment of the snapshot that first had it, and both prices."""

    at: datetime
    old: float | None
    new: float | None


def note_of(step: Step, *, others: Iterable[Step], first_seen: datetime | None, released: str | None) -> str | None:
    """Return why a change of a price is likely a correction; None if nothing says so.

    Args:
        step: the change.
        others: the changes of the same price at other moments.
        first_seen: when the offer came; None where it was there when recording began.
        released: its release date, as the source has it.
    """
    old, new = step.old, step.new
    if old is None or new is None or old == new:
        return None
    why = None
    if back := _taken_back(step, others):
        why = back
    elif 0 in {old, new}:
        why = "from zero" if old == 0 else "to zero"
    elif max(old, new) >= _TENFOLD * min(old, new):
        why = "tenfold or more"
    elif first_seen is not None and step.at - first_seen <= _FIRST_WEEK:
        why = "in the offer's first week"
    elif new >= _DOUBLED * old and _is_old(released, step.at):
        why = "doubled or more over a year after its release"
    return why


def _taken_back(step: Step, others: Iterable[Step]) -> str | None:
    for other in others:
        if other.old == step.new and other.new == step.old and abs(other.at - step.at) <= _TAKEN_BACK:
            if other.at > step.at:
                return f"taken back on {other.at:%Y-%m-%d}"
            return f"takes back the change of {other.at:%Y-%m-%d}"
    return None


def _is_old(released: str | None, at: datetime) -> bool:
    if released is None:
        return False
    day = released if len(released) == _DATE_LENGTH else f"{released}-01"
    try:
        return at - datetime.fromisoformat(day).replace(tzinfo=UTC) > _OLD
    except ValueError:
        return False

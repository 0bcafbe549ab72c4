"""How one offer changed: a point for each snapshot that said something else than the one before. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from llmhub.offers.corrections import Step, note_of
from llmhub.offers.fields import FIELDS, PRICE_FIELDS, Moment, Recorded

if TYPE_CHECKING:
    from llmhub.offers.values import Offer

CAME, WENT = "came", "went"
LIKELY = "likely a correction"

_NUMBERS = {name: attribute for name, attribute in PRICE_FIELDS.items() if name != "price_tiers"}


class Point(NamedTuple):
    """What a snapshot says of one offer; None where it has none."""

    recorded: Recorded
    offer: Offer | None


class Change(NamedTuple):
    """A snapshot that said something else of an offer than the one before.

    Attributes:
        recorded: that snapshot.
        offer: what it says; None where the offer went.
        changed: the fields that changed, by their short names; `came` and `went` for the offer itself.
        notes: for each price that changed and that is likely a correction, why.
    """

    recorded: Recorded
    offer: Offer | None
    changed: tuple[str, ...]
    notes: dict[str, str]

    @property
    def note(self) -> str | None:
        """All notes in one line."""
        if not self.notes:
            return None
        return f"{LIKELY}: {'; '.join(f'{name} {why}' for name, why in self.notes.items())}"


class PriceRow(NamedTuple):
    """A change of an offer as a row of a table; what is unknown, or not there any more, is None."""

    model: str
    id: int
    taken_at: Moment
    source: str
    input: float | None
    output: float | None
    cache_read: float | None
    cache_write: float | None
    context: int | None
    max_output: int | None
    status: str | None
    changed: tuple[str, ...]
    note: str | None


_SHOWN = ("input", "output", "cache_read", "cache_write", "context", "max_output", "status")


def differing(old: Offer, new: Offer) -> tuple[str, ...]:
    """Return the fields in which two offers of one model differ, by their short names."""
    before, after = old.__dict__, new.__dict__
    return tuple(name for name, attribute in FIELDS.items() if before[attribute] != after[attribute])


def changes_of(points: Sequence[Point]) -> list[Change]:
    """Return the points at which an offer came, changed or went, oldest first.

    Args:
        points: those of all snapshots of one source, oldest first.
    """
    found: list[tuple[Recorded, Offer | None, tuple[str, ...]]] = []
    before: Offer | None = None
    for recorded, offer in points:
        if offer is None:
            if before is not None:
                found.append((recorded, None, (WENT,)))
        elif before is None:
            found.append((recorded, offer, (CAME,) if found else ()))
        elif changed := differing(before, offer):
            found.append((recorded, offer, changed))
        before = offer
    notes = _notes(points, found)
    return [Change(*one, notes.get(number, {})) for number, one in enumerate(found)]


def _notes(
    points: Sequence[Point], found: Sequence[tuple[Recorded, Offer | None, tuple[str, ...]]]
) -> dict[int, dict[str, str]]:
    """Return the notes on prices, by the place of the change."""
    first = found[0][0] if found else None
    first_seen = None if first is None or first == points[0].recorded else first.taken_at
    notes: dict[int, dict[str, str]] = {}
    for name, attribute in _NUMBERS.items():
        steps: dict[int, Step] = {}
        for number, (recorded, offer, changed) in enumerate(found):
            if name in changed and offer is not None:
                old = found[number - 1][1]
                steps[number] = Step(recorded.taken_at, getattr(old, attribute), getattr(offer, attribute))
        for number, step in steps.items():
            others = [other for other in steps.values() if other is not step]
            offer = found[number][1]
            released = offer.release_date if offer is not None else None
            if why := note_of(step, others=others, first_seen=first_seen, released=released):
                notes.setdefault(number, {})[name] = why
    return notes


def rows_of(model: str, changes: Sequence[Change]) -> list[PriceRow]:
    """Return the changes of an offer as rows of a table."""
    rows = []
    for change in changes:
        recorded = change.recorded
        values = dict(zip(_SHOWN, _values(change.offer), strict=True))
        rows.append(
            PriceRow(
                model=model,
                id=recorded.id,
                taken_at=recorded.taken_at,
                source=recorded.source,
                changed=change.changed,
                note=change.note,
                **values,
            )
        )
    return rows


def _values(offer: Offer | None) -> list[Any]:
    return [None if offer is None else getattr(offer, FIELDS[name]) for name in _SHOWN]

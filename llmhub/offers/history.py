"""The changes of one offer: a point for each snapshot that differs from the one before. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar

from llmhub.offers.corrections import Quote, notes_on
from llmhub.offers.fields import FIELDS, NUMBERS, Moment, Recorded

if TYPE_CHECKING:
    from llmhub.offers.values import Offer

_When = TypeVar("_When")
_What = TypeVar("_What")

CAME, WENT = "came", "went"
LIKELY = "likely a correction"


class Point(NamedTuple):
    """A snapshot and the offer in it; None if the snapshot lacks it."""

    recorded: Recorded
    offer: Offer | None


class Change(NamedTuple):
    """A snapshot in which an offer differs from the snapshot before.

    Attributes:
        recorded: that snapshot.
        offer: the offer in it; None if the offer went.
        changed: the fields that changed, by their short names; `came` and `went` for the offer itself.
        notes: the reason for each changed price that is likely a correction.
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


State: TypeAlias = Point | Change
"""A snapshot, and the offer as it is from then on."""


class PriceRow(NamedTuple):
    """A change of an offer as a row of a table; unknown values, and those of an offer that went, are None."""

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


_OF_THE_REPOSITORY = frozenset({"base_model"})


def where_changed(values: Iterable[tuple[_When, _What]], before: _What) -> Iterator[tuple[_When, _What]]:
    """Yield the values that differ from the one before them, each with its snapshot or moment.

    Args:
        values: what was so from when on, oldest first.
        before: what was so before the first of them.
    """
    for when, value in values:
        if value != before:
            yield when, value
            before = value


def differing(old: Offer, new: Offer) -> tuple[str, ...]:
    """Return the fields in which two offers of one model differ, by their short names."""
    before, after = old.__dict__, new.__dict__
    return tuple(
        name
        for name, attribute in FIELDS.items()
        if before[attribute] != after[attribute]
        # Only models.dev's repository names base models; its document says nothing about them.
        and not (name in _OF_THE_REPOSITORY and None in {before[attribute], after[attribute]})
    )


def changes_of(points: Sequence[Point]) -> list[Change]:
    """Return the points at which an offer came, changed or went, oldest first.

    Args:
        points: the points of the snapshots of one source, oldest first; those that say the same as the point before may
            be left out.
    """
    found: list[tuple[Recorded, Offer | None, tuple[str, ...]]] = []
    before: Offer | None = None
    for recorded, offer in points:
        if offer is None:
            if before is not None:
                found.append((recorded, None, (WENT,)))
        elif before is None:
            found.append((recorded, offer, (CAME,) if found else ()))
        # Readers give the same object for the same row: most points need no comparison.
        elif offer is not before and (changed := differing(before, offer)):
            found.append((recorded, offer, changed))
        before = offer
    quotes = [None if offer is None else _quote(recorded, offer) for recorded, offer, _ in found]
    notes = notes_on(quotes, since=points[0].recorded.taken_at) if points else []
    return [Change(*one, each) for one, each in zip(found, notes, strict=True)]


def _quote(recorded: Recorded, offer: Offer) -> Quote:
    prices = {name: getattr(offer, attribute) for name, attribute in NUMBERS.items()}
    return Quote(recorded.taken_at, prices, offer.release_date, offer.open_weights)


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


class OfferRow(NamedTuple):
    """An offer as a row of a table; see `Offer` for what each value means.

    Prices are US dollars per million tokens. The words of a list are separated by spaces; `price_tiers` is the number
    of prompt lengths with prices of their own.
    """

    model: str
    provider: str
    model_id: str
    name: str
    input: float | None
    output: float | None
    reasoning: float | None
    cache_read: float | None
    cache_write: float | None
    input_audio: float | None
    output_audio: float | None
    price_tiers: int
    context: int | None
    max_input: int | None
    max_output: int | None
    input_modalities: str
    output_modalities: str
    supports_reasoning: bool | None
    supports_tool_call: bool | None
    supports_structured_output: bool | None
    attachments: bool | None
    open_weights: bool | None
    status: str | None
    knowledge: str | None
    release_date: str | None
    last_updated: str | None
    retires_on: str | None
    replacement: str | None
    family: str | None
    type: str | None
    base_model: str | None


def rows_of_offers(offers: Iterable[Offer]) -> list[OfferRow]:
    """Return offers as rows of a table, in their order."""
    return [_offer_row(offer) for offer in offers]


def _offer_row(offer: Offer) -> OfferRow:
    made: dict[str, object] = {
        "model": offer.canonical_id,
        "provider": offer.provider,
        "model_id": offer.model_id,
        "price_tiers": len(offer.price_tiers),
        "input_modalities": " ".join(offer.input_modalities),
        "output_modalities": " ".join(offer.output_modalities),
    }
    return OfferRow._make(made[name] if name in made else getattr(offer, FIELDS[name]) for name in OfferRow._fields)

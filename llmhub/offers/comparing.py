"""Compare the offers of a source at two moments: what came, went and changed. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from llmhub.offers.fields import FIELDS, MODELS_DEV, Recorded
from llmhub.offers.history import differing
from llmhub.offers.sql.digest import tiers_of

if TYPE_CHECKING:
    from llmhub.offers.values import Offer

# The fields that a rename may change beside the id, and those that must be known to call two offers the same.
_OF_THE_NAME = frozenset({"name", "last_updated"})
_MUST_BE_KNOWN = ("input", "output", "context", "release_date")
_COMPARED = tuple(attribute for name, attribute in FIELDS.items() if name not in _OF_THE_NAME)


class Renamed(NamedTuple):
    """An offer that only changed its id."""

    old: str
    new: str


class Changed(NamedTuple):
    """A changed field of an offer; `old` and `new` are None if unknown.

    Attributes:
        model: the offer, as `provider/model_id`.
        field: which field, by its short name.
        old: its value before.
        new: its value after.
        note: why a price change is likely a correction; None if it is not.
        source: the source of the change: the compared one, or a second witness.
        alone: whether only this source changed the price, so that it now differs from the second witness's; None if
            the change is not of a price, or the second witness does not have it.
    """

    model: str
    field: str
    old: Any
    new: Any
    note: str | None = None
    source: str = MODELS_DEV
    alone: bool | None = None


class OfferDiffRow(NamedTuple):
    """A difference between two moments as a row of a table; values that do not apply are None."""

    what: Literal["added", "removed", "renamed", "changed"]
    model: str
    field: str | None = None
    old: Any = None
    new: Any = None
    note: str | None = None
    source: str | None = None
    alone: bool | None = None


@dataclass(frozen=True, slots=True)
class OffersDiff:
    """The differences between the offers of a source in two snapshots.

    Attributes:
        before: the snapshot that is compared from.
        after: the snapshot that is compared to.
        added: the offers that came, by name.
        removed: the offers that went, by name.
        renamed: the offers that only changed their id.
        changed: each field of an offer that changed, by offer and in the order of `FIELDS`.
        same_offers: the names of those that are the same on both sides.
    """

    before: Recorded
    after: Recorded
    added: tuple[str, ...]
    removed: tuple[str, ...]
    renamed: tuple[Renamed, ...]
    changed: tuple[Changed, ...]
    same_offers: frozenset[str]

    def __repr__(self) -> str:
        """Say what it is in one line: its lists would fill a screen."""
        days = f"{self.before.taken_at:%Y-%m-%d} to {self.after.taken_at:%Y-%m-%d}"
        names = ("added", "removed", "renamed", "changed")
        counts = ", ".join(f"{len(getattr(self, name)):,} {name}" for name in names)
        return f"<OffersDiff of {self.after.source}, {days}: {counts}, {self.unchanged:,} unchanged>"

    @property
    def unchanged(self) -> int:
        """Return how many offers are the same on both sides."""
        return len(self.same_offers)

    @property
    def providers(self) -> set[str]:
        """Return the providers that have an offer on one of the sides."""
        changed = (change.model for change in self.changed)
        renamed = (pair.old for pair in self.renamed)
        return {key.partition("/")[0] for key in (*self.added, *self.removed, *renamed, *changed, *self.same_offers)}

    @property
    def same(self) -> bool:
        """Say whether nothing differs."""
        return not (self.added or self.removed or self.renamed or self.changed)

    @property
    def rows(self) -> list[OfferDiffRow]:
        """Return all differences as rows of one table."""
        return [
            *(OfferDiffRow("added", model) for model in self.added),
            *(OfferDiffRow("removed", model) for model in self.removed),
            *(OfferDiffRow("renamed", pair.old, None, pair.old, pair.new) for pair in self.renamed),
            *(OfferDiffRow("changed", *change) for change in self.changed),
        ]

    def with_notes(self, note: Callable[[Changed], str | None]) -> OffersDiff:
        """Return this diff with a note on each change."""
        return replace(self, changed=tuple(change._replace(note=note(change)) for change in self.changed))

    def of_models(self, wanted: Callable[[str], bool]) -> OffersDiff:
        """Return this diff for the wanted models only; a renamed one is kept if either id is wanted."""
        return replace(
            self,
            added=tuple(filter(wanted, self.added)),
            removed=tuple(filter(wanted, self.removed)),
            renamed=tuple(pair for pair in self.renamed if wanted(pair.old) or wanted(pair.new)),
            changed=tuple(change for change in self.changed if wanted(change.model)),
            same_offers=frozenset(filter(wanted, self.same_offers)),
        )

    def of_fields(self, fields: frozenset[str]) -> OffersDiff:
        """Return this diff with changes of these fields only, and nothing that came, went or was renamed."""
        changed = tuple(change for change in self.changed if change.field in fields)
        others = {change.model for change in self.changed} - {change.model for change in changed}
        return replace(self, added=(), removed=(), renamed=(), changed=changed, same_offers=self.same_offers | others)


def compare(
    old: Mapping[str, Offer],
    new: Mapping[str, Offer],
    *,
    before: Recorded,
    after: Recorded,
    came: Iterable[str] = (),
    went: Iterable[str] = (),
    equal: Iterable[str] = (),
) -> OffersDiff:
    """Compare two sets of offers.

    Args:
        old: the offers of `before`; those that are equal on both sides may be left out of both.
        new: the offers of `after`.
        before: a snapshot.
        after: another one.
        came: further new offers that are certainly not renamed ones.
        went: further offers that went and are certainly not renamed ones.
        equal: the names of the offers that were left out because they are equal.
    """
    renamed = _renames(
        {key: offer for key, offer in old.items() if key not in new},
        {key: offer for key, offer in new.items() if key not in old},
    )
    of, to = {pair.old for pair in renamed}, {pair.new for pair in renamed}
    changed: list[Changed] = []
    same = set(equal)
    for key in sorted(old.keys() & new.keys()):
        fields = differing(old[key], new[key])
        if not fields:
            same.add(key)
        changed += [Changed(key, name, shown_value(old[key], name), shown_value(new[key], name)) for name in fields]
    return OffersDiff(
        before=before,
        after=after,
        added=tuple(sorted({*came, *(new.keys() - old.keys() - to)})),
        removed=tuple(sorted({*went, *(old.keys() - new.keys() - of)})),
        renamed=tuple(renamed),
        changed=tuple(changed),
        same_offers=frozenset(same),
    )


def shown_value(offer: Offer, name: str) -> Any:
    """Return a field's value as JSON has it."""
    value = getattr(offer, FIELDS[name])
    if name == "price_tiers":
        return tiers_of(value) or None
    return (list(value) or None) if isinstance(value, tuple) else value


def _renames(went: Mapping[str, Offer], came: Mapping[str, Offer]) -> list[Renamed]:
    """Pair ids of a provider: exactly one went and exactly one came with the same values, none of them unknown."""
    old, new = _by_values(went), _by_values(came)
    return sorted(
        Renamed(old[values][0], new[values][0])
        for values in old.keys() & new.keys()
        if len(old[values]) == len(new[values]) == 1
    )


def _by_values(offers: Mapping[str, Offer]) -> dict[tuple[Any, ...], list[str]]:
    found: dict[tuple[Any, ...], list[str]] = {}
    for key, offer in offers.items():
        if all(getattr(offer, FIELDS[name]) is not None for name in _MUST_BE_KNOWN):
            values = (offer.provider, *(getattr(offer, attribute) for attribute in _COMPARED))
            found.setdefault(values, []).append(key)
    return found

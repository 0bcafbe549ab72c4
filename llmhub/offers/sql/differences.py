"""Read what differs between two snapshots of one source, and no more: equal lists and equal offers are not read."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from llmhub.offers.fields import Recorded
from llmhub.offers.sql import statements
from llmhub.offers.sql.reading import Listed, digests_of, lists_of, models_of_lists, offers_by_number

if TYPE_CHECKING:
    from llmhub.offers.values import Offer


@dataclass(frozen=True, slots=True)
class Asked:
    """Which offers of a comparison are asked for; None: all.

    Attributes:
        models: these, as `provider/model_id`.
        providers: those of these providers.
        fields: those that differ in one of these fields, which hold numbers and texts.
    """

    models: Collection[str] | None = None
    providers: Collection[str] | None = None
    fields: Collection[str] | None = None

    def for_provider(self, name: str) -> bool:
        """Say whether any of a provider's offers may be asked for."""
        return self.providers is None or name in self.providers

    def __contains__(self, model: str) -> bool:
        return (self.models is None or model in self.models) and self.for_provider(model.partition("/")[0])

    @classmethod
    def of(cls, models: Collection[str] | None, providers: Collection[str] | None) -> Asked:
        """Return what asks for some models, for those of some providers, or for all."""
        if models is not None and providers is None:
            providers = frozenset(model.partition("/")[0] for model in models)
        return cls(models, providers)


EVERYTHING = Asked()


@dataclass(slots=True)
class Differing:
    """What differs between two snapshots, by `provider/model_id`.

    Attributes:
        old: the offers of the first one that changed, and those that went and may only be renamed.
        new: the same of the second one.
        came: the other offers that only the second one has.
        went: the other offers that only the first one has.
        equal: those that are the same on both.
    """

    old: dict[str, Offer]
    new: dict[str, Offer]
    came: list[str]
    went: list[str]
    equal: set[str]


def differing_offers(connection: sqlite3.Connection, old: Recorded, new: Recorded, asked: Asked) -> Differing:
    """Return what differs between two snapshots of one source.

    Offers that are not asked for are read if one that is may be renamed from or to them.

    Raises:
        OddValueError: a price list or an offer differs from what was stored.
    """
    sides = _sides(connection, old, new, asked)
    if asked.fields is not None:
        sides.keep(_changed_in(connection, sides, asked.fields))
    renamed = _may_be_renamed(connection, sides)
    numbers = [*sides.old.values(), *sides.new.values(), *renamed]
    read = offers_by_number(connection, {number: sides.keys[number] for number in numbers})
    return Differing(
        old={key: read[number] for key, number in (sides.old | sides.went).items() if number in read},
        new={key: read[number] for key, number in (sides.new | sides.came).items() if number in read},
        came=[key for key, number in sides.came.items() if number not in read],
        went=[key for key, number in sides.went.items() if number not in read],
        equal=sides.equal,
    )


@dataclass(slots=True)
class _Sides:
    """What differs, as `Differing` has it, but with the row ids of offers.

    Attributes:
        keys: the provider and the model id of each row id.
    """

    old: dict[str, int] = field(default_factory=dict)
    new: dict[str, int] = field(default_factory=dict)
    came: dict[str, int] = field(default_factory=dict)
    went: dict[str, int] = field(default_factory=dict)
    equal: set[str] = field(default_factory=set)
    keys: dict[int, tuple[str, str]] = field(default_factory=dict)

    def add(
        self, provider: str, of: Mapping[str, tuple[bytes, int]], to: Mapping[str, tuple[bytes, int]], asked: Asked
    ) -> None:
        """Add a provider's offers, each with its digest and its row id."""
        both = [model_id for model_id in of.keys() & to.keys() if f"{provider}/{model_id}" in asked]
        differing = [model_id for model_id in both if of[model_id][0] != to[model_id][0]]
        self.equal.update(f"{provider}/{model_id}" for model_id in both)
        self.equal.difference_update(f"{provider}/{model_id}" for model_id in differing)
        came, went = to.keys() - of.keys(), of.keys() - to.keys()
        of_side = ((differing, of, self.old), (differing, to, self.new), (came, to, self.came), (went, of, self.went))
        for wanted, side, kept in of_side:
            for model_id in wanted:
                number = kept[f"{provider}/{model_id}"] = side[model_id][1]
                self.keys[number] = provider, model_id

    def keep(self, changed: Collection[str]) -> None:
        """Leave out the offers that changed otherwise than asked for."""
        self.old = {key: number for key, number in self.old.items() if key in changed}
        self.new = {key: number for key, number in self.new.items() if key in changed}


def _sides(connection: sqlite3.Connection, old: Recorded, new: Recorded, asked: Asked) -> _Sides:
    old_lists, new_lists = lists_of(connection, old.id), lists_of(connection, new.id)
    sides, same = _Sides(), dict[str, Listed]()
    for provider in sorted({*old_lists, *new_lists}):
        one, other = old_lists.get(provider), new_lists.get(provider)
        if not asked.for_provider(provider):
            continue
        if one == other and one is not None:
            same[provider] = one
            continue
        of = digests_of(connection, provider, one) if one else {}
        to = digests_of(connection, provider, other) if other else {}
        sides.add(provider, of, to, asked)
    sides.equal.update(model for model in models_of_lists(connection, same) if model in asked)
    return sides


def _changed_in(connection: sqlite3.Connection, sides: _Sides, fields: Collection[str]) -> set[str]:
    """Return the offers of which one of these fields changed; nothing else of them is read."""
    pairs = json.dumps([(number, sides.new[key]) for key, number in sides.old.items()])
    found = connection.execute(statements.changed_in(tuple(sorted(fields))), {"pairs": pairs})
    return {"/".join(sides.keys[number]) for (number,) in found}


def _may_be_renamed(connection: sqlite3.Connection, sides: _Sides) -> list[int]:
    """Return the row ids of offers that went or came with the price, limit and release date of one that came or went.

    Only these are read: of the others a diff shows only the names.
    """
    if not (sides.came and sides.went):
        return []
    asked = {"numbers": json.dumps([*sides.came.values(), *sides.went.values()])}
    values = {number: tuple(told) for number, *told in connection.execute(statements.RENAME_VALUES, asked)}
    of_came, of_went = (
        [(number, (sides.keys[number][0], *values.get(number, ()))) for number in side.values()]
        for side in (sides.came, sides.went)
    )
    both = {told for _, told in of_came} & {told for _, told in of_went}
    return [number for number, told in (*of_came, *of_went) if told in both and None not in told]

"""Add to a comparison what the other sources say: last days that moved, and prices that only one source changed."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from llmhub.offers.comparing import Changed, OffersDiff
from llmhub.offers.fields import FIELDS, LIST_SOURCES, LITELLM, MODELS_DEV, NUMBERS, Moment, Recorded
from llmhub.offers.litellm.witnesses import differs
from llmhub.offers.sql import statements
from llmhub.offers.sql.reading import offers_in
from llmhub.storage.moments import from_sql, to_sql

if TYPE_CHECKING:
    from llmhub.offers.values import Offer

_ENDS = frozenset({"retires_on", "retires_earliest", "replacement"})
WITNESSED = _ENDS | NUMBERS.keys()
"""The fields of another source than models.dev of which a comparison says something."""

Compare = Callable[[Recorded, Recorded], OffersDiff]
"""Compares two snapshots of one source."""


def with_witnesses(connection: sqlite3.Connection, found: OffersDiff, compare: Compare) -> OffersDiff:
    """Return a comparison of models.dev with what the other sources said at the same two moments.

    A last day that became known or moved is a change of its own. A change of a price by models.dev says whether LiteLLM
    changed it too; a price that only LiteLLM changed is added.
    """
    changed = list(found.changed)
    for source in LIST_SOURCES:
        if source == MODELS_DEV:
            continue
        old, new = (_newest(connection, source, side.taken_at) for side in (found.before, found.after))
        if old is None or new is None:
            # The source had said nothing by then, so nothing of it changed.
            continue
        other = compare(old, new)
        changed += _ends(source, other, offers_in(connection, new.id, other.added, ending=True))
        if source == LITELLM:
            moved = {(one.model, one.field) for one in other.changed}
            theirs = offers_in(connection, new.id, _priced(changed, MODELS_DEV))
            changed = [_judged(one, moved, theirs.get(one.model)) for one in changed]
            changed += _alone(found, other, offers_in(connection, found.after.id, _priced(other.changed)))
    order = {name: number for number, name in enumerate(FIELDS)}
    return replace(found, changed=tuple(sorted(changed, key=lambda one: (one.model, order[one.field], one.source))))


def _priced(changed: Iterable[Changed], source: str | None = None) -> set[str]:
    """Return the offers of which a price changed, as any source says, or as one does."""
    return {one.model for one in changed if one.field in NUMBERS and source in {None, one.source}}


def _ends(source: str, other: OffersDiff, ending: Mapping[str, Offer]) -> Iterator[Changed]:
    """Yield a witness's changes of last days and successors, also of offers that it lists only now."""
    yield from (one._replace(source=source) for one in other.changed if one.field in _ENDS)
    for model in other.added:
        if model in ending:
            yield Changed(model, "retires_on", None, ending[model].retires_on, source=source)


def _judged(one: Changed, moved: set[tuple[str, str]], theirs: Offer | None) -> Changed:
    """Return a change of a price by models.dev with the mark whether only models.dev changed it."""
    if one.source != MODELS_DEV or one.field not in NUMBERS or theirs is None:
        return one
    price = getattr(theirs, NUMBERS[one.field])
    if price is None or one.new is None:
        return one
    return one._replace(alone=(one.model, one.field) not in moved and differs(one.new, price))


def _alone(found: OffersDiff, other: OffersDiff, ours: Mapping[str, Offer]) -> Iterator[Changed]:
    """Yield the prices that LiteLLM changed of offers that models.dev has too, and that now differ from its own."""
    by_both = {(one.model, one.field) for one in found.changed}
    for one in other.changed:
        if one.field not in NUMBERS or one.model not in ours or (one.model, one.field) in by_both:
            continue
        if differs(one.new, getattr(ours[one.model], NUMBERS[one.field])):
            yield one._replace(source=LITELLM, alone=True)


def _newest(connection: sqlite3.Connection, source: str, at: Moment) -> Recorded | None:
    row = connection.execute(statements.NEWEST, {"source": source, "until": to_sql(at)}).fetchone()
    return None if row is None else Recorded(row[0], source, from_sql(row[1]))

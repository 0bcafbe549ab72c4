"""The lives of offers, as the store knows them, under the names by which the catalog knows providers."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import date
from typing import TYPE_CHECKING, Protocol

from llmhub.catalog.matching.overrides import Overrides, load_overrides
from llmhub.offers.sql.lives import lifecycles

if TYPE_CHECKING:
    import sqlite3

    from llmhub.offers.lifecycle import Lifecycle


class _Store(Protocol):
    def reading(self) -> AbstractContextManager[sqlite3.Connection | None]: ...


def known_lifecycles(
    store: _Store | sqlite3.Connection | None, *, today: date, overrides: Overrides | None = None
) -> Mapping[str, Lifecycle]:
    """Return the life of every offer that any source ever listed, by `provider/model_id`.

    The provider has its name of models.dev; what a provider listed itself stands under its name of any-llm too.

    Args:
        store: a `SnapshotStore`, or a connection to one; None where there is none yet.
        today: the day to take for today's, in UTC; later snapshots do not count.
        overrides: where the providers' names are from; by default the shipped and the user's own.

    Raises:
        OverridesError: the user's overrides.json is malformed.
        StoreError: the store cannot be read; see its children.
    """
    named = overrides or load_overrides()
    local = frozenset(name for name, habits in named.vocabulary.habits.items() if habits.local)
    if store is None or not hasattr(store, "reading"):
        return lifecycles(store, today=today, called=named.providers, local=local)
    with store.reading() as connection:
        return lifecycles(connection, today=today, called=named.providers, local=local)

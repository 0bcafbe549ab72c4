"""The lives of offers, as the store knows them, under the names by which the catalog knows providers.

Reading them costs a catalog nothing but time: if the store cannot be read, the catalog is as it would be without it.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from llmhub.catalog.matching.provider_names import HasNames, names_in, provider_names
from llmhub.catalog.offered.keys import offer_keys
from llmhub.errors import LlmhubError
from llmhub.offers.sql.lives.lifecycles import lifecycles
from llmhub.storage.sqlite_errors import waiting_at_most

if TYPE_CHECKING:
    import sqlite3

    from llmhub.catalog.matching.overrides import Overrides
    from llmhub.catalog.schema import CanonicalModel, Catalog
    from llmhub.offers.lives.lifecycle import Lifecycle

AnyCatalog = TypeVar("AnyCatalog", bound="Catalog")

EVER = (date.min, date.max)
"""All days, as a span of last days."""

_SECONDS = 2.0

_log = logging.getLogger(__name__)


class _Store(Protocol):
    def reading(self) -> AbstractContextManager[sqlite3.Connection | None]: ...


def known_lifecycles(
    store: _Store | sqlite3.Connection | None,
    *,
    today: date,
    overrides: Overrides | None = None,
    until: datetime | None = None,
    only: Collection[str] | None = None,
    ending: tuple[date, date] | None = None,
) -> Mapping[str, Lifecycle]:
    """Return the life of every offer that any source ever listed, by `provider/model_id`.

    The provider has its name of models.dev; what a provider listed itself stands under its name of any-llm too.

    Args:
        store: a `SnapshotStore`, or a connection to one; None if there is none yet.
        today: the day to take for today's, in UTC.
        overrides: where the providers' names are from; by default the shipped and the user's own.
        until: later snapshots do not count; by default those of later days.
        only: the offers that are wanted, as `provider/model_id`; by default all.
        ending: only offers whose last day, as some source says, is one of these: the first and the last of them.

    Raises:
        OverridesError: the user's overrides.json is malformed.
        StoreError: the store cannot be read; see its children.
    """
    names = provider_names() if overrides is None else names_in(overrides)
    options: dict[str, Any] = {"today": today, "called": names.providers, "local": names.local, "until": until}
    options |= {"only": only, "ending": ending}
    if store is None or not hasattr(store, "reading"):
        return lifecycles(store, **options)
    with store.reading() as connection:
        return lifecycles(connection, **options)


def with_lives(
    catalog: AnyCatalog, *, today: date, overrides: Overrides | None = None, until: datetime | None = None
) -> AnyCatalog:
    """Return a catalog with the end of its models and the disputed prices; errors of the store are logged.

    Args:
        catalog: any.
        today: the day to take for today's, in UTC.
        overrides: by default the shipped and the user's own.
        until: later snapshots do not count; by default those of later days.

    Raises:
        OverridesError: the user's overrides.json is malformed.
    """
    from llmhub.offers.sql.disputes import disputed_prices
    from llmhub.store import SnapshotStore

    named = provider_names() if overrides is None else names_in(overrides)
    try:
        with waiting_at_most(_SECONDS), SnapshotStore.open() as store, store.reading() as connection:
            until = until or datetime.combine(today, time.max, UTC)
            lives = lifecycles(connection, today=today, called=named.providers, local=named.local, until=until)
            prices = disputed_prices(connection, until=until)
    except (LlmhubError, OSError) as error:
        _log.info("what is stored of retirement dates cannot be read: %s", error)
        return catalog
    models = tuple(_with_life(model, lives, prices, named) for model in catalog.models)
    return catalog.model_copy(update={"models": models})


def _with_life(
    model: CanonicalModel,
    lives: Mapping[str, Lifecycle],
    prices: Mapping[str, tuple[str, ...]],
    names: HasNames,
) -> CanonicalModel:
    keys = tuple(offer_keys(model.provider, model.model_id, model.modelsdev_match, names))
    disputed = next((prices[key] for key in keys if key in prices), ())
    known = [lives[key] for key in keys if key in lives]
    # Prefer a name under which a source says something about the offer over one that is only listed.
    life = next((each for each in known if each.source is not None), known[0] if known else None)
    update: dict[str, Any] = {"disputed": disputed}
    if life is not None:
        update |= {
            # A stage that was read here before may be out of date; one that models.dev stated is among the life's own.
            "status": life.status if life.status != "active" else None if model.retires_source else model.status,
            "retires_on": _text(life.retires_on),
            "retires_earliest": _text(life.retires_earliest),
            "retires_source": life.source,
            "retires_citation": life.citation,
            "replacement": life.replacement,
            "disputed": (*disputed, "retires_on") if life.disputed else disputed,
        }
    return model.model_copy(update=update)


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def refresh_lives(*, today: date | None = None) -> None:
    """Write the last built catalog again with the current end of its models; without a catalog, do nothing.

    What goes wrong is logged: the next refresh does the same.
    """
    from llmhub.catalog.cache import read_catalog, save_catalog

    try:
        catalog = read_catalog()
        if catalog is not None:
            save_catalog(with_lives(catalog, today=today or datetime.now(UTC).date()))
    except LlmhubError as error:
        _log.warning("the catalog does not show yet what was imported: %s", error)

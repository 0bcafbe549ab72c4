"""Find the offer that recorded usage means, and make the bill at the prices of its time."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from llmhub.nearest import first_few
from llmhub.offers.answers import changes_at
from llmhub.offers.billing.cost import Bill, PriceLine, Tokens
from llmhub.offers.billing.usage import Used
from llmhub.offers.fields import MODELS_DEV
from llmhub.offers.litellm.names import keys_of
from llmhub.offers.sql import statements
from llmhub.offers.sql.finding import labs_first, resolve
from llmhub.offers.sql.price_timelines import changes_of_many

if TYPE_CHECKING:
    from llmhub.offers.billing.own_prices import OwnPrice
    from llmhub.offers.history import Change


class Prices:
    """The price lines of a store's offers, each read at its first use."""

    def __init__(
        self,
        maybe: sqlite3.Connection | None,
        *,
        now: datetime,
        provider: str | None = None,
        own: Callable[[str], OwnPrice | None] | None = None,
        labs: Callable[[], Collection[str]] = frozenset,
    ) -> None:
        """Check that there are prices.

        Args:
            maybe: a connection to the store; None if there is no store yet.
            now: later snapshots do not count.
            provider: the provider of models that are named without one.
            own: returns the user's own prices for an offer, by its key.
            labs: returns the providers that are labs with models of their own: an id alone means its lab's offer.

        Raises:
            SnapshotNotFound: no prices are stored.
        """
        self._connection, _ = resolve(maybe, "latest", now=now)
        self._now = now
        self._provider = provider
        self._own = own
        self._labs = labs
        self._lines: dict[tuple[str | None, str], tuple[str, PriceLine | str]] = {}
        self._by_id: dict[str, list[str]] = {}
        self._changes: dict[str, list[Change]] = {}

    def line(self, provider: str | None, model: str) -> tuple[str, PriceLine | str]:
        """Return the meant offer and its price line, or the name as written and why there is no price line."""
        asked = (provider, model)
        if asked not in self._lines:
            self._lines[asked] = self._found(provider, model)
        return self._lines[asked]

    def _found(self, provider: str | None, model: str) -> tuple[str, PriceLine | str]:
        for name, model_id in self._readings(provider, model):
            if name in self._offering(model_id):
                key = f"{name}/{model_id}"
                try:
                    return key, self._line_of(key)
                except LookupError:
                    return key, "no price of it was recorded"
        offering = labs_first(self._offering(model), self._labs)
        if not model:
            return model, "no model is named"
        if not offering:
            return model, "models.dev never listed it"
        several = f"several providers may be meant ({first_few(offering)})"
        return model, f"{several}: write provider/model, or give --provider"

    def _offering(self, model_id: str) -> list[str]:
        """Return the providers that models.dev ever listed with a model."""
        if model_id not in self._by_id:
            asked = {"model_id": model_id, "source": MODELS_DEV}
            self._by_id[model_id] = [name for (name,) in self._connection.execute(statements.OFFERING, asked)]
        return self._by_id[model_id]

    def read_ahead(self, models: Iterable[str]) -> None:
        """Read the prices of many offers, as `provider/model_id`, with a few statements; others are read one by one."""
        self._changes |= changes_of_many(self._connection, models, until=self._now)

    def _line_of(self, key: str) -> PriceLine:
        """Return the price line of an offer, at the prices that the user pays."""
        changes = self._changes.get(key) or changes_at(self._connection, key, now=self._now)
        own = None if self._own is None else self._own(key)
        if own is None:
            return PriceLine(changes)
        paid = [change if change.offer is None else change._replace(offer=own.of(change.offer)) for change in changes]
        return PriceLine(paid, is_own=True)

    def _readings(self, provider: str | None, model: str) -> Iterable[tuple[str, str]]:
        """Yield the possible meanings of a name, the likeliest first."""
        if provider:
            yield provider, model
            yield provider, model.removeprefix(f"{provider}/")
            yield from _as_litellm_names(provider, model)
        head, slash, rest = model.partition("/")
        if slash:
            yield head, rest
            yield from _as_litellm_names(head, model)
        if self._provider:
            yield self._provider, model
        offering = self._offering(model)
        if len(offering) > 1:
            labs = self._labs()
            offering = [name for name in offering if name in labs]
        if len(offering) == 1:
            yield offering[0], model


def _as_litellm_names(provider: str, model: str) -> Iterable[tuple[str, str]]:
    """Yield the offers that LiteLLM's name of a provider and an id stand for."""
    return ((key.provider, key.model_id) for key in keys_of(provider, model))


def bill_of(prices: Prices, usage: Iterable[Used]) -> Bill:
    """Return the bill of recorded usage, at the price that was recorded by the end of each line's day."""
    bill = Bill()
    for used in usage:
        model, line = prices.line(used.provider, used.model)
        bill.add(model, line, used.moment, used.tokens)
        bill.without_zone += not used.zoned
    return bill


def quote(prices: Prices, models: Iterable[str], tokens: Tokens, *, at: datetime) -> Bill:
    """Return the bill of the same usage of several offers, at the prices of a snapshot.

    Args:
        prices: read with `now` at the snapshot's moment.
        models: as `provider/model_id`, or an id alone if it is unique.
        tokens: of each.
        at: the snapshot's moment.
    """
    bill = Bill()
    asked = dict.fromkeys(models)
    prices.read_ahead(asked)
    for name in asked:
        model, line = prices.line(None, name)
        bill.add(model, line, at, tokens)
    return bill

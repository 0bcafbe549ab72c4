"""Find the offers that recorded usage means, and make the bill at the prices of its time."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple, Protocol

from llmhub.nearest import first_few
from llmhub.offers.billing.cost import Bill, Tokens
from llmhub.offers.billing.price_lines import Price, PriceLine
from llmhub.offers.fields import LITELLM, MODELS_DEV, PriceSource
from llmhub.offers.litellm.names import keys_of
from llmhub.offers.sql import statements
from llmhub.offers.sql.finding import labs_first
from llmhub.offers.sql.price_timelines import changes_of_one, last_states

if TYPE_CHECKING:
    from llmhub.offers.billing.own_prices import OwnPrice
    from llmhub.offers.billing.usage import Used
    from llmhub.offers.history import State


class Meaning(NamedTuple):
    """An offer that a name may stand for.

    Attributes:
        ours: its key in models.dev; None if models.dev does not have that very offer.
        keys: the keys under which LiteLLM may list it, and the user's own prices name it, the surest first.
    """

    ours: str | None
    keys: tuple[str, ...]


class Payer(Protocol):
    """What the user's catalog and settings decide about prices."""

    def callable_as(self, name: str) -> Meaning | None:
        """Return the offer of this name in the catalog; None if it has none."""

    def called(self, provider: str) -> Sequence[str]:
        """Return models.dev's names of a provider, by any-llm's name."""

    def own_price(self, keys: Sequence[str]) -> OwnPrice | None:
        """Return the user's own price of an offer; None if there is none."""

    def named_source(self, keys: Sequence[str]) -> PriceSource | None:
        """Return whose prices the user wants for an offer."""

    def labs(self) -> Collection[str]:
        """Return the providers that are labs with models of their own: an id alone means its lab's offer."""


class Prices:
    """The price lines of a store's offers, each read at its first use.

    Attributes:
        until: later snapshots do not count.
    """

    def __init__(
        self, connection: sqlite3.Connection, *, until: datetime, payer: Payer, provider: str | None = None
    ) -> None:
        """Prepare to read prices.

        Args:
            connection: a connection to a store that has price lists.
            until: later snapshots do not count; timezone-aware.
            payer: what the user's catalog and settings decide.
            provider: the provider of models that are named without one; None if it must follow from the id.
        """
        self._connection = connection
        self.until = until
        self._provider = provider
        self._payer = payer
        self._lines: dict[tuple[str | None, str], tuple[str, PriceLine | str]] = {}
        self._ids: dict[str, list[str]] = {}
        self._changes: dict[tuple[str, str], Sequence[State]] = {}

    def read_last(self, names: Iterable[str]) -> None:
        """Read the last prices of many offers with a few statements: what is asked of them must be the last prices."""
        meanings = [self._payer.callable_as(name) or Meaning(name, (name,)) for name in names]
        ours = {meaning.ours for meaning in meanings if meaning.ours}
        for source, keys in ((MODELS_DEV, ours), (LITELLM, {key for meaning in meanings for key in meaning.keys})):
            found = last_states(self._connection, keys, until=self.until, source=source)
            self._changes |= {(source, key): [found[key]] if key in found else [] for key in keys}

    def line(self, provider: str | None, model: str) -> tuple[str, PriceLine | str]:
        """Return the meant offer and its price line, or the name as written and why there is no price line."""
        asked = (provider, model)
        if asked not in self._lines:
            self._lines[asked] = self._found(provider, model)
        return self._lines[asked]

    def is_callable(self, name: str) -> bool:
        """Say whether the user's catalog has a model of this name, priced or not."""
        return self._payer.callable_as(name) is not None

    def _found(self, provider: str | None, model: str) -> tuple[str, PriceLine | str]:
        if not model:
            return model, "no model is named"
        known = self._payer.callable_as(f"{provider}/{model}" if provider else model)
        if known is not None:
            return known.ours or known.keys[0], self._line_of(known) or self._nobody()
        for key in self._readings(provider, model):
            meaning = Meaning(key, (key,))
            if (line := self._line_of(meaning)) is not None:
                return meaning.keys[0], line
        offering = labs_first(self._offering(model), self._payer.labs)
        if not offering:
            return model, self._nobody()
        several = f"several providers may be meant ({first_few(offering)})"
        return model, f"{several}: write provider/model, or give --provider"

    def _line_of(self, meaning: Meaning) -> PriceLine | None:
        """Return the price line of an offer; None if no source ever listed it and the user has no price for it."""
        ours = self._changes_of(meaning.ours, MODELS_DEV) if meaning.ours else []
        lines = (self._changes_of(key, LITELLM) for key in meaning.keys)
        theirs = next((line for line in lines if line), [])
        own = self._payer.own_price(meaning.keys)
        if not ours and not theirs and (own is None or own.factor is not None):
            return None
        return PriceLine(ours, theirs, named=self._payer.named_source(meaning.keys), own=own)

    def _changes_of(self, key: str, source: str) -> Sequence[State]:
        if (source, key) not in self._changes:
            self._changes[source, key] = changes_of_one(self._connection, key, until=self.until, source=source)
        return self._changes[source, key]

    def _readings(self, provider: str | None, model: str) -> Iterable[str]:
        """Yield the keys that a name may mean, the likeliest first."""
        if provider:
            yield from self._readings_at(provider, model)
            yield from self._readings_at(provider, model.removeprefix(f"{provider}/"))
        head, slash, rest = model.partition("/")
        if slash:
            yield from self._readings_at(head, rest, written=model)
        if self._provider:
            yield from self._readings_at(self._provider, model)
        offering = self._offering(model)
        if len(offering) > 1:
            labs = self._payer.labs()
            offering = [name for name in offering if name in labs]
        if len(offering) == 1:
            yield f"{offering[0]}/{model}"

    def _readings_at(self, provider: str, model: str, *, written: str | None = None) -> Iterable[str]:
        """Yield what an id at a provider may mean in models.dev's spelling."""
        yield f"{provider}/{model}"
        yield from (f"{key.provider}/{key.model_id}" for key in keys_of(provider, written or model))
        yield from (f"{name}/{model}" for name in self._payer.called(provider))

    def _offering(self, model: str) -> Sequence[str]:
        """Return the providers that ever offered an id: as models.dev says, or LiteLLM, if the former names none."""
        if model not in self._ids:
            asked = ({"model_id": model, "source": source} for source in (MODELS_DEV, LITELLM))
            found = ([name for (name,) in self._connection.execute(statements.OFFERING, each)] for each in asked)
            self._ids[model] = next((names for names in found if names), [])
        return self._ids[model]

    def _nobody(self) -> str:
        if self._connection.execute(statements.HAS_SOURCE, {"source": LITELLM}).fetchone() is None:
            return "models.dev never listed it"
        return "neither models.dev nor LiteLLM ever listed it"


def bill_of(prices: Prices, usage: Iterable[Used]) -> Bill:
    """Return the bill of recorded usage, at the price that was recorded by the end of each line's day."""
    bill = Bill()
    for used in usage:
        model, line = prices.line(used.provider, used.model)
        bill.add(model, line, used.moment, used.tokens, prompt=used.prompt, unlike=used.unlike)
        bill.without_zone += not used.zoned
        bill.searches += used.searches
    return bill


class Estimate(NamedTuple):
    """The bill of the same usage of several offers, each once.

    Attributes:
        bill: what the usage costs.
        names: the offer that each name means.
        unknown: the names that mean no offer, or may mean several, and that the user's catalog does not have either.
    """

    bill: Bill
    names: dict[str, str]
    unknown: tuple[str, ...]


def quote(prices: Prices, models: Iterable[str], tokens: Tokens, *, prompt: int | None = None) -> Estimate:
    """Return what the same usage of several offers costs at the last prices.

    Args:
        prices: the prices until a moment.
        models: as `provider/model_id`, under models.dev's names or the catalog's, or an id alone if it is unique.
        tokens: the usage of each offer.
        prompt: the length of each prompt in tokens; None if it is unknown.
    """
    bill = Bill()
    at = prices.until
    meant: dict[str, str] = {}
    unknown = []
    counted: dict[str, Price | str] = {}
    asked = tuple(models)
    prices.read_last(asked)
    for name in asked:
        model, line = prices.line(None, name)
        if isinstance(line, str) and not prices.is_callable(name):
            unknown.append(name)
        price = line if isinstance(line, str) else line.at(at)
        if counted.get(model, price) != price:
            # The user pays another price for the same offer under this name.
            model = name
        if model not in counted:
            counted[model] = price
            bill.add(model, line, at, tokens, prompt=prompt)
        meant[name] = model
    return Estimate(bill, meant, tuple(unknown))

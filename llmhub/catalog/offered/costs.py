"""What usage costs at the prices that the user pays: the user's own, then models.dev's, then LiteLLM's."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from llmhub.arena.database import reading_store
from llmhub.catalog.offered.paying import CatalogPayer
from llmhub.errors import ModelNotFoundError
from llmhub.nearest import did_you_mean, shortened
from llmhub.offers.billing.cost import Bill, CostRow, Tokens, Unpriced, total_of
from llmhub.offers.billing.pricing import Prices, bill_of, quote
from llmhub.offers.fields import LITELLM, MODELS_DEV, Moment
from llmhub.offers.sql.finding import known_keys, moment_of_prices

if TYPE_CHECKING:
    from llmhub.catalog.schema import Catalog


class Costs(NamedTuple):
    """What the same usage costs with several models.

    Attributes:
        at: the moment of the prices.
        rows: a row for each model, the cheapest first.
        unpriced: the models without a known price, with the reasons; they have no row.
        long_prompts: the models that charge more or less for long prompts, which is not counted here.
        names: the model of the row for each name that was asked for.
        unknown: the names that no source ever listed, or that may mean several offers, and that the catalog does not
            have either; they are in `unpriced`, too.
    """

    at: Moment
    rows: list[CostRow]
    unpriced: list[Unpriced]
    long_prompts: frozenset[str]
    names: dict[str, str]
    unknown: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Say what it is in one line."""
        unpriced = f", {len(self.unpriced)} without a price" if self.unpriced else ""
        models = ", ".join(row.model for row in self.rows)
        return f"<Costs of {models} at {self.at:%Y-%m-%d}: ${self.total:,.2f}{unpriced}>"

    @property
    def total(self) -> float:
        """The sum of all rows, in US dollars."""
        return total_of(self.rows)


def counted_tokens(**counts: int) -> Tokens:
    """Return the input, output, cached and written tokens that a caller gives.

    Examples:
        >>> counted_tokens(input=5)
        Tokens(input=5, output=0, cached=0, written=0, input_audio=0, output_audio=0, reasoning=0)

    Raises:
        ValueError: all are 0, or one is negative.
        TypeError: one is not a whole number.
    """
    for name, number in counts.items():
        if isinstance(number, bool) or not isinstance(number, int):
            raise TypeError(f"{name} is {number!r}: give a whole number of tokens")
        if number < 0:
            raise ValueError(f"{name} is {number:,}: tokens are counted, so give 0 or more")
    if not any(counts.values()):
        raise ValueError(f"give how many tokens: {', '.join(counts)}")
    return Tokens(**{name: number for name, number in counts.items() if name in Tokens._fields})


def cost_of(
    models: Iterable[str],
    tokens: Tokens,
    catalog: Catalog | None,
    *,
    reference: str = "latest",
    prompt: int | None = None,
    provider: str | None = None,
) -> Costs:
    """Return what the same usage of several models costs.

    Args:
        models: as `provider/model_id`, under the catalog's names or models.dev's, or an id alone for its lab's offer.
        tokens: of each.
        catalog: with the models that can be called; None if none was built.
        reference: of when the prices are.
        prompt: how long each prompt is, in tokens; None if that is not known.
        provider: the provider of models that are named without one.

    Raises:
        InvalidReferenceError: the reference cannot be read.
        SnapshotNotFound: no prices are stored of then.
        OverridesError: the user's overrides.json is malformed.
        StoreError: the store cannot be read; see its children.
    """
    with reading_store() as maybe:
        connection, snapshot, until = moment_of_prices(maybe, reference, now=datetime.now(UTC))
        prices = Prices(connection, until=until, payer=CatalogPayer(catalog), provider=provider)
        bill, names, unknown = quote(prices, models, tokens, prompt=prompt)
    long_prompts = frozenset(bill.long_prompts)
    return Costs(snapshot.taken_at, bill.rows()[::-1], bill.unpriced(), long_prompts, names, unknown)


def no_such_model(costs: Costs) -> ModelNotFoundError:
    """Return the error for costs of which every model is unknown: it says why of the first, and names similar ids."""
    name = costs.unknown[0]
    reason = next(one.reason for one in costs.unpriced if one.model == name)
    with reading_store() as connection:
        keys = {key for source in (MODELS_DEV, LITELLM) for key in known_keys(connection, source)}
    return ModelNotFoundError(f"no price of {shortened(name)!r}: {reason}{did_you_mean(name, sorted(keys))}")


def cost_of_usage(path: Path, catalog: Catalog | None, *, provider: str | None = None) -> Bill:
    """Return the bill of the usage that a file records, each line at the price of its day.

    Raises:
        SourceError: the file is not usage; the message names the line and the column.
        SnapshotNotFound: no prices are stored.
        OverridesError: the user's overrides.json is malformed.
        StoreError: the store cannot be read; see its children.
    """
    from llmhub.offers.billing.usage import read_usage

    with reading_store() as maybe:
        connection, _, until = moment_of_prices(maybe, "latest", now=datetime.now(UTC))
        prices = Prices(connection, until=until, payer=CatalogPayer(catalog), provider=provider)
        return bill_of(prices, read_usage(path))

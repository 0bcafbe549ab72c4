"""SnapshotStore: the Python API of everything that arena.db holds, boards and prices."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from llmhub.arena.store import BoardStore

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from llmhub.offers.comparing import OffersDiff
    from llmhub.offers.history import OfferRow, PriceRow
    from llmhub.offers.values import Offer

_MODELS_DEV = "models.dev"


class SnapshotStore(BoardStore):
    """The snapshots in one arena.db, of boards and of offers; a context manager.

    The methods that it inherits from `BoardStore` open it and answer about boards. Those of this class answer about
    prices, limits and capabilities over time, as the sources recorded them. Threads may share a store.
    """

    def offers(
        self, reference: str = "latest", *, source: str = _MODELS_DEV, now: datetime | None = None
    ) -> dict[str, Offer]:
        """Return the offers of a snapshot by `provider/model_id`.

        Args:
            reference: see `resolve`; it counts the snapshots of the source.
            source: `models.dev` or `litellm`.
            now: the moment that ages are counted from, timezone-aware; by default the clock's.

        Raises:
            SnapshotNotFound: no snapshot answers the reference; the message says what exists.
            InvalidReferenceError: the text is not a reference.
        """
        from llmhub.offers.answers import offers_at

        with self.reading() as connection:
            return offers_at(connection, reference, now=_now(now), source=source)[1]

    def offer_rows(
        self, reference: str = "latest", *, source: str = _MODELS_DEV, now: datetime | None = None
    ) -> list[OfferRow]:
        """Return the offers of a snapshot as a table, by id; see `offers`.

        `pandas.DataFrame` and `polars.DataFrame` accept it directly.

        Raises:
            SnapshotNotFound: as `offers`.
            InvalidReferenceError: as `offers`.
        """
        from llmhub.offers.history import rows_of_offers

        found = self.offers(reference, source=source, now=now)
        return rows_of_offers(found[key] for key in sorted(found))

    def price_history(
        self,
        *models: str,
        source: str = _MODELS_DEV,
        now: datetime | None = None,
        labs: Callable[[], Collection[str]] = frozenset,
    ) -> dict[str, list[PriceRow]]:
        """Return how offers changed, by model, oldest first: a row for each change of any field.

        The prices are those that the source recorded. `pandas.DataFrame` and `polars.DataFrame` accept a list of rows.

        Args:
            models: as `provider/model_id`.
            source: `models.dev` or `litellm`.
            now: snapshots after it do not count, timezone-aware; by default the clock's.
            labs: returns the providers that are labs, which the error about an id without a provider names first.

        Raises:
            ModelNotFoundError: no snapshot has the offer.
        """
        from llmhub.offers.answers import changes_at
        from llmhub.offers.history import rows_of

        with self.reading() as connection:
            asked = dict.fromkeys(models)
            return {
                model: rows_of(model, changes_at(connection, model, now=_now(now), source=source, labs=labs))
                for model in asked
            }

    def offers_diff(
        self,
        before: str = "previous",
        after: str = "latest",
        *,
        source: str = _MODELS_DEV,
        now: datetime | None = None,
        models: Collection[str] | None = None,
        providers: Collection[str] | None = None,
    ) -> OffersDiff:
        """Return what came, went and changed between two snapshots of offers.

        Its `rows` are a table of all of it, which `pandas.DataFrame` and `polars.DataFrame` accept directly.

        Args:
            before: the reference of the snapshot that is compared from; see `resolve`.
            after: the same of the one that is compared to.
            source: `models.dev` or `litellm`.
            now: the moment that ages are counted from, timezone-aware; by default the clock's.
            models: only these, as `provider/model_id`; fewer models are read faster.
            providers: only the offers of these.

        Raises:
            SnapshotNotFound: no snapshot answers a reference; the message says what exists.
            InvalidReferenceError: a text is not a reference.
        """
        from llmhub.offers.answers import diff
        from llmhub.offers.sql.differences import Asked

        with self.reading() as connection:
            asked = Asked.of(models, providers)
            return diff(connection, before, after, now=_now(now), source=source, asked=asked)


def _now(now: datetime | None) -> datetime:
    return datetime.now(UTC) if now is None else now

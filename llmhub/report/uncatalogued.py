"""What a report uses in place of a catalog where none was built, if the store has prices, as a pulled one may."""

from __future__ import annotations

from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from llmhub.errors import NotFoundError
from llmhub.offers.sql.price_timelines import recorded_span
from llmhub.store import SnapshotStore

if TYPE_CHECKING:
    from llmhub.catalog.schema import Catalog

_NOT_BUILT = "no catalog was built"


def uncatalogued(store: SnapshotStore, *, now: datetime) -> Catalog | None:
    """Return a catalog of no callable model, with the ratings of the newest board, dated as the newest prices.

    It says that no provider was asked, so what can be called is not known.

    Args:
        store: the store.
        now: later snapshots do not count.

    Returns:
        None if the store holds no prices, or no board of text / overall.

    Raises:
        StoreError: the store cannot be read; see its subclasses.
    """
    with store.reading() as connection:
        span = recorded_span(connection, until=now)
    if span is None:
        return None
    try:
        rated = store.resolve("latest", now=now)
    except NotFoundError:
        return None
    from llmhub.catalog.schema import ArenaProvenance, Catalog, ProviderStatus, SourceStatus
    from llmhub.catalog.stored.format import CATALOG_VERSION

    return Catalog(
        catalog_version=CATALOG_VERSION,
        built_at=span[1],
        models=(),
        sources=(
            SourceStatus(source="anyllm", status="skipped", reason=_NOT_BUILT),
            SourceStatus(source="modelsdev", status="ok", as_of=span[1]),
            SourceStatus(source="arena", status="ok", as_of=rated.taken_at),
        ),
        providers=tuple(ProviderStatus(provider=name, callable=False, reason=_NOT_BUILT) for name in _providers()),
        arena_snapshot=ArenaProvenance(
            snapshot_id=rated.id,
            taken_at=rated.taken_at,
            published_on=None if rated.published_on is None else rated.published_on.isoformat(),
        ),
    )


def _providers() -> list[str]:
    """Return any-llm's names of its providers: a package each, found without the second that importing it takes."""
    found = find_spec("any_llm")
    if found is None or found.origin is None:
        return []
    packages = Path(found.origin).parent / "providers"
    return sorted(path.parent.name for path in packages.glob("*/__init__.py"))

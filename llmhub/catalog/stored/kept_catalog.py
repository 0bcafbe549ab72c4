"""The parts of a kept file that hold a catalog of many models; see `kept` and `lines`."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, cast

from llmhub.catalog.stored.lines import Line, Lines, packed
from llmhub.catalog.stored.record import CatalogRecord

if TYPE_CHECKING:
    from llmhub.catalog.schema import Catalog

PARTS = ("head", "columns", "texts")
"""The parts, in the order in which `catalog_in` takes them."""

_FEW = 200

_log = logging.getLogger(__name__)


def parts_of(catalog: Catalog) -> dict[str, bytes]:
    """Return a catalog as parts of a kept file."""
    head = catalog.model_copy(update={"models": ()}).model_dump_json().encode()
    return dict(zip(PARTS, (head, *packed(catalog.models)), strict=True))


def catalog_in(head: bytes, columns: bytes, texts: bytes, **changed: Any) -> Catalog | None:
    """Return the catalog that these parts hold, to be read only; None if they do not fit each other.

    It has the attributes of a `Catalog`, and no methods; see `as_json` of `llmhub.catalog.stored.record`.

    Args:
        head: the catalog without its models.
        columns: what is read of many models.
        texts: what `--json` prints of each.
        changed: fields with another value than the stored one, as in JSON.
    """
    try:
        lines = Lines(columns, texts)
        return cast("Catalog", CatalogRecord({**json.loads(head), **changed}, lambda: lines.models))
    except (ValueError, KeyError, TypeError) as error:
        _log.info("a kept catalog is built again: its parts do not fit each other (%s)", type(error).__name__)
        return None


def texts_of(models: Sequence[object]) -> Iterator[bytes] | None:
    """Return the JSON of models as `--json` prints it in a catalog; None if one of them is of no kept catalog."""
    lines = [model for model in models if isinstance(model, Line)]
    return map(Line.text, lines) if lines and len(lines) == len(models) else None


def read_few(models: Sequence[object]) -> None:
    """Read models whole, if they are few of a kept catalog: that is faster than to read columns of all its models."""
    if len(models) <= _FEW:
        for model in models:
            if isinstance(model, Line):
                model.read_whole()

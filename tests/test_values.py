"""The classes that the library gives and takes: a field that may be None has None as its default."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel

import llmhub
import llmhub.arena
from llmhub.catalog import arena_source, mapper, schema
from llmhub.catalog.modelsdev_source import ModelsDevLoaded
from llmhub.catalog.stored.rows import CatalogRow

# A row of a table keeps the order of its columns, in which some that may be empty stand before others that never are.
TABLES = {"RankedEntry": {"rank_ub"}, "SnapshotRow": {"published_on"}, "HistoryRow": {"lower", "upper", "votes"}}


def public() -> Iterator[type]:
    for module in (llmhub, llmhub.arena, schema, arena_source, mapper):
        names = getattr(module, "__all__", dir(module))
        for name in names:
            value = getattr(module, name)
            ours = inspect.isclass(value) and value.__module__.startswith("llmhub") and not name.startswith("_")
            # A row of the catalog is made of a model alone, which has the defaults.
            if ours and value is not CatalogRow:
                yield value
    yield ModelsDevLoaded


def written_out(kind: Any) -> Iterator[str]:
    """Give the fields of a value that may be None and have to be given."""
    told = inspect.get_annotations(kind)
    if issubclass(kind, BaseModel):
        required = {name for name, field in kind.model_fields.items() if field.is_required()}
    elif dataclasses.is_dataclass(kind):
        missing = dataclasses.MISSING
        fields = dataclasses.fields(kind)
        required = {f.name for f in fields if f.init and f.default is missing and f.default_factory is missing}
    elif issubclass(kind, tuple):
        required = set(kind._fields) - set(kind._field_defaults)
    else:
        return

    yield from (name for name in required if str(told.get(name)).rstrip("')").endswith("| None"))


@pytest.mark.parametrize("kind", dict.fromkeys(public()), ids=lambda kind: kind.__name__)
def test_a_field_that_may_be_none_need_not_be_given(kind: type) -> None:
    assert set(written_out(kind)) == TABLES.get(kind.__name__, set())


def test_an_arena_model_needs_a_name_a_rating_and_a_board_alone() -> None:
    model = llmhub.ArenaModel(arena_id="made-up", rating=1400.0, category="overall")
    assert (model.rating_q025, model.rating_q975, model.votes, model.organization) == (None, None, None, None)

"""A model of a kept catalog reads as the model that was kept, whichever of its fields is asked for first."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import get_args

import pytest

from llmhub.catalog.schema import ArenaProvenance, CanonicalModel, Match, OfferedModel, SourceName, WholeCatalog
from llmhub.catalog.stored.kept_catalog import PARTS, catalog_in, parts_of, read_few, texts_of
from llmhub.catalog.stored.lines import COLUMNS, Lines, packed
from llmhub.catalog.stored.record import as_json
from llmhub.offers.values import PriceTier
from llmhub.pretty_json import pretty, pretty_around
from tests.support.made_up.models import catalog_of, line

NOW = datetime(2026, 3, 1, 12, 30, 1, 5, tzinfo=UTC)
LINES = (
    line("made-up/a", price_tiers=(PriceTier(above_tokens=200_000),), tags=("tools", "vision"), arena_score=1400.5),
    line(
        "made-up/\N{CJK UNIFIED IDEOGRAPH-65E5}\n\"b'", arena_match=Match(kind="none", reason="none", candidates=("c",))
    ),
    line("other/a", disputed=("input",), retires_on="2026-05-01"),
)
OFFERS = tuple(
    OfferedModel(**dict(model), callable_as=("x/y",) if place else None) for place, model in enumerate(LINES)
)
WHOLE = WholeCatalog(
    **dict(catalog_of(built_at=NOW, arena_snapshot=ArenaProvenance(snapshot_id=3, taken_at=NOW)))
    | {"models": OFFERS, "key_variables": ("MADE_UP_KEY",)}
)


@pytest.fixture
def found() -> WholeCatalog:
    kept = catalog_in(*map(parts_of(WHOLE).__getitem__, PARTS))
    assert kept is not None
    return kept  # type: ignore[return-value]  # it has a catalog's attributes


def test_each_column_is_a_field_and_each_field_of_a_kept_model_reads_as_it_was(found: WholeCatalog) -> None:
    names = [*OfferedModel.model_fields]
    assert set(COLUMNS) <= {*names}
    # Of the second model a field that is no column is read first.
    for name in ["arena_match", *reversed(names)]:
        for kept, model in zip(found.models, OFFERS, strict=True):
            value, expected = getattr(kept, name), getattr(model, name)
            if isinstance(expected, Match):
                value, expected = as_json(value), as_json(expected)
            elif name == "price_tiers":
                value, expected = [as_json(each) for each in value], [as_json(each) for each in expected]
            assert value == expected, name
    for name in ("modles", "__made_up__"):
        with pytest.raises(AttributeError, match=f"no field '{name}'"):
            getattr(found.models[0], name)


def test_a_column_is_parsed_once_for_all_and_a_few_models_are_read_without_it(found: WholeCatalog) -> None:
    every = found.models[0]._all  # type: ignore[attr-defined]  # of a line
    assert found.models[2].lab is None
    assert {"lab"} == set(COLUMNS) - every.unread.keys()
    read_few(found.models[:1])
    assert (found.models[0].tags, found.models[0].quality_tier) == (("tools", "vision"), 3)
    assert {"lab"} == set(COLUMNS) - every.unread.keys()
    assert [model.canonical_id for model in found.models] == [model.canonical_id for model in OFFERS]
    assert {"lab", "canonical_id"} == set(COLUMNS) - every.unread.keys()


def test_a_kept_catalog_is_the_same_json_byte_for_byte(found: WholeCatalog) -> None:
    expected = WHOLE.model_dump(mode="json")
    assert as_json(found) == expected
    assert [*as_json(found)] == [*expected]
    assert as_json(found, models=found.models[1:]) == expected | {"models": expected["models"][1:]}
    assert as_json(found.models[1]) == expected["models"][1]
    for models in (found.models, found.models[1:2]):
        texts = texts_of(models)
        assert texts is not None
        before, after = pretty_around(as_json(found, models=()), "models")
        told = expected | {"models": [as_json(model) for model in models]}
        assert before + ",\n    ".join(text.decode() for text in texts) + after == pretty(told)
    assert texts_of(OFFERS) is None
    assert texts_of(()) is None


def test_models_that_can_be_called_have_no_column_of_how_and_a_catalog_may_be_empty() -> None:
    models = Lines(*packed(LINES)).models
    assert not hasattr(models[0], "callable_as")
    assert [model.stored() for model in models] == [model.model_dump(mode="json") for model in LINES]
    assert isinstance(LINES[0], CanonicalModel)
    empty = catalog_of()
    kept = catalog_in(*map(parts_of(empty).__getitem__, PARTS), built_at="2026-01-01T00:00:00Z")
    assert kept is not None
    assert (kept.models, kept.built_at) == ((), datetime(2026, 1, 1, tzinfo=UTC))
    assert {source.source for source in kept.sources} == {*get_args(SourceName)}


def test_parts_that_do_not_fit_each_other_are_no_catalog() -> None:
    head, columns, texts = map(parts_of(WHOLE).__getitem__, PARTS)
    first, *lists = columns.split(b"\n")
    names, ends = json.loads(first)
    for changed in (
        (head, columns, texts[:-1]),
        (head, columns, b""),
        (b"[]", columns, texts),
        (head[:-1], columns, texts),
        (head, b"", texts),
        (head, b"\n".join(lists), texts),
        (head, b"\n".join([first, *lists[1:]]), texts),
        (head, json.dumps([names, [*ends, ends[-1] + 1]]).encode() + b"\n" + b"\n".join(lists), texts),
    ):
        assert catalog_in(*changed) is None, changed[0][:20]

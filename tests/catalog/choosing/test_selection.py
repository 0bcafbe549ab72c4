"""Which models are shown, in which order, and how a name finds one."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from llmhub.catalog.choosing.selection import ABILITIES, Selection, find, in_order, select
from llmhub.catalog.schema import CanonicalModel, ProviderStatus
from llmhub.catalog.tiers import builder
from llmhub.errors import ModelNotFoundError, NotFoundError
from tests.support.made_up.models import callable_model, catalog_of, line, offer

PLAIN = line("lab/plain")


def taken(selection: Selection, **fields: Any) -> bool:
    return selection.takes(line("lab/made-up-large", **fields))


@pytest.mark.parametrize(
    ("asked", "fields", "expected"),
    [
        ({}, {}, True),
        ({"providers": frozenset({"lab"})}, {}, True),
        ({"providers": frozenset({"other"})}, {}, False),
        ({"most": {"quality": 2}}, {"quality_tier": 2, "quality_basis": "rated"}, True),
        ({"most": {"quality": 2}}, {"quality_tier": 2, "quality_basis": "predecessor"}, False),
        ({"most": {"quality": 2}, "include_guesses": True}, {"quality_tier": 2, "quality_basis": "predecessor"}, True),
        ({"most": {"quality": 2}, "include_guesses": True}, {"quality_tier": 2, "quality_basis": "family"}, True),
        ({"most": {"quality": 2}, "include_unknown": True}, {"quality_tier": 2, "quality_basis": "family"}, False),
        ({"most": {"quality": 3}, "include_guesses": True}, {"quality_basis": "unknown"}, False),
        ({"most": {"quality": 3}, "include_unknown": True, "types": frozenset()}, {"type": "embedding"}, False),
        ({}, {"type": "embedding"}, False),
        ({"types": frozenset()}, {"type": "embedding"}, True),
        ({"types": frozenset({"embedding", "chat"})}, {"type": "embedding"}, True),
        ({"types": frozenset({"image"})}, {}, False),
        ({"no_deprecated": True}, {}, True),
        ({"no_deprecated": True}, {"status": "beta"}, True),
        ({"no_deprecated": True}, {"status": "deprecated"}, False),
        ({"no_deprecated": True}, {"status": "retired"}, False),
        ({"most": {"quality": 2}}, {"quality_tier": 3, "quality_basis": "rated"}, False),
        ({"most": {"quality": 3}}, {"quality_tier": 3, "quality_basis": "unknown"}, False),
        ({"most": {"quality": 3}, "include_unknown": True}, {"quality_basis": "unknown"}, True),
        ({"most": {"quality": 2}, "include_unknown": True}, {"quality_basis": "unknown"}, False),
        ({"most": {"cost": 1, "quality": 5}}, {"cost_tier": 1, "cost_basis": "priced"}, False),
        ({"max_price": 2.0}, {"price_input_per_million": 1.0, "price_output_per_million": 5.0}, True),
        ({"max_price": 1.9}, {"price_input_per_million": 1.0, "price_output_per_million": 5.0}, False),
        ({"max_price": 9.0}, {"price_input_per_million": 1.0}, False),
        ({"max_price": 0.0}, {"price_input_per_million": 0.0, "price_output_per_million": 0.0}, True),
        ({"can": frozenset({"tools", "vision"})}, {"tags": ("reasoning", "tools", "vision")}, True),
        ({"can": frozenset({"tools", "vision"})}, {"tags": ("tools",)}, False),
        ({"open_weights": True}, {"open_weights": True}, True),
        ({"open_weights": True}, {"open_weights": None}, False),
        ({"min_context": 1000}, {"context_tokens": 1000}, True),
        ({"min_context": 1000}, {"context_tokens": 999}, False),
        ({"min_context": 1}, {}, False),
        ({"rated": True}, {"arena_score": 1400.0}, True),
        ({"rated": True}, {}, False),
        ({"search": "UP-LAR"}, {}, True),
        ({"search": "line of"}, {"family": "A Line Of Models"}, True),
        ({"search": "nowhere"}, {}, False),
    ],
)
def test_a_selection_takes_what_is_known_to_be_all_of_it(
    asked: dict[str, Any],
    fields: dict[str, Any],
    expected: bool,  # noqa: FBT001 -- a column
) -> None:
    assert taken(Selection(**asked), **fields) is expected


def models() -> list[CanonicalModel]:
    """Return models of which each order has its own, those that know nothing last."""
    return [
        line(
            "a/one",
            arena_score=1500.0,
            quality_tier=1,
            quality_basis="rated",
            reasoning_tier=3,
            reasoning_basis="rated",
            price_input_per_million=4.0,
            price_output_per_million=4.0,
            context_tokens=10,
            release_date="2025-01-31",
        ),
        line(
            "a/two",
            arena_score=1400.0,
            quality_tier=1,
            quality_basis="rated",
            reasoning_tier=1,
            reasoning_basis="family",
            price_input_per_million=0.0,
            price_output_per_million=0.0,
            context_tokens=1000,
            release_date="2025-02-01",
        ),
        line("a/three", quality_tier=1, quality_basis="family", context_tokens=500, release_date="2024-12"),
        line("b/unknown"),
    ]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("quality", ["a/one", "a/two", "a/three", "b/unknown"]),
        ("reasoning", ["a/two", "a/one", "a/three", "b/unknown"]),
        ("rating", ["a/one", "a/two", "a/three", "b/unknown"]),
        ("price", ["a/two", "a/one", "a/three", "b/unknown"]),
        ("name", ["a/one", "a/three", "a/two", "b/unknown"]),
        ("context", ["a/two", "a/three", "a/one", "b/unknown"]),
        ("release", ["a/two", "a/one", "a/three", "b/unknown"]),
    ],
)
def test_every_order_puts_the_best_first_and_the_unknown_last(order: str, expected: list[str]) -> None:
    for permuted in itertools.permutations(models()):
        assert [model.canonical_id for model in in_order(permuted, order)] == expected


def test_top_counts_after_sorting() -> None:
    found = select(catalog_of(*reversed(models())), Selection(), sort="rating", top=1)
    assert [model.canonical_id for model in found] == ["a/one"]


def test_a_provider_without_models_selects_nothing_and_an_unknown_one_is_an_error() -> None:
    known = catalog_of(PLAIN, providers=(ProviderStatus(provider="silent", callable=False),))
    assert select(known, Selection(providers=frozenset({"silent"})), sort="name") == ()
    with pytest.raises(NotFoundError, match="'stranger'; there are lab, silent"):
        select(known, Selection(providers=frozenset({"stranger"})), sort="name")


def test_a_name_finds_its_model_and_a_bare_one_only_where_it_is_unique() -> None:
    here = catalog_of(line("a/same"), line("b/same"), line("b/only"), line("c/b/only"))
    assert find(here, "b/same").canonical_id == "b/same"
    assert find(here, "only").canonical_id == "b/only"
    # An id with a slash that another provider offers: the exact name goes first.
    assert find(here, "b/only").canonical_id == "b/only"
    with pytest.raises(ModelNotFoundError, match="several providers: say which of a/same, b/same"):
        find(here, "same")


def test_an_unknown_name_raises_with_the_nearest_and_never_takes_one() -> None:
    here = catalog_of(line("lab/made-up-large"), line("lab/made-up-small"), line("lab/other"))
    with pytest.raises(ModelNotFoundError, match="did you mean lab/made-up-large") as raised:
        find(here, "Made-Up-Larg")
    assert "lab/other" not in str(raised.value)
    with pytest.raises(ModelNotFoundError, match="`llmhub catalog show` lists"):
        find(here, "zzzzzzzz")
    with pytest.raises(ModelNotFoundError, match="which is empty"):
        find(catalog_of(), "made-up")


def test_every_ability_is_a_tag_that_the_builder_gives() -> None:
    able = {f"supports_{what}": True for what in ("reasoning", "tool_call", "structured_output")}
    kinds = ("text", "image", "audio", "pdf", "video")
    row = offer("x/it", attachments=True, input_modalities=kinds, **able)
    nothing = builder.global_statistics({}, {})
    (model,) = builder.build_models([callable_model("x", "it", modelsdev=row)], nothing)
    assert model.tags == ABILITIES

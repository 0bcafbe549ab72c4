"""What prices, newer models and ratings say against an offer."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from llmhub.audit.judging.facts import Facts, PriceThen, Rating
from llmhub.audit.judging.prices import Lines, dearer, dominated, superseded
from llmhub.catalog.schema import CanonicalModel
from llmhub.offers.fields import Recorded
from llmhub.offers.lives.lifecycle import Lifecycle
from tests.audit.made_up import overrides
from tests.offers.offers import NOW, offer
from tests.support.made_up.models import line

OWN = offer("openai/gpt-4.1", price_input_per_million=2.0, price_output_per_million=8.0, release_date="2025-04-14")


def _facts(*others: Any, models: tuple[CanonicalModel, ...] = (), **more: Any) -> Facts:
    listed = {each.canonical_id: each for each in (OWN, *others)}
    known: dict[str, Any] = {
        "today": date(2026, 1, 10),
        "lives": {},
        "current": listed,
        "of_labs": listed,
        "last": {},
        "earlier": {},
        "ratings": {OWN.canonical_id: Rating(1400.0, 1395.0, 1405.0)},
        "models": models,
        "offer_of_model": {},
        "overrides": overrides(),
    }
    return Facts(**(known | more))


def _newer(**fields: Any) -> Any:
    known = {"price_input_per_million": 2.0, "price_output_per_million": 8.0, "release_date": "2025-08-07"}
    return offer(f"openai/{fields.pop('name', 'gpt-5')}", **(known | fields))


def _callable(**fields: Any) -> CanonicalModel:
    known = {"price_input_per_million": 1.0, "price_output_per_million": 4.0, "arena_score": 1450.0}
    return line("openai/better", **(known | {"arena_ci_low": 1445.0, "arena_ci_high": 1455.0} | fields))


def test_a_newer_model_of_the_line_supersedes_at_no_higher_price() -> None:
    facts = _facts(_newer())
    verdict = superseded(OWN.canonical_id, facts, Lines(facts))
    assert verdict is not None
    assert "openai/gpt-5 ($2.00 in, $8.00 out; this one $2.00 in, $8.00 out)" in verdict.message
    assert superseded("openai/gpt-5", facts, Lines(facts)) is None


@pytest.mark.parametrize(
    ("other", "lives"),
    [
        (_newer(price_output_per_million=8.5), {}),
        (_newer(price_input_per_million=None), {}),
        (_newer(status="beta"), {}),
        (_newer(), {"openai/gpt-5": Lifecycle(retires_on=date(2026, 12, 1))}),
        (offer("openai/gpt-5-preview", release_date="2025-08-07"), {}),
        (offer("openai/gpt-5-mini", release_date="2025-08-07"), {}),
        (_newer(name="gpt-5-thinking"), {}),
        (offer("azure/gpt-5", release_date="2025-08-07"), {}),
    ],
)
def test_no_other_model_supersedes(other: Any, lives: dict[str, Lifecycle]) -> None:
    facts = _facts(other, lives=lives)
    assert superseded(OWN.canonical_id, facts, Lines(facts)) is None


def test_a_callable_model_dominates_if_it_costs_no_more_and_is_rated_significantly_better() -> None:
    verdict = dominated(OWN.canonical_id, _facts(models=(_callable(),)))
    assert verdict is not None
    assert (
        "is rated 1400 ($2.00 in, $8.00 out); openai/better costs no more ($1.00 in, $4.00 out) and is rated 1450"
        in (verdict.message)
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"price_output_per_million": 9.0},
        {"price_input_per_million": None},
        # The intervals overlap.
        {"arena_ci_low": 1405.0},
        {"arena_ci_low": None},
        # Rated at an effort at which it is not called.
        {"arena_setting": "high"},
        {"status": "deprecated"},
        {"type": "embedding"},
        {"context_tokens": 10},
    ],
)
def test_no_other_model_dominates(fields: dict[str, Any]) -> None:
    assert dominated(OWN.canonical_id, _facts(models=(_callable(**fields),))) is None


def test_a_model_that_lacks_an_ability_does_not_dominate() -> None:
    able = OWN.model_copy(update={"supports_tool_call": True, "input_modalities": ("text", "image")})
    facts = _facts(models=(_callable(input_modalities=("text",)),))
    facts = facts._replace(current={able.canonical_id: able})
    assert dominated(OWN.canonical_id, facts) is None


def test_a_price_that_rose_is_told_with_the_day_and_a_likely_correction() -> None:
    then = OWN.model_copy(update={"price_output_per_million": 4.0})
    earlier = {OWN.canonical_id: PriceThen(then, Recorded(1, "models.dev", NOW), "from zero")}
    verdict = dearer(OWN.canonical_id, _facts(earlier=earlier))
    assert verdict is not None
    assert verdict.message == (
        "openai/gpt-4.1 costs more per million tokens than on 2026-01-10: output from $4.00 to $8.00; "
        "likely a correction: from zero"
    )
    assert dearer(OWN.canonical_id, _facts()) is None

from __future__ import annotations

from llmhub.catalog.schema import CanonicalModel
from llmhub.report.offers import Price, by_arena_name, lab_of, price_in
from tests.support.made_up.models import line


def offer(name: str, into: float | None = None, out: float | None = None) -> CanonicalModel:
    return line(name, arena_id="made-up", price_input_per_million=into, price_output_per_million=out)


def test_the_cheapest_that_costs_something_stands_for_the_price_before_the_free_and_the_unknown() -> None:
    dear, cheap = offer("a/dear", 10, 10), offer("b/cheap", 1, 5)
    free, half, unknown = offer("c/free", 0, 0), offer("d/half-known", 1, None), offer("e/unknown")
    found = by_arena_name([unknown, half, free, dear, cheap])["made-up"]
    assert [one.provider for one in found] == ["b", "a", "c", "d", "e"]
    assert price_in(found) == Price("priced", 2.0)


def test_a_model_is_free_only_where_no_offer_costs_and_unknown_only_where_none_has_both_prices() -> None:
    free, half, unknown = offer("a/free", 0, 0), offer("b/half-known", 1, None), offer("c/unknown")
    assert price_in(by_arena_name([unknown, free])["made-up"]) == Price("free", None)
    assert price_in(by_arena_name([unknown, half])["made-up"]) == Price("unknown", None)
    assert price_in(()) == Price("not offered", None)


def test_what_is_not_matched_to_a_name_on_the_leaderboard_is_no_offer() -> None:
    assert by_arena_name([line("a/unrated", price_input_per_million=1, price_output_per_million=1)]) == {}


def test_the_lab_is_the_one_that_most_offers_name_since_some_resellers_name_themselves() -> None:
    named = [offer("x/m").model_copy(update={"lab": lab}) for lab in ("databricks", None, "google", None, "google")]
    assert lab_of(named) == "google"
    assert lab_of(named[:2]) == "databricks"
    assert lab_of([offer("x/m").model_copy(update={"lab": None})]) is None

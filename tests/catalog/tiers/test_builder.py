"""Tiers: what they are measured against, what they rest on, and that they never get better as a rating falls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import floor, inf, nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmhub.catalog.arena_model import ArenaModel
from llmhub.catalog.schema import CanonicalModel, FusedRaw, ModelsDevModel
from llmhub.catalog.tiers.builder import Statistics, _derive_canonical, build_models, global_statistics
from llmhub.offers.values import PriceTier
from tests.support.made_up.models import board, callable_model, offer, rating

TEN = {f"made-up-{number}": 1000.0 + 10 * number for number in range(10)}
"""Ten models; the best is made-up-9."""

ratings = st.dictionaries(st.sampled_from("abcdefghijklmnop"), st.sampled_from([1000.0, 1001.5]) | st.floats(800, 1600))
prices = st.none() | st.sampled_from([0.0, 1.0, 3.0]) | st.floats(0, 1000)


def measured(
    overall: Mapping[str, float] = TEN,
    offers: Iterable[ModelsDevModel] = (),
    **boards: Mapping[str, float],
) -> Statistics:
    """Return the statistics of these boards and models.dev entries."""
    named = {category: board(of, category) for category, of in {"overall": overall, **boards}.items()}
    return global_statistics(named, {row.canonical_id: row for row in offers})


def derived(raw: FusedRaw, statistics: Statistics | None = None) -> CanonicalModel:
    return _derive_canonical(raw, statistics or measured())


def rated_model(name: str, points: float, **fields: Any) -> FusedRaw:
    return callable_model("lab", name, modelsdev=offer(f"lab/{name}", **fields), arena=rating(name, points))


BEST, WORST = (rating(name, TEN[name]) for name in ("made-up-9", "made-up-0"))


def tiers(model: CanonicalModel) -> tuple[int, int, int]:
    return model.quality_tier, model.reasoning_tier, model.creative_tier


def bases(model: CanonicalModel) -> set[str]:
    return {model.quality_basis, model.reasoning_basis, model.creative_basis}


# -- the formula


@given(ratings)
def test_quality_is_one_plus_the_floor_of_five_times_those_strictly_better_by_all(of: dict[str, float]) -> None:
    statistics = measured(of)
    for name, points in of.items():
        better = sum(other > points for other in of.values())
        model = derived(rated_model(name, points), statistics)
        assert model.quality_tier == 1 + floor(5 * better / len(of))
        assert (model.quality_basis, model.arena_score) == ("rated", points)


@given(st.dictionaries(st.sampled_from("abcdefghijklmnop"), st.tuples(prices, prices)))
def test_cost_counts_the_strictly_cheaper_of_those_with_both_prices(of: dict[str, tuple[Any, Any]]) -> None:
    offers = [offer(f"lab/{n}", price_input_per_million=i, price_output_per_million=o) for n, (i, o) in of.items()]
    statistics = measured(offers=offers)
    blended = [(3 * i + o) / 4 for i, o in of.values() if i is not None and o is not None]
    for row in offers:
        # With a tool to call, none of them looks like an embedding model to which only input is charged.
        model = derived(
            callable_model("x", row.model_id, modelsdev=row.model_copy(update={"supports_tool_call": True})), statistics
        )
        i, o = of[row.model_id]
        if i is None or o is None:
            assert (model.cost_tier, model.cost_basis) == (3, "unknown")
        else:
            cheaper = sum(other < (3 * i + o) / 4 for other in blended)
            assert (model.cost_tier, model.cost_basis) == (1 + floor(5 * cheaper / len(blended)), "priced")


def test_a_population_of_ten_makes_five_tiers_of_two() -> None:
    found = [derived(rated_model(name, points)).quality_tier for name, points in reversed(TEN.items())]
    assert found == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]


def test_a_population_of_one_is_the_best_and_one_of_none_says_nothing() -> None:
    only = measured({"alone": 1000.0}, [offer("x/alone", price_input_per_million=1, price_output_per_million=2)])
    priced = {"price_input_per_million": 1, "price_output_per_million": 2}
    best = derived(rated_model("alone", 1000.0, **priced), only)
    assert (tiers(best), best.cost_tier, best.cost_basis) == ((1, 1, 1), 1, "priced")
    nothing = derived(rated_model("alone", 1000.0, **priced), global_statistics({}, {}))
    assert (tiers(nothing), bases(nothing)) == ((3, 3, 3), {"unknown"})
    assert (nothing.cost_tier, nothing.cost_basis) == (3, "unknown")


def test_free_is_the_cheapest_and_a_missing_price_is_unknown() -> None:
    offers = [offer(f"x/{n}", price_input_per_million=n, price_output_per_million=n) for n in range(5)]
    statistics = measured(offers=offers)
    free, dear = (
        derived(callable_model("x", row.model_id, modelsdev=row), statistics) for row in (offers[0], offers[4])
    )
    assert (free.cost_tier, free.cost_basis, dear.cost_tier) == (1, "priced", 5)
    half = offer("x/half", price_input_per_million=0.0)
    model = derived(callable_model("x", "half", modelsdev=half), statistics)
    assert (model.cost_tier, model.cost_basis) == (3, "unknown")
    assert (model.price_input_per_million, model.price_output_per_million) == (0.0, None)


def test_only_models_that_put_out_text_are_compared_by_price() -> None:
    cheap = {"price_input_per_million": 1, "price_output_per_million": 1}
    pictures = [offer(f"x/picture-{n}", output_modalities=("image",), **cheap) for n in range(9)]
    row = offer("x/words", price_input_per_million=2, price_output_per_million=2)
    model = derived(callable_model("x", "words", modelsdev=row), measured(offers=[*pictures, row]))
    assert (model.cost_tier, model.cost_basis) == (1, "priced")


# -- monotone, and the same on every machine


@given(ratings, ratings, ratings, ratings)
def test_no_tier_gets_better_as_ratings_fall(
    overall: dict[str, float], math: dict[str, float], hard: dict[str, float], creative: dict[str, float]
) -> None:
    statistics = measured(overall, math=math, hard_prompts=hard, creative_writing=creative)
    found = {name: derived(rated_model(name, points), statistics) for name, points in overall.items()}
    for better, one in found.items():
        for worse, other in found.items():
            if overall[better] >= overall[worse]:
                assert one.quality_tier <= other.quality_tier
            if {better, worse} <= creative.keys() and creative[better] >= creative[worse]:
                assert one.creative_tier <= other.creative_tier
            on_both = {better, worse} <= math.keys() & hard.keys()
            if on_both and math[better] >= math[worse] and hard[better] >= hard[worse]:
                assert one.reasoning_tier <= other.reasoning_tier


@given(ratings, st.sets(st.sampled_from("abcdefghijklmnop")))
def test_a_models_tiers_do_not_depend_on_what_else_can_be_called(of: dict[str, float], chosen: set[str]) -> None:
    statistics = measured(of, math=of)
    everything = [rated_model(name, points) for name, points in of.items()]
    alone = {model.model_id: model for model in build_models(everything, statistics)}
    some = build_models([raw for raw in everything if raw.anyllm.model_id in chosen], statistics)
    assert all(model == alone[model.model_id] for model in some)


@given(ratings, st.randoms())
def test_the_order_of_a_population_does_not_matter(of: dict[str, float], random: Any) -> None:
    shuffled = list(of.items())
    random.shuffle(shuffled)
    assert measured(of) == measured(dict(shuffled))


def test_models_come_out_in_the_order_that_they_go_in() -> None:
    raws = [rated_model(name, TEN[name]) for name in ("made-up-3", "made-up-9", "made-up-0")]
    assert [model.model_id for model in build_models(raws, measured())] == ["made-up-3", "made-up-9", "made-up-0"]


# -- reasoning and creative writing


def ranked(**places: int) -> dict[str, float]:
    """Return a board of ten on which each of these models has this place, from 1, and others fill the rest."""
    named = {place: name for name, place in places.items()}
    return {named.get(place, f"other-{place}"): 2000.0 - place for place in range(1, 11)}


@pytest.mark.parametrize(
    ("math", "hard", "tier"),
    [(1, 1, 1), (1, 3, 2), (3, 1, 2), (1, 5, 2), (1, 7, 3), (1, 9, 3), (9, 9, 5), (7, 9, 5)],
)
def test_reasoning_is_the_mean_of_two_boards_and_a_half_counts_as_the_worse(math: int, hard: int, tier: int) -> None:
    statistics = measured(ranked(it=10), math=ranked(it=math), hard_prompts=ranked(it=hard))
    model = derived(rated_model("it", 1990.0, supports_reasoning=True), statistics)
    assert (model.reasoning_tier, model.reasoning_basis, model.quality_tier) == (tier, "rated", 5)


def test_a_model_that_a_board_lacks_takes_the_other_and_then_its_quality() -> None:
    hard, creative = ranked(other=9), ranked(other=9)
    statistics = measured(ranked(one=3, none=4), math=ranked(one=1), hard_prompts=hard, creative_writing=creative)
    assert derived(rated_model("one", 1996.0), statistics).reasoning_tier == 1
    none = derived(rated_model("none", 1996.0), statistics)
    assert (tiers(none), bases(none)) == ((2, 2, 2), {"rated"})


def test_creative_writing_has_a_board_of_its_own() -> None:
    model = derived(rated_model("it", 2000.0), measured(ranked(it=1), creative_writing=ranked(it=10)))
    assert (tiers(model), model.creative_basis) == ((1, 1, 5), "rated")


# -- without a rating


def test_a_model_without_a_rating_takes_the_tiers_of_its_predecessor_board_by_board() -> None:
    statistics = measured(creative_writing=ranked(it=9) | {"made-up-9": 0.0})
    for reasons in (True, False, None):
        row = offer("x/it", supports_reasoning=reasons)
        model = derived(callable_model("x", "it", modelsdev=row, predecessor=BEST), statistics)
        assert (tiers(model), bases(model)) == ((1, 1, 5), {"predecessor"})
        assert (model.predecessor_id, model.arena_id, model.arena_score, model.rated_on) == (
            "made-up-9",
            None,
            None,
            (),
        )


def test_a_rating_of_its_own_counts_before_that_of_a_predecessor() -> None:
    raw = callable_model("x", "it", modelsdev=offer("x/it"), arena=WORST, predecessor=BEST)
    model = derived(raw)
    assert (model.quality_tier, bases(model), model.predecessor_id) == (5, {"rated"}, None)


def test_without_a_predecessor_nothing_is_known_whatever_its_family_and_lab_are() -> None:
    model = derived(callable_model("x", "it", modelsdev=offer("x/it", family="f", supports_reasoning=True), lab="lab"))
    assert (tiers(model), bases(model), model.predecessor_id) == ((3, 3, 3), {"unknown"}, None)


def test_a_model_that_no_source_knows_is_unknown_throughout() -> None:
    model = derived(callable_model("x", "it", lab="made-up-lab"))
    assert (tiers(model), bases(model)) == ((3, 3, 3), {"unknown"})
    assert (model.cost_tier, model.cost_basis, model.display_name) == (3, "unknown", "it")
    assert (model.supports_reasoning, model.context_tokens, model.tags) == (None, None, ())


def test_a_rating_counts_without_an_entry_in_modelsdev() -> None:
    model = derived(callable_model("x", "it", arena=rating("made-up-9", TEN["made-up-9"])))
    assert (model.quality_tier, model.quality_basis, model.cost_basis) == (1, "rated", "unknown")


# -- what gives no answer in text


@pytest.mark.parametrize(
    ("model_id", "fields"),
    [
        ("made-up-embedding-large", {}),
        ("made-up-rerank-v2", {}),
        ("vectors", {"family": "text-embedding"}),
        ("vectors", {"price_input_per_million": 0.1, "price_output_per_million": 0}),
        ("speaks", {"output_modalities": ("audio",)}),
        ("made-up-tts", {}),
        ("listens", {"input_modalities": ("audio",)}),
        ("paints", {"output_modalities": ("image",)}),
        ("made-up-2-image", {"output_modalities": ("text", "image")}),
    ],
)
def test_an_embedding_speech_or_image_model_is_unknown_even_if_its_name_is_rated(
    model_id: str, fields: dict[str, Any]
) -> None:
    price = {"price_input_per_million": 1.0, "price_output_per_million": 1.0}
    row = offer(f"x/{model_id}", **{"family": "f", "supports_reasoning": True, **price, **fields})
    for arena in (None, rating("made-up-9", TEN["made-up-9"])):
        model = derived(callable_model("x", model_id, modelsdev=row, arena=arena, lab="lab", predecessor=BEST))
        assert (tiers(model), bases(model)) == ((3, 3, 3), {"unknown"})
        assert model.type != "chat"
        assert (model.cost_tier, model.cost_basis) == (3, "unknown")
        assert (model.arena_id, model.arena_score) == (None, None)


@pytest.mark.parametrize(
    ("model_id", "fields"),
    [
        ("imagery-1", {}),
        ("sees", {"input_modalities": ("text", "image")}),
        ("omni", {"output_modalities": ("text", "image", "audio")}),
        ("router", {"price_input_per_million": 0.1, "price_output_per_million": 0, "supports_tool_call": True}),
        ("free", {"price_input_per_million": 0, "price_output_per_million": 0}),
    ],
)
def test_a_model_that_answers_in_text_beside_other_things_is_guessed_at(model_id: str, fields: dict[str, Any]) -> None:
    row = offer(f"x/{model_id}", **{"family": "f", **fields})
    model = derived(callable_model("x", model_id, modelsdev=row, predecessor=BEST), measured(offers=[row]))
    assert (model.quality_tier, model.quality_basis, model.type) == (1, "predecessor", "chat")


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("embedding", "embedding"),
        ("Reranking", "reranking"),
        ("realtime", "realtime"),
        ("chat", "chat"),
        ("unheard-of", "chat"),
        (None, "chat"),
    ],
)
def test_models_devs_own_word_says_what_a_model_is_for(said: str | None, kind: str) -> None:
    row = offer("x/it", type=said)
    assert derived(callable_model("x", "it", modelsdev=row)).type == kind


def test_what_models_dev_says_to_chat_does_so_whatever_it_is_called() -> None:
    row = offer("x/embed-me", type="chat", family="embed")
    assert derived(callable_model("x", "embed-me", modelsdev=row, arena=BEST)).quality_basis == "rated"
    silent = offer("x/embed-me", type="chat", output_modalities=("image",))
    assert derived(callable_model("x", "embed-me", modelsdev=silent)).type == "image"


def test_what_models_dev_says_not_to_chat_is_not_compared_by_price() -> None:
    cheap = {"price_input_per_million": 1, "price_output_per_million": 1}
    others = [offer(f"x/other-{n}", type="realtime", **cheap) for n in range(9)]
    row = offer("x/words", price_input_per_million=2, price_output_per_million=2)
    model = derived(callable_model("x", "words", modelsdev=row), measured(offers=[*others, row]))
    assert (model.cost_tier, model.cost_basis) == (1, "priced")


# -- numbers that are none


@pytest.mark.parametrize("number", [nan, inf, -inf])
def test_a_number_that_is_none_costs_its_own_model_alone(number: float) -> None:
    # As only a source that does not check could give it.
    broken_rating = rating("broken", 0.0).model_copy(
        update=dict.fromkeys(("rating", "rating_q025", "rating_q975"), number)
    )
    spoiled: dict[str, ArenaModel] = {**board(TEN), "broken": broken_rating}
    cheap = [offer(f"x/{n}", price_input_per_million=n, price_output_per_million=n) for n in range(10)]
    broken = offer("x/broken", family="f", price_output_per_million=1).model_copy(
        update={"price_input_per_million": number}
    )
    statistics = global_statistics(
        {"overall": spoiled, "math": spoiled}, {row.canonical_id: row for row in (*cheap, broken)}
    )
    sound = measured(offers=cheap, math=TEN)
    for name, points in TEN.items():
        assert derived(rated_model(name, points), statistics) == derived(rated_model(name, points), sound)
    for row in cheap:
        raw = callable_model("x", row.model_id, modelsdev=row)
        assert derived(raw, statistics) == derived(raw, sound)
    model = derived(callable_model("x", "broken", modelsdev=broken, arena=spoiled["broken"]), statistics)
    assert (model.quality_tier, model.quality_basis, model.cost_basis) == (3, "unknown", "unknown")
    assert (model.arena_score, model.arena_ci_low, model.arena_ci_high) == (None, None, None)
    assert model.price_input_per_million is None


def test_a_price_below_zero_is_unknown() -> None:
    row = offer("x/it", price_output_per_million=1).model_copy(update={"price_input_per_million": -1.0})
    model = derived(callable_model("x", "it", modelsdev=row), measured(offers=[row]))
    assert (model.price_input_per_million, model.cost_basis) == (None, "unknown")


# -- what is taken over


def test_facts_are_taken_over_and_tagged() -> None:
    row = offer(
        "x/it",
        input_modalities=("text", "image", "pdf"),
        supports_reasoning=True,
        supports_tool_call=True,
        supports_structured_output=None,
        attachments=False,
        open_weights=True,
        context_tokens=1000,
        max_output_tokens=100,
        price_input_per_million=0,
        price_output_per_million=0,
        price_reasoning_per_million=2.5,
        price_cache_read_per_million=0.5,
        price_output_audio_per_million=9.5,
        price_tiers=(PriceTier(above_tokens=500, price_input_per_million=1.5),),
        release_date="2025-08",
        status="deprecated",
    )
    model = derived(callable_model("any", "it", modelsdev=row, lab="made-up-lab"))
    assert model.tags == ("free", "open-weights", "pdf", "reasoning", "tools", "vision")
    same = set(ModelsDevModel.model_fields) & set(CanonicalModel.model_fields) - {"canonical_id", "provider", "type"}
    assert all(getattr(model, name) == getattr(row, name) for name in same)
    assert (model.canonical_id, model.provider, model.lab) == ("any/it", "any", "made-up-lab")
    # All that models.dev says of an offer and people decide by is carried, but for who is behind it.
    assert set(ModelsDevModel.model_fields) - set(CanonicalModel.model_fields) == {"canonical_model_id"}

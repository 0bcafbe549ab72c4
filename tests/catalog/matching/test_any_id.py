"""Ids of any shape: none stops a catalog, and neither their order nor their company changes what one of them means."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from llmhub.catalog.mapper import Fusion, fuse_sources, load_overrides
from llmhub.catalog.matching.grammar import Grammar, Parts
from llmhub.catalog.schema import AnyLLMModel, FusedRaw, ModelsDevModel
from tests.support.effort import by_profile
from tests.support.made_up.models import board, offer

OVERRIDES = load_overrides()
GRAMMAR = Grammar(OVERRIDES.vocabulary)

NAMES = [
    "mimic-2",
    "mimic-2-2025-01-02",
    "mimic-70b-instruct",
    "llama-3-8b-instruct",
    "gpt-3.5-turbo-0125",
    "mistral-small-2506",
    "deepseek-v3.2",
    "deepseek-v3.2-thinking",
]
PIECES = [
    *("/", "//", ":", "::", "@", "-", "_", ".", " ", "\\", "~", "--", "\x00", "\n", "é", "İ", "٣", "\ud800", "١٢"),
    *("arn:aws:bedrock:us-east-1::foundation-model/", "models--", "/snapshots/", "hf.co/", "projects/", "locations/"),
    *("mimic", "2", "70b", "8x7b", "10_7b", "instruct", "chat", "base", "v1:0", "v0p2", "v1_5", "@001", "2025-01-02"),
    *("0613", "2506", "latest", ":latest", "thinking", "no", "32k", "99999999999999999999", "-Q4_K_M", ".gguf"),
    *("us.", "us-gov-west-1/", "anthropic.", "openai/", "google_", "FW-", "databricks-", "llama3", "gpt-35", "turbo"),
]
PROVIDERS = ["openai", "ollama", "bedrock", "deepinfra", "lmstudio", "vllm", "together", "nobody-knows", ""]
DAYS = ["2025-01-02", "2025-06", None]


def generated(count: int, seed: int) -> list[tuple[str, str]]:
    """Return providers and ids put together from all that ids are made of, the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 -- no secret
    # No model has an id with half a surrogate pair: pydantic refuses it.
    pieces_of_ids = [piece for piece in [*PIECES, *NAMES] if piece != "\ud800"]
    ids = []
    for _ in range(count):
        pieces = chance.choices(pieces_of_ids, k=chance.randint(0, 7))
        ids.append((chance.choice(PROVIDERS), chance.choice(["", "-", "/"]).join(pieces)))
    return ids


def offers_of(ids: Iterable[tuple[str, str]]) -> dict[str, ModelsDevModel]:
    chance = random.Random(7)  # noqa: S311 -- no secret
    offers = (
        offer(
            f"{provider}/{model_id}",
            provider=provider,
            model_id=model_id,
            display_name=chance.choice([model_id, "Mimic 2", "Llama 3 8B"]),
            release_date=chance.choice(DAYS),
            last_updated=chance.choice(DAYS),
            canonical_model_id=chance.choice([None, None, "openai/mimic-2", "nobody/mimic-70b-instruct"]),
        )
        for provider, model_id in ids
        if provider and model_id
    )
    return {each.canonical_id: each for each in offers}


def test_no_id_of_thousands_of_every_shape_stops_the_others() -> None:
    ids = generated(by_profile(ci=2_000, nightly=10_000), seed=1)
    offers = offers_of(generated(500, seed=2))
    models = [AnyLLMModel(provider=provider, model_id=model_id) for provider, model_id in ids]
    fused = fuse_sources(models, offers, board(dict.fromkeys(NAMES, 1400.0)), OVERRIDES)
    assert [each.anyllm for each in fused] == models
    odd = [each for each in fused if each.arena_match is None or "internal error" in each.arena_match.reason]
    assert odd == []
    # So that it says something: some of them mean a model.
    assert sum(each.arena is not None for each in fused) > len(ids) / 100


@given(st.one_of(st.text(max_size=80), st.lists(st.sampled_from(PIECES), max_size=12).map("".join)))
@settings(max_examples=by_profile(ci=150, nightly=3_000), deadline=None)
def test_any_text_has_parts_wherever_it_is_listed(text: str) -> None:
    for provider in PROVIDERS:
        parts = GRAMMAR.parse(text, provider)
        assert isinstance(parts, Parts)
        assert all(parts.words)
        assert list(parts.words) == sorted(parts.words)
    assert Grammar(OVERRIDES.vocabulary).parse(text) == GRAMMAR.parse(text)


def test_a_number_of_thousands_of_digits_is_a_word_like_others() -> None:
    digits = "9" * 10_000
    assert GRAMMAR.parse(f"mimic-thinking-{digits}").words == (digits, "mimic")


def matches(fused: Sequence[FusedRaw]) -> dict[str, tuple[str | None, str | None]]:
    return {
        each.canonical_id: (
            each.arena.arena_id if each.arena else None,
            each.modelsdev.canonical_id if each.modelsdev else None,
        )
        for each in fused
    }


@given(st.randoms(use_true_random=False))
@settings(max_examples=by_profile(ci=3, nightly=30), deadline=None)
def test_neither_order_nor_company_changes_what_an_id_means(chance: random.Random) -> None:
    ids = generated(300, seed=3)
    models = [AnyLLMModel(provider=provider, model_id=model_id) for provider, model_id in ids]
    rated = board(dict.fromkeys(NAMES, 1400.0))
    offers = offers_of([*generated(150, seed=4), *ids[:50]])
    expected = matches(fuse_sources(models, offers, rated, OVERRIDES))
    chance.shuffle(models)
    others = list(offers.items())
    chance.shuffle(others)
    names = list(rated.items())
    chance.shuffle(names)
    assert matches(fuse_sources(models, dict(others), dict(names), OVERRIDES)) == expected
    alone = models[0]
    fusion = Fusion(offers, rated, OVERRIDES)
    fusion.rated_models()
    assert matches([fusion.fuse(alone)]).items() <= expected.items()

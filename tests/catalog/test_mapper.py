"""Fusing: each callable model with the entries that mean it, or with the reason why there is none."""

from __future__ import annotations

from typing import Any

import pytest

from llmhub.catalog.arena_model import ArenaModel
from llmhub.catalog.mapper import fuse_sources, load_overrides
from llmhub.catalog.matching.overrides import Alias, Overrides
from llmhub.catalog.schema import AnyLLMModel, FusedRaw, ModelsDevModel
from llmhub.errors import OverridesError
from llmhub.settings import overrides_file
from tests.support.made_up.models import board
from tests.support.made_up.models import offer as undated_offer

OVERRIDES = load_overrides()


def arena(*names: str) -> dict[str, ArenaModel]:
    return board({name: 1400.0 - number for number, name in enumerate(names)})


def offer(key: str, name: str | None = None, released: str = "2025-01-01", **facts: Any) -> ModelsDevModel:
    """Return models.dev's entry, dated, of a model that does not think and is called by its id."""
    called = {"display_name": name or key.partition("/")[2], "supports_reasoning": False}
    return undated_offer(key, **called, **{"release_date": released, "last_updated": released} | facts)


def fused(callable_id: str, names: list[str], *offers: ModelsDevModel, overrides: Overrides = OVERRIDES) -> FusedRaw:
    provider, _, model_id = callable_id.partition("/")
    model = AnyLLMModel(provider=provider, model_id=model_id)
    (found,) = fuse_sources([model], {each.canonical_id: each for each in offers}, arena(*names), overrides)
    return found


def arena_match(found: FusedRaw) -> tuple[str, str | None]:
    assert found.arena_match is not None
    assert (found.arena is None) == (found.arena_match.target is None)
    return found.arena_match.kind, found.arena_match.target


@pytest.mark.parametrize(
    ("callable_id", "names", "expected"),
    [
        ("openai/mimic-2", ["mimic-2", "mimic-2-mini"], ("exact", "mimic-2")),
        ("openai/mimic-2-mini", ["mimic-2"], ("none", None)),
        ("openai/mimic-2-codex", ["mimic-2"], ("none", None)),
        ("openai/mimic-3", ["mimic-2"], ("none", None)),
        ("together/meta-llama/Mimic-70B-Instruct-Turbo", ["mimic-70b-instruct"], ("exact", "mimic-70b-instruct")),
        ("huggingface/meta-llama/Mimic-70B", ["mimic-70b-instruct"], ("none", None)),
        ("together/meta-llama/Mimic-8B-Instruct", ["mimic-70b-instruct"], ("none", None)),
        ("openai/mimic-2-thinking", ["mimic-2"], ("none", None)),
        ("openai/mimic-2", ["mimic-2-high"], ("variant", "mimic-2-high")),
        ("openai/mimic-2", ["mimic-2-high", "mimic-2-low"], ("none", None)),
        ("openai/mimic-2", ["mimic-2", "mimic-2-high"], ("exact", "mimic-2")),
        ("openai/mimic-2-2025-03-04", ["mimic-2-2025-01-02"], ("none", None)),
        ("openai/mimic-2", ["mimic-2-2025-01-02"], ("dated", "mimic-2-2025-01-02")),
        ("openai/mimic-2", ["mimic-2-2025-01-02", "mimic-2-2025-03-04"], ("none", None)),
        ("openai/mimic-2-vision", ["mimic-2"], ("none", None)),
    ],
)
def test_an_id_without_models_dev_is_matched_only_where_one_entry_says_the_same(
    callable_id: str, names: list[str], expected: tuple[str, str | None]
) -> None:
    assert arena_match(fused(callable_id, names)) == expected


def test_an_undated_id_means_the_snapshot_that_models_dev_dates_it_to() -> None:
    names = ["mimic-2-2025-01-02", "mimic-2-2025-03-04"]
    for updated, expected in (("2025-01-05", names[0]), ("2025-03-10", names[1])):
        found = fused("openai/mimic-2", names, offer("openai/mimic-2", released="2025-01-02", last_updated=updated))
        assert arena_match(found) == ("dated", expected)
    unrated = offer("openai/mimic-2-2025-06-07", released="2025-06-07")
    newer = offer("openai/mimic-2", released="2025-01-02", last_updated="2025-06-08")
    assert arena_match(fused("openai/mimic-2", names, newer, unrated)) == ("none", None)


def test_a_preview_counts_as_the_model_only_while_its_lab_has_released_none() -> None:
    preview, released = offer("google/mimic-3-preview"), offer("google/mimic-3")
    assert arena_match(fused("gemini/models/mimic-3-preview", ["mimic-3"], preview)) == ("exact", "mimic-3")
    assert arena_match(fused("gemini/models/mimic-3-preview", ["mimic-3"], preview, released)) == ("none", None)


def test_the_name_of_a_version_means_the_id_that_its_lab_gives_it() -> None:
    own = offer("mistral/mimic-large-2508", "Mimic Large 3.1", "2025-08-12")
    resold = offer("openrouter/mistralai/mimic-large-3.1", "Mimic Large 3.1", "2025-08-13")
    found = fused("openrouter/mistralai/mimic-large-3.1", ["mimic-large-2508"], own, resold)
    assert arena_match(found) == ("alias", "mimic-large-2508")


def test_a_model_that_puts_out_no_text_has_no_rating_whatever_it_is_called() -> None:
    picture = offer("openai/mimic-2", output_modalities=("image",))
    found = fused("openai/mimic-2", ["mimic-2"], picture)
    assert arena_match(found) == ("none", None)
    assert found.arena_match is not None
    assert "image" in found.arena_match.reason


def test_a_users_alias_goes_before_every_rule_and_says_so() -> None:
    aliases = {
        "openai/mimic-2": Alias(arena_id="other", reason="I asked them"),
        "mimic-3": Alias(arena_id=None, reason="no"),
    }
    own = OVERRIDES.model_copy(update={"aliases": aliases})
    found = fused("openai/mimic-2", ["mimic-2", "other"], overrides=own)
    assert arena_match(found) == ("override", "other")
    assert found.arena_match is not None
    assert "I asked them" in found.arena_match.reason
    assert arena_match(fused("openai/mimic-3", ["mimic-3"], overrides=own)) == ("none", None)
    assert arena_match(fused("openai/mimic-2", ["mimic-2"], overrides=own)) == ("none", None)


@pytest.mark.parametrize(
    ("callable_id", "target", "kind"),
    [
        ("openai/mimic-2", "openai/mimic-2", "exact"),
        ("gemini/models/Mimic-2.5", "google/mimic-2-5", "exact"),
        ("openai/mimic-2-2025-01-02", "openai/mimic-2", "dated"),
        ("openai/mimic-2-2025-06-07", None, "none"),
        ("openai/mimic-2:free", None, "none"),
        ("nobody/mimic-2", None, "none"),
    ],
)
def test_a_price_is_taken_only_from_the_offer_of_the_same_model_served_the_same_way(
    callable_id: str, target: str | None, kind: str
) -> None:
    offers = offer("openai/mimic-2", released="2025-01-01"), offer("google/mimic-2-5")
    found = fused(callable_id, [], *offers)
    assert found.modelsdev_match is not None
    assert (found.modelsdev_match.target, found.modelsdev_match.kind) == (target, kind)
    assert (found.modelsdev.canonical_id if found.modelsdev else None) == target


def test_models_keep_the_order_in_which_they_were_given() -> None:
    models = [AnyLLMModel(provider="openai", model_id=name) for name in ("b", "a", "c", "a")]
    assert [each.anyllm for each in fuse_sources(models, {}, {}, OVERRIDES)] == models


@pytest.mark.parametrize(
    ("callable_id", "names", "setting"),
    [
        ("openai/mimic-2", ["mimic-2-high"], "high"),
        ("openai/mimic-2", ["mimic-2-thinking"], "thinking"),
        ("openai/mimic-2", ["mimic-2"], None),
        ("openai/mimic-2-high", ["mimic-2-high"], None),
    ],
)
def test_a_match_says_at_which_setting_the_entry_was_rated_if_the_id_does_not(
    callable_id: str, names: list[str], setting: str | None
) -> None:
    match = fused(callable_id, names).arena_match
    assert match is not None
    assert (match.target, match.setting) == (names[0], setting)


def test_an_alias_to_another_setting_says_so_too() -> None:
    own = OVERRIDES.model_copy(update={"aliases": {"mimic-2": Alias(arena_id="mimic-2-high", reason="I asked")}})
    match = fused("openai/mimic-2", ["mimic-2", "mimic-2-high"], overrides=own).arena_match
    assert match is not None
    assert (match.kind, match.setting) == ("override", "high")


def test_what_models_dev_says_not_to_chat_is_neither_matched_nor_tells_of_what_does() -> None:
    other = offer("openai/mimic-2", type="realtime")
    found = fused("openai/mimic-2", ["mimic-2"], other)
    assert arena_match(found) == ("none", None)
    assert found.modelsdev is other
    # Of a preview it would say that a released model is another one.
    preview = offer("google/mimic-3-preview")
    silent = offer("google/mimic-3", type="speech")
    assert arena_match(fused("gemini/models/mimic-3-preview", ["mimic-3"], preview, silent)) == ("exact", "mimic-3")


def test_a_providers_name_in_models_dev_depends_on_the_address_that_is_called() -> None:
    assert OVERRIDES.providers["dashscope"] == ("alibaba-cn",)
    abroad = OVERRIDES.at_endpoints({"dashscope": "dashscope-intl.aliyuncs.com", "openai": "api.openai.com"})
    assert abroad.providers["dashscope"] == ("alibaba",)


def own_file(text: str) -> None:
    overrides_file().parent.mkdir(parents=True, exist_ok=True)
    overrides_file().write_text(text, encoding="utf-8")


def test_the_users_overrides_are_merged_over_the_shipped_ones() -> None:
    own_file('{"aliases": {"gpt-4": {"arena_id": "mine", "reason": "because"}}, "vocabulary": {"serving": ["shiny"]}}')
    merged = load_overrides()
    assert merged.aliases["gpt-4"].arena_id == "mine"
    assert not merged.aliases["gpt-4"].shipped
    assert merged.aliases.keys() == OVERRIDES.aliases.keys()
    assert merged.vocabulary.serving == (*OVERRIDES.vocabulary.serving, "shiny")
    assert merged.providers == OVERRIDES.providers


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not valid JSON"),
        ("[]", "top level"),
        ('{"alias": {}}', "alias"),
        ('{"aliases": {"a": {"arena_id": 1, "reason": "x"}}}', "aliases.a.arena_id"),
        ('{"aliases": {"a": {"arena_id": "b"}}}', "aliases.a.reason"),
        (
            (
                '{"aliases": {"a": {"arena_id": "b", "reason": "c", '
                '"holds_while": {"models_dev": "d", "facts": {"prize": 1}}}}}'
            ),
            "no field 'prize'",
        ),
        ('{"models_dev": {"a": "b", "a": "c"}}', "twice"),
        ("[" * 100_000, "not valid JSON"),
    ],
)
def test_a_malformed_file_of_the_users_is_refused_with_the_place_in_it(text: str, said: str) -> None:
    own_file(text)
    with pytest.raises(OverridesError, match=said) as caught:
        load_overrides()
    assert "overrides.json" in str(caught.value)

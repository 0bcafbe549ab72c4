"""Each kind of id as providers, price maps and files write it: which made-up entry it means, or that it means none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import pytest

from llmhub.catalog.mapper import fuse_sources, load_overrides
from llmhub.catalog.matching.grammar import Grammar
from llmhub.catalog.matching.overrides import Alias, Guard, LibraryName, Overrides
from llmhub.catalog.schema import AnyLLMModel, FusedRaw, ModelsDevModel
from tests.support.made_up.models import board
from tests.support.made_up.models import offer as undated_offer

SHIPPED = load_overrides()
OVERRIDES = SHIPPED.model_copy(update={"library": {}, "aliases": {}})


def offer(key: str, released: str = "2025-01-01", **facts: Any) -> ModelsDevModel:
    dated = {"release_date": released, "last_updated": released, "supports_reasoning": False}
    return undated_offer(key, **{"display_name": key.partition("/")[2], **dated, **facts})


def fused(callable_id: str, names: list[str], *offers: ModelsDevModel, overrides: Overrides = OVERRIDES) -> FusedRaw:
    provider, _, model_id = callable_id.partition("/")
    model = AnyLLMModel(provider=provider, model_id=model_id)
    rated = board({name: 1400.0 - number for number, name in enumerate(names)})
    (found,) = fuse_sources([model], {each.canonical_id: each for each in offers}, rated, overrides)
    return found


def found(callable_id: str, names: list[str], *offers: ModelsDevModel, overrides: Overrides = OVERRIDES) -> str | None:
    match = fused(callable_id, names, *offers, overrides=overrides).arena_match
    assert match is not None
    return match.target


def reason(callable_id: str, names: list[str], *offers: ModelsDevModel, overrides: Overrides = OVERRIDES) -> str:
    match = fused(callable_id, names, *offers, overrides=overrides).arena_match
    assert match is not None
    assert match.target is None
    return match.reason


@pytest.mark.parametrize(
    "callable_id",
    [
        "bedrock/us-gov-west-1/mimic-2",
        "bedrock/ap-south-1/mimic-2",
        "vertexai/us-central1/mimic-2",
        "azure/eu/mimic-2",
        "azure/global-standard/mimic-2",
        "bedrock/us.mimic-2",
        "bedrock/us-gov.mimic-2",
        "bedrock/us.mimic-2-latency-optimized-v1:0",
        "modelscope/LLM-Research/Mimic-2",
        "modelscope/AI-ModelScope/Mimic-2",
        "bedrock/arn:aws:bedrock:us-east-1::foundation-model/mimic-2",
        "bedrock/arn:aws-us-gov:bedrock:us-gov-west-1:123456789012:inference-profile/us-gov.mimic-2",
        "vertexai/projects/p/locations/europe-west4/publishers/google/models/mimic-2",
        "vertexai/mimic-2@default",
        "openrouter/openai/mimic-2:online",
        "openrouter/openai/mimic-2:beta",
        "openrouter/openai/mimic-2:batch",
        "bedrock/claude_platform/mimic-2",
        "huggingface/openai/mimic-2-fast",
        "vertexai/mimic2@mimic-2",
        "vertexai/publishers/meta/models/mimic_2@mimic-2-maas",
        "azure/FW-Mimic-2",
        "gemini/models/mimic-2",
        "vllm//models/mimic-2",
        "vllm//srv/models//mimic-2/",
        "vllm/C:\\models\\mimic-2.gguf",
        "llamacpp//home/somebody/mimic-2-Q4_K_M.gguf",
        "llamacpp/mimic-2-00001-of-00003.gguf",
        "llamacpp/mimic-2.IQ3_XXS.gguf",
        "llamacpp/Mimic-2-UD-Q4_K_XL.gguf",
        "ollama/hf.co/bartowski/Mimic-2-GGUF:Q5_K_M",
        "vllm/unsloth/Mimic-2-bnb-4bit",
        "vllm/unsloth/Mimic-2-unsloth-bnb-4bit",
        "llamacpp//root/.cache/llama.cpp/bartowski_Mimic-2-GGUF_Mimic-2-Q4_K_M.gguf",
        "llamacpp//root/.cache/llama.cpp/ggml-org_mimic-2-GGUF_mimic-2-mxfp4.gguf",
        "huggingface/openai/Mimic-2:cerebras",
        "huggingface/openai/Mimic-2:fastest",
        "vllm/RedHatAI/Mimic-2-quantized.w8a8",
        "vllm/nvidia/Mimic-2-FP8",
        "vllm//root/.cache/huggingface/hub/models--openai--mimic-2/snapshots/0123abcd",
        "lmstudio/bartowski/openai_Mimic-2-GGUF",
        "lmstudio/bartowski/Mimic-2-GGUF/Mimic-2-Q4_K_M.gguf",
        "lmstudio/mimic-2@q4_k_m",
        "deepinfra/openai/mimic-2-Turbo",
        "fireworks/accounts/fireworks/models/mimic-2-basic",
        "fireworks/accounts/fireworks/models/mimic-2-specdec",
    ],
)
def test_where_and_how_a_model_is_served_does_not_change_which_it_is(callable_id: str) -> None:
    assert found(callable_id, ["mimic-2", "mimic-3"]) == "mimic-2"


@pytest.mark.parametrize(
    "callable_id",
    [
        "bedrock/arn:aws:bedrock:us-east-1:123456789012:custom-model/mimic-2",
        "bedrock/arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abc",
        "ollama/somebody/mimic-2:7b",
        "vllm/somebody/Mimic-2",
        "vllm//models/finetuned/mimic-2",
        "openai/mimic-2-Turbo",
        "openai/mimic-2-basic",
        "openai/ft:mimic-2:somebody::abc",
        "llamacpp/mimic-2-abliterated-Q4_K_M.gguf",
        "vllm/cognitivecomputations/mimic-2",
        "llamacpp//root/.cache/llama.cpp/somebody_Mimic-2-GGUF_Mimic-2-Q4_K_M.gguf",
        "openrouter/openai/mimic-2:cerebras",
    ],
)
def test_what_somebody_made_of_a_model_is_another_one(callable_id: str) -> None:
    assert found(callable_id, ["mimic-2"]) is None


@pytest.mark.parametrize(
    ("callable_id", "made_by_others"),
    [
        ("groq/deepseek-llama-3.3-70b", True),
        ("groq/snowflake-llama-3.3-70b", True),
        ("groq/ibm/llama-3.3-70b", True),
        ("vllm/Snowflake/Llama-3.3-70B-Instruct", True),
        ("vllm/deepseek-ai/llama-3.3-70b-instruct", True),
        ("groq/llama-3.3-70b", False),
        ("groq/meta-llama-3.3-70b", False),
        ("groq/meta-llama/Llama-3.3-70B-Instruct", False),
        ("databricks/databricks-meta-llama-3-3-70b-instruct", False),
        ("vllm/nvidia/Llama-3.3-70B-Instruct-FP8", False),
        ("vllm/NousResearch/Meta-Llama-3.3-70B-Instruct", False),
    ],
)
def test_a_lab_that_names_anothers_open_weights_and_no_word_of_its_own_tuned_them(
    callable_id: str, *, made_by_others: bool
) -> None:
    expected = None if made_by_others else "llama-3.3-70b-instruct"
    assert found(callable_id, ["llama-3.3-70b-instruct"]) == expected


def test_a_word_of_serving_names_a_model_where_its_lab_has_one_of_that_name() -> None:
    own = offer("zai/mimic-5-turbo")
    assert found("novita/zai-org/mimic-5-turbo", ["mimic-5"]) == "mimic-5"
    assert found("novita/zai-org/mimic-5-turbo", ["mimic-5"], own) is None
    assert found("novita/zai-org/mimic-5-turbo", ["mimic-5", "mimic-5-turbo"], own) == "mimic-5-turbo"


def test_two_families_in_one_name_are_a_model_of_neither() -> None:
    names = ["qwen3-32b", "llama-3.1-tulu-3-8b"]
    for callable_id in ("groq/microsoft-qwen3-32b", "groq/deepseek-qwen3-32b", "vllm/deepseek-ai/qwen3-32b"):
        assert found(callable_id, names) is None
    assert found("groq/alibaba-qwen3-32b", names) == "qwen3-32b"
    # What a lab calls by a word of its own is told apart by that word.
    assert found("vllm/allenai/Llama-3.1-Tulu-3-8B", names) == "llama-3.1-tulu-3-8b"


def test_the_first_model_of_a_line_has_no_number_where_its_entry_has_no_date() -> None:
    names = ["mimic-pro", "mimic-2-pro", "mimic-large-2402", "mimic-large-2512"]
    lab = offer("mistral/mimic-large-latest", "2025-12-02")
    for callable_id in ("google/mimic-1.0-pro", "google/mimic-1.0-pro-001", "google/mimic-1-pro"):
        assert found(callable_id, names) == "mimic-pro"
    for callable_id in ("google/mimic-1.0-pro-002", "google/mimic-1.0-pro-latest", "mistral/mimic-large-1"):
        assert found(callable_id, names, lab) is None


@pytest.mark.parametrize(
    ("callable_id", "names", "expected"),
    [
        # A size and no word of tuning name the base weights.
        ("fireworks/accounts/fireworks/models/mimic-8x7b", ["mimic-8x7b-instruct"], None),
        ("fireworks/accounts/fireworks/models/mimic-v3-8b", ["mimic-3-8b-instruct"], None),
        ("replicate/mimic-70b", ["mimic-70b-chat"], None),
        ("huggingface/meta-llama/Mimic-70B", ["mimic-70b-instruct"], None),
        ("llamacpp/Mimic-70B-Q4_K_M.gguf", ["mimic-70b-instruct"], None),
        # Some hosts serve none.
        ("cerebras/mimic-70b", ["mimic-70b-instruct"], "mimic-70b-instruct"),
        ("sambanova/mimic-70b", ["mimic-70b-instruct"], "mimic-70b-instruct"),
        ("ollama/mimic:70b", ["mimic-70b-instruct"], "mimic-70b-instruct"),
        ("lmstudio/google/mimic-70b", ["mimic-70b-instruct"], "mimic-70b-instruct"),
        ("lmstudio/mimic-70b", ["mimic-70b-instruct"], None),
        ("ollama/mimic:70b-text", ["mimic-70b-instruct"], None),
        # A context size says how a host serves a tuned model, where that is known of the host.
        ("sambanova/Mimic-70B-Instruct-8k", ["mimic-70b-instruct"], "mimic-70b-instruct"),
        ("together/mimic-8b-instruct-Turbo-128K", ["mimic-8b-instruct"], "mimic-8b-instruct"),
        ("siliconflow/Qwen/Mimic-70B-Instruct-128K", ["mimic-70b-instruct"], "mimic-70b-instruct"),
        ("vllm/mimic-70b-instruct-8k", ["mimic-70b-instruct"], None),
        # What has no tuned sibling is named by its size alone.
        ("vllm/openai/mimic-70b", ["mimic-70b"], "mimic-70b"),
        # Sizes.
        ("fireworks/mimic-70b-instruct-1b", ["mimic-70b-instruct"], None),
        ("vllm/mimic-10_7b-instruct", ["mimic-10.7b-instruct"], "mimic-10.7b-instruct"),
        ("vllm/mimic2_7b-instruct", ["mimic-2-7b-instruct"], "mimic-2-7b-instruct"),
        ("bedrock/meta.mimic2-70b-chat-v1", ["mimic-2-70b-chat"], "mimic-2-70b-chat"),
        ("bedrock/mimic-2-lite-v1:0:256k", ["mimic-2-lite"], "mimic-2-lite"),
        # Spellings.
        ("azure/gpt-35-mimic", ["gpt-3.5-mimic"], "gpt-3.5-mimic"),
        ("lambda/qwen25-mimic", ["qwen2.5-mimic"], "qwen2.5-mimic"),
        ("fireworks/mimic-v2p5", ["mimic-2.5"], "mimic-2.5"),
        ("vllm/mimic-3_1-8b-instruct-v1_5", ["mimic-3.1-8b-instruct-v1.5"], "mimic-3.1-8b-instruct-v1.5"),
        ("predibase/mimic-8x7b-instruct-v0-1", ["mimic-8x7b-instruct-v0.1"], "mimic-8x7b-instruct-v0.1"),
        ("predibase/mimic-49b-v1-5", ["mimic-49b-v1", "mimic-49b-v1.5"], "mimic-49b-v1.5"),
        ("modelscope/MIMIC-4_5V", ["mimic-4.5v", "mimic-4-5"], "mimic-4.5v"),
        ("fireworks/code-llama-34b-instruct", ["codellama-34b-instruct"], "codellama-34b-instruct"),
        ("openrouter/deepseek/deepseek-chat-v9-0324", ["deepseek-v9-0324"], "deepseek-v9-0324"),
        ("abacus/deepseek-ai-mimic-9", ["mimic-9"], "mimic-9"),
        ("databricks/databricks-mpt-30b-instruct", ["mpt-30b-chat"], None),
        # Versions of an offer behind a date.
        ("vertexai/mimic-5-sonnet-v2@20241022", ["mimic-5-sonnet-20241022"], "mimic-5-sonnet-20241022"),
        ("vertexai/mimic-large@2411-001", ["mimic-large-2411"], "mimic-large-2411"),
        ("ai21/mimic-large@001", ["mimic-large"], "mimic-large"),
        # A date says which version it is, where one side leaves the version out.
        ("deepinfra/mimic-small-3.2-24b-instruct-2506", ["mimic-small-24b-2506"], "mimic-small-24b-2506"),
        ("vertexai/mimic-small-2503", ["mimic-small-3.1-2503"], "mimic-small-3.1-2503"),
        ("vertexai/mimic-small-3.2-2503", ["mimic-small-3.1-2503"], None),
        ("openai/mimic-0613", ["mimic-4-0613"], None),
    ],
)
def test_each_spelling_means_the_one_model_that_it_names(callable_id: str, names: list[str], expected: str) -> None:
    assert found(callable_id, names) == expected


def test_a_preview_of_the_same_size_refused_for_its_revision_does_not_make_another_size_right() -> None:
    names = ["mimic-1.5-flash-001", "mimic-1.5-flash-002", "mimic-1.5-flash-8b-001"]
    assert "several revisions" in reason("openai/mimic-1.5-flash", names)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["mimic-2"], "nothing says that the rated model has that size"),
        (["mimic-2-7b", "mimic-2-13b"], r"13b, 7b"),
    ],
)
def test_a_size_that_was_not_rated_is_told_with_the_others_and_never_with_none(names: list[str], said: str) -> None:
    text = reason("openai/mimic-2-70b", names)
    assert said in text
    assert "none" not in text


def test_an_id_without_a_size_is_the_rated_one_only_if_something_says_that_there_is_no_other() -> None:
    assert "says no size" in reason("together/mimic", ["mimic-180b-chat"])
    assert found("together/mimic", ["mimic-180b-chat"], offer("reseller/mimic-180b-chat")) == "mimic-180b-chat"
    sizes = (offer("reseller/mimic-180b-chat"), offer("reseller/mimic-7b-chat"))
    assert found("together/mimic", ["mimic-180b-chat"], *sizes) is None
    # The date says which it is.
    assert found("reka/mimic-20240226", ["mimic-21b-20240226"]) == "mimic-21b-20240226"
    assert found("reka/mimic-20240904", ["mimic-21b-20240226"]) is None


def test_a_size_that_a_leaderboards_name_leaves_out_is_a_fact_to_look_up() -> None:
    words = OVERRIDES.vocabulary.model_copy(update={"left_out": {"mimic-*": ("123b", "80k")}})
    known = OVERRIDES.model_copy(update={"vocabulary": words})
    for callable_id, expected in (
        ("vllm/mimic-2-123b", "mimic-2"),
        ("vllm/mimic-2-80k", "mimic-2"),
        ("vllm/mimic-2-22b", None),
        ("vllm/mimic-2-40k", None),
    ):
        assert found(callable_id, ["mimic-2"], overrides=known) == expected


# -- Ollama's library


LIBRARY = {
    "mimic": LibraryName(default="8b", source="a page"),
    "unrated": LibraryName(source="a page"),
    "moved": LibraryName(default="6b", reads="mimic-1.5-*-chat", source="a page"),
    "named": LibraryName(default="123b", reads="mimic-large-2411", source="a page"),
    "split": LibraryName(default="16x17b", tags={"16x17b": "mimic-scout", "7b": None}, source="a page"),
}
IN_LIBRARY = OVERRIDES.model_copy(update={"library": LIBRARY})
RATED = ["mimic-8b-instruct", "mimic-70b-instruct", "mimic-1.5-34b-chat", "mimic-large-2411", "mimic-large-2407"]


@pytest.mark.parametrize(
    ("model_id", "expected"),
    [
        ("mimic", "mimic-8b-instruct"),
        ("mimic:latest", "mimic-8b-instruct"),
        ("library/mimic:instruct", "mimic-8b-instruct"),
        ("mimic:70b-instruct-q4_K_M", "mimic-70b-instruct"),
        ("mimic:13b", None),
        ("unrated:latest", None),
        ("nobody-knows", None),
        ("moved:34b", "mimic-1.5-34b-chat"),
        ("moved:34b-v1.5-q4_0", "mimic-1.5-34b-chat"),
        ("moved", None),
        ("named", "mimic-large-2411"),
        ("named:123b-instruct", "mimic-large-2411"),
        ("named:123b-v2411", "mimic-large-2411"),
        ("named:123b-2407", None),
        ("split:latest", "mimic-scout"),
        ("split:7b", None),
        ("somebody/mimic:8b", None),
    ],
)
def test_a_name_of_ollamas_library_means_the_tag_that_the_table_says(model_id: str, expected: str | None) -> None:
    assert found(f"ollama/{model_id}", [*RATED, "mimic-scout"], overrides=IN_LIBRARY) == expected


def test_a_default_tag_that_no_table_knows_gives_no_rating_though_one_entry_has_the_name() -> None:
    assert "default tag" in reason("ollama/mimic-coder:latest", ["mimic-coder"])
    assert found("openai/mimic-coder", ["mimic-coder"]) == "mimic-coder"


# -- snapshots


DATED = ["mimic-large-2402", "mimic-large-2407"]


def test_an_undated_id_of_a_reseller_does_not_take_the_date_of_the_labs_own() -> None:
    lab = (
        offer("mistral/mimic-large", "2024-07-24"),
        offer("mistral/mimic-large-2402"),
        offer("mistral/mimic-large-2407"),
    )
    assert found("mistral/mimic-large", DATED, *lab) == "mimic-large-2407"
    assert found("watsonx/mistralai/mimic-large", DATED, *lab) is None


def test_an_undated_id_means_the_one_snapshot_that_its_lab_has_had() -> None:
    own = offer("openai/mimic-9-2025-04-14", "2025-04-14")
    # models.dev dates many offers by the day that a reseller began to serve them.
    resold = offer("vercel/openai/mimic-9", "2026-04-14")
    assert found("vercel/openai/mimic-9", ["mimic-9-2025-04-14"], own, resold) == "mimic-9-2025-04-14"
    older = offer("vercel/openai/mimic-9", "2024-04-14")
    assert found("vercel/openai/mimic-9", ["mimic-9-2025-04-14"], own, older) is None


def test_a_dated_offer_stands_for_no_undated_id() -> None:
    dated = offer("deepinfra/openai/mimic-9-0528", "2025-05-28")
    undated = fused("deepinfra/openai/mimic-9", ["mimic-9-0528", "mimic-9"], dated)
    assert undated.modelsdev is None
    assert undated.arena_match is not None
    assert undated.arena_match.target == "mimic-9"


def test_a_repository_of_weights_never_changes_what_it_holds() -> None:
    names = ["mimic-9", "mimic-9-0324"]
    assert found("huggingface/deepseek-ai/Mimic-9", names) == "mimic-9"
    assert found("replicate/deepseek-ai/mimic-9", names) is None
    later = offer("deepinfra/deepseek-ai/Mimic-K-0905", "2025-09-05")
    first = offer("moonshotai/mimic-k-0711", "2025-07-11")
    names = ["mimic-k-0711", "mimic-k-0905"]
    assert found("deepinfra/deepseek-ai/Mimic-K", names, later, first) == "mimic-k-0711"
    assert found("deepinfra/deepseek-ai/Mimic-K", names, first) is None


def test_where_a_request_goes_dates_an_id_by_the_offer_of_the_same_model() -> None:
    moved = offer("openrouter/openai/mimic-9", "2025-07-11")
    names = ["mimic-9-2025-07-11", "mimic-9-2025-09-05"]
    free = fused("openrouter/openai/mimic-9:free", names, moved)
    assert free.arena is not None
    assert free.arena.arena_id == "mimic-9-2025-07-11"
    assert free.modelsdev is None, "its price is another"


def test_an_undated_id_of_a_reseller_is_none_of_the_snapshots_that_it_lists_apart() -> None:
    names = ["mimic-medium", "mimic-medium-2505"]
    own = offer("mistral/mimic-medium-2505", "2025-05-07", display_name="Mimic Medium 3")
    assert found("openrouter/mistralai/mimic-medium", names, own) is None
    for apart in ("mimic-medium-3", "mimic-medium-2505"):
        listed = offer(f"openrouter/mistralai/{apart}", "2025-05-07")
        assert found("openrouter/mistralai/mimic-medium", names, own, listed) == "mimic-medium"
    # A lab's own undated id is mostly its newest.
    assert found("mistral/mimic-medium", names, own) is None


def test_the_day_that_a_reseller_began_to_serve_tells_no_snapshot_that_it_lists_apart() -> None:
    names = ["mimic-9-2025-07-11", "mimic-9-2025-09-05"]
    undated, apart = offer("reseller/mimic-9", "2026-01-10"), offer("reseller/mimic-9-2025-09-05", "2026-01-10")
    assert found("reseller/mimic-9", names, undated) == "mimic-9-2025-09-05"
    assert found("reseller/mimic-9", names, undated, apart) is None
    # About the day of the snapshot it is an alias of it, however the snapshot is listed too.
    alias = offer("reseller/mimic-9", "2025-09-10")
    assert found("reseller/mimic-9", names, alias, apart) == "mimic-9-2025-09-05"


def test_a_mode_that_an_id_names_is_of_the_snapshot_that_the_model_has_had() -> None:
    names = ["mimic-3-7-20250219", "mimic-3-7-20250219-thinking-32k"]
    known = offer("anthropic/mimic-3-7-20250219", "2025-02-19")
    assert found("openrouter/anthropic/mimic-3.7:thinking", names, known) == names[1]
    assert found("openrouter/anthropic/mimic-3.7", names, known) == names[0]
    undated = offer("openai/mimic-5", "2025-08-07", supports_reasoning=True)
    assert found("openai/mimic-5-2025-08-07-high", ["mimic-5-high"], undated) == "mimic-5-high"
    assert found("openai/mimic-5-2025-03-01-high", ["mimic-5-high"], undated) is None


def test_what_its_lab_says_never_thinks_has_no_rating_of_one_that_does() -> None:
    names = ["mimic-k2-thinking-turbo"]
    own = offer("moonshotai/mimic-k2-turbo-preview", supports_reasoning=False)
    for callable_id in ("moonshot/mimic-k2-turbo-preview", "another/mimic-k2-turbo-preview", "another/mimic-k2-turbo"):
        assert found(callable_id, names, own) is None
    assert found("another/mimic-k2-turbo", names, own.model_copy(update={"supports_reasoning": True})) == names[0]
    assert found("another/mimic-k2-turbo", names, own.model_copy(update={"supports_reasoning": None})) == names[0]
    assert found("another/mimic-k2-turbo-thinking", names, own) == names[0]
    # What a reseller says of its own offer does not speak for others.
    assert found("another/mimic-k2-turbo", names, offer("other/mimic-k2-turbo")) == names[0]


def test_a_local_server_that_calls_its_model_gpt_has_no_rating_of_the_closed_one() -> None:
    names = ["gpt-3.5-turbo-0125", "gpt-oss-20b"]
    assert found("openai/gpt-3.5-turbo-0125", names) == "gpt-3.5-turbo-0125"
    for provider in ("llamacpp", "llamafile", "vllm", "ollama", "lmstudio"):
        assert found(f"{provider}/gpt-3.5-turbo-0125", names) is None
        assert found(f"{provider}/gpt-oss-20b", names) == "gpt-oss-20b"
        assert found(f"{provider}/gpt-3.5-turbo", names, overrides=SHIPPED) is None
    assert found("openai/gpt-3.5-turbo", names, overrides=SHIPPED) == "gpt-3.5-turbo-0125"
    own = Alias(arena_id="gpt-oss-20b", reason="I serve it under that name")
    overrides = SHIPPED.model_copy(update={"aliases": {"vllm/gpt-3.5-turbo": own}})
    assert found("vllm/gpt-3.5-turbo", names, overrides=overrides) == "gpt-oss-20b"


def test_a_local_server_has_no_weights_that_their_lab_says_are_closed() -> None:
    own, resold = offer("xai/grok-9", open_weights=False), offer("reseller/mimic-9", open_weights=False)
    names = ["grok-9", "mimic-9", "grok-9-70b"]
    assert found("openrouter/x-ai/grok-9", names, own, resold) == "grok-9"
    assert "closed weights" in reason("vllm/grok-9", names, own, resold)
    assert found("vllm/mimic-9", names, own, resold) == "mimic-9", "resellers are wrong about it"
    assert found("vllm/grok-9-70b", names, own, resold) == "grok-9-70b"
    opened = offer("xai/grok-9", open_weights=True)
    assert found("vllm/grok-9", names, opened) == "grok-9"
    assert found("ollama/chatgpt-4o-latest", ["chatgpt-4o-latest-20250326"], overrides=SHIPPED) is None


def test_what_a_reseller_may_have_had_before_a_model_was_rated_is_not_the_rated_snapshot() -> None:
    unheard_of, known = offer("openai/something"), offer("openai/mimic-9-2025-01-02")
    assert found("snowflake/mimic-9", ["mimic-9-20250102"], unheard_of) is None
    assert found("snowflake/mimic-9", ["mimic-9-20250102"], known) == "mimic-9-20250102"
    assert found("huggingface/tencent/Mimic-9", ["mimic-9-20250102"], unheard_of) is None
    assert found("huggingface/tencent/Mimic-9-70B", ["mimic-9-70b-0725"], unheard_of) == "mimic-9-70b-0725"


def test_an_offer_without_dates_tells_no_snapshot() -> None:
    """As in documents from which the dates were left out, and for models that models.dev does not date."""
    service = undated_offer("reseller/mimic-flash", display_name="Mimic Flash")
    assert found("reseller/mimic-flash", ["mimic-flash-preview-02-05"], service) is None
    assert found("reseller/mimic-flash", ["mimic-flash", "mimic-flash-2505"], service) is None
    assert found("reseller/mimic-flash", ["mimic-flash"], service) == "mimic-flash"
    told = offer("other/mimic-flash", "2025-05-20")
    assert found("reseller/mimic-flash", ["mimic-flash-2505"], service, told) == "mimic-flash-2505"


def test_a_floating_id_that_nothing_dates_is_not_the_one_snapshot_that_was_rated() -> None:
    undated = undated_offer("other/mimic-medium", display_name="Mimic Medium")
    assert found("reseller/mimic-medium-latest", ["mimic-medium-2506"], undated) is None
    dated = offer("mistral/mimic-medium-2506", "2025-06-10")
    assert found("reseller/mimic-medium-latest", ["mimic-medium-2506"], undated, dated) == "mimic-medium-2506"


def test_a_snapshot_dated_by_its_month_is_of_a_release_on_any_day_of_it() -> None:
    for day, expected in (("2025-03-01", "mimic-2503"), ("2025-03-28", "mimic-2503"), ("2025-05-01", None)):
        assert found("reseller/mimic", ["mimic-2503"], offer("openai/something"), offer("lab/mimic", day)) == expected


def test_a_floating_id_takes_no_entry_without_a_version_while_there_are_versions() -> None:
    assert found("google/mimic-pro-latest", ["mimic-pro"]) == "mimic-pro"
    assert found("google/mimic-pro-latest", ["mimic-pro", "mimic-3-pro"]) is None
    assert found("google/mimic-pro-latest", ["mimic-pro"], offer("google/mimic-2.5-pro")) is None


def test_a_floating_id_is_mute_once_its_lab_released_a_newer_one() -> None:
    floating, dated = offer("google/mimic-flash-latest", "2025-09-25"), offer("google/mimic-2.5-flash", "2025-06-17")
    names = ["mimic-2.5-flash"]
    assert found("google/mimic-flash-latest", names, floating, dated) == "mimic-2.5-flash"
    newer = offer("google/mimic-3-flash-preview", "2025-12-17")
    assert "mimic-3-flash-preview (2025-12-17)" in reason("google/mimic-flash-latest", names, floating, dated, newer)
    in_id = offer("openrouter/google/mimic-flash-2512", "2025-12-20")
    assert found("google/mimic-flash-latest", names, floating, dated, in_id) is None


# -- aliases


def with_alias(key: str, **facts: str | float) -> Overrides:
    guard = Guard(models_dev="deepseek/mimic-chat", facts=dict(facts)) if facts else None
    return OVERRIDES.model_copy(
        update={"aliases": {key: Alias(arena_id="mimic-9", reason="a page", holds_while=guard, shipped=True)}}
    )


def test_an_alias_falls_silent_with_its_reason_when_models_dev_says_otherwise() -> None:
    names = ["mimic-9"]
    guarded = with_alias("deepseek/mimic-chat", price_input_per_million=0.28)
    then = offer("deepseek/mimic-chat", price_input_per_million=0.28)
    assert found("deepseek/mimic-chat", names, then, overrides=guarded) == "mimic-9"
    assert found("deepseek/mimic-chat", names, overrides=guarded) == "mimic-9"
    unpriced = offer("deepseek/mimic-chat")
    assert found("deepseek/mimic-chat", names, unpriced, overrides=guarded) == "mimic-9"
    now = offer("deepseek/mimic-chat", price_input_per_million=0.14)
    text = reason("deepseek/mimic-chat", names, now, overrides=guarded)
    assert "no longer used" in text
    assert "price_input_per_million = 0.14" in text
    assert "0.28" in text


def test_an_alias_of_a_floating_name_says_nothing_of_the_plain_one() -> None:
    floating = with_alias("mimic-7-latest")
    assert found("openrouter/mimic-7-latest", ["mimic-9"], overrides=floating) == "mimic-9"
    assert found("openrouter/mimic-7", ["mimic-9"], overrides=floating) is None
    plain = with_alias("mimic-7")
    assert found("openrouter/mimic-7-latest", ["mimic-9"], overrides=plain) == "mimic-9"


def test_every_shipped_alias_says_what_must_still_hold_and_there_are_no_more_than_25() -> None:
    assert len(SHIPPED.aliases) <= 25
    for key, alias in SHIPPED.aliases.items():
        assert alias.shipped
        assert alias.reason, key
        assert alias.holds_while is not None, key
        assert alias.holds_while.facts.keys() <= ModelsDevModel.model_fields.keys(), key


def test_the_table_of_ollamas_names_is_short_and_gives_a_source_for_each() -> None:
    assert 0 < len(SHIPPED.library) <= 40
    assert all(name.source.startswith("https://ollama.com/library/") for name in SHIPPED.library.values())


def test_words_for_one_thing_stand_in_one_list_of_the_vocabulary() -> None:
    words = SHIPPED.vocabulary
    names = {name for lab in words.labs.values() for name in lab.names}
    lists: Mapping[str, set[str]] = {
        "labs": names,
        "authors": set(words.authors),
        "serving": set(words.serving),
        "instruct": set(words.instruct),
        "base": set(words.base),
    }
    for one, first in lists.items():
        for other, second in lists.items():
            assert one == other or not first & second, (one, other, first & second)


# -- models.dev's own word


def based(key: str, base: str = "alibaba/mimic-9", **facts: Any) -> ModelsDevModel:
    return offer(key, canonical_model_id=base, **facts)


def test_models_devs_word_on_the_model_behind_an_offer_finds_what_its_id_does_not_say() -> None:
    base = offer("alibaba/mimic-9", "2025-05-01", display_name="Mimic IX")
    resold = based("vercel/nine", display_name="Nine")
    assert found("vercel/nine", ["mimic-9"], base, resold) is None, "its id must not contradict"
    named = base.model_copy(update={"display_name": "Nine"})
    assert found("vercel/nine", ["mimic-9"], named, resold) == "mimic-9"


def test_an_offer_whose_id_and_whose_base_mean_two_models_means_none() -> None:
    base, wrong = offer("alibaba/mimic-9"), based("vercel/mimic-8")
    text = reason("vercel/mimic-8", ["mimic-8", "mimic-9"], base, wrong)
    assert "mimic-8" in text
    assert "alibaba/mimic-9" in text
    distilled = based("vercel/mimic-9-distill-llama-70b")
    assert found("vercel/mimic-9-distill-llama-70b", ["mimic-9"], base, distilled) is None


def test_an_id_that_names_a_mode_may_have_a_rating_of_its_own() -> None:
    base, thinking = offer("alibaba/mimic-9"), based("vercel/mimic-9-thinking")
    names = ["mimic-9", "mimic-9-thinking"]
    assert found("vercel/mimic-9-thinking", names, base, thinking) == "mimic-9-thinking"
    assert found("vercel/mimic-9", names, base, based("vercel/mimic-9")) == "mimic-9"


# -- nothing stops the rest


def test_an_id_that_no_rule_can_take_costs_what_is_known_of_that_model_alone(caplog: pytest.LogCaptureFixture) -> None:
    odd = AnyLLMModel.model_construct(provider="openai", model_id=cast("str", 7))
    models = [
        AnyLLMModel(provider="openai", model_id="mimic-2"),
        odd,
        AnyLLMModel(provider="openai", model_id="mimic-3"),
    ]
    first, second, third = fuse_sources(models, {}, board({"mimic-2": 1400.0, "mimic-3": 1300.0}), OVERRIDES)
    assert first.arena is not None
    assert third.arena is not None
    assert second.arena is None
    assert second.arena_match is not None
    assert "internal error" in second.arena_match.reason
    assert {record.levelname for record in caplog.records if "openai/7" in record.getMessage()} == {"WARNING"}


def test_an_empty_folder_in_an_id_means_nothing() -> None:
    grammar = Grammar(SHIPPED.vocabulary)
    for text in ("/mimic-2", "//mimic-2", "/models//mimic-2", "mimic-2/", "hf.co//mimic-2"):
        assert grammar.parse(text).words == ("2", "mimic"), text
    for text in ("", "/", "//", ":", "::/", ".", "~", "arn:", "a//"):
        assert all(grammar.parse(text).words), text

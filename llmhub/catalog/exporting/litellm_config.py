"""Models as the configuration of a LiteLLM proxy: a list with prices, and what stands in for each that fails. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from llmhub.catalog.choosing.selection import MEASURED, price_of
from llmhub.catalog.stored.format import CHAT
from llmhub.offers.litellm.names import PRICES

if TYPE_CHECKING:
    from llmhub.catalog.schema import CanonicalModel, Catalog

MOST_FALLBACKS = 3

NAMES: Mapping[str, str] = {
    **{
        name: name
        for name in (
            *(
                "anthropic",
                "bedrock",
                "cerebras",
                "cohere",
                "dashscope",
                "databricks",
                "deepinfra",
                "deepseek",
                "edenai",
            ),
            *("gemini", "github", "groq", "huggingface", "inception", "llamafile", "meta", "minimax", "mistral"),
            *("moonshot", "nebius", "neosantara", "ollama", "openai", "openrouter", "ovhcloud", "perplexity"),
            *("sagemaker", "sambanova", "typesafe", "voyage", "watsonx", "xai", "zai"),
        )
    },
    "azure": "azure_ai",
    "azureanthropic": "azure_ai",
    "azureopenai": "azure",
    "fireworks": "fireworks_ai",
    "llama": "meta_llama",
    "lmstudio": "lm_studio",
    "together": "together_ai",
    "vertexai": "vertex_ai",
    "vertexaianthropic": "vertex_ai",
    "vllm": "hosted_vllm",
}
"""LiteLLM's names of any-llm's providers; those that it does not know are missing."""

# LiteLLM reads the keys of these, which are several variables or a file, from the environment itself.
_OWN_KEYS = frozenset({"bedrock", "sagemaker", "sagemaker_chat", "vertex_ai", "watsonx"})
# Whose addresses are the user's own, where LiteLLM takes one as any-llm does: any-llm's variable of each.
ADDRESSES: Mapping[str, str] = {
    "azure": "AZURE_AI_CHAT_ENDPOINT",
    "azureopenai": "AZURE_OPENAI_ENDPOINT",
    "llamafile": "LLAMAFILE_API_BASE",
    "vllm": "VLLM_API_BASE",
}
_SIZED = "together_ai"
_MODES = {"chat": "chat", "embedding": "embedding", "image": "image_generation", "rerank": "rerank"}
_SUPPORTS = {
    "supports_function_calling": "tools",
    "supports_vision": "vision",
    "supports_reasoning": "reasoning",
    "supports_response_schema": "structured-output",
    "supports_pdf_input": "pdf",
}


class Config(NamedTuple):
    """A configuration, and the providers that LiteLLM does not know, whose models it lacks."""

    document: dict[str, Any]
    unknown: tuple[str, ...]


def litellm_config(models: Sequence[CanonicalModel], catalog: Catalog) -> Config:
    """Return the configuration of a proxy that serves models under their ids in the catalog.

    A model that fails is replaced by up to three others of its tier of quality, those of other providers first, the
    cheapest first; then by those of the tiers below. Only measured tiers count.

    Args:
        models: what it serves, in order.
        catalog: says from which variables keys are read.
    """
    served = [model for model in models if model.provider in NAMES]
    keys = {status.provider: _key_of(status.key_variables, catalog.key_variables) for status in catalog.providers}
    addresses = {name: variable for name, variable in ADDRESSES.items() if variable in catalog.key_variables}
    document: dict[str, Any] = {
        "model_list": [_entry(model, keys.get(model.provider), addresses.get(model.provider)) for model in served]
    }
    if fallbacks := _fallbacks(served):
        document["router_settings"] = {"fallbacks": fallbacks}
    return Config(document, tuple(sorted({model.provider for model in models} - NAMES.keys())))


def _entry(model: CanonicalModel, key: str | None, address: str | None) -> dict[str, Any]:
    there = NAMES[model.provider]
    parameters: dict[str, Any] = {"model": f"{there}/{model.model_id.removeprefix('models/')}"}
    if key is not None and there not in _OWN_KEYS:
        parameters["api_key"] = f"os.environ/{key}"
    if address is not None:
        parameters["api_base"] = f"os.environ/{address}"
    limits = {
        "max_input_tokens": model.max_input_tokens or model.context_tokens,
        "max_output_tokens": model.max_output_tokens,
    }
    info: dict[str, Any] = {
        # Without it LiteLLM prices Together's models by their size, which it reads from an id that it makes up.
        **({"id": parameters["model"]} if there == _SIZED else {}),
        "mode": _MODES.get(model.type, model.type),
        **{name: value for name, value in limits.items() if value is not None},
        **_prices(model),
        **{name: True for name, tag in _SUPPORTS.items() if tag in model.tags},
    }
    return {"model_name": model.canonical_id, "litellm_params": parameters, "model_info": info}


def _prices(model: CanonicalModel) -> dict[str, float]:
    """Return the prices of a token, and those of long prompts."""
    found = {name: per_token(price) for name, field in PRICES.items() if (price := getattr(model, field)) is not None}
    for tier in model.price_tiers:
        thousands, rest = divmod(tier.above_tokens, 1000)
        above = f"_above_{tier.above_tokens if rest else f'{thousands}k'}_tokens"
        prices = {f"{name}{above}": getattr(tier, field) for name, field in PRICES.items()}
        found |= {name: per_token(price) for name, price in prices.items() if price is not None}
    return found


def per_token(per_million: float) -> float:
    """Return a price of a million tokens as that of one, to the last digit.

    Examples:
        >>> per_token(0.15), per_token(2.5)
        (1.5e-07, 2.5e-06)
    """
    return float(Decimal(repr(per_million)).scaleb(-6))


def _key_of(variables: Sequence[str], set_here: Iterable[str]) -> str | None:
    known = set(set_here)
    return next((name for name in variables if name in known), variables[0] if variables else None)


def _fallbacks(models: Iterable[CanonicalModel]) -> list[dict[str, list[str]]]:
    rated = [model for model in models if model.type == CHAT and model.quality_basis in MEASURED]
    found = []
    for model in rated:
        others = [other for other in rated if other is not model and other.quality_tier >= model.quality_tier]
        others.sort(
            key=lambda other: (
                other.quality_tier,
                other.provider == model.provider,
                price_of(other) is None,
                price_of(other) or 0.0,
                other.canonical_id,
            )
        )
        if others:
            found.append({model.canonical_id: [other.canonical_id for other in others[:MOST_FALLBACKS]]})
    return found

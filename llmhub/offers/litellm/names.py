"""Translate LiteLLM's names of providers, ids and prices into models.dev's. Pure.

A provider keeps LiteLLM's name unless it is known to be the same interface of the same company: a price or a day on the
wrong offer is worse than none.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import NamedTuple

PRICES: Mapping[str, str] = {
    "input_cost_per_token": "price_input_per_million",
    "output_cost_per_token": "price_output_per_million",
    "output_cost_per_reasoning_token": "price_reasoning_per_million",
    "cache_read_input_token_cost": "price_cache_read_per_million",
    "cache_creation_input_token_cost": "price_cache_write_per_million",
    "input_cost_per_audio_token": "price_input_audio_per_million",
    "output_cost_per_audio_token": "price_output_audio_per_million",
}
"""LiteLLM's prices of one token, in dollars, and the fields of an offer, in dollars per million tokens."""

_AZURE, _BEDROCK, _VERTEX = "azure", "amazon-bedrock", "google-vertex"

# LiteLLM's name of a provider, and models.dev's name of the same interface. Others keep their names.
PROVIDERS: Mapping[str, str] = {
    "amazon_nova": "nova",
    "azure_ai": _AZURE,
    "azure_text": _AZURE,
    "bedrock": _BEDROCK,
    "bedrock_converse": _BEDROCK,
    "bedrock_mantle": _BEDROCK,
    "cloudflare": "cloudflare-workers-ai",
    "cohere_chat": "cohere",
    "dashscope": "alibaba",
    "fireworks_ai": "fireworks-ai",
    "fireworks_ai-embedding-models": "fireworks-ai",
    "friendliai": "friendli",
    "gemini": "google",
    "github_copilot": "github-copilot",
    "gmi": "gmicloud",
    "gradient_ai": "digitalocean",
    "meta_llama": "llama",
    "moonshot": "moonshotai",
    "novita": "novita-ai",
    "nvidia_nim": "nvidia",
    "scx-ai": "scx",
    "snowflake": "snowflake-cortex",
    "text-completion-inception": "inception",
    "text-completion-openai": "openai",
    "together_ai": "togetherai",
    "vercel_ai_gateway": "vercel",
}
# Claude at Google is one interface, which models.dev lists under two names.
_VERTEX_ANTHROPIC = "vertex_ai-anthropic_models"
_VERTEX_NAMES = (_VERTEX, "google-vertex-anthropic")
# Providers whose ids models.dev writes in lower case.
_LOWER_CASE = frozenset({"azure_ai", "meta_llama", "ovhcloud"})
# Prefixes of ids that say how LiteLLM reaches a provider, beside the provider's own name.
_PREFIXES: Mapping[str, tuple[str, ...]] = {
    "amazon_nova": ("amazon-nova/",),
    "azure_text": ("azure/",),
    "bedrock": ("bedrock/invoke/", "bedrock/converse/", "bedrock/"),
    "bedrock_converse": ("bedrock/converse/", "bedrock/"),
    "cohere_chat": ("cohere/",),
    "fireworks_ai-embedding-models": ("fireworks_ai/",),
    "nvidia_nim": ("nvidia_nim/ranking/", "nvidia_nim/"),
    "text-completion-openai": ("openai/",),
}
# Image models have a row for each size and quality, and Bedrock one for each commitment: all are one offer.
_SIZE = re.compile(r"(?:max|\d+)-x-(?:max|\d+)|(?:max|\d+)-steps|hd|standard|low|medium|high|auto", re.ASCII)
_COMMITMENT = re.compile(r"(?:(?P<region>[^/*]+)|\*)/\d+-month-commitment/", re.ASCII)
# Rows that price a class of models by its size, or a rented session: none of them is about one model.
_PRICE_CLASS = re.compile(r"(?:fireworks-ai|together-ai)-.*|.*/container|.*/guardrails", re.DOTALL)
# Second interfaces to a provider's offers: rows of the first interface take precedence.
_SECOND = frozenset({"azure_ai", "azure_text", "bedrock_mantle"})
PARTIAL = 2
_FIREWORKS = "accounts/fireworks/models/"
_AZURE_35 = re.compile(r"(^|/)gpt-35-")
_UNDATED_CLAUDE = re.compile(r"claude-[^@]+", re.ASCII)


class Key(NamedTuple):
    """An offer that a row of LiteLLM's map is about, in models.dev's spelling.

    Attributes:
        provider: its name in models.dev.
        model_id: the id there.
        rank: of several rows about one offer, the one with the lowest rank counts. 0: LiteLLM writes the id like this;
            1: the id was translated; 2: the row is about one size, quality or commitment, and its prices do not count.
    """

    provider: str
    model_id: str
    rank: int = 0


def keys_of(provider: str, written: str, ids: Collection[str] = ()) -> tuple[Key, ...]:
    """Return the offers that a row is about; none if it is not about one model.

    Args:
        provider: LiteLLM's name of the provider.
        written: the row's key.
        ids: all keys of the map: how an id is read may depend on the others.
    """
    if _PRICE_CLASS.fullmatch(written):
        return ()
    bare = _without_prefix(provider, written)
    model_id = _without_commitment(_without_size(bare))
    rank = 0 if model_id == bare else PARTIAL
    if provider == "scaleway":
        # LiteLLM puts the maker before Scaleway's ids, which have none.
        model_id = model_id.rpartition("/")[2]
    if provider in _LOWER_CASE:
        model_id = model_id.lower()
    if not model_id:
        return ()
    names = _VERTEX_NAMES if provider == _VERTEX_ANTHROPIC else (_provider(provider, model_id),)
    rank = max(rank, int(provider in _SECOND))
    translated = _translated(provider, names[0], model_id, ids)
    if translated != model_id and provider.startswith("fireworks_ai"):
        # The short name is an invention of LiteLLM.
        return (Key(names[0], translated, max(rank, 1)),)
    found = [Key(name, model_id, rank) for name in names]
    if translated != model_id:
        found += [Key(name, translated, max(rank, 1)) for name in names]
    return tuple(found)


def _translated(provider: str, name: str, model_id: str, ids: Collection[str]) -> str:
    """Return a second spelling of an id, which models.dev uses; the id itself if there is none."""
    if provider == _VERTEX_ANTHROPIC:
        return _vertex_claude(model_id, ids)
    if provider.startswith("fireworks_ai"):
        return _fireworks(model_id, ids)
    # Only Azure writes 35 for 3.5; models.dev does not.
    return _AZURE_35.sub(r"\1gpt-3.5-", model_id) if name == _AZURE else model_id


def _provider(provider: str, model_id: str) -> str:
    if provider == "vertex_ai" or provider.startswith("vertex_ai-"):
        return _VERTEX
    if provider == "perplexity" and "/" in model_id and not model_id.startswith("preset/"):
        # Other labs' models are offered by Perplexity's agent interface.
        return "perplexity-agent"
    return PROVIDERS.get(provider, provider)


def _without_prefix(provider: str, written: str) -> str:
    family = "vertex_ai" if provider.startswith("vertex_ai-") else provider
    for prefix in (*_PREFIXES.get(provider, ()), f"{family}/"):
        if written.startswith(prefix):
            return written.removeprefix(prefix)
    return written


def _without_size(model_id: str) -> str:
    """Return an id without the size and quality of the pictures that a row is about."""
    first, slash, rest = model_id.partition("/")
    while slash and _SIZE.fullmatch(first):
        model_id = rest.removeprefix("bedrock/")
        first, slash, rest = model_id.partition("/")
    return model_id


def _without_commitment(model_id: str) -> str:
    """Return an id without the months for which capacity is rented, but with its region."""
    commitment = _COMMITMENT.match(model_id)
    if commitment is None:
        return model_id
    region = commitment["region"]
    return (f"{region}/" if region else "") + model_id[commitment.end() :]


def _vertex_claude(model_id: str, ids: Collection[str]) -> str:
    """Return Google's id of a Claude: without a version it is the default one, unless the map has a dated one."""
    if not _UNDATED_CLAUDE.fullmatch(model_id) or any(each.startswith(f"vertex_ai/{model_id}@2") for each in ids):
        return model_id
    return f"{model_id}@default"


def _fireworks(model_id: str, ids: Collection[str]) -> str:
    """Return the whole name of a model that LiteLLM also writes without its account."""
    if "/" in model_id:
        # It has an account, or is a repository of weights.
        return model_id
    router = f"accounts/fireworks/routers/{model_id}"
    return router if f"fireworks_ai/{router}" in ids else f"{_FIREWORKS}{model_id}"

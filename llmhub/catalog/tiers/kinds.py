"""Decide what a model is for, and so whether ratings and prices of text answers apply to it.

Pure. models.dev's own type counts first; without one, words of the id, modalities and prices decide.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from llmhub.catalog.schema import ModelsDevModel
from llmhub.catalog.stored.format import CHAT

_TEXT = "text"
# models.dev's types for a model that answers in text, and for other models.
_CHAT_WORDS = frozenset({CHAT, "completion", "language", "llm", "text"})
_OTHER_WORDS = frozenset(
    {"embedding", "image", "moderation", "music", "realtime", "reranking", "speech", "transcription", "video"}
)
# Words in ids and families, and the type they mean; the first that fits counts.
_WORDS: Mapping[str, re.Pattern[str]] = {
    kind: re.compile(pattern, re.IGNORECASE)
    for kind, pattern in {
        "embedding": r"embed",
        "reranking": r"rerank",
        "transcription": r"whisper|transcri(?:be|ption)",
        "speech": r"(?<![a-z])tts(?![a-z])",
        "moderation": r"(?<![a-z])moderation(?![a-z])",
        "realtime": r"(?<![a-z])realtime(?![a-z])",
        "image": r"(?<![a-z])(?:image|dall-e|imagen)(?![a-z])",
        "video": r"(?<![a-z])(?:sora|veo)(?![a-z])",
    }.items()
}
_BY_OUTPUT: Mapping[str, str] = {"image": "image", "video": "video", "audio": "speech"}


def answers_in_text(model_id: str, facts: ModelsDevModel | None) -> bool:
    """Say whether a model takes text and answers in text, as far as its id and models.dev tell."""
    return type_of(model_id, facts) == CHAT


def type_of(model_id: str, facts: ModelsDevModel | None) -> str:
    """Return what a model is for: `chat` (it answers a text with a text), `embedding`, `image`, ..., or `other`.

    models.dev gives text as the output of nearly every embedding model. Two other signs decide: a word of its id or
    family, or a price of input, none of output, and no tool calls.

    Args:
        model_id: the id that the provider lists.
        facts: its models.dev entry; None if it has none.
    """
    said = "" if facts is None else (facts.type or "").lower()
    if said in _OTHER_WORDS:
        return said
    if said not in _CHAT_WORDS:
        if kind := _by_words(model_id):
            return kind
        if facts is not None and (kind := _by_words(f"{facts.model_id} {facts.family or ''}")):
            return kind
        if facts is not None and _costs_like_an_embedding(facts):
            return "embedding"
    return CHAT if facts is None else _by_modalities(facts)


def is_said_not_to_chat(facts: ModelsDevModel) -> bool:
    """Say whether models.dev, asked for models of all types, gives this model a type other than chat."""
    return (facts.type or "").lower() in _OTHER_WORDS


@lru_cache(maxsize=1 << 14)
def _by_words(text: str) -> str | None:
    return next((kind for kind, pattern in _WORDS.items() if pattern.search(text)), None)


def _costs_like_an_embedding(facts: ModelsDevModel) -> bool:
    input_costs = facts.price_input_per_million is not None and facts.price_input_per_million > 0
    return input_costs and facts.price_output_per_million == 0 and not facts.supports_tool_call


def _by_modalities(facts: ModelsDevModel) -> str:
    takes, gives = facts.input_modalities, facts.output_modalities
    if gives and _TEXT not in gives:
        return next((kind for way, kind in _BY_OUTPUT.items() if way in gives), "other")
    if takes and _TEXT not in takes:
        return "transcription" if "audio" in takes else "other"
    return CHAT

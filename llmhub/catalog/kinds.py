"""Which models answer a text with a text, so that ratings and prices of such answers mean something; pure."""

from __future__ import annotations

import re

from llmhub.catalog.schema import CanonicalModel, ModelsDevModel

_TEXT = "text"
# The kinds that do not, as the words in their ids and families say: embeddings, rerankers, speech, images.
_NO_ANSWER = re.compile(r"embed|rerank|(?<![a-z])(?:tts|image)(?![a-z])", re.IGNORECASE)


def answers_in_text(model_id: str, facts: ModelsDevModel | CanonicalModel | None) -> bool:
    """Say whether a model takes text and answers in text, as far as its id and models.dev tell.

    models.dev says of nearly every embedding model that it puts out text. Two things tell: a word of its id or
    family, or that its input costs something, its output nothing, and it calls no tools.

    Args:
        model_id: the id that the provider lists.
        facts: what models.dev says of it; None where it has no entry.
    """
    if _NO_ANSWER.search(model_id):
        return False
    if facts is None:
        return True
    if _NO_ANSWER.search(f"{facts.model_id} {facts.family or ''}"):
        return False
    input_costs = facts.price_input_per_million is not None and facts.price_input_per_million > 0
    if input_costs and facts.price_output_per_million == 0 and not facts.supports_tool_call:
        return False
    ways = (facts.input_modalities, facts.output_modalities)
    return all(not modalities or _TEXT in modalities for modalities in ways)

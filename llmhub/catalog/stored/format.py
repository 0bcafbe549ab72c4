"""The words and numbers of catalog.json's format that are needed without its models."""

from __future__ import annotations

CATALOG_VERSION = 2
"""The version of catalog.json's shape and meaning; a file of an older version is rebuilt at the next chance.

1: a model without a rating got the median tiers of its family or lab, and no model had a type.
"""

OLDEST_CATALOG_VERSION = 1
"""The oldest version that can still be read: fields that it lacks have defaults."""

CHAT = "chat"
"""The type of the models that answer a text with a text; ratings and tiers are about these."""

TIER_NAMES = ("quality", "reasoning", "creative", "cost")
"""The kinds of tiers; each has the fields `<name>_tier` and `<name>_basis`."""

TYPES = (
    *(CHAT, "embedding", "image", "moderation", "music", "realtime", "reranking", "speech", "transcription", "video"),
    "other",
)
"""What a model can be for."""

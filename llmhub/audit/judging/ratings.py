"""Match found offers that cannot be called to the leaderboard, as the catalog matches callable ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from llmhub.audit.judging.facts import Rating
from llmhub.catalog.matching.grammar import Grammar
from llmhub.catalog.matching.matcher import Matcher
from llmhub.catalog.matching.overrides import Overrides

if TYPE_CHECKING:
    from llmhub.arena.boards import Score
    from llmhub.offers.values import Offer

_SURE = frozenset({"exact", "dated", "alias"})


def ratings_of(
    keys: Iterable[str], offers: Mapping[str, Offer], board: Mapping[str, Score], overrides: Overrides
) -> dict[str, Rating]:
    """Return the ratings of offers with a certain match on the leaderboard.

    Args:
        keys: the offers, as `provider/model_id`.
        offers: all offers of models.dev, by the same keys.
        board: the newest board, by the leaderboard's names.
        overrides: the words of ids.
    """
    matcher = Matcher(Grammar(overrides.vocabulary), board, offers, overrides)
    found = {}
    for key in keys:
        offer = offers[key]
        match = matcher.find(offer.model_id, offer, offer.provider)
        if match.entry is not None and match.kind in _SURE:
            score = board[match.entry.name]
            found[key] = Rating(score.rating, score.lower, score.upper)
    return found

"""Derive a callable model's line in the catalog, with its tiers; pure.

A tier is 1 + floor(5 k / n), where n models are compared and k of them are strictly better, or strictly cheaper. The
compared models never depend on the user's keys, so a model has the same tiers on every machine:

- quality: all models of the newest text / overall board, by rating;
- reasoning: the mean of the tiers on the boards math and hard_prompts. A mean between two tiers counts as the
  worse one: a model is in the best fifth only if both boards say so. A model on only one of the boards has that
  board's tier; a model on neither has its tier of quality;
- creative: the board creative_writing, or else as quality;
- cost: all models of models.dev that put out text and have both prices, by (3 x input + output) / 4.

A model without a rating takes the tiers of the newest rated model that it follows (`predecessors`), as a guess; if
there is none, its tiers are unknown. Numbers that are not finite and prices below zero count as unknown.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import NamedTuple, Self

from llmhub.arena.boards import OVERALL
from llmhub.catalog.arena_model import ArenaModel
from llmhub.catalog.schema import Basis, CanonicalModel, FusedRaw, ModelsDevModel
from llmhub.catalog.stored.format import CHAT
from llmhub.catalog.tiers.kinds import is_said_not_to_chat, type_of
from llmhub.offers.prices import blended_price, sound_price

REASONING_BOARDS = ("math", "hard_prompts")
CREATIVE_BOARD = "creative_writing"
BOARDS = (OVERALL, *REASONING_BOARDS, CREATIVE_BOARD)
"""The boards of the text leaderboard that tiers are made of."""

_TIERS = 5
_UNKNOWN_TIER = 3
_TEXT = "text"

_TAKEN_OVER = (
    "family",
    "supports_reasoning",
    "supports_tool_call",
    "supports_structured_output",
    "input_modalities",
    "output_modalities",
    "attachments",
    "context_tokens",
    "max_input_tokens",
    "max_output_tokens",
    "knowledge_cutoff",
    "release_date",
    "last_updated",
    "open_weights",
    "status",
    "price_tiers",
)
_PRICES = (
    "price_input_per_million",
    "price_output_per_million",
    "price_reasoning_per_million",
    "price_cache_read_per_million",
    "price_cache_write_per_million",
    "price_input_audio_per_million",
    "price_output_audio_per_million",
)


class Tiers(NamedTuple):
    """How good a model is, from 1 to 5."""

    quality: int
    reasoning: int
    creative: int


_NOTHING = Tiers(_UNKNOWN_TIER, _UNKNOWN_TIER, _UNKNOWN_TIER)


@dataclass(frozen=True, slots=True)
class Scale:
    """A population sorted best first: the smaller of two values is the better one."""

    ordered: tuple[float, ...]

    @classmethod
    def of(cls, values: Iterable[float]) -> Self:
        """Return the scale of these values, without those that are not finite."""
        return cls(tuple(sorted(filter(isfinite, values))))

    def tier(self, value: float) -> int | None:
        """Return the tier of a value, which need not be in the population; None if it cannot be computed."""
        if not self.ordered or not isfinite(value):
            return None
        better = bisect_left(self.ordered, value)
        return min(1 + _TIERS * better // len(self.ordered), _TIERS)


@dataclass(frozen=True, slots=True)
class Board:
    """One board's ratings, and the scale that they form."""

    ratings: Mapping[str, float]
    scale: Scale

    @classmethod
    def of(cls, models: Mapping[str, ArenaModel]) -> Self:
        """Return the board of these models, by arena id."""
        ratings = {name: model.rating for name, model in models.items()}
        return cls(ratings, Scale.of(-rating for rating in ratings.values()))

    def tier(self, arena_id: str) -> int | None:
        """Return the tier of a model; None if it is not on the board."""
        rating = self.ratings.get(arena_id)
        return None if rating is None else self.scale.tier(-rating)


@dataclass(frozen=True, slots=True)
class Statistics:
    """The data that every model's tiers are measured against.

    Attributes:
        boards: the boards of `BOARDS` that the store has, by category.
        costs: the blended prices of all models of models.dev that put out text.
    """

    boards: Mapping[str, Board]
    costs: Scale


def global_statistics(
    boards: Mapping[str, Mapping[str, ArenaModel]],
    modelsdev_map: Mapping[str, ModelsDevModel],
) -> Statistics:
    """Return the data that tiers are measured against.

    Args:
        boards: the boards of the newest snapshot, category to arena id to model; without `overall` nothing is rated.
        modelsdev_map: all of models.dev, not only the user's providers.
    """
    known = {category: Board.of(boards[category]) for category in BOARDS if category in boards}
    costs = (
        blended_price(row.price_input_per_million, row.price_output_per_million)
        for row in modelsdev_map.values()
        if _TEXT in row.output_modalities and not is_said_not_to_chat(row)
    )
    return Statistics(boards=known, costs=Scale.of(cost for cost in costs if cost is not None))


def build_models(fused: Iterable[FusedRaw], statistics: Statistics) -> tuple[CanonicalModel, ...]:
    """Return the catalog's line for each callable model, in the given order."""
    return tuple(_derive_canonical(raw, statistics) for raw in fused)


def _derive_canonical(raw: FusedRaw, statistics: Statistics) -> CanonicalModel:
    """Return a callable model with its tiers and the basis of each."""
    row = raw.modelsdev
    kind = type_of(raw.anyllm.model_id, row)
    answers = kind == CHAT
    # Ratings of answers say nothing about a model that gives none, whatever its name.
    arena = raw.arena if answers else None
    tiers, basis = _quality(raw, statistics) if answers else (_NOTHING, "unknown")
    cost = _cost(row, statistics) if answers else None
    known = {name: getattr(row, name) for name in _TAKEN_OVER} if row is not None else {}
    prices = {name: sound_price(getattr(row, name, None)) for name in _PRICES}
    return CanonicalModel(
        canonical_id=raw.canonical_id,
        provider=raw.anyllm.provider,
        model_id=raw.anyllm.model_id,
        display_name=raw.anyllm.model_id if row is None else row.display_name,
        type=kind,
        lab=raw.lab,
        first_party=raw.first_party,
        base_model=raw.base_model,
        **known,
        **prices,
        quality_tier=tiers.quality,
        quality_basis=basis,
        reasoning_tier=tiers.reasoning,
        reasoning_basis=basis,
        creative_tier=tiers.creative,
        creative_basis=basis,
        cost_tier=_UNKNOWN_TIER if cost is None else cost,
        cost_basis="unknown" if cost is None else "priced",
        arena_id=None if arena is None else arena.arena_id,
        arena_score=None if arena is None else _finite(arena.rating),
        arena_ci_low=None if arena is None else _finite(arena.rating_q025),
        arena_ci_high=None if arena is None else _finite(arena.rating_q975),
        arena_setting=None if arena is None or raw.arena_match is None else raw.arena_match.setting,
        predecessor_id=raw.predecessor.arena_id if basis == "predecessor" and raw.predecessor is not None else None,
        rated_on=_boards_with(arena, statistics) if arena is not None and basis == "rated" else (),
        modelsdev_match=raw.modelsdev_match,
        arena_match=raw.arena_match,
        tags=_tags(row, prices),
        price_source=raw.price_source,
        price_reason=raw.price_reason,
    )


def _quality(raw: FusedRaw, statistics: Statistics) -> tuple[Tiers, Basis]:
    """Return the tiers of a model that answers in text, and their basis."""
    if raw.arena is not None and (tiers := _rated_tiers(raw.arena, statistics.boards)) is not None:
        return tiers, "rated"
    if raw.predecessor is not None and (tiers := _rated_tiers(raw.predecessor, statistics.boards)) is not None:
        return tiers, "predecessor"
    return _NOTHING, "unknown"


def _rated_tiers(arena: ArenaModel, boards: Mapping[str, Board]) -> Tiers | None:
    """Return the tiers from a model's own ratings; None if it has no rating."""
    overall = boards.get(OVERALL)
    quality = None if overall is None else overall.scale.tier(-arena.rating)
    if quality is None:
        return None
    on = {category: tier for category, board in boards.items() if (tier := board.tier(arena.arena_id)) is not None}
    reasoning = [on[category] for category in REASONING_BOARDS if category in on]
    # The double minus rounds a half up, to the worse tier.
    mean = -(-sum(reasoning) // len(reasoning)) if reasoning else quality
    return Tiers(quality, mean, on.get(CREATIVE_BOARD, quality))


def _boards_with(arena: ArenaModel, statistics: Statistics) -> tuple[str, ...]:
    more = (category for category in BOARDS if category != OVERALL)
    on = (category for category in more if category in statistics.boards)
    return (OVERALL, *(category for category in on if statistics.boards[category].tier(arena.arena_id) is not None))


def _cost(row: ModelsDevModel | None, statistics: Statistics) -> int | None:
    if row is None or _TEXT not in row.output_modalities:
        return None
    price = blended_price(row.price_input_per_million, row.price_output_per_million)
    return None if price is None else statistics.costs.tier(price)


def _finite(number: float | None) -> float | None:
    return None if number is None or not isfinite(number) else number


def _tags(row: ModelsDevModel | None, prices: Mapping[str, float | None]) -> tuple[str, ...]:
    """Return a model's abilities and properties as single words, sorted."""
    if row is None:
        return ()
    said = {
        "attachments": row.attachments,
        "free": prices["price_input_per_million"] == 0 and prices["price_output_per_million"] == 0,
        "open-weights": row.open_weights,
        "reasoning": row.supports_reasoning,
        "structured-output": row.supports_structured_output,
        "tools": row.supports_tool_call,
        "vision": "image" in row.input_modalities,
        **{kind: kind in row.input_modalities for kind in ("audio", "pdf", "video")},
    }
    return tuple(sorted(word for word, holds in said.items() if holds))

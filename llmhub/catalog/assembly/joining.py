"""Join what the sources say into the catalog's lines; pure.

Every catalog is made here, of today's answers or of what was stored: by the same matcher and the same tiers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from llmhub.arena.boards import OVERALL
from llmhub.catalog.mapper import Fusion
from llmhub.catalog.schema import AnyLLMModel, CanonicalModel, FusedRaw, ModelsDevModel, OfferedModel
from llmhub.catalog.tiers.builder import build_models, global_statistics
from llmhub.progress import step

if TYPE_CHECKING:
    from llmhub.catalog.arena_model import ArenaModel
    from llmhub.catalog.matching.overrides import Overrides

Boards = Mapping[str, Mapping[str, "ArenaModel"]]


def callable_lines(
    listed: Sequence[AnyLLMModel], offers: Mapping[str, ModelsDevModel], boards: Boards, overrides: Overrides
) -> tuple[CanonicalModel, ...]:
    """Return the catalog's line of each callable model, in the given order.

    Args:
        listed: the models that providers listed.
        offers: models.dev's entries by `provider/model_id`.
        boards: boards of the text leaderboard of one snapshot, by category; none without ratings.
        overrides: see `load_overrides`.
    """
    fusion = Fusion(offers, boards.get(OVERALL, {}), overrides)
    return _built((fusion.fuse(model) for model in listed), len(listed), offers, boards)


def offered_lines(
    offers: Mapping[str, ModelsDevModel],
    boards: Boards,
    overrides: Overrides,
    callable_models: Iterable[CanonicalModel],
) -> tuple[OfferedModel, ...]:
    """Return the catalog's line of each offer of models.dev, and under which ids it can be called.

    Args:
        offers: models.dev's entries by `provider/model_id`.
        boards: as for `callable_lines`.
        overrides: see `load_overrides`.
        callable_models: the lines of the models that can be called.
    """
    called: dict[str, list[str]] = {}
    for model in callable_models:
        match = model.modelsdev_match
        if match is not None and match.target is not None:
            called.setdefault(match.target, []).append(model.canonical_id)
    fusion = Fusion(offers, boards.get(OVERALL, {}), overrides)
    lines = _built((fusion.fuse_offer(offer) for _, offer in sorted(offers.items())), len(offers), offers, boards)
    return tuple(
        OfferedModel.model_construct(**dict(line), callable_as=tuple(called.get(line.canonical_id, ())))
        for line in lines
    )


def _built(
    fused: Iterable[FusedRaw], number: int, offers: Mapping[str, ModelsDevModel], boards: Boards
) -> tuple[CanonicalModel, ...]:
    found: list[FusedRaw] = []
    if number:
        with step("matching", "models") as matching:
            for each in fused:
                found.append(each)
                matching.at(len(found), number)
    return build_models(found, global_statistics(boards, offers))

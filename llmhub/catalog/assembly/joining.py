"""Join what the sources say into the catalog's lines; pure.

Every catalog is made here, of today's answers or of what was stored: by the same matcher, prices and tiers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from llmhub.arena.boards import OVERALL
from llmhub.catalog.mapper import Fusion
from llmhub.catalog.offered.priced import priced
from llmhub.catalog.schema import AnyLLMModel, CanonicalModel, FusedRaw, ModelsDevModel, OfferedModel
from llmhub.catalog.tiers.builder import build_models, global_statistics
from llmhub.progress import step

if TYPE_CHECKING:
    from llmhub.catalog.arena_model import ArenaModel
    from llmhub.catalog.matching.overrides import Overrides

Boards = Mapping[str, Mapping[str, "ArenaModel"]]
Offers = Mapping[str, ModelsDevModel]


def fused_models(listed: Sequence[AnyLLMModel], offers: Offers, boards: Boards, overrides: Overrides) -> list[FusedRaw]:
    """Return each callable model with its entry in models.dev and on the leaderboard, in the given order.

    Args:
        listed: the models that providers listed.
        offers: models.dev's entries by `provider/model_id`.
        boards: boards of the text leaderboard of one snapshot, by category; none without ratings.
        overrides: see `load_overrides`.
    """
    fusion = Fusion(offers, boards.get(OVERALL, {}), overrides)
    return _with_progress((fusion.fuse(model) for model in listed), len(listed))


def lines_of(
    fused: Iterable[FusedRaw], offers: Offers, boards: Boards, overrides: Overrides, witness: Offers
) -> tuple[CanonicalModel, ...]:
    """Return the catalog's line of each model, with the prices that count, and tiers.

    Args:
        fused: the models.
        offers: as for `fused_models`.
        boards: as for `fused_models`.
        overrides: as for `fused_models`.
        witness: LiteLLM's offers by `provider/model_id`.
    """
    return build_models((priced(model, witness, overrides) for model in fused), global_statistics(boards, offers))


def offered_lines(
    offers: Offers,
    boards: Boards,
    overrides: Overrides,
    witness: Offers,
    callable_models: Iterable[CanonicalModel] | None,
) -> tuple[OfferedModel, ...]:
    """Return the catalog's line of each offer of models.dev, and under which ids it can be called.

    Args:
        offers: as for `fused_models`.
        boards: as for `fused_models`.
        overrides: as for `fused_models`.
        witness: as for `lines_of`.
        callable_models: the lines of the models that can be called; None if these are not known.
    """
    called: dict[str, list[str]] = {}
    for model in callable_models or ():
        match = model.modelsdev_match
        if match is not None and match.target is not None:
            called.setdefault(match.target, []).append(model.canonical_id)
    fusion = Fusion(offers, boards.get(OVERALL, {}), overrides)
    fused = _with_progress((fusion.fuse_offer(offer) for _, offer in sorted(offers.items())), len(offers))
    return tuple(
        OfferedModel.model_construct(
            **dict(line), callable_as=None if callable_models is None else tuple(called.get(line.canonical_id, ()))
        )
        for line in lines_of(fused, offers, boards, overrides, witness)
    )


def _with_progress(fused: Iterable[FusedRaw], number: int) -> list[FusedRaw]:
    found: list[FusedRaw] = []
    if number:
        with step("matching", "models") as matching:
            for each in fused:
                found.append(each)
                matching.at(len(found), number)
    return found

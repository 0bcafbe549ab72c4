"""Explain a model's line in the catalog in sentences for people; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmhub.catalog.choosing.selection import price_of
from llmhub.catalog.stored.format import CHAT, TIER_NAMES

if TYPE_CHECKING:
    from llmhub.catalog.schema import CanonicalModel, Match

_MODES = {"off": "thinking off", "thinking": "thinking"}


def reasons(model: CanonicalModel) -> dict[str, str]:
    """Return the reason for each tier, by the names of `TIER_NAMES`."""
    return {name: _cost(model) if name == "cost" else _quality(model, name) for name in TIER_NAMES}


def match_text(match: Match | None, source: str) -> str:
    """Return how a model was matched to an entry of a source, or why it was not."""
    if match is None:
        return "nothing is recorded"
    if match.target is None:
        return f"not matched to an entry of {source}: {match.reason}"
    setting = f"; the rating is of {setting_text(match.setting)}" if match.setting else ""
    return f"{match.target} ({match.kind}): {match.reason}{setting}"


def setting_text(setting: str) -> str:
    """Return in words the effort or mode at which a model was rated."""
    return _MODES.get(setting, f"effort {setting}")


def _quality(model: CanonicalModel, name: str) -> str:
    basis = getattr(model, f"{name}_basis")
    if basis == "rated":
        return _rated(model, name)
    if basis == "predecessor":
        return f"a guess: it has no rating, so that of {model.predecessor_id}, the newest rated model that it follows"
    if basis == "family":
        return f"a guess: it has no rating, so the lower median of the rated models of its family {model.family}"
    if basis == "provider":
        return f"a guess: neither it nor its family is rated, so the lower median of the rated models of {model.lab}"
    return f"{_silence(model)}: {_why_unknown(model)}"


def _rated(model: CanonicalModel, name: str) -> str:
    boards = {"quality": {"overall"}, "reasoning": {"math", "hard_prompts"}, "creative": {"creative_writing"}}[name]
    on = [board for board in model.rated_on if board in boards]
    if not on:
        return "measured: as its quality, since it is not on the boards for this"
    if len(on) > 1:
        return f"measured: the mean of its tiers among all models of text / {' and text / '.join(on)}"
    points = f" of {model.arena_score:.1f}" if name == "quality" and model.arena_score is not None else ""
    points += f" at {setting_text(model.arena_setting)}" if name == "quality" and model.arena_setting else ""
    return f"measured: its rating{points} among all models of text / {on[0]}"


def _why_unknown(model: CanonicalModel) -> str:
    if model.type != CHAT:
        return f"it is of kind {model.type}, and only models that answer in text are compared"
    if not model.output_modalities:
        return "it has no rating, and models.dev does not say what it puts out"
    return "it has no rating, and no rated model of its line and size came shortly before it"


def _silence(model: CanonicalModel) -> str:
    return "nothing is known" if model.type == CHAT else "there is none"


def _cost(model: CanonicalModel) -> str:
    into, out = model.price_input_per_million, model.price_output_per_million
    price = price_of(model)
    if model.cost_basis == "priced" and price is not None:
        return (
            f"computed: (3 x ${into:g} + ${out:g}) / 4 = ${price:.4g} per million tokens, among all models of "
            "models.dev that answer in text and have both prices"
        )
    if model.type != CHAT:
        return f"{_silence(model)}: {_why_unknown(model)}"
    return "nothing is known: models.dev has no price for it"

"""The value object of a model's rating, apart from the others: a process that only asks for ratings imports no more."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class ArenaModel(BaseModel):
    """How LMArena's voters rate one model, on one category's board.

    Attributes:
        arena_id: the model's name on the leaderboard.
        rating: its score, in points on LMArena's rating scale.
        rating_q025: the lower end of the 95 % interval; None when it was not published.
        rating_q975: the upper end of the 95 % interval; None when it was not published.
        category: the board, by its name in the published dataset (`overall`, `coding`, ...).
        votes: the number of battles that the rating is computed from; None when unknown.
        organization: who made the model; None when unknown.
    """

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    arena_id: str
    rating: float
    rating_q025: float | None = None
    rating_q975: float | None = None
    category: str
    votes: int | None = None
    organization: str | None = None

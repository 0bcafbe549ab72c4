"""The catalog's value objects."""

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
        votes: how many battles the rating rests on; None when unknown.
        organization: who made the model; None when unknown.
    """

    model_config = ConfigDict(frozen=True)

    arena_id: str
    rating: float
    rating_q025: float | None
    rating_q975: float | None
    category: str
    votes: int | None
    organization: str | None

"""Not-found errors for boards, models and snapshots; they list what exists, nearest first."""

from __future__ import annotations

import sqlite3

from llmhub import settings
from llmhub.arena.references import AtOrBefore, ById, Previous, Reference
from llmhub.arena.sql import statements
from llmhub.arena.upstream import canonical_category, canonical_leaderboard
from llmhub.errors import BoardNotFoundError, ModelNotFoundError, SnapshotNotFound
from llmhub.nearest import did_you_mean, shortened
from llmhub.storage import moments


def no_snapshot_yet() -> SnapshotNotFound:
    """Return the error for an empty store."""
    # A refresh is refused offline; an import is not.
    refresh = f"run `llmhub arena refresh`{' without LLMHUB_OFFLINE,' if settings.offline() else ''}"
    return SnapshotNotFound(f"the store has no snapshot yet: {refresh} or `llmhub arena import`")


def no_such_board(rankings: list[tuple[str, str]], leaderboard: str, category: str) -> BoardNotFoundError:
    """Return the error for a (leaderboard, category) that is not among these rankings."""
    categories = [known for name, known in rankings if name == leaderboard]
    if categories:
        what, asked, there = f"{leaderboard} / {shortened(category)}", category, categories
        ours = canonical_category(category)
    else:
        what, asked = f"leaderboard {shortened(leaderboard)!r}", leaderboard
        there = sorted({name for name, _ in rankings})
        ours = canonical_leaderboard(leaderboard)
    # Upstream's own name for a board is a better hint than a similar spelling.
    hint = f" (upstream's {asked} is called {ours} here)" if ours != asked and ours in there else ""
    hint = hint or did_you_mean(asked, there)
    return BoardNotFoundError(f"no snapshot has {what}{hint}; there are {', '.join(there)}")


def no_such_model(
    connection: sqlite3.Connection, ranking: int, model: str, leaderboard: str, category: str
) -> ModelNotFoundError:
    """Return the error for a model that no board of a ranking lists."""
    known = (name for (name,) in connection.execute(statements.MODELS_OF_RANKING, {"ranking": ranking}))
    hint = did_you_mean(model, known)
    return ModelNotFoundError(
        f"no snapshot lists {shortened(model)!r} on {leaderboard} / {category}"
        f"{hint or ': `llmhub arena show` lists the newest names'}"
    )


def no_such_snapshot(
    connection: sqlite3.Connection, ranking: int, text: str, reference: Reference, board: str
) -> SnapshotNotFound:
    """Return the error for a reference that matches no snapshot with the board."""
    count, first, last = connection.execute(statements.COUNT_WITH_BOARD, {"ranking": ranking}).fetchone()
    if isinstance(reference, Previous):
        why = "no earlier snapshot has another board" if count > 1 else f"snapshot {first} is its only one"
        return SnapshotNotFound(f"{board} has no previous board: {why}")
    hint = ""
    if isinstance(reference, ById):
        (near,) = connection.execute(statements.NEAREST_ID, {"ranking": ranking, "id": reference.id}).fetchone()
        hint = f" (did you mean {near}?)"
    elif isinstance(reference, AtOrBefore):
        number, taken_at = connection.execute(statements.OLDEST_WITH_BOARD, {"ranking": ranking}).fetchone()
        hint = f" (the oldest is {number} of {moments.from_sql(taken_at):%Y-%m-%d})"
    return SnapshotNotFound(
        f"no snapshot answers {text!r} for {board}{hint}: there {'is' if count == 1 else 'are'} {count}, "
        f"with ids from {first} to {last}; `llmhub arena history` lists them"
    )

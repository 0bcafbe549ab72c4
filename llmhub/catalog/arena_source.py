"""Source of the ratings: decide which snapshot answers, also when a refresh is due and fails.

This module and `llmhub.arena.refresh` implement the table of docs/contributing/policy.md, row by row.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from llmhub import memory, settings
from llmhub.ages import how_old
from llmhub.arena.boards import OVERALL, TEXT, Entry, ModelFacts, Snapshot
from llmhub.arena.compare.ranks import best_first
from llmhub.arena.database import database
from llmhub.arena.freshness import DEFAULT_TTL, is_fresh
from llmhub.arena.store import BoardStore
from llmhub.catalog.arena_model import ArenaModel
from llmhub.errors import LlmhubError, StoreUnusableError
from llmhub.lazy import lazily
from llmhub.storage import sqlite_errors

if TYPE_CHECKING:
    from llmhub.arena.last_failure import last_failure
    from llmhub.arena.refresh import ArenaStatus, Refreshed, arena_status, refresh_arena

__all__ = [
    "ArenaBoards",
    "ArenaStatus",
    "Refreshed",
    "arena_status",
    "last_failure",
    "load_arena_boards",
    "load_arena_models",
    "refresh_arena",
]

SECONDS_TO_AN_ANSWER = 5.0
"""How long to wait for another process if a stored snapshot can answer."""

_log = logging.getLogger(__name__)

# A fresh store, which is the usual case, answers without the modules of a refresh.
if not TYPE_CHECKING:
    _REFRESH = ("ArenaStatus", "Refreshed", "arena_status", "refresh_arena")
    __getattr__ = lazily(
        __name__,
        {"last_failure": "llmhub.arena.last_failure", **dict.fromkeys(_REFRESH, "llmhub.arena.refresh")},
    )

_is_fresh = is_fresh


class ArenaBoards(NamedTuple):
    """The store's answer: boards of one snapshot of the text leaderboard, and what was wrong.

    Attributes:
        boards: the models by category and arena id, best first; empty, or with `overall` at least.
        snapshot: the snapshot of all these boards; None if there is none.
        stale: whether it is over 24 hours old, or not from a run of the update script.
        problem: why it is stale, or why there is no snapshot; None if nothing went wrong.
    """

    boards: Mapping[str, dict[str, ArenaModel]]
    snapshot: Snapshot | None = None
    stale: bool = False
    problem: str | None = None


class _Answer(NamedTuple):
    snapshot: Snapshot | None
    problem: str | None = None


def load_arena_models(path: str | Path | None = None) -> dict[str, ArenaModel]:
    """Return how LMArena rates each model on the text / overall board, best first, by arena id.

    Without `path` the newest snapshot of the local store answers. If it is over 24 hours old, the update script is
    run first, once for all processes that find it stale. No failure there raises: the newest stored snapshot answers
    with a logged warning; if there is none, an empty mapping is returned with a logged error. If a snapshot can answer,
    this waits at most 5 seconds for another process that refreshes or holds the store.

    Examples:
        >>> import json
        >>> file = Path("leaderboard-text.json")
        >>> row = {"rating": 1400.0, "rating_q025": 1390.0, "rating_q975": 1410.0}
        >>> _ = file.write_text(json.dumps({"full": {"made-up": row}}))
        >>> load_arena_models(file)["made-up"].rating
        1400.0

    Args:
        path: a leaderboard file in upstream's shape (JSON, plain or .gz) to read instead; no store, no script.

    Raises:
        PayloadError: `path` is missing or malformed.
    """
    return _models_of_file(Path(path)) if path is not None else load_arena_boards().boards.get(OVERALL, {})


def load_arena_boards(more: Iterable[str] = (), *, now: datetime | None = None) -> ArenaBoards:
    """Return the text / overall board, by the policy of `load_arena_models`, with more of the same snapshot.

    Args:
        more: further categories of the text leaderboard; those that the snapshot lacks are left out.
        now: the current moment, timezone-aware; by default the clock's.
    """
    try:
        with memory.translated(), sqlite_errors.waiting_at_most(SECONDS_TO_AN_ANSWER), BoardStore.open() as store:
            snapshot, problem = _current(store, DEFAULT_TTL, now)
            if snapshot is None:
                return ArenaBoards({}, problem=problem)
            boards = boards_of(store, snapshot, (OVERALL, *more))
            return ArenaBoards(boards, snapshot, not _is_fresh(snapshot, now=now), problem)
    except (LlmhubError, OSError) as error:
        _log.error("no arena ratings: %s", error)
        return ArenaBoards({}, problem=str(error))


def boards_of(store: BoardStore, snapshot: Snapshot, categories: Iterable[str]) -> dict[str, dict[str, ArenaModel]]:
    """Return boards of a snapshot's text leaderboard by category; those that it lacks are left out.

    Raises:
        StoreDamagedError: the snapshot has no overall board.
    """
    boards = {
        category: _arena_models(tuple(entries), category).copy()
        for category in categories
        if (entries := store.entries(snapshot, TEXT, category))
    }
    if OVERALL not in boards:
        raise database.damaged(store.path, f"snapshot {snapshot.id} has no model on text / overall")
    return boards


def _get_arena_cache_path() -> Path:
    """Return the path of arena.db; creates nothing."""
    return settings.arena_db()


def _run_arena_update_script(work_dir: Path) -> None:
    """Run the update script in `work_dir`; see `llmhub.arena.refresh.run_update_script`."""
    from llmhub.arena.refresh import run_update_script

    run_update_script(work_dir)


def _ensure_arena_snapshot(ttl_hours: float = 24) -> Snapshot | None:
    """Return the snapshot that answers for text / overall, after a refresh if that is due; None if there is none.

    What goes wrong is logged and never raised.
    """
    try:
        with memory.translated(), sqlite_errors.waiting_at_most(SECONDS_TO_AN_ANSWER), BoardStore.open() as store:
            return _current(store, timedelta(hours=ttl_hours)).snapshot
    except (LlmhubError, OSError) as error:
        _log.error("no arena ratings: %s", error)
        return None


def _current(store: BoardStore, ttl: timedelta, clock: datetime | None = None) -> _Answer:
    """Do what `_ensure_arena_snapshot` does on an open store, and say what went wrong; raise for an unusable store."""
    now = clock or datetime.now(UTC)
    snapshot = store.latest(now=now)
    hours = ttl / timedelta(hours=1)
    problem = None
    if _is_fresh(snapshot, hours, now=now):
        return _Answer(snapshot)
    if settings.offline():
        problem = "LLMHUB_OFFLINE is set, so the update script was not run"
    else:
        from llmhub.arena.refresh import refresh_store

        try:
            refresh_store(store, max_age=ttl, now=clock, seconds=None if snapshot is None else SECONDS_TO_AN_ANSWER)
        except StoreUnusableError:
            raise
        except (LlmhubError, OSError) as error:
            problem = str(error)
            snapshot = store.latest(now=now)
            if snapshot is None:
                _log.error("no arena ratings: %s", problem)
                return _Answer(None, problem)
            _log.warning("arena ratings are those of %s: %s", _dated(snapshot, now), problem)
        else:
            now = clock or datetime.now(UTC)
            snapshot = store.latest(now=now)
    if snapshot is not None and snapshot.taken_at > now:
        problem = f"snapshot {snapshot.id} is dated in the future: check this machine's clock"
        _log.warning("arena ratings are those of %s: check this machine's clock", _dated(snapshot, now))
    return _Answer(snapshot, problem)


def _models_of_file(path: Path) -> dict[str, ArenaModel]:
    # The store's answer needs no parser.
    from llmhub.arena.exchange.importing import read_leaderboard_file
    from llmhub.arena.exchange.json_files import parse_leaderboard

    leaderboard = parse_leaderboard(read_leaderboard_file(path), str(path))
    entries = [
        Entry(name, *score, *leaderboard.models.get(name, ModelFacts()))
        for name, score in leaderboard.boards[OVERALL].items()
    ]
    return _arena_models(tuple(best_first(entries)), OVERALL).copy()


# Models are immutable, and a board changes every few days: a process that asks again gets the same objects for equal
# boards and equal rows. Validating them again would take ten times as long.
@lru_cache(maxsize=16)
def _arena_models(entries: tuple[Entry, ...], category: str) -> dict[str, ArenaModel]:
    """Return the models of a board; the caller must copy the dict before it hands it out."""
    return {entry.model: _arena_model(entry, category) for entry in entries}


@lru_cache(maxsize=8192)
def _arena_model(entry: Entry, category: str) -> ArenaModel:
    return ArenaModel(
        arena_id=entry.model,
        rating=entry.rating,
        rating_q025=entry.lower,
        rating_q975=entry.upper,
        category=category,
        votes=entry.votes,
        organization=entry.organization,
    )


def _dated(snapshot: Snapshot, now: datetime) -> str:
    """Name a snapshot with its age, for a message."""
    return f"snapshot {snapshot.id} of {snapshot.taken_at:%Y-%m-%d %H:%M} UTC ({how_old(now - snapshot.taken_at)})"

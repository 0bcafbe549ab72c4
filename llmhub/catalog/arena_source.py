"""Where the catalog gets its ratings: the policy of when the update script runs and which snapshot answers.

The table of DESIGN.md ("Time, freshness, policy") is implemented here, row by row, and nowhere else.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, TypeVar

from llmhub import memory, settings
from llmhub.arena.boards import OVERALL, TEXT, Entry, ModelFacts, Snapshot
from llmhub.arena.compare.ranks import best_first
from llmhub.arena.database import database
from llmhub.arena.store import Counts, SnapshotStore
from llmhub.catalog.schema import ArenaModel
from llmhub.errors import (
    CacheError,
    InvalidScoreError,
    LlmhubError,
    RefreshError,
    SnapshotConflictError,
    StoreBusyError,
    StoreUnusableError,
    printable,
)
from llmhub.files import open_regular, remove_own, write_own
from llmhub.progress import step
from llmhub.storage import sqlite_errors

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

DEFAULT_TTL = timedelta(hours=24)
OLD_DATA = timedelta(days=14)

SECONDS_TO_AN_ANSWER = 5.0
"""How long to wait for another process where a stored snapshot can answer."""

_log = logging.getLogger(__name__)

Result = TypeVar("Result")

_FAILURE_FILE = "refresh-failure.json"
_MAX_FAILURE_BYTES = 65_536
# How the file begins, and no file of another program's.
_FAILURE_BEGINS = re.compile(rb'\{"failed_at": "')


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh came to.

    Attributes:
        snapshot: the newest snapshot of source `script`, after the refresh.
        previous: the newest one before it; None at the first run.
        ran: whether this call ran the script, or stored what an earlier run of it had brought; not if the store was
            fresh or another process just refreshed it.
    """

    snapshot: Snapshot
    previous: Snapshot | None = None
    ran: bool = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Failure:
    """The last refresh that failed: its reason, its moment (UTC), and a token that differs from run to run."""

    reason: str
    failed_at: datetime
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ArenaStatus:
    """What the store holds and how old it is.

    Attributes:
        store: the path of arena.db.
        size_bytes: the file's size; 0 where there is none yet.
        counts: how many rows it holds.
        newest: the snapshot that answers for text / overall.
        newest_run: the newest run of the update script that is not dated in the future.
        fresh: whether that run is at most 24 hours old.
        run_age: that run's age; None without a run.
        data_age: the age of the text leaderboard that it brought; None where its publication date is unknown.
        script: the update script that a refresh would run.
        offline: whether LLMHUB_OFFLINE keeps a refresh from running it.
        last_failure: the last refresh's failure, None if it succeeded.
    """

    store: Path
    size_bytes: int
    counts: Counts
    newest: Snapshot | None = None
    newest_run: Snapshot | None = None
    fresh: bool
    run_age: timedelta | None = None
    data_age: timedelta | None = None
    script: Path
    offline: bool
    last_failure: Failure | None = None


class ArenaBoards(NamedTuple):
    """What the store answered: boards of one snapshot of the text leaderboard, and how sound they are.

    Attributes:
        boards: category to arena id to model, best first; empty, or with `overall` at least.
        snapshot: the snapshot that they are all of; None where there is none.
        stale: whether its run was over 24 hours old, or none of the update script's.
        problem: why it is stale, or why there is no snapshot; None where nothing went wrong.
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

    Without `path` the newest snapshot of the local store answers. If it is over 24 hours old the update script is
    run first, once for all processes that find it so. Nothing that goes wrong there raises: the newest stored
    snapshot answers with a logged warning, and where there is none, an empty mapping with a logged error. Where a
    snapshot can answer, another process that refreshes or holds the store is waited for at most 5 seconds.

    Examples:
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
        now: the moment to take for the clock's, timezone-aware.
    """
    try:
        with memory.told(), sqlite_errors.waiting_at_most(SECONDS_TO_AN_ANSWER), SnapshotStore.open() as store:
            snapshot, problem = _current(store, DEFAULT_TTL, now)
            if snapshot is None:
                return ArenaBoards({}, problem=problem)
            boards = {
                category: {entry.model: _arena_model(entry, category) for entry in entries}
                for category in (OVERALL, *more)
                if (entries := store.entries(snapshot, TEXT, category))
            }
            if OVERALL not in boards:
                raise database.damaged(store.path, f"snapshot {snapshot.id} has no model on text / overall")
            return ArenaBoards(boards, snapshot, not _is_fresh(snapshot, now=now), problem)
    except (LlmhubError, OSError) as error:
        _log.error("no arena ratings: %s", error)
        return ArenaBoards({}, problem=str(error))


def refresh_arena(
    *,
    max_age: timedelta = DEFAULT_TTL,
    force: bool = False,
    now: datetime | None = None,
) -> Refreshed:
    """Run the update script if the newest run is older than `max_age`, and store what it brings.

    Args:
        max_age: how old the newest run may be.
        force: run the script even if it is not, and take a board that lost more than a third of its models.
        now: the moment to take for the clock's, timezone-aware; the new snapshot is dated so.

    Raises:
        RefreshError: the script failed, left bad output, could not be run, or may not be (LLMHUB_OFFLINE);
            nothing was written.
        StoreReadOnlyError: the store cannot be written; the script was not run.
        StoreUnusableError: the store is damaged, newer than this program, ...; it was not touched.
    """
    with SnapshotStore.open() as store:
        return _refresh(store, max_age=max_age, force=force, now=now)


def arena_status(now: datetime | None = None) -> ArenaStatus:
    """Return what is known of the store without running anything.

    Raises:
        StoreUnusableError: the store is damaged, newer than this program, ...; it was not touched.
    """
    moment = now or datetime.now(UTC)
    with SnapshotStore.open() as store:
        run = store.newest_run(now=moment)
        return ArenaStatus(
            store=store.path,
            size_bytes=store.path.stat().st_size if store.path.exists() else 0,
            counts=store.counts(),
            newest=store.latest(now=moment),
            newest_run=run,
            fresh=_is_fresh(run, now=moment),
            run_age=None if run is None else moment - run.taken_at,
            data_age=None if run is None else data_age(run, moment),
            script=settings.arena_script(),
            offline=settings.offline(),
            last_failure=last_failure(),
        )


def data_age(snapshot: Snapshot, now: datetime) -> timedelta | None:
    """Return how long before `now` a snapshot's text leaderboard was published; None if that is unknown."""
    return None if snapshot.published_on is None else now.date() - snapshot.published_on


def _get_arena_cache_path() -> Path:
    """Return the path of arena.db; creates nothing."""
    return settings.arena_db()


def _is_fresh(snapshot: Snapshot | None, ttl_hours: float = 24, *, now: datetime | None = None) -> bool:
    """Say whether a snapshot of source `script` is at most `ttl_hours` old and not from the future."""
    if snapshot is None or snapshot.source != "script":
        return False
    age = (now or datetime.now(UTC)) - snapshot.taken_at
    return timedelta(0) <= age <= timedelta(hours=ttl_hours)


def _run_arena_update_script(work_dir: Path) -> None:
    """Run the update script in `work_dir`, which contains `data/`.

    Raises:
        ScriptError: it did not exit with 0, or left no leaderboard-text.json.
        SettingsError: LLMHUB_ARENA_TIMEOUT is no number.
    """
    from llmhub.arena.exchange.update_script import require_text, run_script  # noqa: PLC0415 -- a fresh store never gets here

    with step("running the update script") as running:
        run_script(settings.arena_script(), work_dir, settings.arena_timeout(), running.say)
    require_text(work_dir)


def _ensure_arena_snapshot(ttl_hours: float = 24) -> Snapshot | None:
    """Return the snapshot that answers for text / overall, after a refresh if that is due; None if there is none.

    What goes wrong is logged and never raised.
    """
    try:
        with memory.told(), sqlite_errors.waiting_at_most(SECONDS_TO_AN_ANSWER), SnapshotStore.open() as store:
            return _current(store, timedelta(hours=ttl_hours)).snapshot
    except (LlmhubError, OSError) as error:
        _log.error("no arena ratings: %s", error)
        return None


def _current(store: SnapshotStore, ttl: timedelta, clock: datetime | None = None) -> _Answer:
    """Do what `_ensure_arena_snapshot` says on an open store, and tell why; only an unusable store raises."""
    now = clock or datetime.now(UTC)
    snapshot = store.latest(now=now)
    hours = ttl / timedelta(hours=1)
    problem = None
    if _is_fresh(snapshot, hours, now=now):
        return _Answer(snapshot)
    if settings.offline():
        problem = "LLMHUB_OFFLINE is set, so the update script was not run"
    else:
        try:
            _refresh(store, max_age=ttl, now=clock, seconds=None if snapshot is None else SECONDS_TO_AN_ANSWER)
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


def _refresh(
    store: SnapshotStore,
    *,
    max_age: timedelta,
    force: bool = False,
    now: datetime | None = None,
    seconds: float | None = None,
) -> Refreshed:
    """Do what `refresh_arena` says on an open store, waiting so long for others; by default as long as a run takes."""
    with memory.told(), sqlite_errors.waiting_at_most(sqlite_errors.BUSY_SECONDS if seconds is None else seconds):
        return _refreshed(store, max_age=max_age, force=force, now=now, seconds=seconds)


def _refreshed(
    store: SnapshotStore, *, max_age: timedelta, force: bool, now: datetime | None, seconds: float | None
) -> Refreshed:
    hours = max_age / timedelta(hours=1)
    before = store.newest_run(now=now)
    if not force and before is not None and _is_fresh(before, hours, now=now):
        return Refreshed(before, before, ran=False)
    if settings.offline():
        raise RefreshError("LLMHUB_OFFLINE is set, so the update script was not run: unset it to refresh")
    database.require_sound(store.path)
    database.require_writable(store.path)
    failure_before = last_failure()
    from llmhub.arena.refresh_lock import refreshing  # noqa: PLC0415 -- a fresh store never gets here

    with refreshing(store.path.parent, busy=RefreshError, seconds=seconds):
        kept = _told(lambda: _store_kept(store))
        if kept is not None:
            if not force and _is_fresh(kept, hours, now=now):
                return Refreshed(kept, before, ran=True)
            before = store.newest_run(now=now)
        current = store.newest_run(now=now)
        brought = current is not None and (before is None or current.id != before.id)
        if current is not None and brought and (force or _is_fresh(current, hours, now=now)):
            return Refreshed(current, before, ran=False)
        failure = last_failure()
        if failure is not None and (failure_before is None or failure.token != failure_before.token):
            raise RefreshError(f"the run that another process had under way failed: {failure.reason}")
        snapshot = _told(lambda: _run_and_store(store, now or datetime.now(UTC), accept_shrunken=force))
        return Refreshed(snapshot, before, ran=True)


def _told(work: Callable[[], Result]) -> Result:
    """Do a refresh's work, and leave word of what comes of it; the caller holds the lock.

    Raises:
        RefreshError: it failed.
        StoreUnusableError: the store cannot be used.
    """
    try:
        with memory.told():
            result = work()
    except StoreUnusableError:
        raise
    except (LlmhubError, OSError) as error:
        _record_failure(str(error))
        raise RefreshError(str(error)) from error
    if result is not None:
        _forget_failure()
    return result


def _store_kept(store: SnapshotStore) -> Snapshot | None:
    """Store what an earlier run brought while the store could not be written; None if nothing is kept."""
    from llmhub.arena.exchange.kept_run import discard, kept_run  # noqa: PLC0415 -- a fresh store never gets here

    folder = store.path.parent
    kept = kept_run(folder)
    if kept is None:
        return None
    try:
        snapshot = store.add(
            kept.output.leaderboards,
            taken_at=kept.taken_at,
            source="script",
            revision=kept.output.revision,
            script=kept.script,
        )
    except (InvalidScoreError, SnapshotConflictError) as error:
        _log.warning("what an earlier run brought cannot be stored, and is dropped: %s", error)
        snapshot = None
    discard(folder)
    return snapshot


def _run_and_store(store: SnapshotStore, taken_at: datetime, *, accept_shrunken: bool) -> Snapshot:
    """Run the script in a private folder, validate all that it left, and store it in one transaction."""
    # A fresh store never gets here, and does not pay for what a run needs.
    from llmhub.arena.exchange.kept_run import keep  # noqa: PLC0415
    from llmhub.arena.exchange.update_script import read_output, work_dir  # noqa: PLC0415
    from llmhub.arena.shrinking import without_shrunken  # noqa: PLC0415

    with work_dir(store.path.parent) as directory:
        _run_arena_update_script(directory)
        with step("reading what it brought"):
            output = read_output(directory)
    brought = output.leaderboards if accept_shrunken else without_shrunken(store, output.leaderboards, taken_at)
    # A path need not be UTF-8, and what is stored must be.
    script = printable(str(settings.arena_script()))
    try:
        with step("storing the snapshot"):
            return store.add(brought, taken_at=taken_at, source="script", revision=output.revision, script=script)
    except StoreBusyError as error:
        keep(store.path.parent, output, taken_at, script)
        raise StoreBusyError(f"{error}: what the script brought is kept, and the next refresh stores it") from error


def last_failure() -> Failure | None:
    """Return the last refresh's failure; None if it succeeded, or none has failed yet."""
    try:
        with open_regular(_failure_file()) as file:
            found = json.loads(file.read(_MAX_FAILURE_BYTES))
        failed_at = datetime.fromisoformat(found["failed_at"]).astimezone(UTC)
        return Failure(str(found["reason"]), failed_at, str(found["token"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, RecursionError, OverflowError) as error:
        _log.debug("%s is unreadable: %s", _failure_file(), error)
        return None


def _failure_file() -> Path:
    return settings.arena_dir() / _FAILURE_FILE


def _forget_failure() -> None:
    """Remove the word of an earlier failure."""
    try:
        remove_own(_failure_file(), _FAILURE_BEGINS)
    except OSError as error:
        # What was stored stands all the same.
        _log.debug("%s could not be removed: %s", _failure_file(), error)


def _record_failure(reason: str) -> None:
    """Leave word for the processes that wait on the lock, and for `status`; the caller holds the lock."""
    record = {"failed_at": datetime.now(UTC).isoformat(), "reason": reason, "token": secrets.token_hex(8)}
    try:
        write_own(_failure_file(), json.dumps(record).encode(), begins=_FAILURE_BEGINS)
    except CacheError as error:
        # The failure itself is what the caller must hear of.
        _log.debug("%s", error)


def _models_of_file(path: Path) -> dict[str, ArenaModel]:
    # The store's answer needs no parser.
    from llmhub.arena.exchange.importing import read_leaderboard_file  # noqa: PLC0415
    from llmhub.arena.exchange.json_files import parse_leaderboard  # noqa: PLC0415

    leaderboard = parse_leaderboard(read_leaderboard_file(path), str(path))
    entries = [
        Entry(name, *score, *leaderboard.models.get(name, ModelFacts()))
        for name, score in leaderboard.boards[OVERALL].items()
    ]
    return {entry.model: _arena_model(entry) for entry in best_first(entries)}


# Models are immutable and a board changes every few days: a process that asks again gets the same objects
# for the rows that are the same, in a tenth of the time that validating them takes.
@lru_cache(maxsize=8192)
def _arena_model(entry: Entry, category: str = OVERALL) -> ArenaModel:
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
    age = now - snapshot.taken_at
    hours = abs(age) / timedelta(hours=1)
    length = f"{hours:.0f} h" if hours < 72 else f"{hours / 24:.0f} days"  # noqa: PLR2004 -- hours read well up to here
    when = f"{length} old" if age >= timedelta(0) else f"dated {length} in the future"
    return f"snapshot {snapshot.id} of {snapshot.taken_at:%Y-%m-%d %H:%M} UTC ({when})"

"""When the update script runs, what happens to its output, and what `status` says of the last run.

`llmhub.catalog.arena_source` decides which snapshot answers where a refresh fails.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal, TypeVar

from llmhub import memory, settings
from llmhub.arena.boards import Snapshot
from llmhub.arena.database import database
from llmhub.arena.freshness import DEFAULT_TTL, data_age, is_fresh
from llmhub.arena.last_failure import Failure, forget_failure, last_failure, record_failure
from llmhub.arena.sql.reading import OtherSnapshots, other_snapshots
from llmhub.arena.store import BoardStore, Counts
from llmhub.errors import (
    InvalidScoreError,
    LlmhubError,
    RefreshError,
    SnapshotConflictError,
    SourceError,
    StoreBusyError,
    StoreUnusableError,
    printable,
)
from llmhub.progress import step
from llmhub.storage import sqlite_errors

_log = logging.getLogger(__name__)

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Refreshed:
    """The result of a refresh.

    Attributes:
        snapshot: the newest snapshot of source `script`, after the refresh.
        previous: the newest one before it; None at the first run.
        ran: whether this call ran the script, or stored the output of an earlier run. False if the store was fresh,
            or another process has just refreshed it.
        pulled: whether the snapshot was pulled from the remote that LLMHUB_REMOTE_URL names.
    """

    snapshot: Snapshot
    previous: Snapshot | None = None
    ran: bool = field(kw_only=True)
    pulled: bool = field(default=False, kw_only=True)

    @property
    def status(self) -> Literal["stored", "pulled", "fresh", "brought"]:
        """Return what happened; `brought`: another process stored the snapshot meanwhile."""
        if self.ran:
            return "stored"
        if self.pulled:
            return "pulled"
        return "fresh" if self.previous is not None and self.previous.id == self.snapshot.id else "brought"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArenaStatus:
    """What the store holds and how old it is.

    Attributes:
        store: the path of arena.db.
        size_bytes: the file's size; 0 if there is no file yet.
        counts: how many rows it holds.
        others: what it holds beside boards, by source.
        newest: the snapshot that answers for text / overall.
        newest_run: the newest run of the update script that is not dated in the future.
        fresh: whether that run is at most 24 hours old.
        run_age: that run's age; None without a run.
        data_age: the age of the text leaderboard that it brought; None if its publication date is unknown.
        script: the update script that a refresh would run.
        offline: whether LLMHUB_OFFLINE keeps a refresh from running it.
        last_failure: the last refresh's failure, None if it succeeded.
        remote: the store that the team shares, as it may be shown; None if LLMHUB_REMOTE_URL is unset.
        last_pull: when this store was last synchronised with it; None: never.
    """

    store: Path
    size_bytes: int
    counts: Counts
    others: Sequence[OtherSnapshots] = ()
    newest: Snapshot | None = None
    newest_run: Snapshot | None = None
    fresh: bool
    run_age: timedelta | None = None
    data_age: timedelta | None = None
    script: Path
    offline: bool
    last_failure: Failure | None = None
    remote: str | None = None
    last_pull: datetime | None = None


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
        now: the current moment, timezone-aware, by default the clock's; the new snapshot gets this date.

    Raises:
        RefreshError: the script failed, left bad output, could not be run, or may not be (LLMHUB_OFFLINE);
            nothing was written.
        StoreReadOnlyError: the store cannot be written; the script was not run.
        StoreUnusableError: the store is damaged, newer than this program, ...; it was not touched.
    """
    with BoardStore.open() as store:
        return refresh_store(store, max_age=max_age, force=force, now=now)


def refresh_store(
    store: BoardStore,
    *,
    max_age: timedelta,
    force: bool = False,
    now: datetime | None = None,
    seconds: float | None = None,
) -> Refreshed:
    """Do what `refresh_arena` says on an open store.

    Args:
        store: where to.
        max_age: see `refresh_arena`.
        force: see `refresh_arena`.
        now: see `refresh_arena`.
        seconds: how long to wait for other processes; by default as long as a run may take.
    """
    with memory.translated(), sqlite_errors.waiting_at_most(sqlite_errors.BUSY_SECONDS if seconds is None else seconds):
        before = store.newest_run(now=now)
        if not force and before is not None and is_fresh(before, max_age / timedelta(hours=1), now=now):
            return Refreshed(before, before, ran=False)
        if settings.offline():
            raise RefreshError("LLMHUB_OFFLINE is set, so the update script was not run: unset it to refresh")
        database.require_sound(store.path)
        database.require_writable(store.path)
        failure_before = last_failure()
        from llmhub.arena.refresh_lock import refreshing

        with refreshing(store.path.parent, busy=RefreshError, seconds=seconds):
            return _refreshed(store, before, failure_before, max_age=max_age, force=force, now=now, seconds=seconds)


def _refreshed(
    store: BoardStore,
    before: Snapshot | None,
    failure_before: Failure | None,
    *,
    max_age: timedelta,
    force: bool,
    now: datetime | None,
    seconds: float | None,
) -> Refreshed:
    """Store a kept run, take over what another process brought meanwhile, or run the script; holds the lock.

    Args:
        store: where to.
        before: the newest run before this process waited for the lock.
        failure_before: the last failure before then.
        max_age: see `refresh_arena`.
        force: see `refresh_arena`.
        now: see `refresh_arena`.
        seconds: see `refresh_store`.
    """
    hours = max_age / timedelta(hours=1)
    kept = _reporting_failure(lambda: _store_kept(store, accept_shrunken=force))
    if kept is not None:
        if not force and is_fresh(kept, hours, now=now):
            return Refreshed(kept, before, ran=True)
        before = store.newest_run(now=now)
    current = store.newest_run(now=now)
    brought = current is not None and (before is None or current.id != before.id)
    if current is not None and brought and (force or is_fresh(current, hours, now=now)):
        return Refreshed(current, before, ran=False)
    failure = last_failure()
    if failure is not None and (failure_before is None or failure.token != failure_before.token):
        raise RefreshError(f"the run that another process had under way failed: {failure.reason}")

    def run(moment: datetime) -> Snapshot:
        return _reporting_failure(lambda: _run_and_store(store, moment, accept_shrunken=force))

    if settings.remote_url() is None:
        return Refreshed(run(now or datetime.now(UTC)), before, ran=True)
    from llmhub.arena.team.refresh import Work, refresh_shared

    snapshot, ran = refresh_shared(
        Work(
            path=store.path,
            newest=lambda moment: store.newest_run(now=moment),
            is_fresh=lambda snapshot, moment: is_fresh(snapshot, hours, now=moment),
            run=run,
            force=force,
            now=now,
            seconds=seconds,
        )
    )
    return Refreshed(snapshot, before, ran=ran, pulled=not ran)


def _reporting_failure(work: Callable[[], Result]) -> Result:
    """Do a part of a refresh, and record its failure, or remove the record of an earlier one; holds the lock.

    Raises:
        RefreshError: it failed.
        StoreUnusableError: the store cannot be used.
    """
    try:
        with memory.translated():
            result = work()
    except StoreUnusableError:
        raise
    except (LlmhubError, OSError) as error:
        record_failure(str(error))
        raise RefreshError(str(error)) from error
    if result is not None:
        forget_failure()
    return result


def _store_kept(store: BoardStore, *, accept_shrunken: bool) -> Snapshot | None:
    """Store the output of an earlier run, kept while the store could not be written; None if nothing is kept."""
    from llmhub.arena.exchange.kept_run import discard, kept_run
    from llmhub.arena.shrinking import without_shrunken

    folder = store.path.parent
    kept = kept_run(folder)
    if kept is None:
        return None
    brought = kept.output.leaderboards
    try:
        # Compared again: what is kept is all that the run brought, and the store may have changed since.
        if not (accept_shrunken or kept.accept_shrunken):
            brought = without_shrunken(store, brought, kept.taken_at)
        snapshot = store.add(
            brought,
            taken_at=kept.taken_at,
            source="script",
            revision=kept.output.revision,
            script=kept.script,
        )
    except (InvalidScoreError, SnapshotConflictError, SourceError) as error:
        _log.warning("the output of an earlier run cannot be stored, and is dropped: %s", error)
        snapshot = None
    discard(folder)
    return snapshot


def _run_and_store(store: BoardStore, taken_at: datetime, *, accept_shrunken: bool) -> Snapshot:
    """Run the script in a private folder, validate everything that it left, and store it in one transaction."""
    # A fresh store never gets here, and does not pay for what a run needs.
    from llmhub.arena.exchange.kept_run import keep
    from llmhub.arena.exchange.script_output import read_output
    from llmhub.arena.exchange.update_script import work_dir
    from llmhub.arena.shrinking import without_shrunken

    with work_dir(store.path.parent) as directory:
        run_update_script(directory)
        with step("reading what it brought"):
            output = read_output(directory)
    brought = output.leaderboards if accept_shrunken else without_shrunken(store, output.leaderboards, taken_at)
    # A path need not be UTF-8, and what is stored must be.
    script = printable(str(settings.arena_script()))
    try:
        with step("storing the snapshot"):
            return store.add(brought, taken_at=taken_at, source="script", revision=output.revision, script=script)
    except StoreBusyError as error:
        keep(store.path.parent, output, taken_at, script, accept_shrunken=accept_shrunken)
        raise StoreBusyError(f"{error}: what the script brought is kept, and the next refresh stores it") from error


def run_update_script(work_dir: Path) -> None:
    """Run the update script in `work_dir`, which contains `data/`.

    Raises:
        ScriptError: it did not exit with 0, or left no leaderboard-text.json.
        SettingsError: LLMHUB_ARENA_TIMEOUT is not a number.
    """
    from llmhub.arena.exchange.script_output import require_text
    from llmhub.arena.exchange.update_script import run_script

    with step("running the update script") as running:
        run_script(settings.arena_script(), work_dir, settings.arena_timeout(), running.say)
    require_text(work_dir)


def arena_status(now: datetime | None = None) -> ArenaStatus:
    """Return what is known of the store without running anything.

    Raises:
        StoreUnusableError: the store is damaged, newer than this program, ...; it was not touched.
    """
    moment = now or datetime.now(UTC)
    with BoardStore.open() as store:
        remote, last_pull = _remote_of(store)
        run = store.newest_run(now=moment)
        return ArenaStatus(
            store=store.path,
            size_bytes=store.path.stat().st_size if store.path.exists() else 0,
            counts=store.counts(),
            others=_others(store),
            newest=store.latest(now=moment),
            newest_run=run,
            fresh=is_fresh(run, now=moment),
            run_age=None if run is None else moment - run.taken_at,
            data_age=None if run is None else data_age(run, moment),
            script=settings.arena_script(),
            offline=settings.offline(),
            last_failure=last_failure(),
            remote=remote,
            last_pull=last_pull,
        )


def _others(store: BoardStore) -> list[OtherSnapshots]:
    with store.reading() as connection:
        return other_snapshots(connection) if connection else []


def _remote_of(store: BoardStore) -> tuple[str | None, datetime | None]:
    """Return the remote that is set, and when the store was last synchronised with it; no server is asked."""
    if settings.remote_url() is None:
        return None, None
    from llmhub.arena.team.store import last_pull

    address, position = last_pull(store.path)
    return address.shown, position and position.pulled_at

"""Check the arena store: whether it is sound, and how old its data is."""

from __future__ import annotations

from datetime import UTC, datetime

from llmhub import settings
from llmhub.ages import days_ago, how_old
from llmhub.arena.database import SCHEMA, database
from llmhub.arena.freshness import OLD_DATA
from llmhub.arena.last_failure import last_failure
from llmhub.arena.refresh import ArenaStatus, arena_status
from llmhub.doctor.findings import Finding, Findings
from llmhub.errors import StoreDamagedError, StoreReadOnlyError, counted, printable
from llmhub.storage.sqlite_file import first_fault

_REPAIR = "`llmhub arena repair`"
_REFRESH = "`llmhub arena refresh`"
_MIB = 1 << 20


def look() -> Findings:
    """Check the file without changing it: no upgrade, and no rollback of a killed writer's changes."""
    path = settings.arena_db()
    try:
        with database.as_it_is(path) as opened:
            if opened is None:
                yield Finding("warning", "store", f"{path} does not exist yet", f"{_REFRESH} makes it")
                return
            connection, revision = opened
            fault = first_fault(connection)
    except StoreDamagedError as error:
        yield Finding("error", "store", str(error), _REPAIR)
        return
    except StoreReadOnlyError:
        what = f"{path}: a process was killed while it wrote"
        yield Finding("warning", "store", what, "`llmhub arena status`, or any other command, rolls its changes back")
        return
    if fault is not None:
        yield Finding("error", "store", printable(f"{path} is damaged: {fault}"), _REPAIR)
        return
    newest = SCHEMA.current
    if revision != newest:
        what = f"{path} has schema {revision}, and this llmhub needs {newest}"
        yield Finding("warning", "store", what, "the next command that reads it upgrades it")
        return
    yield from _content(arena_status())


def look_at_refreshes() -> Findings:
    """Check whether the last refresh failed."""
    failure = last_failure()
    if failure is not None:
        what = f"the last one failed at {failure.failed_at:%Y-%m-%d %H:%M} UTC: {printable(failure.reason)}"
        yield Finding("warning", "refresh", what, "`llmhub arena refresh --force` tries again")


def _content(status: ArenaStatus) -> Findings:
    counts = status.counts
    size = f"{status.size_bytes / _MIB:,.1f} MiB"
    held = ", ".join(counted(getattr(counts, f"{what}s"), what) for what in ("snapshot", "board", "score"))
    yield Finding("ok", "store", f"{status.store} is sound: {held}, {size}")
    if status.newest is None:
        yield Finding("warning", "newest", "no snapshot has text / overall", f"{_REFRESH} brings one")
        return
    newest = f"snapshot {status.newest.id} of {status.newest.taken_at:%Y-%m-%d %H:%M} UTC"
    if status.newest.taken_at > datetime.now(UTC):
        yield Finding("warning", "newest", f"{newest} is dated in the future", "check this machine's clock")
    elif status.fresh:
        yield Finding("ok", "newest", f"{newest} is fresh: at most 24 hours old")
    else:
        ago = "the update script never ran" if status.run_age is None else f"its last run is {how_old(status.run_age)}"
        remedy = "unset LLMHUB_OFFLINE to refresh" if status.offline else f"{_REFRESH}, or the next build of a catalog"
        yield Finding("warning", "newest", f"{newest} is not fresh: {ago}", remedy)
    if status.data_age is not None and status.data_age > OLD_DATA:
        what = f"the newest run's data was published {days_ago(status.data_age)}"
        yield Finding("warning", "data", what, "see whether LLMHUB_ARENA_SOURCE_URL still publishes")

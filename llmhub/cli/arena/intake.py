"""`llmhub arena refresh` and `status`: run the update script, and show the age of its data."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from llmhub.ages import age_text, days_ago
from llmhub.arena.freshness import OLD_DATA, data_age
from llmhub.cli import progress, render
from llmhub.cli.options import AgeType, json_option
from llmhub.errors import LlmhubError, RefreshError, counted

if TYPE_CHECKING:
    from llmhub.arena.compare.diff import BoardDiff
    from llmhub.arena.refresh import ArenaStatus, Refreshed


@click.command()
@click.option(
    "--force",
    is_flag=True,
    help="Run the script even if the newest run is recent enough, and take boards that lost over a third.",
)
@click.option(
    "--max-age", type=AgeType(), default="24h", show_default=True, metavar="AGE", help="How old the newest run may be."
)
@json_option
def refresh(*, force: bool, max_age: timedelta, output: str | None) -> None:
    """Run the update script if the store is stale.

    Then it says what changed since the run before. A failed run writes nothing: the newest snapshot stays current, and
    the exit code is 1.
    """
    from llmhub.arena.refresh import refresh_arena
    from llmhub.store import SnapshotStore

    try:
        with progress.shown():
            refreshed = refresh_arena(max_age=max_age, force=force)
    except RefreshError as error:
        # The shipped script's message ends with these words too.
        why = str(error).removesuffix("; nothing was written")
        raise RefreshError(f"{why}; nothing was written, {_still_serving()}") from error
    now = datetime.now(UTC)
    diff = None
    if refreshed.ran and refreshed.previous is not None:
        with SnapshotStore.open() as store:
            diff = store.diff(str(refreshed.previous.id), str(refreshed.snapshot.id))
    if output == "json":
        render.echo_json(_refreshed_json(refreshed, diff, now))
    else:
        _say_refreshed(refreshed, max_age, now)
        if diff is not None:
            _say_difference(diff)
    _warn_if_old(data_age(refreshed.snapshot, now))


def _still_serving() -> str:
    """Return which snapshot answers after a failed refresh."""
    from llmhub.arena.refresh import arena_status

    try:
        newest = arena_status().newest
    except LlmhubError as error:
        return f"and the store cannot be read: {error}"
    if newest is None:
        return "and there is no earlier snapshot"
    return f"{render.snapshot_text(newest)} still answers"


def _refreshed_json(refreshed: Refreshed, diff: BoardDiff | None, now: datetime) -> dict[str, object]:
    from llmhub.cli.arena.diff import diff_json

    snapshot = refreshed.snapshot
    previous = None if refreshed.status == "fresh" else refreshed.previous
    return {
        "status": refreshed.status,
        "snapshot": render.snapshot_json(snapshot),
        "leaderboards": list(snapshot.leaderboards),
        "previous": previous and render.snapshot_json(previous),
        "diff": diff and diff_json(diff),
        **_data_age_json(data_age(snapshot, now)),
        "revision": snapshot.revision,
    }


def _data_age_json(age: timedelta | None) -> dict[str, object]:
    return {
        "data_age_days": None if age is None else age.days,
        "data_is_old": None if age is None else age > OLD_DATA,
    }


def _say_refreshed(refreshed: Refreshed, max_age: timedelta, now: datetime) -> None:
    snapshot = refreshed.snapshot
    named = render.snapshot_text(snapshot)
    what = (
        f"{counted(len(snapshot.leaderboards), 'leaderboard')}, {counted(snapshot.boards, 'board')}, "
        f"{counted(snapshot.models, 'model')} on text / overall"
    )
    match refreshed.status:
        case "stored":
            render.outcome(f"stored {named}: {what}")
        case "pulled":
            render.outcome(f"pulled {named} from the remote: {what}")
        case "brought":
            render.outcome(f"another process brought {named} meanwhile: {what}")
        case "fresh":
            age, limit = age_text(now - snapshot.taken_at), age_text(max_age)
            render.outcome(f"fresh: {named} is {age} old (at most {limit}); --force runs the script anyway")


def _say_difference(diff: BoardDiff) -> None:
    since = f"text / overall since snapshot {diff.before.id}"
    if diff.same:
        render.outcome(f"{since}: nothing changed")
        return
    significant = sum(change.significant is True for change in diff.changed)
    render.outcome(
        f"{since}: {len(diff.added)} came, {len(diff.removed)} went, {len(diff.renamed)} renamed, "
        f"{len(diff.changed)} changed ({significant} significantly), scale shift {render.signed(diff.scale_shift)}; "
        f"`llmhub arena diff {diff.before.id} {diff.after.id}` lists them"
    )


def _warn_if_old(age: timedelta | None) -> None:
    if age is not None and age > OLD_DATA:
        published = f"the text leaderboard was published {days_ago(age)}"
        render.warn(f"warning: the runs succeed but the data is old: {published}")


@click.command()
@json_option
def status(*, output: str | None) -> None:
    """Show where the store is and how old its data is."""
    from llmhub.arena.refresh import arena_status

    found = arena_status()
    if output == "json":
        render.echo_json(_status_json(found))
    else:
        render.fields(_status_fields(found))
    _warn_if_old(found.data_age)


def _status_json(found: ArenaStatus) -> dict[str, object]:
    failure = found.last_failure
    return {
        "store": str(found.store),
        "size_bytes": found.size_bytes,
        **found.counts._asdict(),
        "newest": found.newest and render.snapshot_json(found.newest),
        "newest_run": found.newest_run and render.snapshot_json(found.newest_run),
        "fresh": found.fresh,
        "run_age_hours": None if found.run_age is None else round(found.run_age / timedelta(hours=1), 3),
        **_data_age_json(found.data_age),
        "revision": found.newest_run and found.newest_run.revision,
        "script": str(found.script),
        "offline": found.offline,
        "last_failure": failure and {"failed_at": render.moment_json(failure.failed_at), "reason": failure.reason},
        "remote": found.remote
        and {"address": found.remote, "last_pull": found.last_pull and render.moment_json(found.last_pull)},
    }


def _status_fields(found: ArenaStatus) -> Iterator[tuple[str, str]]:
    absent = "" if found.size_bytes else " (does not exist yet: `llmhub arena refresh` makes it)"
    yield "store", f"{found.store}{absent}"
    yield "newest", render.snapshot_text(found.newest) if found.newest else "no snapshot of text / overall"
    if found.newest_run is None or found.run_age is None:
        yield "last run", "the update script has not run yet"
    else:
        fresh = "fresh" if found.fresh else "stale: `llmhub arena refresh` runs the update script"
        yield "last run", f"{age_text(found.run_age)} ago ({fresh})"
        published = render.UNKNOWN if found.data_age is None else f"published {days_ago(found.data_age)}"
        yield "data", published
        yield "revision", found.newest_run.revision or render.UNKNOWN
    if found.last_failure is not None:
        yield "last failure", f"{render.moment_text(found.last_failure.failed_at)} UTC: {found.last_failure.reason}"
    if found.remote is not None:
        last = found.last_pull
        when = "never synchronised" if last is None else f"synchronised at {render.moment_text(last)} UTC"
        yield "remote", f"{found.remote} ({when}; `llmhub remote status` asks it)"
    yield "script", f"{found.script}{' (LLMHUB_OFFLINE is set: it will not be run)' if found.offline else ''}"
    counts = found.counts
    rows = ", ".join(counted(getattr(counts, f"{what}s"), what) for what in ("snapshot", "board", "score", "model"))
    yield "holds", f"{rows} in {render.size_text(found.size_bytes)}"
    for one in found.others:
        yield "", f"{counted(one.snapshots, 'snapshot')} of {one.source}, the newest of {one.newest:%Y-%m-%d}"

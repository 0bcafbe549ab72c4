"""`llmhub arena refresh`: run the update script if the store is stale, and say what changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from llmhub.ages import age_text
from llmhub.arena.freshness import data_age
from llmhub.cli import progress, render
from llmhub.cli.arena.status import data_age_json, warn_if_old
from llmhub.cli.options import AgeType, json_option
from llmhub.errors import LlmhubError, RefreshError, counted

if TYPE_CHECKING:
    from llmhub.arena.compare.diff import BoardDiff
    from llmhub.arena.refresh import Refreshed


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
        raise RefreshError(f"{why}; nothing was written, {_still_answering()}") from error
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
    warn_if_old(data_age(refreshed.snapshot, now))


def _still_answering() -> str:
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
        **data_age_json(data_age(snapshot, now)),
        "revision": snapshot.revision,
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

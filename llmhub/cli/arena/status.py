"""`llmhub arena status`: where the store is, and how old its data is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from llmhub.ages import age_text, days_ago
from llmhub.arena.freshness import OLD_DATA
from llmhub.cli import render
from llmhub.cli.options import json_option
from llmhub.errors import counted

if TYPE_CHECKING:
    from llmhub.arena.refresh import ArenaStatus


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
    warn_if_old(found.data_age)


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
        **data_age_json(found.data_age),
        "revision": found.newest_run and found.newest_run.revision,
        "script": str(found.script),
        "offline": found.offline,
        "last_failure": failure and {"failed_at": render.moment_json(failure.failed_at), "reason": failure.reason},
        "remote": found.remote and {"address": found.remote, "last_pull": render.moment_json(found.last_pull)},
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


def data_age_json(age: timedelta | None) -> dict[str, object]:
    """Return the documented JSON of how old the data of a run is."""
    return {
        "data_age_days": None if age is None else age.days,
        "data_is_old": None if age is None else age > OLD_DATA,
    }


def warn_if_old(age: timedelta | None) -> None:
    """Warn if the data of a run is so old that the publisher has probably stopped."""
    if age is not None and age > OLD_DATA:
        published = f"the text leaderboard was published {days_ago(age)}"
        render.warn(f"warning: the runs succeed but the data is old: {published}")

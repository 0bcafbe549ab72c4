"""Make a report from the user's own store and the last catalog."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from llmhub import settings
from llmhub.arena.boards import OVERALL, TEXT
from llmhub.catalog.cache import last_catalog
from llmhub.report.collect import collect
from llmhub.report.data import Report
from llmhub.report.folder import Written, write_site
from llmhub.report.over_time.feed import FEED_PAGE
from llmhub.report.site import FIRST_PAGE, render
from llmhub.report.uncatalogued import uncatalogued
from llmhub.store import SnapshotStore


class MadeReport(NamedTuple):
    """A written site.

    Attributes:
        report: its data.
        written: the files.
        first_page: the page to open.
        feed: the feed of what changed.
        catalog_built_at: when the catalog was built; None if there is none: then only stored prices count.
    """

    report: Report
    written: Written
    first_page: Path
    feed: Path
    catalog_built_at: datetime | None


def make_report(
    folder: Path,
    *,
    leaderboard: str = TEXT,
    category: str = OVERALL,
    force: bool = False,
    url: str | None = None,
    now: datetime | None = None,
) -> MadeReport:
    """Write the site of a board's newest state; if the demonstration made up the data, every page says so.

    Args:
        folder: the folder; see `llmhub.report.folder.write_site`.
        leaderboard: the leaderboard's name.
        category: the board's category.
        force: write into a folder that holds other files.
        url: the address that the site will have, which ends in a slash; the feed names it. None if unknown.
        now: the moment to use in place of the clock's, timezone-aware.

    Raises:
        NotFoundError: the store is empty, or no snapshot has the board.
        OutputError: the folder is not llmhub's (FileInTheWayError), or a page cannot be written.
        StoreError: the store cannot be read; see its subclasses.
    """
    now, catalog = now or datetime.now(UTC), last_catalog()
    with SnapshotStore.open() as store:
        report = collect(
            store,
            catalog or uncatalogued(store, now=now),
            leaderboard=leaderboard,
            category=category,
            now=now,
            version=version("llmhub-catalog"),
            made_up=settings.made_up_file().exists(),
            url=url,
        )
    folder = settings.absolute(folder)
    written = write_site(folder, render(report), force=force)
    return MadeReport(report, written, folder / FIRST_PAGE, folder / FEED_PAGE, catalog.built_at if catalog else None)

"""Check a store for damage, impossible values and unused rows."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

from llmhub.arena.database import database
from llmhub.arena.sql import statements
from llmhub.arena.upkeep.kinds import Check, Checked, Fault, Level, all_sources, kinds
from llmhub.errors import StoreDamagedError, counted, printable
from llmhub.progress import step
from llmhub.storage import moments, sqlite_errors

RESTORE = (
    "`llmhub arena repair` saves what still holds; or restore the store from a backup (`llmhub arena backup` makes "
    "them), or move it away and refresh or import again"
)
CLEAR = "`llmhub arena prune --orphans` removes it"

_LISTED = 20


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault of a store, or a hint.

    Attributes:
        level: `error` for damage: answers of the store may be wrong; `hint` for something odd or unused.
        check: which check found it.
        message: what was found, and where.
        remedy: what to do about it; None if there is nothing to do.
    """

    level: Level
    check: str
    message: str
    remedy: str | None


@dataclass(frozen=True, slots=True)
class Verification:
    """The findings of all checks, and how many boards, scores, price lists and listings were proven by their digests.

    Each check lists at most 20 findings of a level; `errors` and `hints` count all of them.
    """

    findings: tuple[Finding, ...]
    errors: int
    hints: int
    boards: int
    scores: int
    price_lists: int = 0
    listings: int = 0


def verify(path: Path, *, now: datetime | None = None, upgraded: bool = True) -> Verification:
    """Check a whole store: SQLite's own checks, each value, each board's digest, and unused rows.

    Nothing else is changed, but a file of an older version is upgraded first, unless `upgraded` is false. A missing or
    empty store has no findings.

    Raises:
        StoreUnusableError: the file cannot be read at all, is another program's, or of a newer version.
        StoreError: another process keeps the file, or the disk fails.
    """
    try:
        connection = database.open_for_reading(path, upgraded=upgraded)
    except StoreDamagedError as error:
        return Verification((Finding("error", "file", str(error), RESTORE),), 1, 0, 0, 0)
    if connection is None:
        return Verification((), 0, 0, 0, 0)
    checked, found = Checked(), Counter[Level]()
    findings: list[Finding] = []
    with database.translated(path), closing(connection):
        # A name that is not UTF-8 is a finding, and must not end the check.
        connection.text_factory = lambda data: data.decode(errors="replace")
        for name, checks in _checks(now or datetime.now(UTC)).items():
            with step(f"checking {_UNDER_WAY.get(name, name)}", "boards") as checked.step:
                findings += _listed(name, _guarded(connection, name, checks, checked), found)
    counts = checked.counts
    proven = (counts[name] for name in ("boards", "scores", "price lists", "listings"))
    return Verification(tuple(findings), found["error"], found["hint"], *proven)


def _guarded(connection: sqlite3.Connection, name: str, checks: Iterable[Check], checked: Checked) -> Iterator[Finding]:
    """Run one check on one state of the file; an error that ends the check is a finding too."""
    # A transaction for each check: a single one would block writers for seconds.
    try:
        connection.execute("BEGIN")
        for level, message, has_remedy in chain.from_iterable(check(connection, checked) for check in checks):
            remedy = RESTORE if level == "error" else CLEAR
            yield Finding(level, name, message, remedy if has_remedy else None)
    except sqlite3.DatabaseError as error:
        if sqlite_errors.says_nothing_of_the_content(error):
            raise
        yield Finding("error", name, f"the check of {name} could not be finished: {error}", RESTORE)
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _listed(name: str, findings: Iterable[Finding], found: Counter[Level]) -> Iterator[Finding]:
    """Yield the first findings of each level and one for the rest; count all of them in `found`."""
    here: Counter[Level] = Counter()
    for finding in findings:
        here[finding.level] += 1
        if here[finding.level] <= _LISTED:
            yield replace(finding, message=printable(finding.message))
    for level, number in here.items():
        if number > _LISTED:
            yield Finding(level, name, f"{number - _LISTED:,} more like these", None)
    found.update(here)


# -- checks of every file, whatever its snapshots hold


def _file(connection: sqlite3.Connection, _: Checked) -> Iterator[Fault]:
    for (message,) in connection.execute("PRAGMA integrity_check"):
        sqlite_errors.require_memory(message)
        if message != "ok":
            yield Fault("error", f"SQLite's integrity check: {message}")


def _references(connection: sqlite3.Connection, _: Checked) -> Iterator[Fault]:
    counts = Counter((table, parent) for table, _row, parent, _key in connection.execute("PRAGMA foreign_key_check"))
    for (table, parent), number in sorted(counts.items()):
        yield Fault("error", f"{table}: {counted(number, 'row')} without the {parent} named in it")


def _moments(connection: sqlite3.Connection, now: datetime) -> Iterator[Fault]:
    known = all_sources()
    for number, source, taken_at in connection.execute("SELECT id, source, taken_at FROM snapshot ORDER BY id"):
        if source not in known:
            yield Fault("error", f"snapshot {number} is of source {source!r}, which does not exist")
        if not moments.is_moment(taken_at):
            yield Fault("error", f"snapshot {number} is taken at {taken_at!r}: that is not a moment")
        elif (moment := moments.from_sql(taken_at)) > now:
            message = f"snapshot {number} is dated in the future ({moment:%Y-%m-%d %H:%M} UTC): `latest` passes it over"
            yield Fault("hint", message, remedy=False)


def _ids(connection: sqlite3.Connection, _: Checked) -> Iterator[Fault]:
    for (number,) in connection.execute(statements.ID_TO_BE_REUSED):
        yield Fault("error", f"the next snapshot could get an id that was given before: they go up to {number}")


def _orphans(connection: sqlite3.Connection, _: Checked) -> Iterator[Fault]:
    for kind in kinds():
        yield from (Fault("hint", what) for what in kind.left_over(connection))


_UNDER_WAY = {
    "file": "the file",
    "references": "references",
    "values": "values",
    "snapshots": "snapshots",
    "digests": "the boards' digests",
    "others": "prices and listings",
    "orphans": "what nothing points at",
}


def _checks(now: datetime) -> dict[str, list[Check]]:
    """Return the checks by name, in their order; under each name the kinds' own checks come first."""
    every: dict[str, list[Check]] = {"file": [_file], "references": [_references]}
    for kind in kinds():
        for name, check in kind.checks.items():
            every.setdefault(name, []).append(check)
    every.setdefault("values", []).append(lambda connection, _: _moments(connection, now))
    every.setdefault("snapshots", []).append(_ids)
    return {**every, "orphans": [_orphans]}

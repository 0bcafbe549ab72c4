"""Checking a store: what is damaged, what cannot be, and what is merely left over."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from llmhub.arena.boards import SOURCES, Score
from llmhub.arena.database import database
from llmhub.arena.rules import NAME_RULE, says_something
from llmhub.arena.sql import statements
from llmhub.arena.sql.digest import board_digest
from llmhub.errors import StoreDamagedError, printable
from llmhub.progress import Step, Unheard, step
from llmhub.storage import sqlite_errors
from llmhub.storage.kinds import kinds, other_sources

Level = Literal["error", "hint"]

RESTORE = (
    "`llmhub arena repair` saves what still holds; or restore the store from a backup (`llmhub arena backup` makes "
    "them), or move it away and refresh or import again"
)
CLEAR = "`llmhub arena prune --orphans` removes it"

_LISTED = 20


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be.

    Attributes:
        level: `error` for damage: what the store answers may be wrong; `hint` for what only takes space or is odd.
        check: which check found it.
        message: what was found, and where.
        remedy: what to do about it; None if nothing need be done.
    """

    level: Level
    check: str
    message: str
    remedy: str | None


@dataclass(frozen=True, slots=True)
class Verification:
    """What the checks found, how many boards had their digests derived again, and how many scores these have.

    Of one kind at most 20 findings are listed; `errors` and `hints` count them all.
    """

    findings: tuple[Finding, ...]
    errors: int
    hints: int
    boards: int
    scores: int


def verify(path: Path, *, now: datetime | None = None, upgraded: bool = True) -> Verification:
    """Check a whole store: SQLite's own checks, each value, each board's digest, and what nothing points at.

    Nothing is changed, though a file of an older version is upgraded first, as by every reader, unless `upgraded` is
    false. A store that is not there, or empty, has no findings.

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
    checked, found = _Checked(Unheard()), Counter[Level]()
    findings: list[Finding] = []
    with database.translated(path), closing(connection):
        # A name that is no UTF-8 is a finding, and no reason to stop.
        connection.text_factory = lambda data: data.decode(errors="replace")
        for name, check in _CHECKS.items():
            with step(f"checking {_UNDER_WAY[name]}", "boards") as checked.step:
                findings += _listed(name, _guarded(connection, name, check, checked, now or datetime.now(UTC)), found)
    return Verification(tuple(findings), found["error"], found["hint"], checked.boards, checked.scores)


@dataclass(slots=True)
class _Checked:
    step: Step
    boards: int = 0
    scores: int = 0


_Check = Callable[[sqlite3.Connection, _Checked, datetime], Iterator[Finding]]


def _guarded(
    connection: sqlite3.Connection, name: str, check: _Check, checked: _Checked, now: datetime
) -> Iterator[Finding]:
    """Run one check on one state of the file; what keeps it from coming to its end is a finding too."""
    # A transaction for each: one around them all would keep writers waiting for seconds.
    try:
        connection.execute("BEGIN")
        yield from check(connection, checked, now)
    except sqlite3.DatabaseError as error:
        if sqlite_errors.says_nothing_of_the_content(error):
            raise
        yield Finding("error", name, f"the check of {name} could not be finished: {error}", RESTORE)
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _listed(name: str, findings: Iterable[Finding], found: Counter[Level]) -> Iterator[Finding]:
    """Yield the first findings of either level and a last one for all others, and count them all in `found`."""
    here: Counter[Level] = Counter()
    for finding in findings:
        here[finding.level] += 1
        if here[finding.level] <= _LISTED:
            yield replace(finding, message=printable(finding.message))
    for level, number in here.items():
        if number > _LISTED:
            yield Finding(level, name, f"{number - _LISTED:,} more like these", None)
    found.update(here)


def _file(connection: sqlite3.Connection, _: _Checked, __: datetime) -> Iterator[Finding]:
    for (message,) in connection.execute("PRAGMA integrity_check"):
        sqlite_errors.require_memory(message)
        if message != "ok":
            yield Finding("error", "file", f"SQLite's integrity check: {message}", RESTORE)


def _references(connection: sqlite3.Connection, _: _Checked, __: datetime) -> Iterator[Finding]:
    counts = Counter((table, parent) for table, _row, parent, _key in connection.execute("PRAGMA foreign_key_check"))
    for (table, parent), number in sorted(counts.items()):
        yield Finding("error", "references", f"{table}: {number:,} rows point to no {parent}", RESTORE)


def _values(connection: sqlite3.Connection, _: _Checked, now: datetime) -> Iterator[Finding]:
    def error(message: str) -> Finding:
        return Finding("error", "values", message, RESTORE)

    for leaderboard, category, board, number in connection.execute(statements.IMPOSSIBLE_SCORES):
        rule = "a number that is not finite, an interval that does not hold the rating, or votes that are no count"
        yield error(f"{leaderboard} / {category} (board {board}): {number:,} impossible scores: {rule}")
    known = {*SOURCES, *other_sources()}
    for number, source, taken_at in connection.execute("SELECT id, source, taken_at FROM snapshot ORDER BY id"):
        if source not in known:
            yield error(f"snapshot {number} is of source {source!r}, which there is not")
        if not statements.is_moment(taken_at):
            yield error(f"snapshot {number} is taken at {taken_at!r}: that is no moment")
        elif (moment := statements.from_sql(taken_at)) > now:
            message = f"snapshot {number} is dated in the future ({moment:%Y-%m-%d %H:%M} UTC): `latest` passes it over"
            yield Finding("hint", "values", message, None)
    for number, leaderboard, day in connection.execute(statements.PUBLICATION_DATES):
        if not statements.is_day(day):
            yield error(f"{leaderboard} of snapshot {number} is published on {day!r}: that is no date")
    yield from _names(connection)


def _names(connection: sqlite3.Connection) -> Iterator[Finding]:
    names = connection.execute(statements.NAMES).fetchall()
    for table, number in Counter(table for table, name in names if not says_something(name)).items():
        yield Finding("error", "values", f"{table}: {number:,} rows have no name: expected {NAME_RULE}", RESTORE)
    for table, number in Counter(table for table, name in names if says_something(name) and "\0" in name).items():
        message = f"{table}: {number:,} names hold a NUL, which earlier versions stored and SQLite reads up to there"
        yield Finding("hint", "values", message, None)


def _snapshots(connection: sqlite3.Connection, _: _Checked, __: datetime) -> Iterator[Finding]:
    def error(message: str) -> Finding:
        return Finding("error", "snapshots", message, RESTORE)

    for number, leaderboard in connection.execute(statements.LEADERBOARDS_WITHOUT_BOARD):
        yield error(f"snapshot {number} lists {leaderboard} and has no board of it")
    for number, leaderboard in connection.execute(statements.BOARDS_WITHOUT_LEADERBOARD):
        yield error(f"snapshot {number} has boards of {leaderboard}, which it does not list")
    for (number,) in connection.execute(statements.SNAPSHOTS_WITHOUT_BOARD):
        yield error(f"snapshot {number} has no board")
    for (number,) in connection.execute(statements.ID_TO_BE_REUSED):
        yield error(f"the next snapshot could get an id that was given before: they go up to {number}")


def _digests(connection: sqlite3.Connection, checked: _Checked, _: datetime) -> Iterator[Finding]:
    names = dict(connection.execute("SELECT id, name FROM model"))
    boards = connection.execute(statements.BOARDS).fetchall()
    for number, (board, digest, leaderboard, category) in enumerate(boards):
        checked.step.at(number, len(boards))
        where = f"{leaderboard} / {category} (board {board})"
        try:
            rows = connection.execute(statements.SCORES_OF_BOARD, {"board": board}).fetchall()
            derived = board_digest(leaderboard, category, {names[model]: Score(*score) for model, *score in rows})
        except sqlite3.DatabaseError as error:
            if sqlite_errors.says_nothing_of_the_content(error):
                raise
            yield Finding("error", "digests", f"{where} cannot be read: {error}", RESTORE)
            continue
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 -- whatever stands in the columns, packing it must not end the check
            what = f"{where} has values that no digest can be derived from ({type(error).__name__})"
            yield Finding("error", "digests", what, RESTORE)
            continue
        checked.boards += 1
        checked.scores += len(rows)
        if derived != digest:
            yield Finding("error", "digests", f"{where} is not what was stored: its digest is another", RESTORE)


def _orphans(connection: sqlite3.Connection, _: _Checked, __: datetime) -> Iterator[Finding]:
    boards, scores, rankings, models = connection.execute(statements.GONE, {"removed": "[]"}).fetchone()
    if boards:
        yield Finding("hint", "orphans", f"{boards:,} boards with {scores:,} scores belong to no snapshot", CLEAR)
    if rankings:
        yield Finding("hint", "orphans", f"{rankings:,} rankings have no board in any snapshot", CLEAR)
    if models:
        yield Finding("hint", "orphans", f"{models:,} models are on no board of any snapshot", CLEAR)
    for kind in kinds():
        yield from (Finding("hint", "orphans", what, CLEAR) for what in kind.left_over(connection))


def _others(connection: sqlite3.Connection, _: _Checked, __: datetime) -> Iterator[Finding]:
    for kind in kinds():
        yield from (Finding("error", "others", what, RESTORE) for what in kind.faults(connection))


_UNDER_WAY = {
    "file": "the file",
    "references": "references",
    "values": "values",
    "snapshots": "snapshots",
    "digests": "the boards' digests",
    "others": "prices and listings",
    "orphans": "what nothing points at",
}
_CHECKS: dict[str, _Check] = {
    "file": _file,
    "references": _references,
    "values": _values,
    "snapshots": _snapshots,
    "digests": _digests,
    "others": _others,
    "orphans": _orphans,
}

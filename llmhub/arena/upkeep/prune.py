"""Remove snapshots that a policy does not keep, and everything that no other snapshot uses."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from llmhub.arena.boards import Snapshot
from llmhub.arena.database import database
from llmhub.arena.sources import SOURCES
from llmhub.arena.sql import statements
from llmhub.arena.sql.reading import list_snapshots
from llmhub.arena.upkeep.kinds import kinds
from llmhub.arena.upkeep.retention import Policy, Verdict, judge
from llmhub.errors import InvalidPolicyError, SnapshotNotFound, StoreError, StoreUnusableError, counted
from llmhub.progress import step
from llmhub.storage import compacting


@dataclass(frozen=True, slots=True)
class Pruned:
    """The result of a prune, or of its dry run.

    Attributes:
        kept: the snapshots that stay, newest first, each with the reasons.
        removed: the snapshots that go, newest first.
        gone: how many boards, scores, ... are removed because no other snapshot uses them.
        size_before: the file's size in bytes.
        size_after: its size afterwards; None if nothing was done.
    """

    kept: tuple[Verdict, ...]
    removed: tuple[Snapshot, ...]
    gone: Mapping[str, int]
    size_before: int
    size_after: int | None


def prune(
    path: Path,
    policy: Policy | None,
    *,
    now: datetime,
    sources: Collection[str] = SOURCES,
    dry_run: bool = False,
) -> Pruned:
    """Remove the snapshots that a policy does not keep, in one transaction, and make the file smaller.

    Boards that no snapshot has any more go too, with their scores, and rankings and models without a board.
    Ids of snapshots that are gone are never given again.

    Args:
        path: the store.
        policy: what to keep; None keeps every snapshot, and removes only what no snapshot uses.
        now: the moment, timezone-aware.
        sources: only snapshots of these are removed.
        dry_run: change nothing, and return what a prune would do.

    Raises:
        InvalidPolicyError: the policy asks for nothing to be kept.
        SnapshotNotFound: there is no store.
        StoreError: the store cannot be read or written; see its children. The message says whether the snapshots
            were removed all the same.
    """
    if policy is not None and policy.empty:
        raise InvalidPolicyError("this policy keeps nothing: say what to keep, such as --keep-last 10")
    if (reader := database.open_for_reading(path)) is None:
        raise SnapshotNotFound("the store has no snapshot yet: there is nothing to prune")
    size_before = path.stat().st_size
    with database.translated(path), closing(reader):
        if dry_run:
            reader.execute("BEGIN")
            verdicts = _judged(reader, policy, now, sources)
            return _pruned(verdicts, _gone(reader, verdicts), size_before, None)
    database.require_sound(path)
    with step("removing what no policy keeps"), database.upkeep(path) as connection:
        verdicts = _judged(connection, policy, now, sources)
        gone = _gone(connection, verdicts)
        described = kinds()
        unlink = (statement for kind in described for statement in kind.unlink)
        for statement in (*unlink, statements.REMOVE_SNAPSHOTS):
            connection.execute(statement, {"removed": _removed_ids(verdicts)})
        for statement in (statement for kind in described for statement in kind.sweep):
            connection.execute(statement)
    with step("making the store smaller"):
        _shrink(path, removed=sum(not verdict.reasons for verdict in verdicts))
    return _pruned(verdicts, gone, size_before, path.stat().st_size)


def _shrink(path: Path, *, removed: int) -> None:
    try:
        compacting.shrink(database, path)
    except StoreUnusableError:
        raise
    except StoreError as error:
        raise type(error)(
            f"{counted(removed, 'snapshot')} removed, but the file is as large as before: {error}; "
            "`llmhub arena prune --orphans` makes it smaller"
        ) from error


def _judged(
    connection: sqlite3.Connection, policy: Policy | None, now: datetime, sources: Collection[str]
) -> list[Verdict]:
    snapshots = list_snapshots(connection)
    if policy is None:
        return [Verdict(snapshot, ("every snapshot is kept",)) for snapshot in snapshots]
    return judge(snapshots, policy, now=now, sources=sources)


def _removed_ids(verdicts: Collection[Verdict]) -> str:
    return json.dumps([snapshot.id for snapshot, reasons in verdicts if not reasons])


def _gone(connection: sqlite3.Connection, verdicts: Collection[Verdict]) -> dict[str, int]:
    removed = _removed_ids(verdicts)
    return {what: number for kind in kinds() for what, number in kind.gone(connection, removed).items()}


def _pruned(verdicts: Collection[Verdict], gone: Mapping[str, int], size_before: int, size_after: int | None) -> Pruned:
    return Pruned(
        kept=tuple(verdict for verdict in verdicts if verdict.reasons),
        removed=tuple(snapshot for snapshot, reasons in verdicts if not reasons),
        gone=gone,
        size_before=size_before,
        size_after=size_after,
    )

"""Pulling from a remote into the local store."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime

from llmhub.errors import StoreError
from llmhub.progress import step
from llmhub.remote.kinds import LocalStore
from llmhub.remote.origin import Origin
from llmhub.remote.positions import Position, keep_position
from llmhub.remote.snapshots import Content, Snapshot
from llmhub.remote.synchronising import HereDestination, Synchronised, Transfer

# Of more snapshots than this the whole file is looked at once first, and rows are written in bulk.
_MANY = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which snapshots and which parts of them are asked for.

    Attributes:
        since: only snapshots of this moment or later.
        parts: only these leaderboards; all parts of all kinds, if none is named.
    """

    since: datetime | None = None
    parts: Collection[str] = ()

    @property
    def is_all(self) -> bool:
        """Return whether nothing is left out."""
        return self.since is None and not self.parts

    def takes(self, snapshot: Snapshot) -> bool:
        """Return whether a snapshot is asked for."""
        return self.since is None or snapshot.taken_at >= self.since

    def choose(self, _: Snapshot, content: Content) -> Content:
        """Return those parts of a snapshot that are asked for."""
        return {part: places for part, places in content.items() if part in self.parts} if self.parts else content


ALL = Choice()


def pull(origin: Origin, here: LocalStore, *, choice: Choice = ALL) -> Synchronised:
    """Copy to the local store what it lacks of an open remote.

    Args:
        origin: the remote.
        here: the local store, which is made if there is something to take over.
        choice: which snapshots are asked for.

    Raises:
        RemoteError: the remote was lost; all that was taken over so far are whole snapshots.
        StoreError: the store cannot be written.
    """
    done = Synchronised()
    known = {source for kind in here.kinds for source in kind.sources}
    there = [] if origin.unchanged else origin.snapshots(here.kinds)
    if wanted := [each for each in there if each.source in known and choice.takes(each)]:
        _take_over(origin, here, choice, wanted, done)
    if choice.is_all:
        _remember(origin, here, there, done)
    return done


def _take_over(
    origin: Origin, here: LocalStore, choice: Choice, wanted: Sequence[Snapshot], done: Synchronised
) -> None:
    here.database.upgrade(here.path)
    connection = here.database.open_for_reading(here.path)
    if connection is None:
        raise StoreError(f"{here.path} was removed just now; nothing was taken over: try again")
    with closing(connection), ExitStack() as opened, step("pulling from the remote", "snapshots") as under_way:
        store = HereDestination(here.path, connection, opened, many=len(wanted) > _MANY)
        for kind in here.kinds:
            if of_kind := [each for each in wanted if each.source in kind.sources]:
                side = origin.reads(kind)
                Transfer(
                    kind=kind,
                    origin=side,
                    destination=store,
                    done=done,
                    choose=choice.choose,
                    tell=lambda: under_way.at(len(done.new) + done.known, len(wanted)),
                ).run(of_kind)
                store.side(kind).finish(side.facts(origin.after))


def _remember(origin: Origin, here: LocalStore, there: Sequence[Snapshot], done: Synchronised) -> None:
    """Note up to which snapshot all was taken over: the one before the first that was not."""
    position = origin.position
    if troubled := done.troubled():
        if origin.server is None:
            return
        first = min(each.position for each in there if each.identity in troubled)
        position = str(max(origin.after, first - 1))
    if origin.server is not None and position.isdecimal():
        position = f"{position} {origin.server.mark(int(position))}"
    # A web server without a strong ETag leaves the position empty, which equals no later one.
    if here.path.exists() or not origin.unchanged:
        keep_position(here.database, here.path, origin.address, Position(origin.remote_id, position, datetime.now(UTC)))

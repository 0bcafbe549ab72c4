"""What a refresh does with the store that a team shares; the table of docs/contributing/policy.md has it row by row.

Of all machines that find the remote stale one runs the update script, under the remote's lock. Whatever is wrong with
the remote costs a warning and some seconds: the refresh then goes on as without one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING, NamedTuple

from llmhub import settings
from llmhub.ages import age_text
from llmhub.arena.sources import SOURCES
from llmhub.arena.team.store import opened_here, pull_here, push_from_here, shared_address
from llmhub.errors import ExtraMissingError, LlmhubError, RefreshError, RemoteError, SettingsError, StoreError
from llmhub.progress import step
from llmhub.remote.server import CONNECT_SECONDS, STATEMENT_SECONDS, Server
from llmhub.remote.turns import turn

if TYPE_CHECKING:
    from llmhub.arena.boards import Snapshot
    from llmhub.remote.address import Address
    from llmhub.remote.origin import Origin
    from llmhub.remote.synchronising import Synchronised

# Beyond the script's own time: to store what it brought, and to push it.
_SECONDS_AROUND_SCRIPT = 60.0
_SECONDS_BETWEEN_LOOKS = 1.0
# A clock that is this far off would date runs so that other machines take them for old or for future ones.
_SKEW_TO_TELL = timedelta(minutes=1)
# The runs of the update script: what was imported is pushed by hand.
_RUNS = SOURCES[:1]

_log = logging.getLogger(__name__)


class SharedRefresh(NamedTuple):
    """What a refresh with a remote ended in: the newest run, and whether this process ran the script for it."""

    snapshot: Snapshot
    ran: bool


class Work(NamedTuple):
    """What the refresh of the local store passes to this module: its steps, and its settings.

    Attributes:
        path: the local store.
        newest: returns the newest run in the store that is not dated after a moment.
        is_fresh: says whether a run is new enough at a moment.
        run: runs the update script and stores what it brings, as the snapshot of a moment.
        force: run the script even if the newest run is new enough.
        now: the moment to use instead of the clock's; None for the clock's.
        seconds: how long to wait for other machines, in seconds; None for as long as a run may take.
    """

    path: Path
    newest: Callable[[datetime], Snapshot | None]
    is_fresh: Callable[[Snapshot | None, datetime], bool]
    run: Callable[[datetime], Snapshot]
    force: bool
    now: datetime | None
    seconds: float | None

    def moment(self, skew: timedelta = timedelta(0)) -> datetime:
        """Return the moment by the remote's clock, where this machine's is off."""
        return self.now or datetime.now(UTC) - (skew if abs(skew) >= _SKEW_TO_TELL else timedelta(0))


class _RemoteState(NamedTuple):
    """The state of the remote at one look.

    Attributes:
        fresh: its newest run, pulled to here; None if that is not new enough.
        writable: whether this process may write there.
        skew: by how much this machine's clock is ahead of the server's.
        failure: the moment, the reason and the token of the last failed run; None if none has failed.
    """

    fresh: Snapshot | None
    writable: bool
    skew: timedelta
    failure: tuple[datetime, str, str] | None


class _NoUsableRemoteError(LlmhubError):
    """This refresh cannot use the remote; the message says why."""


def refresh_shared(work: Work) -> SharedRefresh:
    """Take a run over from the remote if it has a new one, else run the script once for all machines.

    Raises:
        RefreshError: the run failed, here or on the machine that ran it for all; or that takes too long.
        StoreError: the local store could not be written.
    """
    try:
        return _in_turn(shared_address(), work)
    except (_NoUsableRemoteError, RemoteError, ExtraMissingError, SettingsError) as error:
        _log.warning("%s; the refresh goes on without the remote", error)
    return SharedRefresh(work.run(work.moment()), ran=True)


def _in_turn(address: Address, work: Work) -> SharedRefresh:
    """Check the remote, and take its lock if it is stale; without the lock, check again until it is fresh.

    Raises:
        _NoUsableRemoteError: the remote can only be read, and is stale.
        RemoteError: the remote cannot be used; the script has not run.
        RefreshError: see `refresh_shared`.
    """
    patience = _patience(work)
    looked = _look(address, work, announced=True)
    first_failure = looked.failure
    waited = 0.0
    while not (looked.fresh and not work.force):
        if not looked.writable:
            stale = "" if looked.fresh else "is stale and "
            raise _NoUsableRemoteError(f"{address.shown} {stale}may only be read here")
        if looked.failure is not None and looked.failure != first_failure:
            raise RefreshError(f"the run that another machine had under way failed: {looked.failure[1]}")
        longest = settings.arena_timeout() + 2 * _SECONDS_AROUND_SCRIPT
        with turn(address, seconds=patience, longest=longest) as mine:
            if mine:
                return _in_own_turn(address, work, first_failure)
        if waited >= _longest(work):
            raise RefreshError(f"another machine has been refreshing {address.shown} for over {waited:g} s")
        _log.info("another machine refreshes %s: waiting", address.shown)
        with step("waiting for the machine that refreshes the remote"):
            # A thousand machines that wait must not ask all at once.
            pause = _SECONDS_BETWEEN_LOOKS + _fraction() * _SECONDS_BETWEEN_LOOKS
            sleep(pause)
        waited += pause
        looked = _look(address, work)
    return SharedRefresh(looked.fresh, ran=False)


def _in_own_turn(address: Address, work: Work, first_failure: object) -> SharedRefresh:
    """Look once more under the remote's lock, run the script, and push what it brought."""
    looked = _look(address, work)
    if looked.fresh and not work.force:
        return SharedRefresh(looked.fresh, ran=False)
    if looked.failure is not None and looked.failure != first_failure:
        raise RefreshError(f"the run that another machine had under way failed: {looked.failure[1]}")
    try:
        snapshot = work.run(work.moment(looked.skew))
    except RefreshError as error:
        _tell_others(address, work, str(error))
        raise
    _push_runs(address, work)
    return SharedRefresh(snapshot, ran=True)


def _look(address: Address, work: Work, *, announced: bool = False) -> _RemoteState:
    """Pull what is new, push runs that were kept back, and return the remote's state.

    Args:
        address: the remote's address.
        work: see `Work`.
        announced: warn if this machine's clock is off; push what was kept back.
    """
    connect = CONNECT_SECONDS if work.seconds is None else min(CONNECT_SECONDS, work.seconds)
    with opened_here(address, work.path, connect_seconds=connect, seconds=_patience(work)) as origin:
        tell_trouble(address, pull_here(origin, work.path))
        look = origin.look
        skew = timedelta(0) if look is None else look.skew
        if announced and abs(skew) >= _SKEW_TO_TELL:
            side = "ahead of" if skew > timedelta(0) else "behind"
            _log.warning(
                "this machine's clock is %s %s that of %s, which counts: check it",
                *(age_text(abs(skew)), side, address.shown),
            )
        now = work.moment(skew)
        newest = work.newest(now)
        fresh = newest if work.is_fresh(newest, now) else None
        if announced and fresh is not None:
            _push_kept_back(origin, work)
    return _RemoteState(fresh, origin.writable, skew, look and look.failure)


def _push_kept_back(origin: Origin, work: Work) -> None:
    """Push the runs that an earlier refresh could not."""
    if origin.server is not None and origin.writable:
        try:
            tell_trouble(origin.address, push_from_here(origin.server, work.path, sources=_RUNS, compared=False))
        except RemoteError as error:
            _log.warning("%s; the next refresh pushes what was kept back", error)


def _push_runs(address: Address, work: Work) -> None:
    try:
        with Server.connect(address, seconds=STATEMENT_SECONDS) as server:
            tell_trouble(address, push_from_here(server, work.path, sources=_RUNS, compared=False))
    except (RemoteError, StoreError) as error:
        _log.warning("%s; the run is stored here, and the next refresh pushes it", error)


def _tell_others(address: Address, work: Work, reason: str) -> None:
    """Tell the machines that wait that the run failed, so that not each of them tries in turn."""
    import secrets

    try:
        with Server.connect(address, seconds=_patience(work)) as server, server.transaction() as transaction:
            transaction.record_failure(reason[:500].replace("\0", ""), secrets.token_hex(8))
    except RemoteError as error:
        _log.debug("the failure could not be told to %s: %s", address.shown, error)


def tell_trouble(address: Address, done: Synchronised) -> None:
    """Log a warning of what is not synchronised with the remote."""
    for conflict in done.conflicts:
        _log.warning(
            "%s has another %s of %s at %s (%s): neither side was changed; `llmhub remote status` lists such",
            *(address.shown, conflict.part, conflict.source, conflict.taken_at.isoformat()),
            ", ".join(conflict.places[:3]),
        )
    for refused in done.refused:
        _log.warning("%s: %s at %s was refused: %s", address.shown, refused.source, refused.taken_at, refused.reason)


def _patience(work: Work) -> float:
    return STATEMENT_SECONDS if work.seconds is None else min(work.seconds, STATEMENT_SECONDS)


def _longest(work: Work) -> float:
    return settings.arena_timeout() + _SECONDS_AROUND_SCRIPT if work.seconds is None else work.seconds


def _fraction() -> float:
    import secrets

    return secrets.randbelow(1000) / 1000

"""Check the store that a team shares: whether it answers, may be written, and keeps this machine's time."""

from __future__ import annotations

from datetime import timedelta

from llmhub import settings
from llmhub.ages import age_text
from llmhub.arena.team.store import remote_status, shared_address
from llmhub.doctor.findings import Finding, Findings
from llmhub.errors import ExtraMissingError, RemoteError, counted

_MOST_SKEW = timedelta(minutes=1)


def look(*, offline: bool) -> Findings:
    """Ask the remote that LLMHUB_REMOTE_URL names; yield nothing if none is set.

    Args:
        offline: ask no server.
    """
    if settings.remote_url() is None:
        return
    address = shared_address()
    if offline or settings.offline():
        yield Finding("ok", "remote", f"{address.shown} was not asked")
        return
    try:
        found = remote_status(address, settings.arena_db())
    except ExtraMissingError as error:
        yield Finding("error", "remote", str(error))
        return
    except RemoteError as error:
        yield Finding("error", "remote", str(error), "until it answers, refreshes go on without it")
        return
    how = "read and written" if found.writable else "only read"
    yield Finding(
        "ok", "remote", f"{address.shown} answers, and can be {how} here: {counted(found.snapshots, 'snapshot')}"
    )
    if found.to_push:
        what = f"{counted(found.to_push, 'snapshot')} of this store not in the remote"
        yield Finding("ok", "remote", what, "`llmhub remote push` sends them", minor=True)
    if found.skew is not None and abs(found.skew) > _MOST_SKEW:
        side = "ahead of" if found.skew > timedelta(0) else "behind"
        what = f"this machine's clock is {age_text(abs(found.skew))} {side} the remote's"
        yield Finding("warning", "clock", what, "check this machine's clock")

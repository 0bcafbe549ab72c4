"""A web site's document, of which the last good copy answers if the site fails.

Each refresh asks the site with the copy's ETag, so that an unchanged document costs a few bytes. A document that lost
much of what the copy had is refused for a week.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Generic, Protocol, TypeVar

from llmhub import settings
from llmhub.ages import how_old
from llmhub.catalog.schema import SourceState
from llmhub.catalog.shrinking import GRACE, shrunk
from llmhub.catalog.sources.last_copy import Copy, keep_copy, read_copy
from llmhub.errors import LlmhubError, SourceError
from llmhub.progress import step
from llmhub.web.client import shown
from llmhub.web.document import Answer

_log = logging.getLogger(__name__)

Content = TypeVar("Content")


class Ask(Protocol):
    """How a site is asked for its document."""

    def __call__(self, url: str, *, etag: str | None, seconds: float) -> Answer:
        """Return the site's answer.

        Raises:
            SourceError: no document came in that time.
        """
        ...


@dataclass(frozen=True, slots=True)
class Site(Generic[Content]):
    """A web site, its document, and the copy of it.

    Attributes:
        called: its name in messages.
        file: where the copy is.
        url: returns its address; raises SettingsError if the setting is not an address.
        ask: how it is asked.
        read: returns a document's content; raises SourceError if nothing in it can be used.
        measure: counts what can be used of a content, by what it is.
        without_it: what is the matter while a copy answers, as the start of a sentence.
    """

    called: str
    file: Callable[[], Path]
    url: Callable[[], str]
    ask: Ask
    read: Callable[[bytes], Content]
    measure: Callable[[Content], Mapping[str, int]]
    without_it: str


@dataclass(frozen=True, slots=True)
class Obtained(Generic[Content]):
    """The newest sound document.

    Attributes:
        content: what was read of it.
        as_of: when the site served it.
        revision: its SHA-256, in hexadecimal.
        state: `ok`, or for a copy `stale` or `skipped`.
        reason: why a copy answers; None otherwise.
    """

    content: Content
    as_of: datetime
    revision: str
    state: SourceState = "ok"
    reason: str | None = None


def obtain(
    site: Site[Content], *, seconds: float, accept_shrunken: bool = False, given_up: Event | None = None
) -> Obtained[Content]:
    """Return a site's newest sound document.

    Args:
        site: which.
        seconds: how long the network may take in all.
        accept_shrunken: accept a document that lost more than a third of what could be used of the copy.
        given_up: set when nobody waits for the answer any more: then no file is written and no warning logged.

    Raises:
        SourceError: there is none.
    """
    copy = read_copy(site.file())
    if settings.offline():
        return _from_copy(site, copy, "skipped", f"LLMHUB_OFFLINE is set, so {site.called} was not asked")
    try:
        url = site.url()
        # An address is stored without its secrets, so two addresses can look alike; the ETag could belong to the other.
        plain = shown(url) == url
        known = copy if copy and plain and copy.address == url else None
        with step(f"asking {site.called}"):
            answer = site.ask(url, etag=known.etag if known else None, seconds=seconds)
        body = known.body if known and answer.body is None else answer.body or b""
        found = _sound(site, body, datetime.now(UTC), shown(url))
        if given_up is not None and given_up.is_set():
            return found
        if copy and copy.address == shown(url) and not accept_shrunken:
            _require_as_much(site, copy, found)
    except LlmhubError as error:
        found = _from_copy(site, copy, "stale", str(error))
        if given_up is None or not given_up.is_set():
            _log.warning("%s: %s", site.without_it, found.reason)
        return found
    fresh = Copy(body, shown(url), answer.etag if plain else None, found.as_of)
    keep_copy(site.file(), fresh, called=site.called)
    return found


def _require_as_much(site: Site[Content], copy: Copy, found: Obtained[Content]) -> None:
    """Check that a document did not lose more than a third of what can be used of the copy.

    Such a document is far more often broken than truly smaller. The refusal is noted in the copy; if the site serves
    nothing better for a week, the document is accepted.

    Raises:
        SourceError: it lost that much.
    """
    if found.revision == hashlib.sha256(copy.body).hexdigest():
        return
    try:
        before = site.measure(site.read(copy.body))
    except SourceError:
        # A copy without usable content is no reason to refuse a new document.
        return
    now = site.measure(found.content)
    lost = shrunk(before, now)
    if lost is None:
        return
    noted = copy.refused if copy.refused and shrunk(copy.refused[0], now) is None else (now, found.as_of)
    if found.as_of - noted[1] >= GRACE:
        _log.warning("%s: %s: accepted, since it has been so for %d days", site.called, lost, GRACE.days)
        return
    if noted is not copy.refused:
        keep_copy(site.file(), replace(copy, refused=noted), called=site.called)
    taken = f"it is accepted from {noted[1] + GRACE:%Y-%m-%d} on, or now with `llmhub catalog refresh --force`"
    raise SourceError(f"{copy.address}: lost more than a third of what can be used ({lost}); {taken}")


def _sound(site: Site[Content], body: bytes, as_of: datetime, where: str) -> Obtained[Content]:
    """Return a document that can be used.

    Raises:
        SourceError: it cannot; the message names `where` it came from.
    """
    try:
        content = site.read(body)
    except SourceError as error:
        raise SourceError(f"{where}: {error}") from None
    return Obtained(content, as_of, hashlib.sha256(body).hexdigest())


def _from_copy(site: Site[Content], copy: Copy | None, state: SourceState, reason: str) -> Obtained[Content]:
    """Return the copy's document.

    Raises:
        SourceError: there is no copy, or it cannot be used.
    """
    if copy is None:
        raise SourceError(f"{reason}; there is no earlier copy")
    found = _sound(site, copy.body, copy.fetched_at, f"{reason}; {site.file()}")
    return replace(found, state=state, reason=f"{reason}; using {_dated(copy)}")


def _dated(copy: Copy) -> str:
    """Return a message's name for the copy, with its age."""
    when = how_old(datetime.now(UTC) - copy.fetched_at)
    return f"the copy of {copy.fetched_at:%Y-%m-%d %H:%M} UTC ({when}) from {copy.address}"

"""Download one JSON document, within limits of time and size that no server can extend."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from functools import partial
from threading import Event
from typing import TYPE_CHECKING

from llmhub import background
from llmhub.errors import SourceError, printable
from llmhub.web.client import (
    MAX_SHOWN,
    client,
    followed,
    request_for,
    shown,
    translated,
)
from llmhub.web.retries import TransientError, is_transient, longest_of, retried, retry_later_error
from llmhub.web.unpacking import PartialError, Unpacker

if TYPE_CHECKING:
    import httpx
    from tenacity import RetryCallState

_log = logging.getLogger(__name__)

MAX_BYTES = 32 * 1024 * 1024
"""The largest document that is read: over ten times the size of models.dev's."""

MAX_VALUES = 2_000_000
"""How many JSON values a document may hold: over ten times as many as models.dev's. One can take 100 bytes."""

_BEFORE_VALUES = (b"{", b"[", b",")
_TRIES = 3
_FIRST_PAUSE_SECONDS = 0.25
# Added to the time-out of a single read: the caller has given up by then.
_SECONDS_TO_GIVE_UP = 1.0
_ETAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e]{1,200}"')
_JSON = re.compile(r"application/(?:[\w.+-]+\+)?json|text/json", re.ASCII)
# How the hosts of repositories serve a raw file, whatever is in it.
_RAW = re.compile(r"text/plain|application/octet-stream", re.ASCII)
_OK, _NOT_MODIFIED = 200, 304
_REFUSED = frozenset({400, 404, 422})


class RefusedError(SourceError):
    """The server refuses the request, or has nothing there: HTTP 400, 404 or 422."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A server's answer.

    Attributes:
        body: the document; None if the document of the etag sent is still current.
        etag: what to send with the next request; None if the server gave no usable one.
    """

    body: bytes | None
    etag: str | None


def download(url: str, *, etag: str | None = None, seconds: float, raw: bool = False) -> Answer:
    """Return the JSON document at `url`, or say that the one of `etag` is still current.

    Temporary failures are retried, up to three attempts in all. Redirects are followed, but not from https to http.

    Args:
        url: an http or https address; its user name and password are sent and never shown.
        etag: the etag of an earlier answer.
        seconds: how long all of it may take.
        raw: whether a repository serves the document as a plain file, without saying that it is JSON.

    Raises:
        SourceError: no JSON document arrived in time; the message names the address.
        RefusedError: the server refused the request, or has no such document.
    """
    given_up = Event()
    _log.info("asking %s, for at most %g s", shown(url), seconds)
    outcome = background.start(partial(_download, url, etag, seconds, given_up, raw=raw), name="llmhub-download")
    try:
        ended = background.has_ended(outcome, seconds=seconds)
    finally:
        given_up.set()
    if not ended:
        raise SourceError(f"{shown(url)}: no whole answer within {seconds:g} s")
    try:
        answer = outcome.result()
    except SourceError as error:
        kind = RefusedError if isinstance(error, RefusedError) else SourceError
        raise kind(f"{shown(url)}: {error}") from None
    _log.info("%s: %s", shown(url), "unchanged" if answer.body is None else f"{len(answer.body):,} bytes")
    return answer


def _download(url: str, etag: str | None, seconds: float, given_up: Event, *, raw: bool) -> Answer:
    def last(state: RetryCallState) -> bool:
        used = state.seconds_since_start or 0.0
        return state.attempt_number >= _TRIES or used + state.upcoming_sleep >= seconds or given_up.is_set()

    condition = {"If-None-Match": etag} if etag and _ETAG.fullmatch(etag) else {}

    @translated()
    def attempt() -> Answer:
        request = request_for(asking, url, condition)
        return _follow(asking, request, given_up, asked_with=etag, raw=raw)

    # Accept only what can be decompressed within the limits.
    accept = "application/json, text/plain" if raw else "application/json"
    headers, timeout = {"Accept": accept, "Accept-Encoding": "gzip"}, seconds + _SECONDS_TO_GIVE_UP
    with client(headers, timeout=timeout) as asking:
        return retried(attempt, last=last, pause=_pause, until=given_up)


def _pause(state: RetryCallState) -> float:
    """Return the seconds to wait before the next try: twice the last pause, or what the server asks for if longer."""
    own: float = _FIRST_PAUSE_SECONDS * 2 ** (state.attempt_number - 1)
    return longest_of(own, state)


def _follow(
    asking: httpx.Client, request: httpx.Request, given_up: Event, *, asked_with: str | None, raw: bool = False
) -> Answer:
    """Send the request, follow redirects, and return the last answer."""
    with followed(asking, request) as response:
        last = response.request
        redirect = "" if last is request else f"redirected to {shown(str(last.url))}, which "
        _require_json(response, redirect, asked_with=asked_with, raw=raw)
        return _answer(response, given_up, asked_with=asked_with)


def _require_json(response: httpx.Response, redirect: str, *, asked_with: str | None, raw: bool) -> None:
    """Check an answer's status and content type.

    Raises:
        SourceError: its body is not a JSON document.
    """
    status = response.status_code
    if status == _NOT_MODIFIED and asked_with:
        return
    if is_transient(response):
        raise retry_later_error(response, redirect)
    if status != _OK:
        kind_of_error = RefusedError if status in _REFUSED else SourceError
        raise kind_of_error(f"{redirect}answered HTTP {status}: check the address")
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not (_JSON.fullmatch(kind) or (raw and _RAW.fullmatch(kind))):
        found = printable(kind, MAX_SHOWN) or "no content type"
        raise SourceError(f"{redirect}answered with {found}, expected application/json: check the address")


def _answer(response: httpx.Response, given_up: Event, *, asked_with: str | None) -> Answer:
    if response.status_code == _NOT_MODIFIED:
        return Answer(None, asked_with)
    etag = response.headers.get("etag", "")
    return Answer(_received(response, given_up), etag if _ETAG.fullmatch(etag) else None)


def _received(response: httpx.Response, given_up: Event) -> bytes:
    """Return the body, decompressed as it arrives, and never more than `MAX_BYTES`."""
    unpacker, body = Unpacker(response.headers.get("content-encoding", ""), MAX_BYTES), bytearray()
    values = 0
    for chunk in response.iter_raw():
        piece = unpacker.feed(chunk)
        body += piece
        values += sum(map(piece.count, _BEFORE_VALUES))
        if values > MAX_VALUES:
            raise SourceError(f"holds more than the {MAX_VALUES:,} JSON values allowed")
        if given_up.is_set():
            raise SourceError("no whole answer in time")
    try:
        unpacker.finish()
    except PartialError as error:
        raise TransientError(str(error)) from None
    return bytes(body)

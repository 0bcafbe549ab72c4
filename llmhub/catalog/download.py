"""One JSON document over HTTP, within bounds of time and size that no server can stretch."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import closing, contextmanager
from dataclasses import dataclass
from threading import Event, Thread
from typing import TYPE_CHECKING

from llmhub.errors import SourceError, printable

if TYPE_CHECKING:
    import httpx
    from tenacity import RetryCallState

MAX_BYTES = 32 * 1024 * 1024
"""The largest document that is read: over ten times what models.dev has."""

_TRIES = 3
_FIRST_PAUSE_SECONDS = 0.25
# Of a single read; the one who waits for the whole has given up by then.
_SECONDS_TO_GIVE_UP = 1.0
_REDIRECTS = 5
_MAX_SHOWN = 200
_ETAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e]{1,200}"')
_JSON = re.compile(r"application/(?:[\w.+-]+\+)?json|text/json", re.ASCII)
_GZIP_WINDOW = 31
_OK, _NOT_MODIFIED, _TOO_MANY_REQUESTS = 200, 304, 429


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered.

    Attributes:
        body: the document; None where the one of the etag that was sent is still current.
        etag: what to ask with next time; None if the server gave none that can be sent back.
    """

    body: bytes | None
    etag: str | None


class _TransientError(SourceError):
    """A failure that another try may not meet."""

    def __init__(self, message: str, retry_after: float = 0.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


def download(url: str, *, etag: str | None = None, seconds: float) -> Answer:
    """Return the JSON document at `url`, or that it is still the one of `etag`.

    Failures that may pass are tried again, up to three times in all. Redirects are followed, but not from https
    to http.

    Args:
        url: an http or https address; a user name and password in it are sent and never shown.
        etag: what an earlier answer gave.
        seconds: how long all of it may take, by the clock on the wall.

    Raises:
        SourceError: no JSON document came in that time; the message names the address.
    """
    # In a thread that nobody waits for at exit: name resolution and headers that drip in obey no time-out. It looks at
    # no clock either, which the caller's tests may have stopped.
    outcome: Future[Answer] = Future()
    given_up = Event()

    def work() -> None:
        try:
            outcome.set_result(_download(url, etag, seconds, given_up))
        except BaseException as error:  # noqa: BLE001 -- raised again where it is waited for
            outcome.set_exception(error)

    Thread(target=work, name="llmhub-download", daemon=True).start()
    try:
        return outcome.result(seconds)
    except TimeoutError:
        raise SourceError(f"{shown(url)}: no whole answer within {seconds:g} s") from None
    except SourceError as error:
        raise SourceError(f"{shown(url)}: {error}") from None
    finally:
        given_up.set()


def shown(url: str) -> str:
    """Return an address as it may be printed and stored: without user name, password and query."""
    from urllib.parse import urlsplit  # noqa: PLC0415

    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return printable(f"{parts.scheme}://{host}{parts.path}", _MAX_SHOWN)


def _download(url: str, etag: str | None, seconds: float, given_up: Event) -> Answer:
    # A process whose catalog is fresh never gets here.
    import httpx  # noqa: PLC0415
    from tenacity import Retrying, retry_if_exception_type, sleep_using_event  # noqa: PLC0415

    def last(state: RetryCallState) -> bool:
        used = state.seconds_since_start or 0.0
        return state.attempt_number >= _TRIES or used + state.upcoming_sleep >= seconds or given_up.is_set()

    @_translated()
    def attempt() -> Answer:
        # An address that holds a password is logged by httpx as it is: it goes into a header.
        address = httpx.URL(url)
        request = client.build_request(
            "GET",
            address.copy_with(username="", password=""),
            timeout=seconds + _SECONDS_TO_GIVE_UP,
            headers={"If-None-Match": etag} if etag and _ETAG.fullmatch(etag) else {},
        )
        if address.userinfo:
            request = next(httpx.BasicAuth(address.username, address.password).auth_flow(request))
        return _follow(client, request, given_up, asked_with=etag)

    with _client() as client:
        retrying = Retrying(
            retry=retry_if_exception_type(_TransientError),
            stop=last,
            wait=_pause,
            sleep=sleep_using_event(given_up),
            reraise=True,
        )
        return retrying(attempt)


@contextmanager
def _translated() -> Iterator[None]:
    """Make a SourceError of every error of the HTTP client."""
    import httpx  # noqa: PLC0415

    try:
        yield
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError, OverflowError) as error:
        # UnicodeError and OverflowError: a host name or a port that only the resolver finds impossible.
        raise SourceError(f"cannot be asked for ({_why(error)})") from None
    except httpx.TransportError as error:
        raise _TransientError(f"{_why(error)}: check the network") from None


def _why(error: Exception) -> str:
    return printable(str(error), _MAX_SHOWN) or type(error).__name__


def _client() -> httpx.Client:
    import httpx  # noqa: PLC0415

    # Only what can be unpacked within bounds.
    headers = {"User-Agent": "llmhub", "Accept": "application/json", "Accept-Encoding": "gzip"}
    try:
        return httpx.Client(headers=headers)
    except (OSError, ValueError, ImportError, httpx.InvalidURL) as error:
        # Their messages can hold a proxy's password.
        names = "HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, SSL_CERT_FILE and SSL_CERT_DIR"
        raise SourceError(f"HTTP cannot be set up ({type(error).__name__}): check {names}") from None


def _pause(state: RetryCallState) -> float:
    """Return the seconds to wait before the next try: twice the last pause, or the server's wish if longer."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after if isinstance(error, _TransientError) else 0.0
    own: float = _FIRST_PAUSE_SECONDS * 2 ** (state.attempt_number - 1)
    return max(asked, own)


def _follow(client: httpx.Client, request: httpx.Request, given_up: Event, *, asked_with: str | None) -> Answer:
    """Send the request and those that redirects ask for, and return the last answer."""
    # Not httpx's own following: it reads the bodies of redirects, however long, into memory.
    redirected = ""
    for _ in range(_REDIRECTS + 1):
        with closing(client.send(request, stream=True)) as response:
            following = response.next_request
            if following is None:
                _require_json(response, redirected, asked_with=asked_with)
                return _answer(response, given_up, asked_with=asked_with)
        if following.url.scheme not in {"http", "https"}:
            raise SourceError(f"redirects to {printable(following.url.scheme, _MAX_SHOWN)}, which is not followed")
        if request.url.scheme == "https" and following.url.scheme != "https":
            raise SourceError(f"redirects from https to {shown(str(following.url))}, which is refused")
        redirected = f"redirected to {shown(str(following.url))}, which "
        request = following
    raise SourceError(f"more than {_REDIRECTS} redirects")


def _require_json(response: httpx.Response, redirected: str, *, asked_with: str | None) -> None:
    """Look at the head of an answer.

    Raises:
        SourceError: a JSON document does not follow.
    """
    status = response.status_code
    if status == _NOT_MODIFIED and asked_with:
        return
    if status == _TOO_MANY_REQUESTS or response.is_server_error:
        raise _TransientError(f"{redirected}answered HTTP {status}", _seconds(response.headers.get("retry-after", "")))
    if status != _OK:
        raise SourceError(f"{redirected}answered HTTP {status}: check the address")
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not _JSON.fullmatch(kind):
        found = printable(kind, _MAX_SHOWN) or "no content type"
        raise SourceError(f"{redirected}answered with {found}, expected application/json: check the address")


def _answer(response: httpx.Response, given_up: Event, *, asked_with: str | None) -> Answer:
    if response.status_code == _NOT_MODIFIED:
        return Answer(None, asked_with)
    etag = response.headers.get("etag", "")
    body = _unpacked(_received(response, given_up), response.headers.get("content-encoding", "").strip().lower())
    return Answer(body, etag if _ETAG.fullmatch(etag) else None)


def _seconds(retry_after: str) -> float:
    """Return what a Retry-After header asks for; a date asks for longer than anybody waits here."""
    if not retry_after:
        return 0.0
    return float(retry_after) if retry_after.isascii() and retry_after.isdigit() else float("inf")


def _received(response: httpx.Response, given_up: Event) -> bytes:
    body = bytearray()
    for chunk in response.iter_raw():
        body += chunk
        if len(body) > MAX_BYTES:
            raise _too_large()
        if given_up.is_set():
            raise SourceError("no whole answer in time")
    return bytes(body)


def _unpacked(raw: bytes, encoding: str) -> bytes:
    """Return what was packed, which a few bytes can make much of: never more than the largest document."""
    if encoding in {"", "identity"}:
        return raw
    if encoding not in {"gzip", "x-gzip"}:
        raise SourceError(f"answered in the encoding {printable(encoding, _MAX_SHOWN)}, expected gzip or none")
    unpacker = zlib.decompressobj(_GZIP_WINDOW)
    try:
        body = unpacker.decompress(raw, MAX_BYTES + 1)
    except zlib.error as error:
        raise SourceError(f"answered with damaged gzip ({error})") from None
    if len(body) > MAX_BYTES:
        raise _too_large()
    if not unpacker.eof:
        raise _TransientError("answered with a part of a gzip file only")
    return body


def _too_large() -> SourceError:
    return SourceError(f"larger than the {MAX_BYTES // 1024**2} MiB allowed")

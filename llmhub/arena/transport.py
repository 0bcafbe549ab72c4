"""What every download has in common: where it may be led, what it says of itself, and which failures may pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from llmhub.errors import SourceError, printable

if TYPE_CHECKING:
    import httpx

MAX_SHOWN = 200
"""How much of what a server says is shown."""

MOST_REDIRECTS = 5


class TransientError(SourceError):
    """A failure that another try may not meet, and how many seconds the server asks to wait before it."""

    def __init__(self, message: str, retry_after: float = 0.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


def shown(url: str) -> str:
    """Return an address as it may be printed and stored: without user name, password and query."""
    parts = urlsplit(url)
    return printable(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}", MAX_SHOWN)


def client(headers: Mapping[str, str], **options: Any) -> httpx.Client:
    """Return a client that calls itself llmhub.

    Raises:
        SourceError: the environment's proxies or certificates cannot be used.
    """
    import httpx  # noqa: PLC0415 -- only who downloads pays for it

    try:
        return httpx.Client(headers={"User-Agent": "llmhub", **headers}, **options)
    except (OSError, ValueError, ImportError, httpx.InvalidURL) as error:
        # Their messages can hold a proxy's password.
        names = "HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, SSL_CERT_FILE and SSL_CERT_DIR"
        raise SourceError(f"HTTP cannot be set up ({type(error).__name__}): check {names}") from None


def request_for(client: httpx.Client, url: str, headers: Mapping[str, str], **options: Any) -> httpx.Request:
    """Return the request for an address; a user name and password in it go into a header."""
    import httpx  # noqa: PLC0415

    # An address that holds a password is logged by httpx as it is.
    address = httpx.URL(url)
    request = client.build_request("GET", address.copy_with(username="", password=""), headers=headers, **options)
    if address.userinfo:
        request = next(httpx.BasicAuth(address.username, address.password).auth_flow(request))
    return request


def redirected(request: httpx.Request, response: httpx.Response) -> httpx.Request | None:
    """Return the request that an answer asks for instead, None if it asks for none.

    httpx is not told to follow: it reads the bodies of redirects, however long, into memory.

    Raises:
        SourceError: it leads away from http and https, or from https to http.
    """
    following = response.next_request
    if following is None:
        return None
    if following.url.scheme not in {"http", "https"}:
        raise SourceError(f"redirects to {printable(following.url.scheme, MAX_SHOWN)}, which is not followed")
    if request.url.scheme == "https" and following.url.scheme != "https":
        raise SourceError(f"redirects from https to {shown(str(following.url))}, which is refused")
    return following


@contextmanager
def followed(
    asking: httpx.Client, request: httpx.Request, *, heard: Callable[[httpx.Response], None] = lambda _: None
) -> Iterator[httpx.Response]:
    """Send a request and those that redirects ask for, and give the last answer, its body unread.

    Args:
        asking: who sends them.
        request: the first one; the last is the answer's `request`.
        heard: is called with each answer on the way, and with the last.

    Raises:
        SourceError: there are too many, or one leads where `redirected` does not follow.
    """
    for _ in range(MOST_REDIRECTS + 1):
        with closing(asking.send(request, stream=True)) as response:
            heard(response)
            following = redirected(request, response)
            if following is None:
                yield response
                return
        request = following
    raise SourceError(f"more than {MOST_REDIRECTS} redirects")


@contextmanager
def translated(advice: str = "") -> Iterator[None]:
    """Make a SourceError of every error of the HTTP client; `advice` ends what is said of a useless address."""
    import httpx  # noqa: PLC0415

    try:
        yield
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError, OverflowError) as error:
        # UnicodeError and OverflowError: a host name or a port that only the resolver finds impossible.
        raise SourceError(f"cannot be asked for ({_why(error)}){advice}") from None
    except httpx.TransportError as error:
        raise TransientError(f"{_why(error)}: check the network") from None


def seconds_asked(response: httpx.Response) -> float:
    """Return what a Retry-After header asks for; a date asks for longer than anybody waits here."""
    text = response.headers.get("retry-after", "")
    if not text:
        return 0.0
    return float(text) if text.isascii() and text.isdigit() else float("inf")


def _why(error: Exception) -> str:
    return printable(str(error), MAX_SHOWN) or type(error).__name__

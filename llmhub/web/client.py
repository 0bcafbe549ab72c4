"""What every download has in common: where it may be led, what it says of itself, and which failures may pass."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from llmhub.errors import SourceError, printable
from llmhub.web.retries import TransientError

if TYPE_CHECKING:
    import httpx

MAX_SHOWN = 200
"""How much of what a server says is shown."""

MOST_REDIRECTS = 5


def shown(url: str) -> str:
    """Return an address as it may be printed and stored: without user name, password and query."""
    parts = urlsplit(url)
    return printable(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}", MAX_SHOWN)


def client(headers: Mapping[str, str], **options: Any) -> httpx.Client:
    """Return a client that calls itself llmhub.

    Raises:
        SourceError: the environment's certificates cannot be used.
    """
    import httpx

    from llmhub.web.routing import Routed  # imports httpx

    try:
        transport = Routed()
    except (OSError, ValueError) as error:
        what = "check SSL_CERT_FILE and SSL_CERT_DIR"
        raise SourceError(f"the certificates to trust cannot be read ({type(error).__name__}): {what}") from None
    return httpx.Client(headers={"User-Agent": "llmhub", **headers}, transport=transport, **options)


def request_for(client: httpx.Client, url: str, headers: Mapping[str, str], **options: Any) -> httpx.Request:
    """Return the request for an address; a user name and password in it go into a header."""
    import httpx

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
        SourceError: it leads away from http and https, from https to http, or from a public address to a local one.
    """
    following = response.next_request
    if following is None:
        return None
    if following.url.scheme not in {"http", "https"}:
        raise SourceError(f"redirects to {printable(following.url.scheme, MAX_SHOWN)}, which is not followed")
    if request.url.scheme == "https" and following.url.scheme != "https":
        raise SourceError(f"redirects from https to {shown(str(following.url))}, which is refused")
    if is_local(following.url.host) and not is_local(request.url.host):
        where = shown(str(following.url))
        raise SourceError(f"redirects from a public address to {where}, which is a local one: refused")
    return following


def is_local(host: str) -> bool:
    """Say whether a host is this machine or in a network that is not public, by its address or by the one of its name.

    A name that cannot be looked up here, since a proxy does that, counts as public.
    """
    try:
        found = socket.getaddrinfo(host.strip("[]"), None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False
    return any(not _is_public(str(address[0])) for *_, address in found)


def _is_public(text: str) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_global


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
    import httpx

    from llmhub.web.routing import ProxyUnreachableError  # imports httpx

    try:
        yield
    except ProxyUnreachableError as error:
        raise TransientError(str(error)) from None
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError, OverflowError) as error:
        # UnicodeError and OverflowError: a host name or a port that only the resolver finds impossible.
        raise SourceError(f"cannot be asked for ({_why(error)}){advice}") from None
    except httpx.TransportError as error:
        raise TransientError(f"{_why(error)}: check the network") from None


def _why(error: Exception) -> str:
    return printable(str(error), MAX_SHOWN) or type(error).__name__

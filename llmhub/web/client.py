"""What all downloads share: which redirects they follow, which headers they send, and which failures are temporary."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from llmhub.errors import SourceError, printable
from llmhub.web.retries import TransientError

if TYPE_CHECKING:
    import httpx

MAX_SHOWN = 200
"""How many characters of a server's text are shown."""

MOST_REDIRECTS = 5


def shown(url: str) -> str:
    """Return an address without user name, password and query: safe to print and store."""
    parts = urlsplit(url)
    return printable(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}", MAX_SHOWN)


def client(headers: Mapping[str, str], *, timeout: float | httpx.Timeout) -> httpx.Client:
    """Return a client whose User-Agent is llmhub.

    Args:
        headers: sent with every request.
        timeout: how many seconds to wait for a connection, and for each piece of an answer.

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
    return httpx.Client(headers={"User-Agent": "llmhub", **headers}, transport=transport, timeout=timeout)


def request_for(client: httpx.Client, url: str, headers: Mapping[str, str]) -> httpx.Request:
    """Return the request for an address; a user name and password in it go into a header."""
    import httpx

    # httpx would log the address with its password.
    address = httpx.URL(url)
    request = client.build_request("GET", address.copy_with(username="", password=""), headers=headers)
    if address.userinfo:
        request = next(httpx.BasicAuth(address.username, address.password).auth_flow(request))
    return request


def redirected(request: httpx.Request, response: httpx.Response) -> httpx.Request | None:
    """Return the request that a redirect asks for; None if the answer is not a redirect.

    httpx does not follow redirects here, because it reads their bodies into memory, however long they are.

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
    """Say whether a host is this machine or in a private network, by its address or by that of its name.

    A name that cannot be looked up here counts as public: a proxy may look it up.
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
    """Send a request, follow redirects, and give the last answer; its body is not read yet.

    Args:
        asking: the client that sends them.
        request: the first one; the last is the answer's `request`.
        heard: is called with each answer, the last one included.

    Raises:
        SourceError: there are too many redirects, or `redirected` refuses one.
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
    """Turn every error of the HTTP client into a SourceError; `advice` is appended if the address is unusable."""
    import httpx

    from llmhub.web.routing import ProxyUnreachableError  # imports httpx

    try:
        yield
    except ProxyUnreachableError as error:
        raise TransientError(str(error)) from None
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError, OverflowError) as error:
        # UnicodeError and OverflowError: the resolver cannot use the host name or the port.
        raise SourceError(f"cannot be asked for ({_why(error)}){advice}") from None
    except httpx.TransportError as error:
        raise TransientError(f"{_why(error)}: check the network") from None


def _why(error: Exception) -> str:
    return printable(str(error), MAX_SHOWN) or type(error).__name__

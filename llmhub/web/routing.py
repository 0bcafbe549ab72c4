"""Send llmhub's own requests directly, or through the proxy that the environment names.

httpx can read the environment itself, but it fails at some values of NO_PROXY and reports a proxy's failure as the
server's.
"""

from __future__ import annotations

import os
import ssl
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import httpx

from llmhub.errors import SourceError, printable
from llmhub.web.proxies import SOCKS_ADVICE, Proxy, proxy_for

_MAX_SHOWN = 200


class ProxyUnreachableError(Exception):
    """The proxy failed, not the server; the text names the proxy and its variable."""


class Routed(httpx.BaseTransport):
    """Sends each request directly or through its proxy."""

    def __init__(self) -> None:
        self._context = _certificates()
        self._transports: dict[Proxy | None, httpx.HTTPTransport] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request.

        Raises:
            SourceError: the proxy's address cannot be used.
            ProxyUnreachableError: the proxy does not answer, or refuses the request.
        """
        proxy = proxy_for(str(request.url))
        transport = self._transports.get(proxy) or self._transports.setdefault(proxy, self._new_transport(proxy))
        try:
            return transport.handle_request(request)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
            if proxy is None or _is_of_tls(error):
                raise
            why = printable(str(error), _MAX_SHOWN) or type(error).__name__
            raise ProxyUnreachableError(f"{proxy} failed ({why}): check {proxy.variable}") from None

    def close(self) -> None:
        """Close the connections."""
        for transport in self._transports.values():
            transport.close()

    def _new_transport(self, proxy: Proxy | None) -> httpx.HTTPTransport:
        if proxy is None:
            return httpx.HTTPTransport(verify=self._context)
        try:
            # httpx accepts a context for the proxy only if the proxy itself uses https.
            context = self._context if proxy.url.lower().startswith("https:") else None
            return httpx.HTTPTransport(verify=self._context, proxy=httpx.Proxy(proxy.url, ssl_context=context))
        except ImportError:
            raise SourceError(f"{proxy} speaks SOCKS, {SOCKS_ADVICE}") from None
        except (ValueError, httpx.InvalidURL):
            # Their messages can contain the proxy's password.
            remedy = "set it to an address such as http://proxy.example:3128, or unset it"
            raise SourceError(f"{proxy.variable} names no proxy that can be used: {remedy}") from None


def _certificates() -> ssl.SSLContext:
    """Return a context with the certificates to trust; reading them takes longer than a local server takes to answer.

    Raises:
        OSError, ValueError: the certificates that the environment names cannot be used.
    """
    file, folder = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    stamp = None
    # A file whose state cannot be read cannot be read itself either: `_read_certificates` raises the error.
    with suppress(OSError, ValueError):
        found = Path(file).stat() if file else None
        stamp = found and (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
    return _read_certificates((file, folder, stamp))


@lru_cache(maxsize=4)
def _read_certificates(_key: object) -> ssl.SSLContext:
    """Read the certificates that the environment names; the key changes with the environment and with the file."""
    return httpx.create_ssl_context(trust_env=True)


def _is_of_tls(error: BaseException | None) -> bool:
    """Say whether the server's certificate caused an error, and not the connection."""
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False

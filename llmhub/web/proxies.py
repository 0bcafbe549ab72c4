"""Find the proxy that the environment names for an address, and the variable that names it.

The rules are those of httpx, which the providers' SDKs use too, with one difference: an entry of NO_PROXY may be a
network (`10.0.0.0/8`, `fd00::/8`). httpx ignores an IPv4 network and raises an error for an IPv6 one.
"""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass
from urllib.parse import urlsplit
from urllib.request import getproxies

from llmhub.errors import printable

SOCKS_ADVICE = "for which a package is missing: pip install socksio, or name an http proxy"
"""The advice if httpx lacks the package for SOCKS proxies."""

_MAX_SHOWN = 100
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy and the variable that names it.

    Attributes:
        url: its address, which can hold a password.
        variable: the environment variable that names it, or "the system's settings".
    """

    url: str
    variable: str

    def __str__(self) -> str:
        place = self.url.partition("://")[2].partition("/")[0].partition("?")[0].rpartition("@")[2]
        return f"the proxy {printable(place, _MAX_SHOWN)} ({self.variable})"

    @property
    def is_socks(self) -> bool:
        """Whether it is a SOCKS proxy, for which httpx needs another package."""
        return self.url.lower().startswith("socks")


def proxy_for(url: str) -> Proxy | None:
    """Return the proxy for an address; None if requests go there directly."""
    scheme, host, port = _place(url)
    found = getproxies()
    named = next((name for name in (scheme, "all") if found.get(name)), None)
    if named is None or _is_excepted(scheme, host, port, found.get("no", "")):
        return None
    address = found[named]
    return Proxy(address if "://" in address else f"http://{address}", _variable(f"{named}_proxy"))


def unusable_exception() -> str | None:
    """Return an entry of NO_PROXY that makes httpx fail; None if there is none."""
    for entry in _entries(getproxies().get("no", "")):
        address, slash, _ = entry.partition("/")
        if slash and _address(address) is not None and ":" in address:
            return printable(entry, _MAX_SHOWN)
    return None


def _variable(name: str) -> str:
    return next((found for found in (name, name.upper()) if os.environ.get(found)), "the system's settings")


def _place(url: str) -> tuple[str, str, int | None]:
    """Return an address's scheme, host and port; empty values if it is malformed."""
    try:
        parts = urlsplit(url)
        return parts.scheme.lower(), (parts.hostname or "").lower(), parts.port or _DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return "", "", None


def _entries(text: str) -> list[str]:
    return [entry for part in text.split(",") if (entry := part.strip().lower())]


def _is_excepted(scheme: str, host: str, port: int | None, exceptions: str) -> bool:
    return any(entry == "*" or _matches(entry, scheme, host, port) for entry in _entries(exceptions))


def _matches(entry: str, scheme: str, host: str, port: int | None) -> bool:
    """Say whether an entry of NO_PROXY matches a host: `example.com`, `.example.com:8080`, `http://x`, `fd00::/8`."""
    wanted_scheme, separator, rest = entry.rpartition("://")
    if separator and wanted_scheme not in {"all", scheme}:
        return False
    try:
        network = ipaddress.ip_network(rest.replace("[", "").replace("]", ""), strict=False)
    except ValueError:
        _, name, wanted_port = _place(f"//{rest}")
        if wanted_port not in {None, port}:
            return False
        exact = bool(separator) or _address(name) is not None
        suffix = host.endswith(name if name.startswith(".") else f".{name}")
        return bool(name) and (host == name or (suffix and not exact))
    address = _address(host)
    return address is not None and address in network


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None

"""Turn a provider's answer or error into llmhub's own words.

Providers echo keys in their error texts, and addresses can contain passwords. So of an error only its class, its HTTP
status and the host and port are ever shown.
"""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeGuard
from urllib.parse import urlsplit

from llmhub.errors import printable

if TYPE_CHECKING:
    from llmhub.web.proxies import Proxy

MAX_MODELS = 10_000
"""How many models of one provider are accepted: the largest public lists have a tenth as many."""

MAX_ID_CHARS = 512

Kind = Literal["listed", "lacking", "unusable", "refused", "failed"]
"""`listed`: it gave its models; `lacking`: it was not asked, because a key, a package or the like is missing;
`unusable`: it was not asked, because its settings cannot be used; `refused`: nothing listens at its address; `failed`:
anything else."""

_MAX_CLASS_CHARS = 80
_MAX_CHAIN = 50
_LEAST_ERROR_STATUS = 400
_PROXY_STATUS = 407
_NO_CONNECTION = frozenset({"ConnectError", "ConnectTimeout", "ProxyError"})
_NO_LIST = "answered with something that is not a list of models"
# What SDKs raise when an answer has another shape than they expect.
_MISREAD = (AttributeError, TypeError, LookupError, ValueError)


class AnswerError(Exception):
    """llmhub rejects an answer; the text is llmhub's own and can be shown."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a provider is asked: only host and port of its address."""

    host: str
    port: int | None

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return printable(host if self.port is None else f"{host}:{self.port}")

    @property
    def is_loopback(self) -> bool:
        """Whether it is this machine."""
        if self.host.lower() == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of asking one provider.

    Attributes:
        kind: see `Kind`.
        ids: its models' ids, as listed, each once.
        reason: why there are none, or what is odd about them; None if nothing is.
        address: the address that was asked; None if unknown.
        wanted: the environment variables that any-llm said were missing.
    """

    kind: Kind
    ids: tuple[str, ...] = ()
    reason: str | None = None
    address: Address | None = None
    wanted: tuple[str, ...] = ()


def parse_address(text: str | None) -> Address | None:
    """Return host and port of a base address, with or without a scheme; None if it has no host.

    Examples:
        >>> str(parse_address("http://user:secret@127.0.0.1:8080/v1")), str(parse_address("localhost:1234"))
        ('127.0.0.1:8080', 'localhost:1234')
    """
    if not text:
        return None
    try:
        parts = urlsplit(text if "//" in text else f"//{text}")
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return None
    return Address(parts.hostname, port) if parts.hostname else None


def listed(entries: Iterable[object], address: Address | None = None, *, more: bool = False) -> Answer:
    """Return the answer that lists these ids; its reason says what was left out.

    Args:
        entries: the ids as received; invalid ids and those beyond `MAX_MODELS` are left out.
        address: where the provider was asked.
        more: whether the provider says that it has more than these.

    Raises:
        AnswerError: there are entries, and none of them is a valid id.
    """
    found = list(entries)
    ids = tuple(dict.fromkeys(entry for entry in found if _is_id(entry)))
    if not found:
        return Answer("listed", reason="listed no models", address=address)
    if not ids:
        raise AnswerError(f"{_NO_LIST} (no entry has an id)")
    reasons = []
    if odd := sum(not _is_id(entry) for entry in found):
        reasons.append(f"{odd:,} of its {len(found):,} entries {'has' if odd == 1 else 'have'} no usable id")
    if len(ids) > MAX_MODELS:
        reasons.append(f"listed {len(ids):,} models, of which only the first {MAX_MODELS:,} are taken")
    if more:
        reasons.append(f"says that it has more models than the {len(ids):,} that it listed")
    return Answer("listed", ids[:MAX_MODELS], "; ".join(reasons) or None, address)


def failure(error: BaseException, address: Address | None = None, proxy: Proxy | None = None) -> Answer:
    """Return the answer for an error that occurred while a provider was asked.

    Args:
        error: the exception of its SDK.
        address: the address that was asked.
        proxy: the proxy in between; None if it was asked directly.
    """
    errors = list(_chain(error))
    name = class_name(error)
    asked = next((found for found in map(_asked_address, errors) if found is not None), address)
    status = next((found for found in map(_http_status, errors) if found is not None), None)
    why = _why_refused(errors, name, status, proxy)
    if why is None and asked is not None:
        if any(isinstance(found, ConnectionRefusedError) for found in errors):
            return nothing_answers(asked)
        why = None if status is not None else _why_no_connection(errors, asked, name)
    if why is None:
        why = f"{_NO_LIST} ({name})" if status is not None or isinstance(_original(error), _MISREAD) else name
    return Answer("failed", reason=why, address=asked)


def _why_refused(errors: Sequence[BaseException], name: str, status: int | None, proxy: Proxy | None) -> str | None:
    """Return why llmhub, a proxy or the server refused; None if none of them did."""
    # SDKs wrap errors that are raised while they read.
    if refused := next((found for found in errors if isinstance(found, AnswerError)), None):
        return str(refused)
    if proxy is not None and (status == _PROXY_STATUS or _is_without_connection(errors)):
        return f"{proxy} failed ({name}): check {proxy.variable}"
    return f"HTTP {status} ({name})" if status is not None and status >= _LEAST_ERROR_STATUS else None


def _why_no_connection(errors: Sequence[BaseException], asked: Address, name: str) -> str | None:
    """Return why an HTTP client got no connection, and what to check; None if it got one, or that is not known."""
    if any(isinstance(error, ssl.SSLCertVerificationError) for error in errors):
        return f"the certificate of {asked} is not trusted ({name}): check SSL_CERT_FILE"
    return f"no connection to {asked} ({name}): check the network" if _is_without_connection(errors) else None


def _is_without_connection(errors: Sequence[BaseException]) -> bool:
    """Say whether an HTTP client got no connection, for a reason other than the server's certificate."""
    return not any(isinstance(error, ssl.SSLError) for error in errors) and any(
        type(error).__name__ in _NO_CONNECTION or isinstance(error, ConnectionRefusedError) for error in errors
    )


def nothing_answers(address: Address) -> Answer:
    """Return the answer for a provider at whose address nothing listens."""
    return Answer("refused", reason=f"nothing answers at {address}", address=address)


def class_name(error: BaseException) -> str:
    """Return the name of an error's class; for an error that any-llm wraps, the name of the SDK's."""
    return printable(type(_original(error)).__name__, _MAX_CLASS_CHARS)


def _original(error: BaseException) -> BaseException:
    original = getattr(error, "original_exception", None)
    return original if isinstance(original, BaseException) else error


def _is_id(entry: object) -> TypeGuard[str]:
    return isinstance(entry, str) and 0 < len(entry) <= MAX_ID_CHARS and entry.isprintable() and entry.strip() == entry


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Give an error and all its causes, nearest first."""
    waiting: list[BaseException | None] = [error]
    seen: set[int] = set()
    while waiting and len(seen) < _MAX_CHAIN:
        current = waiting.pop(0)
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        members = current.exceptions if isinstance(current, BaseExceptionGroup) else ()
        waiting += [_original(current), current.__cause__, current.__context__, *members]


def _http_status(error: BaseException) -> int | None:
    """Return the HTTP status in an error; SDKs keep it in different places."""
    response = getattr(error, "response", None)
    if isinstance(response, dict):
        candidates = [(response.get("ResponseMetadata") or {}).get("HTTPStatusCode")]
    else:
        names = ("status_code", "status", "code")
        candidates = [getattr(holder, name, None) for holder in (error, response) for name in names]
    numbers = (found for found in candidates if isinstance(found, int) and not isinstance(found, bool))
    return next((number for number in numbers if 100 <= number <= 599), None)  # noqa: PLR2004 -- HTTP's range


def _asked_address(error: BaseException) -> Address | None:
    try:
        return parse_address(str(error.request.url))  # type: ignore[attr-defined]
    except (AttributeError, RuntimeError):
        # Not an error of an HTTP client, or one without a request, for which httpx raises RuntimeError.
        return None

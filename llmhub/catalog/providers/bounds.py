"""Limit what the providers' SDKs read from the network, and note what they ask.

SDKs make HTTP clients (of httpx or httpx2) in many places, some for a single request, and these clients decompress an
answer without any limit. So the one function through which all of them send is wrapped, for the threads that ask
providers and for no others.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any
from urllib.parse import urljoin, urlsplit

from llmhub.catalog.providers import quiet
from llmhub.catalog.providers.answers import AnswerError
from llmhub.catalog.providers.pages import Page, read_page
from llmhub.errors import SourceError
from llmhub.web.client import is_local, shown
from llmhub.web.unpacking import ACCEPTED, TooLargeError, Unpacker

MAX_ANSWER_BYTES = 8 << 20
MAX_OBJECTS = 100_000
"""How many JSON objects an answer may hold: each takes an SDK a kilobyte of memory or more."""

_CLIENTS = ("httpx", "httpx2")
_MARK = "bounded_by_llmhub"
_OK = 200
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(slots=True)
class Noted:
    """What went over the network for one provider.

    Attributes:
        address: the first one that was asked; None before that, or where the SDK uses another HTTP client.
        transports: what sent the requests, of httpx or httpx2, to be closed afterwards.
        pages: the lists of models that came.
    """

    address: str | None = None
    transports: list[Any] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)

    def send(self, transport: Any, request: Any) -> None:
        """Note a request that is about to be sent."""
        self.address = self.address or str(request.url)
        if transport not in self.transports:
            self.transports.append(transport)


noted: ContextVar[Noted | None] = ContextVar("llmhub.providers.noted", default=None)
"""What the running question notes."""


@contextmanager
def bounded() -> Iterator[None]:
    """Limit the answers that hushed threads read, until the last of them has ended."""
    kinds: Sequence[tuple[str, str, Callable[..., Any]]] = (
        ("AsyncHTTPTransport", "handle_async_request", _bounded_async),
        ("HTTPTransport", "handle_request", _bounded_sync),
    )
    undo: list[Callable[[], None]] = []
    for package in _CLIENTS:
        try:
            module = import_module(package)
        except ImportError:
            continue
        for kind, function, wrap in kinds:
            holder = getattr(module, kind)
            before = getattr(holder, function)
            if not hasattr(before, _MARK):
                wrapped = wrap(before, module)
                setattr(wrapped, _MARK, True)
                setattr(holder, function, wrapped)
                undo.append(functools.partial(setattr, holder, function, before))
    try:
        yield
    finally:
        if not quiet.any_hushed():
            for restore in undo:
                restore()


def _bounded_async(send: Callable[..., Any], module: Any) -> Callable[..., Any]:
    @functools.wraps(send)
    async def sent(self: Any, request: Any) -> Any:
        if not quiet.is_hushed():
            return await send(self, request)
        _note_request(self, request)
        request.headers["accept-encoding"] = ACCEPTED
        response = await send(self, request)
        stream = response.stream
        try:
            if target := _redirect(request, response):
                # The host name is looked up in another thread, so that the deadline holds for that too.
                await asyncio.get_running_loop().run_in_executor(None, _check_redirect, str(request.url), target)
            body = _Body(response)
            async for chunk in stream:
                body.add(chunk)
            _put(body, response, module)
        finally:
            await stream.aclose()
        return response

    return sent


def _bounded_sync(send: Callable[..., Any], module: Any) -> Callable[..., Any]:
    @functools.wraps(send)
    def sent(self: Any, request: Any) -> Any:
        if not quiet.is_hushed():
            return send(self, request)
        _note_request(self, request)
        request.headers["accept-encoding"] = ACCEPTED
        response = send(self, request)
        stream = response.stream
        try:
            if target := _redirect(request, response):
                _check_redirect(str(request.url), target)
            body = _Body(response)
            for chunk in stream:
                body.add(chunk)
            _put(body, response, module)
        finally:
            stream.close()
        return response

    return sent


def _note_request(transport: Any, request: Any) -> None:
    if (notes := noted.get()) is not None:
        notes.send(transport, request)


class _Body:
    """The body of an answer as it arrives: decompressed and counted."""

    def __init__(self, response: Any) -> None:
        self._data = bytearray()
        self._objects = 0
        try:
            self._unpacker = Unpacker(response.headers.get("content-encoding", ""), MAX_ANSWER_BYTES)
        except SourceError as error:
            raise AnswerError(str(error)) from None

    def add(self, chunk: bytes) -> None:
        """Add a piece.

        Raises:
            AnswerError: the answer is too large, or damaged.
        """
        try:
            piece = self._unpacker.feed(chunk)
        except TooLargeError:
            raise AnswerError(f"answered with more than {MAX_ANSWER_BYTES >> 20} MiB") from None
        except SourceError as error:
            raise AnswerError(str(error)) from None
        self._objects += piece.count(b"{")
        if self._objects > MAX_OBJECTS:
            raise AnswerError(f"answered with more than {MAX_OBJECTS:,} JSON objects")
        self._data += piece

    def whole(self) -> bytes:
        """Return all of it.

        Raises:
            AnswerError: its end is missing.
        """
        try:
            self._unpacker.finish()
        except SourceError as error:
            raise AnswerError(str(error)) from None
        return bytes(self._data)


def _put(body: _Body, response: Any, module: Any) -> None:
    """Put the decompressed body back into the answer."""
    data = body.whole()
    if response.status_code == _OK:
        page = read_page(data)
        data = page.body
        if page.is_list and (notes := noted.get()) is not None:
            notes.pages.append(page)
    for name in ("content-encoding", "transfer-encoding", "content-length"):
        response.headers.pop(name, None)
    response.stream = module.ByteStream(data)


def _redirect(request: Any, response: Any) -> str | None:
    """Return the address of a redirect; None if the answer is not one."""
    location = response.headers.get("location")
    return urljoin(str(request.url), location) if location and response.status_code in _REDIRECTS else None


def _check_redirect(origin: str, target: str) -> None:
    """Refuse redirects from a public address to a local one, as `web.client.redirected` does for llmhub's own requests.

    Raises:
        AnswerError: this is such a redirect.
    """
    try:
        hosts = [urlsplit(address).hostname or "" for address in (target, origin)]
    except ValueError:
        # The client itself refuses a malformed address.
        return
    if is_local(hosts[0]) and not is_local(hosts[1]):
        raise AnswerError(f"redirects from a public address to {shown(target)}, which is a local one: refused")

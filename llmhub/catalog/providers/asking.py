"""Ask all providers for their models at once, each within limits that no provider can extend.

Each provider is asked in a daemon thread with its own event loop, on which its clients are closed too. If one blocks
its loop, an import or a thread, it stalls no other, is given up at the deadline, and does not keep the process from
ending. The size of an answer is limited: see `bounds`.
"""

from __future__ import annotations

import asyncio
import socket
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from llmhub import background
from llmhub.catalog.providers import quiet
from llmhub.catalog.providers.answers import (
    MAX_MODELS,
    Address,
    Answer,
    class_name,
    failure,
    listed,
    nothing_answers,
    parse_address,
)
from llmhub.catalog.providers.bounds import Noted, bounded, noted
from llmhub.catalog.providers.facts import Provider, key_advice, key_variables, parse_keys
from llmhub.catalog.providers.pages import Page
from llmhub.errors import printable
from llmhub.progress import step
from llmhub.web.proxies import SOCKS_ADVICE, Proxy, proxy_for, unusable_exception

if TYPE_CHECKING:
    from any_llm import AnyLLM

_PAGE = 1000
_MOST_PAGES = 100
# Without these arguments any-llm lists the first page only: 20 or 50 models.
_WHOLE_LIST: Mapping[str, Mapping[str, Any]] = {
    "gemini": {"config": {"page_size": _PAGE}},
    "huggingface": {"limit": _PAGE},
    "vertexai": {"config": {"page_size": _PAGE}},
}
_SECONDS_TO_CLOSE = 1.0
_SECONDS_TO_CONNECT = 0.2
# After the deadline, for closing what was cancelled.
_SECONDS_OF_GRACE = 0.4
_SECONDS_FOR_OTHERS_IMPORTS = 2.0
_MAX_WORDS_CHARS = 200

_P = ParamSpec("_P")
_T = TypeVar("_T")

# Two threads that import packages with circular imports can see half-initialized modules, so imports take turns. But an
# import that blocks must not delay the others for long.
_importing = threading.Lock()


def ask_all(providers: Sequence[Provider], seconds: float) -> Mapping[str, Answer]:
    """Ask all providers for their models at the same time, and return the answers by name.

    Args:
        providers: the providers to ask; any-llm checks whether their keys are set.
        seconds: how long each may take, whatever it does; all together take no longer.
    """
    if not providers:
        return {}
    waiting, counted, all_ended = [provider.name for provider in providers], threading.Lock(), threading.Event()

    def end(name: str) -> None:
        with counted:
            waiting.remove(name)
            asking.at(len(providers) - len(waiting), len(providers))
            asking.say(f"waiting for {', '.join(waiting)}" if waiting else "")
            if not waiting:
                all_ended.set()

    questions = [_Question(provider, seconds, end) for provider in providers]
    with quiet.hushed(), bounded(), step("asking any-llm's providers", "answered") as asking:
        for question in questions:
            question.start()
        # Event.wait reads no clock in Python, so it works if a caller's tests have frozen time.
        all_ended.wait(seconds + _SECONDS_OF_GRACE)
        return {question.provider.name: question.answer or question.given_up() for question in questions}


class _Question:
    """One provider that is asked in its own thread."""

    def __init__(self, provider: Provider, seconds: float, end: Callable[[str], None]) -> None:
        self.provider = provider
        self.answer: Answer | None = None
        self._seconds = seconds
        self._end = end
        self._noted = Noted()
        self._deadline = time.monotonic() + seconds

    def start(self) -> None:
        background.start(self._run, name=f"{quiet.PREFIX}{self.provider.name}")

    @property
    def _address(self) -> Address | None:
        """Where the provider is asked, as far as that is known by now."""
        return parse_address(self._base)

    @property
    def _proxy(self) -> Proxy | None:
        return proxy_for(self._base) if self._base else None

    @property
    def _base(self) -> str | None:
        return self._noted.address or self.provider.address

    def given_up(self) -> Answer:
        """Return the answer for a provider that did not answer in time."""
        by = f", by way of {self._proxy}" if self._proxy else ""
        return Answer("failed", reason=f"timed out after {self._seconds:g} s{by}", address=self._address)

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=_quiet_loop) as runner:
                runner.run(self._ask())
        except BaseException as error:  # noqa: BLE001 -- an SDK may raise anything, even SystemExit, in its own thread
            # If there is an answer already, closing failed.
            self.answer = self.answer or failure(error, self._address)
        finally:
            self._end(self.provider.name)

    async def _ask(self) -> None:
        try:
            asked = self._set_up()
        except Exception as error:  # noqa: BLE001 -- whatever an SDK raises
            self.answer = _not_asked(error, self.provider)
            return
        limit = asyncio.timeout(self._deadline - time.monotonic())
        try:
            async with limit:
                self.answer = await self._listed(asked)
        except NotImplementedError:
            self.answer = Answer("lacking", reason="any-llm cannot list its models")
        except Exception as error:  # noqa: BLE001 -- whatever an SDK raises
            failed = failure(error, self._address, self._proxy)
            self.answer = self.given_up() if limit.expired() else failed if self._proxy else _checked(failed)
        finally:
            await _close(asked, self._noted.transports)

    async def _listed(self, asked: AnyLLM) -> Answer:
        """Return the answer of a provider that gave its models."""
        noted.set(self._noted)
        pages = self._noted.pages
        entries = await _ids(asked, self.provider.name)
        if pages and pages[-1].more:
            entries += await _following(asked, pages, {entry for entry in entries if isinstance(entry, str)})
        entries += [None] * sum(page.left_out for page in pages)
        return listed(entries, self._address, more=bool(pages) and pages[-1].more)

    def _set_up(self) -> AnyLLM:
        """Return any-llm's client for the provider; its key is checked, nothing is asked yet."""
        from any_llm import AnyLLM  # over a second

        alone = _importing.acquire(timeout=_SECONDS_FOR_OTHERS_IMPORTS)
        try:
            kind = AnyLLM.get_provider_class(self.provider.name)
        finally:
            if alone:
                _importing.release()
        # No retries if the provider can be told so: a failed provider is asked again soon anyway, and some SDKs would
        # wait as long as the server says.
        retries = None if kind.MAX_RETRIES_SUPPORT == "unsupported" else 0
        # This also avoids any-llm's warning about its future errors.
        return kind(unified_exceptions=True, max_retries=retries)


def _checked(answer: Answer) -> Answer:
    """Return `refused` for a failure on this machine if nothing listens there: some SDKs do not say so."""
    address = answer.address
    if answer.kind == "failed" and address is not None and address.is_loopback and address.port:
        try:
            socket.create_connection((address.host, address.port), timeout=_SECONDS_TO_CONNECT).close()
        except ConnectionRefusedError:
            return nothing_answers(address)
        except OSError:
            # For any other fault, the provider's own failure says more.
            return answer
    return answer


async def _ids(asked: AnyLLM, name: str) -> list[object]:
    """Return the ids of all models that a provider lists, of any type."""
    from anthropic import AsyncAnthropic

    client = getattr(asked, "client", None)
    if isinstance(client, AsyncAnthropic):
        # any-llm returns the first page only, and does not say whether there are more.
        return [model.id async for model in client.models.list(limit=_PAGE)]
    return [model.id for model in await asked.alist_models(**_WHOLE_LIST.get(name, {}))]


async def _following(asked: AnyLLM, pages: Sequence[Page], known: set[str]) -> list[object]:
    """Return the ids of the pages after the first, if the server pages as OpenAI does (`after=<last id>`).

    Args:
        asked: any-llm's client for the provider.
        pages: the pages so far, to which each further one is added.
        known: the ids of the first page; new ones are added.
    """
    from openai import AsyncOpenAI

    found: list[object] = []
    if not isinstance(getattr(asked, "client", None), AsyncOpenAI):
        return found
    for _ in range(_MOST_PAGES):
        page = pages[-1]
        if not page.more or page.last is None or len(known) > MAX_MODELS:
            break
        try:
            models = await asked.alist_models(extra_query={"after": page.last})
        except Exception:  # noqa: BLE001 -- whatever an SDK raises: what came stays, and is told to be incomplete
            break
        new = [model.id for model in models if model.id not in known]
        if not new:
            # A server that ignores the parameter returns the same page again.
            break
        known.update(new)
        found += new
    return found


def _not_asked(error: Exception, provider: Provider) -> Answer:
    """Return the answer for an error that any-llm raised before it asked anything.

    Its text is shown only for a failed import: that happens before any-llm reads a key or an address.
    """
    from any_llm.exceptions import MissingApiKeyError

    if isinstance(error, MissingApiKeyError):
        keys = parse_keys(error.env_var_name) or provider.keys
        return Answer("lacking", reason=f"no key: set {key_advice(keys)}", wanted=key_variables(keys))
    if fault := _fault_of_environment(error):
        return Answer("unusable", reason=fault)
    if isinstance(error, ImportError):
        words = printable(" ".join(str(error.__cause__ or error).split()), _MAX_WORDS_CHARS)
        return Answer("lacking", reason=f"its packages cannot be imported ({class_name(error)}: {words})")
    wanted = (provider.address_variable,) if provider.address_variable and _is_any_llms_own(error) else ()
    return Answer("unusable", reason=f"its settings are refused ({class_name(error)})", wanted=wanted)


def _fault_of_environment(error: Exception) -> str | None:
    """Say which proxy variable kept an SDK from making its HTTP client; None if the cause is another."""
    exception = unusable_exception()
    if exception is not None and class_name(error) == "InvalidURL":
        return (
            f"NO_PROXY has the network {exception}, at which its SDK fails: name hosts or single addresses in its place"
        )
    proxies = [proxy_for(f"{scheme}://example.invalid") for scheme in ("http", "https")]
    socks = next((proxy for proxy in proxies if proxy is not None and proxy.is_socks), None)
    original = getattr(error, "original_exception", None) or error
    if socks is not None and isinstance(original, ImportError) and "socksio" in str(original):
        return f"{socks} speaks SOCKS, {SOCKS_ADVICE}"
    return None


def _is_any_llms_own(error: BaseException) -> bool:
    """Say whether any-llm itself raised a ValueError, as it does for a missing or unusable address."""
    original = getattr(error, "original_exception", None) or error
    raisers = [frame.f_globals.get("__name__", "") for frame, _ in traceback.walk_tb(original.__traceback__)]
    return isinstance(original, ValueError) and raisers[-1:] != [] and raisers[-1].startswith("any_llm.providers.")


class _DaemonExecutor(ThreadPoolExecutor):
    """Runs each call in its own daemon thread, so that one that blocks does not keep the process from ending.

    An event loop looks up host names and runs blocking calls in its executor, and Python waits for an ordinary
    executor's threads at exit.
    """

    def submit(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_T]:
        return background.start(partial(fn, *args, **kwargs), name=f"{quiet.PREFIX}call")


def _quiet_loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    loop.set_default_executor(_DaemonExecutor())
    loop.set_exception_handler(lambda *_: None)
    return loop


async def _close(asked: AnyLLM, transports: Sequence[Any]) -> None:
    """Close all that a provider's client holds, on the event loop that it used."""
    from any_llm.utils.aio import aclose_quietly

    with suppress(TimeoutError):
        async with asyncio.timeout(_SECONDS_TO_CLOSE):
            for held in (*vars(asked).values(), *transports):
                await aclose_quietly(held)

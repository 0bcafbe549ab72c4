"""Check the servers that llmhub downloads from: whether they answer, and how fast."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import perf_counter

from llmhub import background, settings
from llmhub.doctor.findings import Finding, Findings, Level
from llmhub.errors import LlmhubError, SourceError, printable
from llmhub.web.client import client, followed, request_for, shown, translated
from llmhub.web.proxies import unusable_exception

SECONDS = 5.0
"""How many seconds a server may take to answer."""

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
_OK, _PARTIAL = 200, 206
_MOST_SHOWN = 100
_FILE = "text/latest-00000-of-00001.parquet"


@dataclass(frozen=True, slots=True)
class _Server:
    """A server to ask, the setting that names it, and how bad it is if it does not answer."""

    address: Callable[[], str]
    setting: str
    level: Level = "error"


_SERVERS: Mapping[str, _Server] = {
    "dataset": _Server(lambda: f"{settings.arena_source_url()}/{_FILE}", "LLMHUB_ARENA_SOURCE_URL"),
    "models.dev": _Server(settings.modelsdev_url, "LLMHUB_MODELSDEV_URL"),
    "LiteLLM": _Server(lambda: settings.litellm_url() or "", "LLMHUB_LITELLM_URL", level="warning"),
}


def look(*, offline: bool, seconds: float = SECONDS) -> Findings:
    """Ask all servers at once for llmhub's downloads; the answers' bodies are not read.

    Args:
        offline: ask no server.
        seconds: how long each server may take.
    """
    if offline or settings.offline():
        why = "--offline" if offline else "LLMHUB_OFFLINE is set"
        yield Finding("ok", "servers", f"not asked: {why}")
        return
    begun = perf_counter()
    asked = {
        name: background.start(partial(_asked, server, seconds), name=name)
        for name, server in _SERVERS.items()
        if not (name == "LiteLLM" and settings.litellm_is_off())
    }
    for name, answer in asked.items():
        server = _SERVERS[name]
        remedy = f"check the network, the proxy and {server.setting}; meanwhile what is stored answers"
        if not background.has_ended(answer, seconds=begun + seconds - perf_counter()):
            yield Finding(server.level, name, f"{shown(server.address())}: no answer within {seconds:g} s", remedy)
            continue
        try:
            yield Finding("ok", name, answer.result())
        except LlmhubError as error:
            yield Finding(server.level, name, str(error), remedy)


def look_at_environment() -> Findings:
    """Check the variables that redirect HTTP traffic; passwords in them are not shown."""
    for name in (*_PROXIES, *map(str.lower, _PROXIES)):
        if value := os.environ.get(name):
            # Not parsed as an address: it can be only a host and a port.
            place = value if name.upper() == "NO_PROXY" else value.partition("?")[0].rpartition("@")[2]
            yield Finding("ok", name, f"is set: {printable(place, _MOST_SHOWN)}")
    if (entry := unusable_exception()) is not None:
        yield Finding(
            "error",
            "NO_PROXY",
            f"{entry}: the HTTP clients of the providers' SDKs fail at an IPv6 network",
            "name hosts or single addresses in NO_PROXY instead",
        )
    for name in _CERTIFICATES:
        if value := os.environ.get(name):
            place = printable(value, _MOST_SHOWN)
            if Path(value).exists():
                yield Finding("ok", name, f"is set: {place}")
            else:
                yield Finding("error", name, f"{place} does not exist", f"correct or unset {name}")


def _asked(server: _Server, seconds: float) -> str:
    """Return a server's answer and its time in milliseconds.

    Raises:
        SourceError: it does not answer as it should; the message names the address.
        SettingsError: its setting is not an address.
    """
    begun, url = perf_counter(), server.address()
    try:
        with client({"Range": "bytes=0-0"}, timeout=seconds) as asking, translated():
            request = request_for(asking, url, {})
            with followed(asking, request) as response:
                last, status = response.request, response.status_code
                kind = response.headers.get("content-type", "")
    except SourceError as error:
        raise SourceError(f"{shown(url)}: {error}") from None
    led = "" if last is request else f", redirected to {shown(str(last.url))}"
    if status not in {_OK, _PARTIAL}:
        raise SourceError(f"{shown(url)} answered HTTP {status}{led}")
    if kind.partition(";")[0].strip().lower() == "text/html":
        raise SourceError(f"{shown(url)} answered with a web page{led}: another server may be answering in its place")
    return f"{shown(url)} answered HTTP {status} in {(perf_counter() - begun) * 1000:.0f} ms{led}"

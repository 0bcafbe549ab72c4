"""Whatever client an SDK reads with, and wherever it made it: bounded in the threads that ask, untouched in others."""

from __future__ import annotations

import asyncio
import gzip
import json
import threading
from collections.abc import Callable
from typing import Any

import httpx
import httpx2
import pytest

from llmhub.catalog.providers import quiet
from llmhub.catalog.providers.answers import AnswerError
from llmhub.catalog.providers.bounds import bounded
from tests.support.servers.http import LocalServer, Response, redirect

BOMB = Response(headers={"Content-Encoding": "gzip"}, body=gzip.compress(bytes(9 << 20), 1))
LIST = Response(
    headers={"Content-Type": "application/json", "Content-Encoding": "gzip"},
    body=gzip.compress(b'{"data": [null, {"id": "a"}]}'),
)


def asynchronous(module: Any) -> Callable[[str], Any]:
    async def get(url: str) -> Any:
        async with module.AsyncClient(follow_redirects=True) as client:
            return await client.get(url)

    return lambda url: asyncio.run(get(url))


CLIENTS: dict[str, Callable[[str], Any]] = {
    "httpx": lambda url: httpx.get(url, follow_redirects=True),
    "httpx2": lambda url: httpx2.get(url, follow_redirects=True),
    "httpx asynchronous": asynchronous(httpx),
    "httpx2 asynchronous": asynchronous(httpx2),
}


def in_thread(get: Callable[[str], Any], url: str, *, name: str) -> Any:
    """Return what a thread of this name got, or the error that it met."""
    found: list[Any] = []

    def run() -> None:
        try:
            found.append(get(url))
        except AnswerError as error:
            found.append(error)

    with bounded():
        thread = threading.Thread(target=run, name=name)
        thread.start()
        thread.join()
    return found[0]


@pytest.mark.parametrize("client", CLIENTS)
def test_an_answer_is_read_within_bounds_and_made_fit(client: str) -> None:
    with LocalServer(lambda request: BOMB if request.path == "/bomb" else LIST) as server:
        name = f"{quiet.PREFIX}made-up"
        refused = in_thread(CLIENTS[client], f"{server.url}/bomb", name=name)
        taken = in_thread(CLIENTS[client], server.url, name=name)
        assert [request.headers["accept-encoding"] for request in server.received] == ["gzip, deflate"] * 2
    assert str(refused) == "answered with more than 8 MiB"
    assert taken.json() == {"data": [{"id": "a"}]}


@pytest.mark.parametrize("client", CLIENTS)
def test_nobody_elses_requests_are_touched(client: str) -> None:
    with LocalServer(lambda request: BOMB if request.path == "/bomb" else LIST) as server:
        assert len(in_thread(CLIENTS[client], f"{server.url}/bomb", name="another").content) == 9 << 20
        assert in_thread(CLIENTS[client], server.url, name="another").json() == json.loads(gzip.decompress(LIST.body))


@pytest.mark.parametrize("client", CLIENTS)
def test_redirects_are_followed_without_their_bodies(client: str) -> None:
    leading = Response(302, {"Location": "/there"}, b"x" * 1000)
    with LocalServer(lambda request: LIST if request.path == "/there" else leading) as server:
        found = in_thread(CLIENTS[client], server.url, name=f"{quiet.PREFIX}made-up")
    assert (found.status_code, found.json()) == (200, {"data": [{"id": "a"}]})


@pytest.mark.parametrize("client", CLIENTS)
def test_a_redirect_from_a_public_address_to_a_local_one_is_refused(
    client: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with LocalServer(lambda _: LIST) as inside, LocalServer(lambda _: redirect(inside.url)) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        said = str(in_thread(CLIENTS[client], "http://public.invalid/v1", name=f"{quiet.PREFIX}made-up"))
        assert said == f"redirects from a public address to {inside.url}, which is a local one: refused"
        assert inside.received == []


def test_afterwards_the_clients_are_as_they_were() -> None:
    before = httpx.HTTPTransport.handle_request, httpx2.AsyncHTTPTransport.handle_async_request
    with bounded(), bounded():
        assert httpx.HTTPTransport.handle_request is not before[0]
    assert (httpx.HTTPTransport.handle_request, httpx2.AsyncHTTPTransport.handle_async_request) == before

"""Asking models.dev for real, at a local server: what it answers, what it fails with, and the last good copy."""

from __future__ import annotations

import gzip
import json
import logging
import re
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from tenacity import RetryCallState, Retrying

from llmhub.catalog.modelsdev_source import (
    ModelsDevLoaded,
    fetch_modelsdev_json,
    load_modelsdev,
    normalize_modelsdev,
)
from llmhub.errors import SourceError
from llmhub.web import document as download
from llmhub.web.retries import TransientError
from tests.catalog.conftest import NOON, Freeze, Log
from tests.support.made_up.modelsdev_documents import body, changed, document
from tests.support.processes.children import start_python
from tests.support.servers.http import (
    LocalServer,
    Request,
    Response,
    endless,
    hanging,
    html,
    ok,
    redirect,
    status,
)

JSON_TYPE = "application/json; charset=utf-8"
SOUND = body(document())
KEYS = ["acme/made-up-2", "acme/other/model:free"]
Handler = Callable[[Request], Response]


def as_json(data: bytes, **headers: str) -> Response:
    """Return a 200 with this body as JSON; `content_encoding="gzip"` is a header."""
    named = {name.replace("_", "-").title(): value for name, value in headers.items()}
    return Response(headers={"Content-Type": JSON_TYPE} | named, body=data)


class Site:
    """A server in place of models.dev, which answers what `answers` says next, and then the last of them for ever."""

    def __init__(self, server: LocalServer, answers: list[Response]) -> None:
        self.server = server
        self.answers = answers

    def say(self, *answers: Response) -> None:
        self.answers[:] = answers

    @property
    def address(self) -> str:
        return f"{self.server.url}/api.json"

    @property
    def asked(self) -> list[Request]:
        return self.server.received


@pytest.fixture
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a download tried again at once; a test of their own says how long the pauses are."""
    monkeypatch.setattr(download, "_FIRST_PAUSE_SECONDS", 0.01)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch, short_pauses: None) -> Iterator[Site]:
    """Be asked in place of models.dev; at first the answer is a sound document with the ETag "one"."""
    answers = [as_json(SOUND, etag='"one"')]

    def answer(request: Request) -> Response:
        if request.path == "/":
            return html()
        return answers.pop(0) if len(answers) > 1 else answers[0]

    with LocalServer(answer) as server:
        monkeypatch.setenv("LLMHUB_MODELSDEV_URL", f"{server.url}/api.json")
        yield Site(server, answers)


@pytest.fixture
def kept(home: Path) -> Path:
    """Return the path of the copy."""
    return home / "llmhub" / "modelsdev.json"


def reason(loaded: ModelsDevLoaded) -> str:
    assert loaded.status.reason is not None
    assert loaded.status.reason.isprintable()
    assert len(loaded.status.reason) < 900
    return loaded.status.reason


def test_a_sound_answer_is_ok_and_kept_for_its_owner_alone(site: Site, kept: Path, log: Log) -> None:
    before = datetime.now(UTC)
    loaded = load_modelsdev()
    assert list(loaded.models) == KEYS
    assert loaded.problems == ()
    assert (loaded.status.source, loaded.status.status, loaded.status.reason) == ("modelsdev", "ok", None)
    assert loaded.status.count == 2
    assert loaded.status.as_of is not None
    assert before <= loaded.status.as_of <= datetime.now(UTC)
    assert json.loads(kept.read_bytes())["document"] == document()
    assert kept.stat().st_mode & 0o777 == 0o600
    assert kept.parent.stat().st_mode & 0o777 == 0o700
    assert log.said() == []


def test_the_document_is_returned_as_it_is(site: Site) -> None:
    data = fetch_modelsdev_json()
    assert data == document()
    assert normalize_modelsdev(data) == load_modelsdev().models


def test_an_unchanged_document_is_asked_for_by_its_etag_and_counts_as_new(
    site: Site, kept: Path, freeze: Freeze
) -> None:
    with freeze(NOON):
        first = load_modelsdev()
    site.say(Response(status=304))
    with freeze(NOON + timedelta(hours=30)):
        second = load_modelsdev()
    assert [request.headers.get("if-none-match") for request in site.asked] == [None, '"one"']
    assert second.models == first.models
    assert (second.status.status, second.status.as_of) == ("ok", NOON + timedelta(hours=30))
    site.say(status(404))
    with freeze(NOON + timedelta(hours=31)):
        assert load_modelsdev().status.as_of == NOON + timedelta(hours=30)


def test_a_changed_document_replaces_the_copy(site: Site) -> None:
    load_modelsdev()
    site.say(as_json(body(changed("cost", "input", value=7)), etag='W/"two"'))
    assert load_modelsdev().models[KEYS[0]].price_input_per_million == 7
    site.say(Response(status=304))
    assert load_modelsdev().models[KEYS[0]].price_input_per_million == 7
    assert [request.headers.get("if-none-match") for request in site.asked] == [None, '"one"', 'W/"two"']


def test_the_etag_of_one_address_is_not_sent_to_another(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    load_modelsdev()
    for address in (f"{site.server.url}/mirror.json", f"{site.address}?version=2"):
        monkeypatch.setenv("LLMHUB_MODELSDEV_URL", address)
        assert load_modelsdev().status.status == "ok"
        assert load_modelsdev().status.status == "ok"
    conditional = [(request.path, request.query) for request in site.asked if "if-none-match" in request.headers]
    assert conditional == [("/mirror.json", "type=all")]


@pytest.mark.parametrize("etag", ["one", '"' + "x" * 5000 + '"', '"o\tne"', ""])
def test_an_etag_that_is_none_is_not_sent_back(site: Site, etag: str) -> None:
    site.say(as_json(SOUND, etag=etag))
    load_modelsdev()
    assert load_modelsdev().status.status == "ok"
    assert "if-none-match" not in site.asked[-1].headers


def test_a_packed_answer_is_unpacked(site: Site) -> None:
    site.say(as_json(gzip.compress(SOUND), content_encoding="gzip"))
    assert list(load_modelsdev().models) == KEYS
    assert site.asked[0].headers["accept-encoding"] == "gzip"


def test_a_redirect_is_followed(site: Site) -> None:
    site.say(redirect("/elsewhere.json"), redirect(f"{site.server.url}/there.json", code=308), as_json(SOUND))
    assert load_modelsdev().status.status == "ok"
    assert site.server.requests == ["/api.json", "/elsewhere.json", "/there.json"]


FAULTS: list[tuple[str, Response | Callable[[], Response], str]] = [
    ("missing", status(404), "answered HTTP 404"),
    ("forbidden", status(403), "answered HTTP 403"),
    ("always-down", status(503), "answered HTTP 503"),
    ("not-modified-unasked", Response(status=304), "HTTP 304|answered HTTP 503"),
    ("no-content", Response(status=204), "answered HTTP 204"),
    ("page", html(), "answered with text/html, expected application/json"),
    ("json-as-page", ok(SOUND, content_type="text/html"), "answered with text/html, expected application/json"),
    ("no-type", Response(body=SOUND), "answered with no content type"),
    ("unknown-path", redirect("/"), r"redirected to http://127.0.0.1:\d+/, which answered with text/html"),
    ("loop", redirect("/api.json"), "more than 5 redirects"),
    ("other-scheme", redirect("ftp://127.0.0.1/api.json"), "redirects to ftp, which is not followed"),
    ("no-address", redirect("http://[oops/"), "."),
    ("no-json", as_json(b"soon"), "found text that is not JSON"),
    ("half", as_json(SOUND[:-40]), "found text that is not JSON"),
    ("broken-off", Response(headers={"Content-Type": JSON_TYPE}, body=SOUND[:50], announced=500), "check the network"),
    ("not-utf-8", as_json(b'{"\xff": 1}'), "not UTF-8"),
    ("list", as_json(b"[1]"), "found a list, expected an object of providers"),
    ("nested", as_json(b"[" * 100_000), "nested too deeply"),
    ("empty", as_json(b"{}"), "found no sound model, expected models.dev's document"),
    ("absurd", as_json(body({"acme": {"models": {"x": 1}}})), r"found no sound model \(models.dev: acme/x: entry"),
    ("other-shape", as_json(body({"providers": document()})), "found no sound model .*providers: models: found noth"),
    ("unknown-packing", as_json(SOUND, content_encoding="br"), "answered in the encoding br, expected gzip or none"),
    ("twice-packed", as_json(SOUND, content_encoding="gzip, gzip"), "encoding gzip, gzip, expected gzip"),
    ("badly-packed", as_json(SOUND, content_encoding="gzip"), "damaged gzip"),
    ("half-packed", as_json(gzip.compress(SOUND)[:-20], content_encoding="gzip"), "a part of a gzip file only"),
    (
        "bomb",
        lambda: as_json(gzip.compress(b" " * (33 << 20), 1), content_encoding="gzip"),
        "larger than the 32 MiB allowed",
    ),
    (
        "crowd",
        lambda: as_json(gzip.compress(b"[" + b"{}," * 1_000_001 + b"0]", 1), content_encoding="gzip"),
        "2,000,000 JSON values",
    ),
]


@pytest.mark.parametrize(("answer", "said"), [fault[1:] for fault in FAULTS], ids=[fault[0] for fault in FAULTS])
def test_whatever_the_site_does_the_last_good_copy_answers_or_nothing_with_the_reason(
    site: Site, kept: Path, log: Log, answer: Response | Callable[[], Response], said: str
) -> None:
    answer = answer if isinstance(answer, Response) else answer()
    site.say(answer)
    first = load_modelsdev()
    assert (first.models, first.status.status, first.status.as_of, first.status.count) == ({}, "failed", None, 0)
    assert reason(first).startswith(f"{site.address}: ")
    assert reason(first).endswith("; there is no earlier copy")
    assert re.search(said, reason(first))
    assert log.only("ERROR") == f"no prices, limits and capabilities from models.dev: {first.status.reason}"
    assert not kept.exists()
    with pytest.raises(SourceError, match="there is no earlier copy"):
        fetch_modelsdev_json()

    site.say(as_json(SOUND))
    good = load_modelsdev()
    written = kept.read_bytes()
    site.say(answer)
    later = load_modelsdev()
    assert later.models == good.models
    assert (later.status.status, later.status.as_of, later.status.count) == ("stale", good.status.as_of, 2)
    assert "; using the copy of " in reason(later)
    assert "(0 min old)" in reason(later)
    assert log.said()[-1] == ("WARNING", f"prices, limits and capabilities may be out of date: {later.status.reason}")
    assert kept.read_bytes() == written
    assert fetch_modelsdev_json() == document()


@pytest.mark.usefixtures("short_pauses")
def test_a_closed_port_and_an_unknown_host_are_told_with_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(socket.socket()) as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        for address in (f"http://127.0.0.1:{port}/api.json", f"http://nowhere.invalid:{port}/", "http://a..b/x"):
            monkeypatch.setenv("LLMHUB_MODELSDEV_URL", address)
            assert reason(load_modelsdev()).startswith(f"{address}: ")


BROKEN_OFF = Response(headers={"Content-Type": JSON_TYPE}, body=SOUND[:20], announced=len(SOUND))


@pytest.mark.parametrize("answer", [status(503), status(429), status(500), BROKEN_OFF])
def test_what_may_pass_is_tried_again_at_most_twice(site: Site, answer: Response) -> None:
    site.say(answer, answer, as_json(SOUND))
    assert load_modelsdev().status.status == "ok"
    site.say(answer)
    assert load_modelsdev().status.status == "stale"
    assert len(site.asked) == 6


def test_each_pause_is_twice_the_one_before_or_what_the_server_asks_for_if_longer() -> None:
    def pause(tries: int, asked: float) -> float:
        state = RetryCallState(Retrying(), None, (), {})
        state.attempt_number = tries
        state.set_exception((TransientError, TransientError("HTTP 429", retry_after=asked), None))
        return download._pause(state)

    assert [pause(tries, 0.0) for tries in (1, 2)] == [0.25, 0.5]
    assert [pause(tries, 0.3) for tries in (1, 2)] == [0.3, 0.5]


@pytest.mark.parametrize("answer", [status(403), html(), as_json(b"{}")])
def test_what_will_not_pass_is_asked_for_once(site: Site, answer: Response) -> None:
    site.say(answer)
    load_modelsdev()
    assert site.server.requests.count("/api.json") == 1


@pytest.mark.parametrize("wish", [60, "Wed, 21 Oct 2037 07:28:00 GMT"])
def test_a_server_that_asks_for_more_patience_than_there_is_is_not_waited_for(site: Site, wish: float | str) -> None:
    site.say(status(429, retry_after=wish))
    assert "answered HTTP 429" in reason(load_modelsdev())
    assert len(site.asked) == 1


DRIPPING = Response(headers={"Content-Type": JSON_TYPE}, body=SOUND, drip=0.05)


@pytest.mark.parametrize("answer", [hanging(), DRIPPING, Response(delay=600)], ids=["hangs", "drips", "says nothing"])
def test_the_time_is_kept_whatever_the_server_does(site: Site, answer: Response) -> None:
    site.say(Response(headers={"Content-Type": JSON_TYPE} | dict(answer.headers), **_rest(answer)))
    started = time.monotonic()
    assert "no whole answer" in reason(load_modelsdev(seconds=0.4))
    assert time.monotonic() - started < 30


def _rest(answer: Response) -> dict[str, Any]:
    return {name: getattr(answer, name) for name in ("body", "delay", "hang", "drip")}


@contextmanager
def dripping_headers() -> Iterator[str]:
    """Serve headers that never end, a byte at a time: no time-out of a single read notices."""
    stopped = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            connection, _ = listener.accept()
            with connection, suppress(OSError):
                connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
                while not stopped.wait(0.02):
                    connection.sendall(b"x")

        thread = threading.Thread(target=drip)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/api.json"
        finally:
            stopped.set()
            thread.join()


def test_headers_that_drip_in_are_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    with dripping_headers() as address:
        monkeypatch.setenv("LLMHUB_MODELSDEV_URL", address)
        assert reason(load_modelsdev(seconds=0.4)) == (
            f"{address}: no whole answer within 0.4 s; there is no earlier copy"
        )


def test_a_body_without_end_is_read_up_to_the_bound_only(site: Site) -> None:
    site.say(Response(headers={"Content-Type": JSON_TYPE}, **_endless()))
    assert "larger than the 32 MiB allowed" in reason(load_modelsdev(seconds=60))


def _endless() -> dict[str, Any]:
    answer = endless(b" " * 1024**2)
    return {"body": answer.body, "with_length": False, "endless": True}


def test_a_redirect_from_https_to_http_is_refused() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert request.url.scheme == "https", "the second request must not be sent"
        return httpx.Response(302, headers={"Location": "http://h/x"})

    with httpx.Client(transport=httpx.MockTransport(answer)) as client:
        request = client.build_request("GET", "https://h/x")
        with pytest.raises(SourceError, match="redirects from https to http://h/x, which is refused"):
            download._follow(client, request, threading.Event(), asked_with=None)


@pytest.mark.parametrize("address", ["ftp://h/x", "models.dev", "http://", "http://[x", "http://h:99999/", "/api.json"])
def test_an_address_that_is_none_is_told_without_showing_it(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("LLMHUB_MODELSDEV_URL", address)
    loaded = load_modelsdev()
    assert loaded.status.status == "failed"
    assert "LLMHUB_MODELSDEV_URL is not an http or https address: set it to one, or unset it" in reason(loaded)


def test_a_password_in_the_address_is_sent_and_neither_shown_nor_kept(
    site: Site, kept: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    address = site.address.replace("http://", "http://someone:s3cret@") + "?token=s3cret"
    monkeypatch.setenv("LLMHUB_MODELSDEV_URL", address)
    assert load_modelsdev().status.status == "ok"
    assert site.asked[0].headers["authorization"] == "Basic c29tZW9uZTpzM2NyZXQ="
    site.say(status(404))
    assert "s3cret" not in reason(load_modelsdev())
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("llmhub")]
    assert "s3cret" not in str(ours)
    assert "someone" not in caplog.text
    assert b"s3cret" not in kept.read_bytes()


def test_a_password_is_not_sent_on_to_another_host(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMHUB_MODELSDEV_URL", site.address.replace("http://", "http://someone:s3cret@"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    site.say(redirect(f"http://localhost:{site.server.port}/there.json"), as_json(SOUND))
    assert load_modelsdev().status.status == "ok"
    assert ["authorization" in request.headers for request in site.asked] == [True, False]


def test_a_proxy_that_is_none_is_told_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMHUB_MODELSDEV_URL", "http://nowhere.invalid/")
    monkeypatch.setenv("HTTP_PROXY", "oops://someone:s3cret@proxy")
    said = reason(load_modelsdev())
    assert "HTTP_PROXY names no proxy that can be used: set it to an address such as" in said
    assert "s3cret" not in said


def test_a_proxy_that_is_down_is_blamed_and_not_the_site(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        monkeypatch.setenv("NO_PROXY", "")
        monkeypatch.setenv("http_proxy", f"http://someone:s3cret@127.0.0.1:{port}")
        said = reason(load_modelsdev())
    assert f"the proxy 127.0.0.1:{port} (http_proxy) failed ([Errno 111] Connection refused): check http_proxy" in said
    assert "s3cret" not in said
    assert site.asked == []


def test_a_socks_proxy_without_its_package_says_which_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMHUB_MODELSDEV_URL", "http://nowhere.invalid/")
    monkeypatch.setenv("ALL_PROXY", "socks5://someone:s3cret@proxy.invalid:1080")
    monkeypatch.setitem(sys.modules, "socksio", None)
    said = reason(load_modelsdev())
    assert "the proxy proxy.invalid:1080 (ALL_PROXY) speaks SOCKS, for which a package is missing: pip install" in said
    assert "s3cret" not in said


def test_an_exception_from_the_proxies_may_be_a_network(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.invalid:3128")
    monkeypatch.setenv("NO_PROXY", "fd00::/8,127.0.0.0/8")
    assert load_modelsdev().status.status == "ok"


def test_offline_the_copy_answers_and_nobody_is_asked(
    site: Site, monkeypatch: pytest.MonkeyPatch, freeze: Freeze
) -> None:
    with freeze(NOON):
        load_modelsdev()
    monkeypatch.setenv("LLMHUB_OFFLINE", "1")
    with freeze(NOON + timedelta(days=5)):
        loaded = load_modelsdev()
    assert list(loaded.models) == KEYS
    assert (loaded.status.status, loaded.status.as_of) == ("skipped", NOON)
    assert reason(loaded) == (
        "LLMHUB_OFFLINE is set, so models.dev was not asked; "
        f"using the copy of 2026-03-01 12:00 UTC (5 days old) from {site.address}"
    )
    assert fetch_modelsdev_json() == document()
    assert len(site.asked) == 1


def test_offline_without_a_copy_there_is_nothing_and_the_reason(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMHUB_OFFLINE", "1")
    loaded = load_modelsdev()
    assert (loaded.models, loaded.status.status) == ({}, "skipped")
    assert reason(loaded) == "LLMHUB_OFFLINE is set, so models.dev was not asked; there is no earlier copy"
    assert site.asked == []


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "cut off": lambda data: data[:-9],
    "another price": lambda data: data.replace(b"1.25", b"1.26"),
    "no head": lambda data: data.partition(b"\n")[2],
    "no json": lambda _: b"\x00" * 100,
    "a list": lambda data: b"[1" + data[data.index(b',\n"document"') :],
    "no date": lambda data: data.replace(b'"fetched_at": "2', b'"fetched_at": "x'),
    "nested": lambda _: b"[" * 100_000,
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_copy_is_named_and_ignored_and_written_anew(
    site: Site, kept: Path, log: Log, damage: Callable[[bytes], bytes]
) -> None:
    load_modelsdev()
    written = kept.read_bytes()
    kept.write_bytes(damage(written))
    assert kept.read_bytes() != written
    site.say(status(404))
    loaded = load_modelsdev()
    assert (loaded.models, loaded.status.status) == ({}, "failed")
    level, message = log.said()[0]
    assert level == "WARNING"
    assert message.startswith(f"{kept} is damaged (")
    site.say(as_json(SOUND))
    assert load_modelsdev().status.status == "ok"
    assert "if-none-match" not in site.asked[-1].headers
    assert json.loads(kept.read_bytes())["document"] == document()


def test_where_no_copy_can_be_kept_the_answer_is_used_with_a_warning(
    site: Site, tmp_path: Path, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_the_way = tmp_path / "a file"
    in_the_way.touch()
    monkeypatch.setenv("LLMHUB_CONFIG_DIR", str(in_the_way))
    loaded = load_modelsdev()
    assert (list(loaded.models), loaded.status.status, loaded.status.reason) == (KEYS, "ok", None)
    level, message = log.said()[-1]
    assert level == "WARNING"
    saved = "models.dev's document could not be saved for when the site is down"
    assert message.startswith(f"{saved}: {in_the_way}/modelsdev.json cannot")


def test_an_odd_value_costs_that_value_and_is_told_in_one_line(site: Site, log: Log) -> None:
    site.say(as_json(body(changed("limit", "context", value="huge"))))
    loaded = load_modelsdev()
    assert list(loaded.models) == KEYS
    assert loaded.models[KEYS[0]].context_tokens is None
    said = "one value is taken as unknown: acme/made-up-2: limit.context: found 'huge'"
    assert (loaded.status.status, loaded.status.count, loaded.problems) == ("ok", 2, ())
    assert reason(loaded).startswith(said)
    assert log.only("WARNING").startswith(f"models.dev: {said}")


def test_an_entry_that_is_none_is_left_out_and_makes_the_source_partial(site: Site, log: Log) -> None:
    site.say(as_json(body(changed("id", value="another"))))
    loaded = load_modelsdev()
    assert list(loaded.models) == KEYS[1:]
    (problem,) = loaded.problems
    assert problem.startswith("models.dev: acme/made-up-2: id: found 'another'")
    assert (loaded.status.status, loaded.status.count) == ("partial", 1)
    assert reason(loaded) == f"1 left out, 1 kept: {problem}"
    assert log.only("WARNING") == problem
    site.say(status(404))
    assert load_modelsdev().problems == loaded.problems


def test_whatever_a_document_brings_a_handful_of_lines_tells_of_it(site: Site, log: Log) -> None:
    data = document()
    models = data["acme"]["models"]
    models |= {f"odd-{number}": {"name": 5, "cost": [], "family": {}} for number in range(2_000)}
    models |= {f"none-{number}": number for number in range(2_000)}
    site.say(as_json(body(data | {f"provider-{number}": number for number in range(500)})))
    loaded = load_modelsdev()
    assert (loaded.status.status, loaded.status.count) == ("partial", 2_002)
    said = [message for level, message in log.said() if level in {"WARNING", "ERROR"}]
    assert len(said) == 5
    assert said[3] == "models.dev: 2,497 more are left out: --verbose says why"
    assert said[4].startswith("models.dev: 6,000 values are taken as unknown, the first of them: acme/odd-0: cost: ")


def test_what_the_contract_s_function_leaves_out_is_logged(log: Log) -> None:
    assert list(normalize_modelsdev(changed("id", value=4))) == KEYS[1:]
    assert log.only("WARNING").startswith("models.dev: acme/made-up-2: id: found 4")


def test_models_of_all_types_are_asked_for_unless_the_address_asks_for_something_itself(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_modelsdev()
    load_modelsdev()
    assert [request.query for request in site.asked] == ["type=all", "type=all"]
    # The copy of the one is that of the other.
    assert site.asked[1].headers["if-none-match"] == '"one"'
    monkeypatch.setenv("LLMHUB_MODELSDEV_URL", f"{site.address}?type=chat")
    load_modelsdev()
    assert site.asked[2].query == "type=chat"


@pytest.mark.parametrize("code", [400, 404, 422])
def test_a_server_that_does_not_know_types_is_asked_without(monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    def strict(request: Request) -> Response:
        return status(code) if request.query else as_json(SOUND)

    with LocalServer(strict) as server:
        monkeypatch.setenv("LLMHUB_MODELSDEV_URL", f"{server.url}/api.json")
        assert (load_modelsdev().status.status, server.requests) == ("ok", ["/api.json"] * 2)


def test_importing_it_imports_no_http_client() -> None:
    code = "import sys, llmhub.catalog.modelsdev_source, llmhub.catalog.cache; print(*sys.modules)"
    assert {"httpx", "tenacity", "filelock", "ssl"}.isdisjoint(start_python(code).split())


@pytest.mark.needs_shared
@pytest.mark.parametrize(
    ("name", "count"), [("api-2026-07-02.json.gz", 5276), ("api-2025-12-11-few-providers.json.gz", 347)]
)
def test_every_model_of_the_real_file_comes_with_its_prices_and_limits(
    shared_data: Path, site: Site, log: Log, name: str, count: int
) -> None:
    packed = (shared_data / "modelsdev" / name).read_bytes()
    site.say(as_json(packed, content_encoding="gzip"))
    loaded = load_modelsdev()
    assert (loaded.status.status, loaded.problems, len(loaded.models)) == ("ok", (), count)
    assert not log.said()
    whole = json.loads(gzip.decompress(packed))
    rows = [(p, m, row) for p, provider in whole.items() for m, row in provider["models"].items()]
    assert list(loaded.models) == [f"{p}/{m}" for p, m, _ in rows]
    for model, (provider, model_id, row) in zip(loaded.models.values(), rows, strict=True):
        cost, limit = row.get("cost", {}), row["limit"]
        assert (model.provider, model.model_id, model.display_name) == (provider, model_id, row["name"])
        prices = (model.price_input_per_million, model.price_output_per_million, model.price_reasoning_per_million)
        assert prices == (cost.get("input"), cost.get("output"), cost.get("reasoning"))
        limits = [model.context_tokens, model.max_input_tokens, model.max_output_tokens]
        assert limits == [limit.get(name) if limit.get(name) != 0 else None for name in ("context", "input", "output")]
        assert (model.supports_reasoning, model.supports_tool_call) == (row["reasoning"], row["tool_call"])
        assert model.supports_structured_output is row.get("structured_output")
        assert (model.attachments, model.open_weights) == (row["attachment"], row["open_weights"])
        assert [*model.input_modalities] == row["modalities"]["input"]
        assert [*model.output_modalities] == row["modalities"]["output"]
        assert model.family == row.get("family")
        # Three dates of the file are on no calendar.
        assert model.release_date == (None if row["release_date"] == "2025-25-11" else row["release_date"])
        assert model.last_updated == row["last_updated"]
        assert model.knowledge_cutoff == (None if row.get("knowledge") == "2025-02-31" else row.get("knowledge"))

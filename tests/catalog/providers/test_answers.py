"""Answers and errors come to words of llmhub's own, and to nothing that a provider said."""

from __future__ import annotations

import json
import ssl

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmhub.catalog.providers import answers
from llmhub.catalog.providers.answers import Address, AnswerError, failure, listed, parse_address
from llmhub.web.proxies import Proxy

CANARY = "sk-made-up-CANARY"
HERE = Address("127.0.0.1", 8080)


class SdkError(Exception):
    """An SDK's error, with a status wherever SDKs keep one."""

    def __init__(self, **attributes: object) -> None:
        super().__init__(f"Incorrect API key provided: {CANARY}")
        self.__dict__.update(attributes)


class _Response:
    status_code = 418


NO_LIST = "answered with something that is not a list of models"


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (SdkError(status_code=401), "HTTP 401 (SdkError)"),
        (SdkError(status=403), "HTTP 403 (SdkError)"),
        (SdkError(code=500), "HTTP 500 (SdkError)"),
        (SdkError(response=_Response()), "HTTP 418 (SdkError)"),
        (SdkError(response={"ResponseMetadata": {"HTTPStatusCode": 403}}), "HTTP 403 (SdkError)"),
        (SdkError(code="invalid_api_key"), "SdkError"),
        (SdkError(status_code=True, code=7), "SdkError"),
        (SdkError(status_code=200), f"{NO_LIST} (SdkError)"),
        (AttributeError(CANARY), f"{NO_LIST} (AttributeError)"),
        (
            json.JSONDecodeError(CANARY, CANARY, 0),
            f"{NO_LIST} (JSONDecodeError)",
        ),
        (
            SdkError(original_exception=KeyError(CANARY)),
            f"{NO_LIST} (KeyError)",
        ),
        (AnswerError("answered with more than 8 MiB"), "answered with more than 8 MiB"),
        (httpx.ConnectError(CANARY), f"no connection to {HERE} (ConnectError): check the network"),
        (type("Odd\x1b[31m" + "x" * 200, (Exception,), {})(), "Odd\\x1b[31m" + "x" * 71 + "…"),
        (SystemExit(CANARY), "SystemExit"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_error_is_told_by_class_and_status_alone(error: BaseException, reason: str) -> None:
    found = failure(error, HERE)
    assert (found.kind, found.reason, found.address) == ("failed", reason, HERE)


def raised(error: BaseException, *causes: BaseException) -> BaseException:
    """Return an error that was raised from the next, and that from the next."""
    for outer, cause in zip((error, *causes), causes, strict=False):
        outer.__cause__ = cause
    return error


def test_a_connection_that_was_refused_is_told_with_the_host_and_port_that_were_asked() -> None:
    request = httpx.Request("GET", f"http://user:{CANARY}@127.0.0.1:9999/v1/models?key={CANARY}")
    several = ExceptionGroup("attempts", [TimeoutError(), ConnectionRefusedError()])
    found = failure(raised(SdkError(), httpx.ConnectError(CANARY, request=request), OSError(), several), HERE)
    assert (found.kind, found.reason) == ("refused", "nothing answers at 127.0.0.1:9999")


def test_what_was_refused_at_an_unknown_address_is_told_by_class() -> None:
    assert failure(raised(SdkError(), ConnectionRefusedError())).reason == "SdkError"


def test_where_no_connection_came_about_the_address_and_the_network_are_named() -> None:
    error = raised(SdkError(), httpx.ConnectError(CANARY), OSError(-2, "Name or service not known"))
    there = Address("api.example.com", 443)
    assert failure(error, there).reason == "no connection to api.example.com:443 (SdkError): check the network"
    assert failure(error).reason == "SdkError"


def test_an_answer_of_llmhubs_own_is_found_inside_an_sdks_error() -> None:
    assert failure(raised(SdkError(), AnswerError("answered with more than 8 MiB"))).reason == (
        "answered with more than 8 MiB"
    )


def test_errors_that_led_to_each_other_end() -> None:
    one, other = SdkError(), SdkError()
    one.__cause__, other.__cause__ = other, one
    assert failure(one).reason == "SdkError"


@pytest.mark.parametrize(
    ("text", "shown", "loopback"),
    [
        (f"http://user:{CANARY}@127.0.0.1:8080/v1?key={CANARY}", "127.0.0.1:8080", True),
        ("localhost:1234", "localhost:1234", True),
        ("http://[::1]:11434", "[::1]:11434", True),
        ("https://api.openai.com/v1", "api.openai.com:443", False),
        ("http://10.0.0.1", "10.0.0.1:80", False),
        ("gpu-box", "gpu-box", False),
        ("http://user@host:port/", None, False),
        ("http://", None, False),
        ("", None, False),
        (None, None, False),
    ],
)
def test_of_an_address_host_and_port_are_kept(text: str | None, shown: str | None, *, loopback: bool) -> None:
    address = parse_address(text)
    assert (str(address) if address else None) == shown
    assert bool(address and address.is_loopback) is loopback


@given(st.text())
def test_no_address_raises_or_shows_what_drives_a_terminal(text: str) -> None:
    address = parse_address(text)
    assert address is None or str(address).isprintable()


def test_models_are_listed_in_order_and_once() -> None:
    assert listed(["b", "a", "b"]).ids == ("b", "a")
    assert listed(["b", "a", "b"]).reason is None


def test_no_models_are_a_reason_and_no_failure() -> None:
    assert (listed([]).kind, listed([]).ids, listed([]).reason) == ("listed", (), "listed no models")


@pytest.mark.parametrize("odd", ["", " a", "a\n", "\x1b", "\ud800", "x" * 513, None, 5, ["a"], b"a"])
def test_what_can_be_no_id_is_left_out_and_counted(odd: object) -> None:
    assert listed(["a", odd]).ids == ("a",)
    assert listed(["a", odd]).reason == "1 of its 2 entries has no usable id"
    with pytest.raises(AnswerError, match="not a list of models"):
        listed([odd])


def test_of_more_models_than_anyone_has_the_first_are_taken_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "MAX_MODELS", 3)
    assert (listed("abc").ids, listed("abc").reason) == (("a", "b", "c"), None)
    found = listed("abcd")
    assert (found.ids, found.reason) == (("a", "b", "c"), "listed 4 models, of which only the first 3 are taken")


def test_a_list_that_goes_on_is_told_beside_what_else_is_odd() -> None:
    assert listed(["a", None], more=True).reason == (
        "1 of its 2 entries has no usable id; says that it has more models than the 1 that it listed"
    )


PROXY = Proxy("http://user:secret@proxy.invalid:3128", "HTTPS_PROXY")


class ConnectError(Exception):
    """An HTTP client's, by its name."""


def test_a_connection_that_fails_is_the_proxys_fault_where_there_is_one() -> None:
    error = ConnectError()
    error.__cause__ = ConnectionRefusedError()
    there = Address("api.example.com", 443)
    found = failure(error, there, PROXY)
    assert (found.kind, found.reason) == (
        "failed",
        "the proxy proxy.invalid:3128 (HTTPS_PROXY) failed (ConnectError): check HTTPS_PROXY",
    )
    assert failure(error, there).kind == "refused"


def test_a_certificate_that_is_refused_is_not_the_proxys_fault() -> None:
    error = ConnectError()
    error.__cause__ = ssl.SSLCertVerificationError()
    found = failure(error, Address("api.example.com", 443), PROXY)
    assert found.reason == "the certificate of api.example.com:443 is not trusted (ConnectError): check SSL_CERT_FILE"


@given(st.lists(st.text() | st.integers() | st.none()))
def test_whatever_is_listed_only_usable_ids_come_of_it(entries: list[object]) -> None:
    try:
        ids = listed(entries).ids
    except AnswerError:
        ids = ()
    assert len(set(ids)) == len(ids)
    assert all(found in entries and found.isprintable() and found.strip() == found != "" for found in ids)

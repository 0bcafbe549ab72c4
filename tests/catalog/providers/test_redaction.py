from __future__ import annotations

import base64
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmhub.catalog.providers.answers import Answer
from llmhub.catalog.providers.redaction import Secrets

KEY = "sk-Made/Up+and=secret"


@pytest.mark.parametrize(
    "text",
    [
        KEY,
        f"model-{KEY}-1",
        KEY.upper(),
        f"x/{quote(KEY, safe='')}",
        base64.b64encode(KEY.encode()).decode(),
        base64.urlsafe_b64encode(f"user:{KEY}".encode()).decode(),
        base64.b64encode(f"us:{KEY}:more".encode()).decode(),
    ],
)
def test_an_id_that_is_or_holds_a_key_in_whatever_form_is_found(text: str) -> None:
    assert Secrets([KEY]).are_in(text)


@given(st.binary(max_size=5), st.binary(max_size=5))
def test_a_key_is_found_in_base64_wherever_it_stands(before: bytes, after: bytes) -> None:
    assert Secrets([KEY]).are_in(base64.b64encode(before + KEY.encode() + after).decode())


@pytest.mark.parametrize("value", ["", "  ", "\n"])
def test_an_empty_value_is_in_nothing(value: str) -> None:
    secrets = Secrets([value])
    assert not secrets.are_in("")
    assert not secrets.are_in("gpt-made-up")


def test_a_short_value_is_a_stand_in_that_only_an_equal_id_is_dropped_for() -> None:
    secrets = Secrets(["llama"])
    assert secrets.are_in("llama")
    assert not secrets.are_in("llama-3-8b")


def test_the_ids_that_hold_a_key_are_dropped_and_counted_and_not_shown() -> None:
    answer = Answer("listed", ("gpt-made-up", KEY, f"a-{KEY}"), reason="odd")
    cleaned = Secrets(["", "none", KEY]).removed_from(answer)
    assert cleaned.ids == ("gpt-made-up",)
    assert cleaned.reason == "odd; 2 ids hold the value of a key and are left out"
    assert (
        Secrets([KEY]).removed_from(Answer("listed", (KEY,))).reason
        == "one id holds the value of a key and is left out"
    )


def test_an_answer_without_secrets_is_left_as_it_is() -> None:
    answer = Answer("listed", ("gpt-made-up",))
    assert Secrets([KEY]).removed_from(answer) is answer

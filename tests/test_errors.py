from __future__ import annotations

import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmhub import errors
from llmhub.errors import LlmhubError, printable

KINDS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if kind.__module__ == errors.__name__]


@given(st.text())
def test_printable_text_holds_nothing_that_drives_a_terminal(text: str) -> None:
    assert printable(text).isprintable()


@given(st.text().filter(str.isprintable))
def test_text_that_is_harmless_stays_as_it_is(text: str) -> None:
    assert printable(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("gpt-4o\x1b[31m", r"gpt-4o\x1b[31m"),
        ("two\nlines\r\t", r"two\nlines\r\t"),
        ("right\u202eleft", r"right\u202eleft"),
        ("\u2028\x85\x7f\0", r"\u2028\x85\x7f\x00"),
        ("half \ud800", r"half \ud800"),
        ("\U000e0041", r"\U000e0041"),
        ("模型-é-🙂", "模型-é-🙂"),
    ],
)
def test_what_is_harmful_becomes_a_visible_escape(text: str, shown: str) -> None:
    assert printable(text) == shown


@pytest.mark.parametrize(("text", "shown"), [("abcde", "abcde"), ("abcdef", "abcd…"), ("", "")])
def test_of_a_long_text_the_beginning_is_kept(text: str, shown: str) -> None:
    assert printable(text, 5) == shown


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_error_is_an_llmhub_error_of_one_harmless_line(kind: type[LlmhubError]) -> None:
    assert issubclass(kind, LlmhubError)
    assert str(kind("model \x1b[31m\nis \u202e gone")) == r"model \x1b[31m\nis \u202e gone"


@pytest.mark.parametrize(
    ("kind", "parents"),
    [
        (errors.SnapshotNotFound, (errors.NotFoundError, LookupError)),
        (errors.BoardNotFoundError, (errors.NotFoundError, LookupError)),
        (errors.ModelNotFoundError, (errors.NotFoundError, LookupError)),
        (errors.InvalidReferenceError, (ValueError,)),
        (errors.InvalidScoreError, (ValueError,)),
        (errors.StoreUnusableError, (errors.StoreError,)),
        (errors.StoreReadOnlyError, (errors.StoreError,)),
        (errors.SnapshotConflictError, (errors.StoreError,)),
    ],
)
def test_errors_can_be_caught_by_what_they_are(kind: type[LlmhubError], parents: tuple[type, ...]) -> None:
    assert all(issubclass(kind, parent) for parent in parents)

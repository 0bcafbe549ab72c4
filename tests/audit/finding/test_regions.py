"""Strings and comments are the same however many places of a text are asked for, and in whatever order."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmhub.audit.finding.kinds import Kind
from llmhub.audit.finding.regions import Regions

PIECES = (
    '"',
    "'",
    '"""',
    "`",
    "#",
    "\\",
    "\n",
    "\r\n",
    "//",
    "/*",
    "*/",
    "<!--",
    "-->",
    "(",
    "]",
    "}",
    "a",
    " ",
    'r#"',
)
TEXTS = st.lists(st.sampled_from(PIECES), max_size=30).map(lambda pieces: "".join(pieces).encode())


@given(text=TEXTS, kind=st.sampled_from(get_args(Kind)), data=st.data())
def test_places_in_any_order_are_in_the_regions_that_reading_from_the_start_gives(
    text: bytes, kind: Kind, data: st.DataObject
) -> None:
    every = Regions(text, kind)
    in_order = [every.around(at) for at in range(len(text))]
    asked = data.draw(st.lists(st.integers(0, max(len(text) - 1, 0)), max_size=5)) if text else []
    some = Regions(text, kind)
    assert [some.around(at) for at in asked] == [in_order[at] for at in asked]


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ('def f():\n    """Use gpt-4."""\n', "docstring"),
        ('x = (\n    """gpt-4"""\n)\n', "string"),
        ('x = \\\n    """gpt-4"""\n', "string"),
        ('"""\n\n\n"""\n"gpt-4"\n', "docstring"),
        ("x = 1  # gpt-4\n", "comment"),
        ('x = ["' + "y" * 500 + '", "gpt-4"]', "string"),
    ],
)
def test_a_string_of_python_that_stands_alone_is_a_docstring(text: str, role: str) -> None:
    region = Regions(text.encode(), "python").around(text.index("gpt-4"))
    assert region is not None
    assert region.role == role


def test_a_string_that_a_backslash_continues_is_not_cut_at_the_end_of_its_line() -> None:
    text = b'a "b\\\nc" d\n'
    assert Regions(text, "json").around(text.index(b"c")) == (2, 8, "string")
    assert Regions(text, "json").around(text.index(b"d")) is None


@pytest.mark.parametrize(
    "opening", ['\\"', "\\'", "\\`", '\\"""', "/* ", "<!-- ", "%w[", 'r#"', 'br#"', "<<EOF\n", "<<EOF "]
)
@pytest.mark.parametrize("kind", get_args(Kind))
def test_openings_without_an_end_are_not_each_read_to_the_end_of_the_text(opening: str, kind: Kind) -> None:
    # If they were, this would take minutes.
    text = b"x = gpt-4 " + opening.encode() * (400_000 // len(opening)) + b"\n"
    regions = Regions(text, kind)
    assert regions.around(4) is None
    regions.around(len(text) - 1)


@pytest.mark.parametrize(
    ("kind", "text", "role"),
    [
        ("script", 'a /* b\n"gpt-4" // c', "string"),
        ("script", "a /* b\n// gpt-4", "comment"),
        ("char-c-like", 'a r#"b" + "gpt-4"', "string"),
        ("hash", 'a <<EOF\n"gpt-4"', "string"),
        ("markup", '<!-- <a b="gpt-4">', "string"),
        ("script", "if (/\\\"/.test(a)) b = 'gpt-4'; // \"", "string"),
        ("char-c-like", 'a = br#"gpt-4"#;', "string"),
    ],
)
def test_behind_an_opening_without_an_end_strings_and_comments_are_told_apart(kind: Kind, text: str, role: str) -> None:
    region = Regions(text.encode(), kind).around(text.index("gpt-4"))
    assert region is not None
    assert region.role == role


def test_strings_far_out_on_one_line_are_no_docstrings() -> None:
    # If the line were read for each of them, this would take minutes.
    text = (b" " * 100 + b'"gpt-4"') * 20_000
    regions = Regions(text, "python")
    assert {regions.around(at) for at in range(103, len(text), 107)} == {
        (at - 3, at + 4, "string") for at in range(103, len(text), 107)
    }

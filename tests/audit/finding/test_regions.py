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

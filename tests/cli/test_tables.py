"""Tables that are drawn without rich are those that rich would draw."""

from __future__ import annotations

import string

from hypothesis import assume, given
from hypothesis import strategies as st

from llmhub.cli.render import _narrowed, _plain_table, _rich_table
from llmhub.cli.terminal import folded_text

_HEADS = ("model", "rating", "votes", "organization")
_TEXTS = frozenset({"model", "organization"})
_SHORT = st.text(string.ascii_letters + string.digits, min_size=1, max_size=12)
_LONG = st.text(string.ascii_lowercase + "-/. ()", max_size=70).map(str.strip)


@given(
    st.lists(st.tuples(_LONG, _SHORT, _SHORT, _SHORT), max_size=6),
    st.integers(min_value=40, max_value=130),
)
def test_a_table_without_rich_is_the_one_that_rich_draws(rows: list[tuple[str, ...]], room: int) -> None:
    widths = [max(map(len, column)) for column in zip(_HEADS, *rows, strict=True)]
    narrowed = _narrowed(widths, room)
    assume(narrowed is not None)
    assert narrowed is not None
    plain = _plain_table(_HEADS, rows, _TEXTS, narrowed, bold=False)
    assert plain == _rich_table(_HEADS, rows, _TEXTS, room)


def test_a_table_that_needs_more_than_one_column_narrowed_is_left_to_rich() -> None:
    assert _narrowed([30, 28, 5], 60) is None
    assert _narrowed([30, 5], 30) == [22, 5]
    assert _narrowed([30, 5], 38) == [30, 5]
    assert _narrowed([90], 20) is None


def test_a_word_that_is_longer_than_its_column_is_broken_and_others_stay_whole() -> None:
    assert folded_text("made-up-model (deprecated)", 13) == ["made-up-model", "(deprecated)"]
    assert folded_text("a made-up-model", 8) == ["a", "made-up-", "model"]
    assert folded_text("", 8) == [""]

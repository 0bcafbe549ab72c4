"""Tables on terminals of every width: what is split, what is left out, and what always stays whole."""

from __future__ import annotations

import string

from hypothesis import given
from hypothesis import strategies as st

from llmhub.cli.screen.layout import Shape, laid_out, text_width, wrapped

HEADS = ("model", "rating", "interval", "votes", "why")
SHAPE = Shape(
    left=frozenset({"model", "why"}), prose=frozenset({"why"}), ids=frozenset({"model"}), drop=("interval", "votes")
)
_ID = st.text(string.ascii_lowercase + "-/.:\N{CJK UNIFIED IDEOGRAPH-65E5}", min_size=1, max_size=60)
_NUMBER = st.floats(0, 9_999_999).map(lambda number: f"{number:,.1f}")
_WORDS = st.lists(st.text(string.ascii_lowercase, min_size=1, max_size=40), max_size=8).map(" ".join)
_ROWS = st.lists(st.tuples(_ID, _NUMBER, _NUMBER, _NUMBER, _WORDS), min_size=1, max_size=8)


@given(_ROWS, st.integers(min_value=80, max_value=220))
def test_at_80_columns_and_more_no_id_number_or_word_is_split_and_no_line_is_too_wide(
    rows: list[tuple[str, ...]], room: int
) -> None:
    laid = laid_out(HEADS, rows, SHAPE, room)
    assert max(map(text_width, [*laid.heads, *laid.rows])) <= room
    shown = {word for line in laid.rows for word in line.split()}
    kept = [place for place, name in enumerate(HEADS) if name not in laid.dropped]
    assert {word for row in rows for place in kept for word in row[place].split()} == shown
    assert set(laid.dropped) <= {"interval", "votes"}


@given(_ROWS)
def test_in_a_pipe_a_row_is_a_line_without_spaces_at_its_end_and_every_column_is_there(
    rows: list[tuple[str, ...]],
) -> None:
    laid = laid_out(HEADS, rows, SHAPE, None)
    assert (len(laid.rows), laid.dropped) == (len(rows), ())
    assert all(line == line.rstrip() for line in laid.rows)
    assert [line.split() for line in laid.rows] == [" ".join(row).split() for row in rows]


def test_columns_go_in_the_order_that_the_table_names_and_one_long_id_costs_the_others_no_column() -> None:
    rows = [(f"lab/made-up-{number}", "1400.0", "1,395.0", "12", "") for number in range(20)]
    assert laid_out(HEADS, rows, SHAPE, 49).dropped == ()
    assert laid_out(HEADS, rows, SHAPE, 38).dropped == ("interval",)
    assert laid_out(HEADS, rows, SHAPE, 28).dropped == ("interval", "votes")
    laid = laid_out(HEADS, [(f"lab/{'long-' * 10}name", "1400.0", "1,395.0", "12", ""), *rows], SHAPE, 62)
    assert laid.dropped == ()
    assert laid.rows[:3] == [
        f"lab/{'long-' * 10}name",
        " " * 16 + "1400.0   1,395.0     12",
        "lab/made-up-0" + " " * 3 + "1400.0   1,395.0     12",
    ]


def test_an_id_that_is_longer_than_a_line_loses_its_middle_alone() -> None:
    (first, second) = laid_out(HEADS, [("begin" + "x" * 90 + "end", "1400.0", "9", "1", "")], SHAPE, 80).rows
    assert (text_width(first), first[:5], first[-3:]) == (80, "begin", "end")
    assert second.split() == ["1400.0"]


def test_an_id_that_is_longer_than_the_last_column_stands_further_left_on_a_line_of_its_own() -> None:
    shape = Shape(left=frozenset({"model", "successor"}), ids=frozenset({"model", "successor"}))
    rows = [("lab/made-up", "12", "short")] * 20 + [("lab/made-up", "12", "lab/" + "s" * 30)]
    *_, last, of_its_own = laid_out(("model", "days", "successor"), rows, shape, 40).rows
    assert (last.split(), of_its_own) == (["lab/made-up", "12"], " " * 6 + rows[-1][2])


def test_long_heads_are_written_over_several_lines_before_a_column_goes() -> None:
    laid = laid_out(("id", "models on text"), [("12", "8")], Shape(drop=("id",)), 11)
    assert (laid.heads, laid.rows, laid.dropped) == (["id  models", "        on", "      text"], ["12       8"], ())


def test_a_head_is_split_within_its_word_before_a_column_goes_and_only_where_that_helps() -> None:
    shape = Shape(drop=("quality", "reasoning"), hyphens={"quality": "qual- ity", "reasoning": "reason- ing"})
    rows = [("1", "1400000")]
    assert laid_out(("quality", "reasoning"), rows, shape, 18).heads == ["quality  reasoning"]
    laid = laid_out(("quality", "reasoning"), rows, shape, 14)
    assert (laid.heads, laid.rows, laid.dropped) == (
        ["qual-  reason-", "  ity      ing"],
        ["    1  1400000"],
        (),
    )


def test_from_120_columns_on_long_ids_take_lines_of_their_own_before_a_column_goes() -> None:
    rows = [(f"lab/{'x' * (24 + place)}", "1400.0", "1,395.0 to 1,405.0" * 3, "12", "") for place in range(30)]
    assert laid_out(HEADS, rows, SHAPE, 119).dropped == ("interval",)
    laid = laid_out(HEADS, rows, SHAPE, 120)
    assert laid.dropped == ()
    assert len(laid.by_row[0]) == 1
    assert [line.split() for line in laid.by_row[-1]] == [[rows[-1][0]], " ".join(rows[-1]).split()[1:]]
    assert laid_out(HEADS, [(row[0], "1", "9" * 90, "12", "") for row in rows], SHAPE, 120).dropped == ("interval",)


def test_an_id_that_several_rows_share_stands_once_above_them_where_ids_do_not_fit_beside_their_values() -> None:
    shape = Shape(left=frozenset({"model", "field"}), ids=frozenset({"model"}), group="model")
    heads = ("model", "field", "from")
    rows = [("lab/long-made-up", "input", "1"), ("lab/long-made-up", "output", "2"), ("lab/b", "input", "3")]
    assert laid_out(heads, rows, shape, 40).rows[1] == "lab/long-made-up  output     2"
    laid = laid_out(heads, rows, shape, 20)
    assert laid.heads == ["model", "  field   from"]
    assert laid.rows == ["lab/long-made-up", "  input      1", "  output     2", "lab/b", "  input      3"]
    assert laid.width == len("lab/long-made-up")


def test_letters_that_take_two_columns_are_counted_so() -> None:
    laid = laid_out(("model", "rank"), [("日本語", "1"), ("made-up", "2")], Shape(left=frozenset({"model"})), None)
    assert laid.rows == ["日本語      1", "made-up     2"]


def test_a_line_that_is_too_long_is_broken_between_words_below_its_own_text() -> None:
    assert wrapped("snapshot 1 of 2026-01-01 and of no other day", 30) == [
        "snapshot 1 of 2026-01-01 and",
        "  of no other day",
    ]
    assert wrapped("  ok       a setting: its value", 24) == ["  ok       a setting:", "           its value"]

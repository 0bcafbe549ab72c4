"""Tables as they are written into a pipe."""

from __future__ import annotations

import io
from contextlib import redirect_stdout

from hypothesis import given, settings
from hypothesis import strategies as st

from llmhub.cli import render

_CELL = st.text(st.sampled_from("ab [x]/:-.,0\t\n"), max_size=12)


def _drawn(columns: list[str], rows: list[tuple[str, ...]], left: list[str], encoding: str = "utf-8") -> str:
    """Return a table as a pipe of an encoding gets it."""
    written = io.BytesIO()
    with io.TextIOWrapper(written, encoding=encoding, newline="\n") as pipe:
        with redirect_stdout(pipe):
            render.echo_table(columns, rows, left=left)
        pipe.flush()
        return written.getvalue().decode(encoding)


@settings(deadline=None, database=None)
@given(
    rows=st.integers(1, 4).flatmap(lambda width: st.lists(st.tuples(*[_CELL] * width), max_size=4)),
    left=st.sets(st.integers(0, 3)),
)
def test_a_table_in_a_pipe_is_drawn_without_rich_as_rich_draws_it(rows: list[tuple[str, ...]], left: set[int]) -> None:
    columns = [f"column {number}" for number in range(len(rows[0]) if rows else 3)]
    texts = [column for number, column in enumerate(columns) if number in left]
    # Of what is no plain UTF-8 by name rich is asked to draw the table.
    assert _drawn(columns, rows, texts) == _drawn(columns, rows, texts, "utf-16")


def test_wide_letters_are_left_to_rich_which_knows_their_width() -> None:
    drawn = _drawn(["model", "rank"], [("日本語", "1"), ("made-up", "2")], ["model"]).splitlines()
    assert drawn[2].split() == ["日本語", "1"]
    # Six cells of seven, and then the same three and the number.
    assert drawn[2] == "日本語 " + "   " + "   1"
    assert drawn[3] == "made-up" + "   " + "   2"

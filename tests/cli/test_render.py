"""Tables as they are written into a pipe."""

from __future__ import annotations

import io
from contextlib import redirect_stdout

from llmhub.cli import render


def _drawn(columns: list[str], rows: list[tuple[str, ...]], left: list[str], encoding: str = "utf-8") -> str:
    """Return a table as a pipe of an encoding gets it."""
    written = io.BytesIO()
    with io.TextIOWrapper(written, encoding=encoding, newline="\n") as pipe:
        with redirect_stdout(pipe):
            render.echo_table(columns, rows, left=left)
        pipe.flush()
        return written.getvalue().decode(encoding)


def test_a_table_in_a_pipe_has_a_line_a_row_and_no_space_at_a_lines_end() -> None:
    rows: list[tuple[str, ...]] = [("a", "unknown why"), ("a-longer-name", "")]
    lines = _drawn(["model", "why"], rows, ["model", "why"]).splitlines()
    assert lines == [
        "model          why",
        "\N{BOX DRAWINGS LIGHT HORIZONTAL}" * 26,
        "a              unknown why",
        "a-longer-name",
    ]


def test_the_rule_below_the_heads_is_one_that_the_output_can_show() -> None:
    assert _drawn(["model"], [("a",)], ["model"], "ascii").splitlines() == ["model", "-----", "a"]


def test_what_would_drive_a_terminal_is_shown_harmless() -> None:
    assert _drawn(["model"], [("\x1b[31m[red]x\n",)], ["model"]).splitlines()[2] == r"\x1b[31m[red]x\n"


def test_a_dash_between_two_numbers_is_a_hyphen_where_the_encoding_has_no_dash() -> None:
    assert _drawn(["ranks"], [("1\N{EN DASH}4",)], ["ranks"], "latin-1").splitlines() == ["ranks", "-----", "1-4"]

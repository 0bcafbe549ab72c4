"""How results are written: JSON documents, CSV, and tables for people.

Names and messages come from outside. In a table they are shown harmless; in JSON and CSV they are unchanged, and
JSON escapes what is not ASCII, so that neither form can drive a terminal through a JSON reader's eyes.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

import click

from llmhub.cli.terminal import aside, console, folded_text, has_styles
from llmhub.cli.terminal import columns as terminal_columns
from llmhub.cli.verbosity import is_quiet
from llmhub.errors import printable

if TYPE_CHECKING:
    from llmhub.arena.boards import Snapshot

UNKNOWN = "unknown"

# Wider than any table: rich would cut what does not fit into the 80 columns that it assumes of a pipe.
_PIPE_WIDTH = 100_000
# Between two columns.
_GAP = 3


def moment_json(moment: datetime) -> str:
    """Return a moment as ISO 8601 in UTC with a Z; fractions of a second only where there are any."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def day_json(day: date | None) -> str | None:
    """Return a date as ISO 8601; None stays None."""
    return None if day is None else day.isoformat()


def snapshot_json(snapshot: Snapshot) -> dict[str, object]:
    """Return a snapshot's documented JSON shape."""
    return {
        "id": snapshot.id,
        "taken_at": moment_json(snapshot.taken_at),
        "published_on": day_json(snapshot.published_on),
        "source": snapshot.source,
        "boards": snapshot.boards,
        "models": snapshot.models,
    }


def echo_json(document: object) -> None:
    """Print one JSON document."""
    from llmhub.cli.pretty_json import pretty

    click.echo(pretty(document))


def echo_csv(rows: Sequence[Mapping[str, object]], columns: Sequence[str]) -> None:
    """Print rows as CSV under a header line; unknown values are empty."""
    import csv

    written = _Rows()
    writer = csv.DictWriter(written, columns, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    # color=True, here and below: what is printed is what was meant, and click strips nothing of it in a pipe.
    click.echo("\n".join(written), color=True)


class _Rows(list[str]):
    r"""Takes rows without their `\r\n`; told to end them with `\n`, csv before Python 3.13 quotes no `\r` in a cell."""

    def write(self, row: str) -> None:
        self.append(row.removesuffix("\r\n"))


def echo_table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, left: Iterable[str] = ()) -> None:
    """Print a table; the columns named in `left` hold text, the others numbers.

    Each cell goes in as plain text: rich markup in a model's name stays what it is.
    """
    texts = frozenset(left)
    cells = [[printable(str(cell)) for cell in row] for row in rows]
    on_terminal = bool(sys.stdout and sys.stdout.isatty())
    if _needs_no_rich((columns, *cells)):
        widths = [max(map(len, column)) for column in zip(columns, *cells, strict=True)]
        room = terminal_columns() if on_terminal else _PIPE_WIDTH
        if (narrowed := _narrowed(widths, room)) is not None:
            click.echo(_plain_table(columns, cells, texts, narrowed, bold=on_terminal), nl=False, color=True)
            return
    # Not rich's own idea of a terminal: FORCE_COLOR asks for colours in a pipe, and not for 80 columns.
    click.echo(_rich_table(columns, cells, texts, None if on_terminal else _PIPE_WIDTH), nl=False, color=True)


def _rich_table(columns: Sequence[str], rows: Sequence[Sequence[str]], texts: frozenset[str], width: int | None) -> str:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column in columns:
        table.add_column(column, justify="left" if column in texts else "right", overflow="fold", no_wrap=False)
    for row in rows:
        table.add_row(*map(Text, row))
    terminal = console(width=width)
    with terminal.capture() as capture:
        terminal.print(table)
    return capture.get()


def _needs_no_rich(rows: Iterable[Sequence[str]]) -> bool:
    """Say whether a table comes out the same without rich: no colour, no wide letters, no other rules.

    rich takes a third of a millisecond a line.
    """
    encoding = (getattr(sys.stdout, "encoding", None) or "").lower().replace("-", "")
    asked = any(os.environ.get(name) for name in ("FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"))
    return os.name != "nt" and encoding == "utf8" and not asked and all(cell.isascii() for row in rows for cell in row)


def _narrowed(widths: Sequence[int], room: int) -> list[int] | None:
    """Return the columns' widths, the widest one narrowed as rich would do so that all fit; None if that is not enough.

    rich narrows the widest column until it is as wide as the next one, and only then others.
    """
    found = list(widths)
    excess = sum(found) + _GAP * (len(found) - 1) - room
    if excess <= 0:
        return found
    widest = max(found)
    others = sorted(found)[:-1]
    left = widest - excess
    # Columns differ by the space beside them too, which rich counts in.
    if not others or left <= others[-1] + _GAP:
        return None
    found[found.index(widest)] = left
    return found


def _plain_table(
    columns: Sequence[str], rows: Sequence[Sequence[str]], texts: frozenset[str], widths: Sequence[int], *, bold: bool
) -> str:
    """Return a table as rich draws it: three spaces between the columns, a rule below the heads."""
    parts = [f"{{:{'<' if column in texts else '>'}{width}}}" for column, width in zip(columns, widths, strict=True)]
    line = (" " * _GAP).join(parts).format
    head = line(*columns)
    shown = [click.style(head, bold=True) if bold and has_styles() else head]
    shown.append("─" * (sum(widths) + _GAP * (len(widths) - 1)))
    for row in rows:
        # As rich does: what is set to the right loses the spaces at its end.
        cells = [cell if name in texts else cell.rstrip() for name, cell in zip(columns, row, strict=True)]
        if all(len(cell) <= width for cell, width in zip(cells, widths, strict=True)):
            shown.append(line(*cells))
        else:
            folded = (folded_text(cell, width) for cell, width in zip(cells, widths, strict=True))
            shown += (line(*parts) for parts in zip_longest(*folded, fillvalue=""))
    return "".join(f"{one}\n" for one in shown)


def heading(text: str, *, apart: bool = False) -> None:
    """Print a line above a table, harmless; with `apart` below an empty line."""
    if apart:
        click.echo()
    click.secho(printable(text), bold=True)


def line(text: str) -> None:
    """Print one line of a result, harmless."""
    with aside():
        click.echo(printable(text))


def outcome(text: str) -> None:
    """Print one line that says what was done, which the exit code says too; not with --quiet."""
    if not is_quiet():
        line(text)


def note(text: str) -> None:
    """Print one line about the work, not of the result, on stderr; not with --quiet."""
    if not is_quiet():
        warn(text)


def warn(text: str) -> None:
    """Print one line on stderr, of what went wrong or may surprise."""
    with aside():
        click.echo(printable(text), err=True)


def moment_text(moment: datetime) -> str:
    """Return a moment as people read it, in UTC, to the second."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def snapshot_text(snapshot: Snapshot) -> str:
    """Name a snapshot in a heading or a message."""
    published = day_json(snapshot.published_on)
    tail = f", published {published}" if published else ""
    return f"snapshot {snapshot.id} of {moment_text(snapshot.taken_at)} UTC ({snapshot.source}{tail})"


def number(value: float | None, digits: int = 1) -> str:
    """Return a rating with its digits, or `unknown`."""
    return UNKNOWN if value is None else f"{value:.{digits}f}"


def signed(value: float | None, digits: int = 1) -> str:
    """Return a change with its sign, or `unknown`; what rounds to zero has a plus."""
    return UNKNOWN if value is None else f"{round(value, digits) + 0.0:+.{digits}f}"


def shift_text(shift: float | None, common: int) -> str:
    """Return the scale shift between two boards, and of how many models it is the median."""
    if shift is None:
        return "no model is on both boards"
    return f"scale shift {signed(shift)}: the median change of the {common} models on both boards"


def verdict(significant: bool | None) -> str:  # noqa: FBT001 -- it is what is shown
    """Return whether a change is significant, or `unknown`."""
    return {True: "yes", False: "no", None: UNKNOWN}[significant]


def count(value: int | None) -> str:
    """Return a number of things with thousands apart, or `unknown`."""
    return UNKNOWN if value is None else f"{value:,}"


def interval(lower: float | None, upper: float | None) -> str:
    """Return an interval's two ends, or `unknown`."""
    if lower is None and upper is None:
        return UNKNOWN
    return f"{number(lower)} to {number(upper)}"


def size_text(size: int) -> str:
    """Return a file's size as people read it."""
    kib = size / 1024
    return f"{size} bytes" if kib < 1 else f"{kib:.0f} KiB" if kib < 1024 else f"{kib / 1024:.1f} MiB"  # noqa: PLR2004


def fields(pairs: Iterable[tuple[str, Any]]) -> None:
    """Print names and values, one pair a line, the values aligned."""
    known = [(name, str(value)) for name, value in pairs]
    width = max(len(name) for name, _ in known)
    for name, value in known:
        line(f"{name:<{width}}  {value}")

"""Write results: JSON documents, CSV, and tables for people.

Names and messages come from outside. Tables escape their control characters. JSON and CSV keep them unchanged, and
JSON escapes everything that is not ASCII.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from itertools import islice
from typing import TYPE_CHECKING, Any

import click

from llmhub.cli.terminal import aside, has_styles, say
from llmhub.cli.terminal import columns as terminal_columns
from llmhub.cli.verbosity import is_quiet
from llmhub.errors import counted, printable

if TYPE_CHECKING:
    from pathlib import Path

    from llmhub.arena.boards import Snapshot

UNKNOWN = "unknown"

_AT_ONCE = 50
_MOST_OF_A_LEGEND = 104
_MIDNIGHT = time()
_LINES = ("\N{BOX DRAWINGS LIGHT HORIZONTAL}", "\N{EN DASH}")


def moment_json(moment: datetime | None) -> str | None:
    """Return a moment as ISO 8601 in UTC with a Z, with a fraction of a second only if it has one; None stays None."""
    return None if moment is None else moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


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


def file_json(file: Path) -> dict[str, object]:
    """Return the documented JSON of a file that was written."""
    return {"file": str(file), "size_bytes": file.stat().st_size}


def echo_json(document: object) -> None:
    """Print one JSON document."""
    from llmhub.pretty_json import pretty

    click.echo(pretty(document))


def echo_json_around(document: Mapping[str, object], name: str, texts: Iterable[bytes]) -> None:
    """Print one JSON document with a list of many objects that are written already.

    Args:
        document: an object; its own list of that name does not count.
        name: the list's name.
        texts: its elements, at least one, each as `echo_json` would print it there.
    """
    from llmhub.pretty_json import BETWEEN, pretty_around

    opening, end = pretty_around(document, name)
    left = iter(texts)
    while some := list(islice(left, _AT_ONCE)):
        # color=True: see `echo_csv`.
        click.echo(opening + BETWEEN.encode().join(some).decode(), nl=False, color=True)
        opening = BETWEEN
    click.echo(end)


def echo_csv(rows: Sequence[Mapping[str, object]], columns: Sequence[str]) -> None:
    """Print rows as CSV under a header line; unknown values are empty."""
    # color=True, here and below, so that click strips nothing from the text in a pipe.
    click.echo(csv_text(rows, columns), color=True)


def csv_text(rows: Sequence[Mapping[str, object]], columns: Sequence[str]) -> str:
    """Return rows as CSV under a header line, without the last line's end; unknown values are empty."""
    import csv

    written = _Rows()
    writer = csv.DictWriter(written, columns, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return "\n".join(written)


class _Rows(list[str]):
    r"""Collects rows without their `\r\n`: ending lines with `\n`, csv before 3.13 does not quote `\r` in a cell."""

    def write(self, row: str) -> None:
        self.append(row.removesuffix("\r\n"))


def echo_table(
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    left: Iterable[str] = (),
    prose: Iterable[str] = (),
    ids: Iterable[str] = (),
    drop: Sequence[str] = (),
    hyphens: Mapping[str, str] | None = None,
    group: str | None = None,
) -> tuple[str, ...]:
    """Print a table; where the terminal is too narrow for it, say which columns are left out, and return them.

    Each cell goes in as plain text: rich markup in a model's name stays what it is.

    Args:
        columns: their names.
        rows: a value for each column.
        left: the columns that hold text; the others hold numbers.
        prose: those of them that may be broken between words.
        ids: those of them that hold ids, which are never broken.
        drop: the columns to leave out where there is no room, the first to go first.
        hyphens: heads with a space where they may be split.
        group: the column of ids that several rows share.
    """
    from llmhub.cli.screen.layout import Shape, laid_out

    shape = Shape(
        left=frozenset(left),
        prose=frozenset(prose),
        ids=frozenset(ids),
        drop=tuple(drop),
        hyphens=hyphens or {},
        group=group,
    )
    cells = _harmless(rows)
    on_terminal = bool(sys.stdout and sys.stdout.isatty())
    laid = laid_out(columns, cells, shape, terminal_columns() if on_terminal else None)
    bold = (on_terminal or bool(os.environ.get("FORCE_COLOR"))) and has_styles()
    shown = [click.style(head, bold=True) if bold else head for head in laid.heads]
    shown += ["\N{BOX DRAWINGS LIGHT HORIZONTAL}" * laid.width, *laid.rows]
    click.echo(_encodable("\n".join(shown)), color=True)
    if laid.dropped:
        line(f"no room for {', '.join(laid.dropped)}: a wider terminal shows more columns")
    return laid.dropped


def _harmless(rows: Iterable[Sequence[object]]) -> list[list[str]]:
    """Return the texts of cells, without control characters."""
    texts = [list(map(str, row)) for row in rows]
    if "".join(map("".join, texts)).isprintable():
        return texts
    return [list(map(printable, row)) for row in texts]


def _encodable(text: str) -> str:
    """Return a text with hyphens for lines and dashes that the encoding of standard output lacks."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    for sign in _LINES:
        try:
            sign.encode(encoding)
        except (UnicodeEncodeError, LookupError):
            text = text.replace(sign, "-")
    return text


def heading(text: str, *, apart: bool = False) -> None:
    """Print a line above a table, harmless; with `apart` below an empty line."""
    if apart:
        click.echo()
    for part in _fitting(printable(text)):
        click.secho(part, bold=True)


def line(text: str) -> None:
    """Print one line of a result, harmless; on a terminal broken between words."""
    with aside():
        for part in _fitting(printable(text)):
            click.echo(part)


def legend(text: str) -> None:
    """Print what marks and numbers mean: an entry a line, broken between words where that is long, in a pipe too."""
    from llmhub.cli.screen.layout import wrapped

    on_terminal = sys.stdout and sys.stdout.isatty()
    room = min(terminal_columns(), _MOST_OF_A_LEGEND) if on_terminal else _MOST_OF_A_LEGEND
    for entry in text.splitlines():
        for part in wrapped(printable(entry), room):
            click.echo(_encodable(part))


def data_line(text: str) -> None:
    """Print one line for a program, harmless and never broken: an id that holds a line break stays one line."""
    click.echo(printable(text))


def _fitting(text: str) -> list[str]:
    """Return a line as those that the terminal has room for: it would break a date or a number itself."""
    if not (sys.stdout and sys.stdout.isatty()) or len(text) <= (room := terminal_columns()):
        return [text]
    from llmhub.cli.screen.layout import wrapped

    return wrapped(text, room)


def outcome(text: str) -> None:
    """Print one line that says what was done; not with --quiet."""
    if not is_quiet():
        line(text)


def note(text: str) -> None:
    """Print one line about the work on stderr; not with --quiet."""
    if not is_quiet():
        warn(text)


def warn(text: str) -> None:
    """Print a warning or an error on stderr, as one line."""
    say(printable(text))


def moment_text(moment: datetime) -> str:
    """Return a moment as people read it, in UTC, to the second."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def snapshot_text(snapshot: Snapshot) -> str:
    """Name a snapshot in a heading or a message."""
    taken_at, published = snapshot.taken_at.astimezone(UTC), snapshot.published_on
    if published == taken_at.date() and taken_at.time() == _MIDNIGHT:
        # An imported publication stands for its whole day.
        return f"snapshot {snapshot.id} of {published} ({snapshot.source})"
    tail = f", published {published}" if published else ""
    return f"snapshot {snapshot.id} of {moment_text(taken_at)} UTC ({snapshot.source}{tail})"


def number(value: float | None, digits: int = 1) -> str:
    """Return a rating with its digits, or `unknown`."""
    return UNKNOWN if value is None else f"{value:.{digits}f}"


def signed(value: float | None, digits: int = 1) -> str:
    """Return a change with its sign, or `unknown`; a change that rounds to zero has a plus."""
    return UNKNOWN if value is None else f"{round(value, digits) + 0.0:+.{digits}f}"


def shift_text(shift: float | None, common: int) -> str:
    """Return the scale shift between two boards, and the number of models that it is the median of."""
    if shift is None:
        return "no model is on both boards"
    return f"scale shift {signed(shift)}: the median change of the {counted(common, 'model')} on both boards"


def list_title(what: str, shown: int, of: int, why: str = "") -> str:
    """Return the heading of a list: `came (3)`, or if only a part is shown `came (10 of 25)`, and why this part."""
    if shown == of:
        return f"{what} ({of:,})"
    return f"{what} ({shown:,} of {of:,}{f': {why}' if why else ''})"


def verdict(significant: bool | None) -> str:  # noqa: FBT001 -- it is what is shown
    """Return whether a change is significant, or `unknown`."""
    return {True: "yes", False: "no", None: UNKNOWN}[significant]


def count(value: int | None) -> str:
    """Return a number with separators of thousands, or `unknown`."""
    return UNKNOWN if value is None else f"{value:,}"


def boards_text(boards: int, scores: int) -> str:
    """Return how much of a store something is: `2 boards with 1,234 scores`."""
    return f"{counted(boards, 'board')} with {counted(scores, 'score')}"


def interval(lower: float | None, upper: float | None) -> str:
    """Return an interval's two ends, or `unknown`."""
    if lower is None and upper is None:
        return UNKNOWN
    return f"{number(lower)} to {number(upper)}"


def size_text(size: int) -> str:
    """Return a file's size as people read it."""
    kib = size / 1024
    return f"{size} bytes" if kib < 1 else f"{kib:.0f} KiB" if kib < 1024 else f"{kib / 1024:.1f} MiB"  # noqa: PLR2004 -- 1,024 of each


def fields(pairs: Iterable[tuple[str, Any]]) -> None:
    """Print names and values, one pair a line, the values aligned."""
    known = [(name, str(value)) for name, value in pairs]
    width = max(len(name) for name, _ in known)
    for name, value in known:
        line(f"{name:<{width}}  {value}")

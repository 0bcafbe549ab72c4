"""The terminal: rich's console, and printing beside a progress bar that is being drawn."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

import click

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

_live: list[Progress] = []


@contextmanager
def drawing(bars: Progress) -> Iterator[None]:
    """Draw progress bars in the block; `aside` hides them while something else is printed."""
    with bars:
        _live.append(bars)
        try:
            yield
        finally:
            _live.remove(bars)


@contextmanager
def aside() -> Iterator[None]:
    """Hide the progress bars while something else is printed in the block, and draw them again below it."""
    if not _live:
        yield
        return
    bars = _live[-1]
    bars.stop()
    try:
        yield
    finally:
        bars.start()


def console() -> Console:
    """Return rich's console on stderr: it interprets no markup, and uses no style if NO_COLOR is set."""
    from rich.console import Console

    colors: Literal["auto"] | None = None if os.environ.get("NO_COLOR") else "auto"
    return Console(stderr=True, highlight=False, markup=False, emoji=False, color_system=colors)


def columns() -> int:
    """Return the terminal's width: COLUMNS, or the terminal's own answer."""
    from shutil import get_terminal_size

    return get_terminal_size().columns


def say(text: str) -> None:
    """Print a harmless text on stderr; on a terminal broken between words, so that no date or number is split."""
    lines, room = [text], _columns_of_stderr()
    if room and len(text) > room:
        from llmhub.cli.screen.layout import wrapped

        lines = wrapped(text, room)
    with aside():
        for line in lines:
            click.echo(line, err=True)


def _columns_of_stderr() -> int:
    """Return the width of the terminal that stderr is; 0 if it is no terminal. Stdout may be a pipe meanwhile."""
    if sys.stderr is None or not sys.stderr.isatty():
        return 0
    asked = os.environ.get("COLUMNS", "")
    if asked.isdecimal() and int(asked):
        return int(asked)
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns
    except (OSError, ValueError):
        return 0


def has_styles() -> bool:
    """Say whether bold text is wanted on the terminal."""
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM", "").lower() not in {"dumb", "unknown"}

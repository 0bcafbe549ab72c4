"""The terminal: rich's console, and printing beside a progress bar that is being drawn."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

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


def console(*, stderr: bool = False, width: int | None = None) -> Console:
    """Return rich's idea of where to print: nothing from outside is taken for markup, and NO_COLOR is no style at all.

    Args:
        stderr: print there.
        width: in columns; by default that of the terminal, or of COLUMNS.
    """
    from rich.console import Console

    colors: Literal["auto"] | None = None if os.environ.get("NO_COLOR") else "auto"
    return Console(stderr=stderr, highlight=False, markup=False, emoji=False, width=width, color_system=colors)


def columns() -> int:
    """Return how wide the terminal is, as rich finds out: COLUMNS, then the terminal's own answer."""
    from shutil import get_terminal_size

    return get_terminal_size().columns


def has_styles() -> bool:
    """Say whether rich would show bold text on the terminal."""
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM", "").lower() not in {"dumb", "unknown"}


def folded_text(text: str, width: int) -> list[str]:
    """Return the lines of an ASCII text in a column of this width, broken between words, as rich breaks it.

    Examples:
        >>> folded_text("made-up-model (deprecated)", 13)
        ['made-up-model', '(deprecated)']
        >>> folded_text("made-up-model", 8)
        ['made-up-', 'model']
    """
    lines = [""]
    for word in re.findall(r"\s*\S+\s*", text):
        length = len(word.rstrip())
        if length <= width - len(lines[-1]):
            lines[-1] += word
        elif length > width:
            chopped = [word[place : place + width] for place in range(0, len(word), width)]
            lines += chopped
        else:
            lines.append(word)
    return [line.rstrip() for line in lines if line] or [""]

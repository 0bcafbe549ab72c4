"""The terminal: rich's console, and printing beside a progress bar that is being drawn."""

from __future__ import annotations

import os
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


def console() -> Console:
    """Return rich's console on stderr: it interprets no markup, and uses no style if NO_COLOR is set."""
    from rich.console import Console

    colors: Literal["auto"] | None = None if os.environ.get("NO_COLOR") else "auto"
    return Console(stderr=True, highlight=False, markup=False, emoji=False, color_system=colors)


def columns() -> int:
    """Return the terminal's width: COLUMNS, or the terminal's own answer."""
    from shutil import get_terminal_size

    return get_terminal_size().columns


def has_styles() -> bool:
    """Say whether bold text is wanted on the terminal."""
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM", "").lower() not in {"dumb", "unknown"}

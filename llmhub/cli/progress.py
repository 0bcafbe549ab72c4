"""Show the progress of a long job on stderr, on a terminal, while it lasts."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from threading import Lock
from typing import TYPE_CHECKING, Any, Self

from llmhub import progress
from llmhub.cli.render import size_text
from llmhub.cli.terminal import console, drawing
from llmhub.cli.verbosity import is_quiet
from llmhub.errors import printable
from llmhub.memory import rare_garbage_collection

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import Task, TaskID

_MOST_SHOWN = 200
# So that the longest step fits 80 columns with its counts.
_BAR_WIDTH = 16


@contextmanager
def shown(what: str | None = None) -> Iterator[None]:
    """Show the steps of the work in the block, each on a line that disappears at its end.

    Args:
        what: what the block does, if the library reports no steps.
    """
    if is_quiet() or not _is_animated():
        yield
        return
    with _Display() as display, progress.shown_by(display), display.step(what, "") if what else nullcontext():
        yield


@contextmanager
def building() -> Iterator[None]:
    """Show the steps of building a catalog, whose parts form no cycles that the garbage collector could find."""
    with rare_garbage_collection(), shown():
        yield


def _is_animated() -> bool:
    """Say whether stderr is a terminal that can overwrite a line."""
    return sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM") not in {"dumb", "unknown"}


class _Display:
    """The listener that the library reports its steps to; it draws from the first step on, in a `with` block.

    Work that reports no step does not import what draws, which takes as long as many a command.
    """

    def __init__(self) -> None:
        self._bars: Bars | None = None
        self._open = True
        self._lock = Lock()
        self._drawing = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._open = False
        self._drawing.close()

    @contextmanager
    def step(self, what: str, unit: str) -> Iterator[_Line]:
        bars = self._drawn()
        task = bars.add_task(printable(what), total=None, unit=unit, message="")
        line = _Line(bars, task)
        try:
            yield line
        finally:
            line.end()

    def _drawn(self) -> Bars:
        with self._lock:
            if self._bars is None:
                self._bars = _bars()
                # A thread that was left behind may report its first step after the block.
                if self._open:
                    self._drawing.enter_context(drawing(self._bars))
            return self._bars


class _Line:
    """One step, on a line of its own."""

    def __init__(self, bars: Bars, task: TaskID) -> None:
        self._bars = bars
        self._task = task
        self._ended = False
        self._lock = Lock()

    def at(self, done: int, total: int = 0) -> None:
        self._update(completed=done, total=total or None)

    def say(self, message: str) -> None:
        self._update(message=printable(message, _MOST_SHOWN))

    def end(self) -> None:
        """Remove the line; a thread that was left behind may still report."""
        with self._lock:
            self._ended = True
            self._bars.remove_task(self._task)

    def _update(self, **news: Any) -> None:
        with self._lock:
            if not self._ended:
                self._bars.update(self._task, **news)


def _bars() -> Bars:
    """Return rich's display: a spinner or a bar, what is done, and the time that it will take or has taken."""
    from rich.progress import BarColumn, Progress, ProgressColumn, SpinnerColumn
    from rich.table import Column
    from rich.text import Text

    one_line = Column(no_wrap=True, overflow="ellipsis")

    class What(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(task.description)

    class Bar(BarColumn):
        def render(self, task: Task) -> object:  # type: ignore[override]  # an empty text where there is no end to see
            return Text("") if task.total is None else super().render(task)

    class How(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(_how_far(task))

    return Progress(
        SpinnerColumn(),
        What(one_line.copy()),
        Bar(bar_width=_BAR_WIDTH),
        How(one_line.copy()),
        console=console(),
        transient=True,
        # Code that prints meanwhile uses `aside`.
        redirect_stdout=False,
        redirect_stderr=False,
    )


def _how_far(task: Task) -> str:
    unit, message = task.fields["unit"], task.fields["message"]
    done, total = int(task.completed), task.total
    parts = [_clock(task.elapsed)]
    if total is not None:
        left = task.time_remaining
        parts = [f"{_amount(done, unit)} of {_amount(int(total), unit)}{'' if unit == 'bytes' else f' {unit}'}"]
        parts.append("" if left is None else f"{_clock(left)} left")
    elif done:
        parts.insert(0, f"{_amount(done, unit)}{'' if unit == 'bytes' else f' {unit}'}")
    return ", ".join(part for part in (*parts, message) if part)


def _amount(number: int, unit: str) -> str:
    return size_text(number) if unit == "bytes" else f"{number:,}"


def _clock(seconds: float | None) -> str:
    minutes, rest = divmod(int(seconds or 0), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"

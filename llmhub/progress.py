"""Progress of long jobs: the library reports it, and a listener shows it.

A job reports its steps from wherever it does them; no object has to be passed down. By default there is no listener.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import Protocol


class Step(Protocol):
    """One thing that is under way. Any thread may call it."""

    def at(self, done: int, total: int = 0) -> None:
        """Report how much is done, and of how much; 0 if the total is unknown."""

    def say(self, message: str) -> None:
        """Report the latest message, as it came from outside."""


class Progress(Protocol):
    """Something that shows steps; several can be under way at once."""

    def step(self, what: str, unit: str, /) -> AbstractContextManager[Step]:
        """Return a step that is under way during its `with` block.

        Args:
            what: what is done, such as ``downloading text``.
            unit: what is counted, such as ``rows`` or ``bytes``.
        """


class Unheard:
    """A step without a listener."""

    def at(self, done: int, total: int = 0) -> None:
        """Take it, and do nothing."""

    def say(self, message: str) -> None:
        """Take it, and do nothing."""


class _Nobody:
    def step(self, _what: str, _unit: str) -> AbstractContextManager[Step]:
        return nullcontext(Unheard())


_listening: ContextVar[Progress] = ContextVar("llmhub.progress", default=_Nobody())  # noqa: B039 -- it has no state


def step(what: str, unit: str = "") -> AbstractContextManager[Step]:
    """Return a new step, shown by the listener; see `Progress.step`."""
    return _listening.get().step(what, unit)


@contextmanager
def shown_by(progress: Progress) -> Iterator[None]:
    """Let `progress` listen to every step in the block, in this thread and in those that copy its context."""
    token = _listening.set(progress)
    try:
        yield
    finally:
        _listening.reset(token)

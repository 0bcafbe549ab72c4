"""How far a long job has come: what the library tells, and whoever wants to shows.

A job tells its steps wherever it does them; nobody need hand anything down to it, and by default nobody listens.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import Protocol


class Step(Protocol):
    """One thing that is under way. May be told from any thread."""

    def at(self, done: int, total: int = 0) -> None:
        """Take how much is done, and of how much; 0 where that is not known."""

    def say(self, message: str) -> None:
        """Take the last message, as it came from outside."""


class Progress(Protocol):
    """Is told of steps; several can be under way at once."""

    def step(self, what: str, unit: str, /) -> AbstractContextManager[Step]:
        """Return a step, which is under way in its `with` block.

        Args:
            what: what is done, such as ``downloading text``.
            unit: what is counted, such as ``rows`` or ``bytes``.
        """


class Unheard:
    """A step of which nobody hears."""

    def at(self, done: int, total: int = 0) -> None:
        """Take it, and do nothing."""

    def say(self, message: str) -> None:
        """Take it, and do nothing."""


class _Nobody:
    def step(self, _what: str, _unit: str) -> AbstractContextManager[Step]:
        return nullcontext(Unheard())


_listening: ContextVar[Progress] = ContextVar("llmhub.progress", default=_Nobody())  # noqa: B039 -- it has no state


def step(what: str, unit: str = "") -> AbstractContextManager[Step]:
    """Return a step of whoever listens; see `Progress.step`."""
    return _listening.get().step(what, unit)


@contextmanager
def shown_by(progress: Progress) -> Iterator[None]:
    """Let something listen to all that happens in the block, in this thread and those that copy its context."""
    token = _listening.set(progress)
    try:
        yield
    finally:
        _listening.reset(token)

"""A listener that records the progress of long jobs; see `llmhub.progress`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager


class Told:
    """Records the progress of each step, by the step's name."""

    def __init__(self) -> None:
        self.counted: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        self.said: defaultdict[str, list[str]] = defaultdict(list)
        self.steps: list[str] = []
        self.ended: list[str] = []

    @contextmanager
    def step(self, what: str, _unit: str) -> Iterator[_Step]:
        self.steps.append(what)
        yield _Step(self, what)
        self.ended.append(what)


class _Step:
    def __init__(self, told: Told, what: str) -> None:
        self._told = told
        self._what = what

    def at(self, done: int, total: int = 0) -> None:
        self._told.counted[self._what].append((done, total))

    def say(self, message: str) -> None:
        self._told.said[self._what].append(message)

"""What the doctor finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        level: `error` where something does not work, `warning` where it works and is not as it should be.
        check: what was looked at, in a word or two.
        message: what was found; one line.
        remedy: what to do about it; None where nothing need be done or the message says so.
        minor: one of many of a kind of which nothing need be done: people are shown their names alone.
    """

    level: Level
    check: str
    message: str
    remedy: str | None = None
    minor: bool = False


Findings = Iterator[Finding]

Look = Callable[[], Findings]
"""Looks at one part; what it may raise is LlmhubError and OSError."""


@dataclass(frozen=True, slots=True)
class Examination:
    """What the doctor found, by part, in the order in which it looked."""

    parts: dict[str, tuple[Finding, ...]]

    def count(self, level: Level) -> int:
        """Return how many findings are of this level."""
        return sum(finding.level == level for found in self.parts.values() for finding in found)

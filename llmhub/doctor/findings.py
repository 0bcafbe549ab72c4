"""The doctor's findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check.

    Attributes:
        level: `error` if something does not work, `warning` if it works but is not as it should be.
        check: what was checked, in a word or two.
        message: what was found; one line.
        remedy: what to do about it; None if nothing need be done or the message says so.
        minor: one of many similar findings that need no action: people see only their names.
    """

    level: Level
    check: str
    message: str
    remedy: str | None = None
    minor: bool = False


Findings = Iterator[Finding]

Look = Callable[[], Findings]
"""Checks one part; may raise only LlmhubError and OSError."""


@dataclass(frozen=True, slots=True)
class Examination:
    """The doctor's findings by part, in the order of the checks."""

    parts: dict[str, tuple[Finding, ...]]

    def count(self, level: Level) -> int:
        """Return the number of findings of this level."""
        return sum(finding.level == level for found in self.parts.values() for finding in found)

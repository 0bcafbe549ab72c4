"""How many faults there were and what came of them, added up over all tests and shown at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, fields

RecordProperty = Callable[[str, object], None]

_PREFIX = "faults: "


@dataclass(slots=True)
class Tally:
    """How many faults there were, and what came of them.

    Attributes:
        injected: how often a process was killed, was refused room, ...
        survived: after how many of these all held that must.
        hot_journals: how many left pages in the store that were not committed, for the next one to take out.
        rows_lost: how many rows of the store were gone for good.
        tracebacks: how many were shown to a user.
    """

    injected: int = 0
    survived: int = 0
    hot_journals: int = 0
    rows_lost: int = 0
    tracebacks: int = 0

    def record(self, record_property: RecordProperty) -> None:
        """Hand the counts to pytest, which carries them from its workers to its last lines."""
        for each in fields(self):
            record_property(f"{_PREFIX}{each.name}", getattr(self, each.name))


def summary(properties: list[tuple[str, object]]) -> str:
    """Return the counts of all tests in one line; nothing if none has any."""
    counts: Counter[str] = Counter()
    for name, value in properties:
        if name.startswith(_PREFIX) and isinstance(value, int):
            counts[name.removeprefix(_PREFIX)] += value
    return ", ".join(f"{counts[each.name]:,} {each.name.replace('_', ' ')}" for each in fields(Tally)) if counts else ""

"""Half a year of made-up weekly publications before the demonstration's first refresh, in the dataset's shape.

No model, vote or rating in here is real. Votes come in week by week, so intervals narrow and ratings settle; models
come and go, one is renamed, and the scale is re-anchored once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sin, sqrt

from llmhub.demo.publications import FIRST, FIRST_MOMENT, Line

_WEEKS = 26
_WEEK = timedelta(weeks=1)
_REANCHORED_IN, _REANCHORED_BY = 12, -24.0
_RENAMED_IN, _RENAMED, _FORMER_NAME = 20, "imaginary-opus-2", "imaginary-opus-2-preview"


@dataclass(frozen=True, slots=True)
class _Run:
    """A model's weeks on the board, from `came` to the one before `went`, and its final rating and votes."""

    line: Line
    came: int
    went: int = _WEEKS
    gained: float = 0.0
    """Points gained between its first week and its last, apart from the settling by votes."""

    def line_in(self, week: int) -> Line:
        """Return its line in a week, on the scale that holds at the end."""
        share = (week - self.came + 1) / (self.went - self.came)
        spread = sqrt(1 / share)
        # Made up, and the same every time: fewer votes give larger deviations.
        strays = 0.3 * self.line.half_width * spread * sin(1.7 * week + len(self.line.model)) * (share < 1)
        name = _FORMER_NAME if self.line.model == _RENAMED and week < _RENAMED_IN else self.line.model
        return Line(
            name,
            self.line.rating - self.gained * (1 - share) + strays,
            self.line.half_width * spread,
            int(self.line.votes * share),
            self.line.organization,
        )


_CAME = {
    "imaginary-opus-2": 14,
    "fictional-pro-3": 9,
    "imaginary-opus-2-thinking": 17,
    "fictional-flash-3": 6,
}
_GAINED = {"pretend-large": 14.0, "invented-70b": -9.0, "fictional-pro-3": 6.0}
_GONE = (
    _Run(Line("imaginary-opus-1", 1431.4, 4.6, 38_640), 0, 18),
    _Run(Line("fictional-pro-2", 1412.7, 3.9, 55_020, "Example Research"), 0, 15),
    _Run(Line("pretend-medium", 1371.0, 6.6, 12_408, "Pretend AI"), 0, 11),
)


def past_editions() -> list[tuple[datetime, tuple[Line, ...]]]:
    """Return the moment of each weekly publication, oldest first, and its overall board."""
    runs = [_Run(line, _CAME.get(line.model, 0), gained=_GAINED.get(line.model, 0.0)) for line in FIRST]
    return [(FIRST_MOMENT - (_WEEKS - week) * _WEEK, tuple(_board([*runs, *_GONE], week))) for week in range(_WEEKS)]


def _board(runs: list[_Run], week: int) -> Iterator[Line]:
    scale = 0.0 if week >= _REANCHORED_IN else -_REANCHORED_BY
    # A new name changes no numbers: its first week repeats those of the week before.
    counted = {_RENAMED: week - 1} if week == _RENAMED_IN else {}
    for run in runs:
        if run.came <= week < run.went:
            line = run.line_in(counted.get(run.line.model, week))
            name = run.line.model if run.line.model in counted else line.model
            yield Line(name, line.rating + scale, line.half_width, line.votes, line.organization)

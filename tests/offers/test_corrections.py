from __future__ import annotations

import pytest

from llmhub.offers.corrections import Step, note_of
from tests.offers.offers import DAY, NOW


@pytest.mark.parametrize(
    ("old", "new", "first_seen", "released", "expected"),
    [
        (1.0, 2.0, None, None, None),
        (1.0, 0.5, NOW - 30 * DAY, "2020-01-01", None),
        (0.0, 2.0, None, None, "from zero"),
        (2.0, 0.0, None, None, "to zero"),
        (0.0, 0.0, None, None, None),
        (1.0, 10.0, None, None, "tenfold or more"),
        (10.0, 1.0, None, None, "tenfold or more"),
        (10.0, 1.1, None, None, None),
        (1.0, 1.5, NOW - 7 * DAY, None, "in the offer's first week"),
        (1.0, 1.5, NOW - 8 * DAY, None, None),
        (10.0, 30.0, None, "2023-11", "doubled or more over a year after its release"),
        (10.0, 30.0, None, "2025-06-01", None),
        (10.0, 19.0, None, "2023-11-06", None),
        (None, 0.0, NOW, "2020-01-01", None),
        (3.0, None, NOW, "2020-01-01", None),
    ],
)
def test_a_change_that_is_odd_in_itself_is_marked(
    old: float | None, new: float | None, first_seen: object, released: str | None, expected: str | None
) -> None:
    assert note_of(Step(NOW, old, new), others=(), first_seen=first_seen, released=released) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(("days", "marked"), [(30, True), (31, False)])
def test_a_change_that_was_taken_back_within_30_days_is_marked_on_both_sides(days: int, marked: bool) -> None:  # noqa: FBT001
    there, back = Step(NOW, 1.0, 1.5), Step(NOW + days * DAY, 1.5, 1.0)
    notes = [
        note_of(one, others=[other], first_seen=None, released=None) for one, other in ((there, back), (back, there))
    ]
    day = f"{NOW + days * DAY:%Y-%m-%d}"
    assert notes == ([f"taken back on {day}", "takes back the change of 2026-01-10"] if marked else [None, None])

from __future__ import annotations

from dataclasses import replace
from datetime import date
from math import inf, nan

import pytest

from llmhub.arena import Score
from tests.support.made_up.boards import snapshot


@pytest.mark.parametrize(
    "sound",
    [
        Score(1400.0),
        Score(1400.0, 1390.0, 1410.0, 0),
        Score(1400.0, 1400.0, 1400.0),
        Score(1400.0, None, 1410.0),
        Score(1400.0, 1390.0, None, (1 << 63) - 1),
        Score(-0.0, 0.0, 0.0),
    ],
)
def test_a_sound_score_has_no_problem(sound: Score) -> None:
    assert sound.problem() is None


@pytest.mark.parametrize(
    ("broken", "field", "expected"),
    [
        (Score(nan), "rating", "finite"),
        (Score(inf), "rating", "finite"),
        (Score(1400), "rating", "finite"),
        (Score(True), "rating", "finite"),
        (Score(1400.0, nan, 1410.0), "lower", "finite"),
        (Score(1400.0, -inf, 1410.0), "lower", "finite"),
        (Score(1400.0, 1390, 1410.0), "lower", "finite"),
        (Score(1400.0, 1400.5, 1410.0), "lower", "not above the rating 1400.0"),
        (Score(1400.0, 1390.0, nan), "upper", "finite"),
        (Score(1400.0, 1390.0, inf), "upper", "finite"),
        (Score(1400.0, 1390.0, 1399.5), "upper", "not below the rating 1400.0"),
        (Score(1400.0, votes=-1), "votes", "at least 0"),
        (Score(1400.0, votes=True), "votes", "whole number"),
        (Score(1400.0, votes=1 << 63), "votes", "whole number"),
        (Score(1400.0, votes=3.0), "votes", "whole number"),  # type: ignore[arg-type]  # what must be refused
    ],
)
def test_a_broken_score_names_the_field_and_what_was_expected(broken: Score, field: str, expected: str) -> None:
    problem = broken.problem()
    assert problem is not None
    assert problem[0] == field
    assert expected in problem[1]


@pytest.mark.parametrize(
    ("leaderboards", "published_on"),
    [
        ({"text": date(2026, 1, 5), "vision": date(2026, 1, 4)}, date(2026, 1, 5)),
        ({"text": None}, None),
        ({"vision": date(2026, 1, 4)}, None),
    ],
)
def test_a_snapshot_was_published_when_its_text_leaderboard_was(
    leaderboards: dict[str, date | None], published_on: date | None
) -> None:
    assert replace(snapshot(1), leaderboards=leaderboards).published_on == published_on

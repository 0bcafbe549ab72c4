from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmhub.report.drawing.labels import Box, Label, place, truncated, width

SIZE = 11.0
FRAME = Box(50, 4, 1000, 600)
POINTS = st.lists(
    st.tuples(st.text("abcdefgh-", min_size=1, max_size=24), st.floats(60, 900), st.floats(20, 500)), max_size=12
)


def box(label: Label) -> Box:
    wide = width(label.text, SIZE)
    left = label.x if label.right else label.x - wide
    return Box(left, label.y - SIZE, left + wide, label.y)


@given(POINTS)
def test_no_label_covers_another_or_leaves_the_picture(points: list[tuple[str, float, float]]) -> None:
    found = [box(label) for label in place([(text, text, x, y) for text, x, y in points], FRAME, SIZE)]
    assert not any(a.meets(b) for number, a in enumerate(found) for b in found[:number])
    assert all(one.left >= 50 - 1e-6 and one.right <= 1000 + 1e-6 for one in found)
    assert all(one.top >= 4 - 1e-9 and one.bottom <= 600 for one in found)


def test_a_label_is_up_and_to_the_left_of_its_point_and_the_next_one_gives_way() -> None:
    first, second = place([("a", "made-up-a", 300, 200), ("b", "made-up-b", 302, 198)], FRAME, SIZE)
    assert (first.point_x, first.point_y) == (300, 200)
    assert (box(first).right, box(first).bottom) < (300, 200)
    assert not box(first).meets(box(second))


def test_a_label_without_room_on_the_left_is_down_and_to_the_right_below_the_line_from_its_point() -> None:
    line = Box(60, 200, 400, 200)
    (label,) = place([("a", "made-up-a", 60, 200)], FRAME, SIZE, lines=[line])
    assert label.right
    assert box(label).left > 60
    assert box(label).top >= 200


def test_a_label_covers_no_point_and_no_line_where_another_place_is_free() -> None:
    (usual,) = place([("a", "made-up-a", 300, 200)], FRAME, SIZE)
    crowd = [(usual.x - 10.0 * number, usual.y - 5) for number in range(4)]
    lines = [Box(300, 200, 600, 200)]
    (label,) = place([("a", "made-up-a", 300, 200)], FRAME, SIZE, others=crowd, lines=lines)
    assert not any(box(label).meets(Box(x - 4, y - 4, x + 4, y + 4)) for x, y in crowd)
    assert not any(box(label).meets(line) for line in lines)


def test_a_label_is_not_nearer_to_another_named_point_than_to_its_own() -> None:
    """As for two at the left edge of a picture: the first one's usual place is below the second."""
    points = [("a", "gemma-2-9b-it", 95.0, 200.0), ("b", "llama-3.1-8b-instruct", 145.0, 218.0)]
    found = place(points, FRAME, SIZE, lines=[Box(95, 200, 260, 200), Box(145, 218, 260, 218)])
    assert len(found) == 2
    for label in found:
        own = box(label).distance(label.point_x, label.point_y)
        assert all(box(label).distance(x, y) > own for name, _, x, y in points if name != label.name)


def test_a_label_that_is_far_from_its_point_has_a_line_to_it() -> None:
    crowd = [(str(number), "made-up", 300.0 + number, 200.0) for number in range(6)]
    found = place(crowd, FRAME, SIZE)
    assert found[0].leader is None
    for label in found:
        if label.leader is None:
            assert box(label).distance(label.point_x, label.point_y) <= 14
        else:
            x, y, to_x, to_y = label.leader
            assert (x - label.point_x) ** 2 + (y - label.point_y) ** 2 == pytest.approx(25)
            assert box(label).distance(to_x, to_y) <= 0.3 * SIZE + 1e-6
    assert any(label.leader for label in found)


def test_what_finds_no_room_is_left_to_the_table() -> None:
    crowd = [(str(number), "made-up", 300.0, 20.0) for number in range(200)]
    assert len(place(crowd, FRAME, SIZE)) < 200


def test_a_name_from_outside_is_harmless_and_short_in_a_label() -> None:
    assert truncated("\u202eevil") == "\\u202eevil"
    assert len(truncated("long-" * 60)) == 34

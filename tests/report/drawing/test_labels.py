from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from llmhub.report.drawing.labels import Label, place, truncated, width

SIZE = 11.0
POINTS = st.lists(
    st.tuples(st.text("abcdefgh-", min_size=1, max_size=24), st.floats(60, 900), st.floats(20, 500)), max_size=12
)


def meet(a: Label, b: Label) -> bool:
    apart_across = a.x <= b.x - width(b.text, SIZE) or b.x <= a.x - width(a.text, SIZE)
    apart_up = a.y <= b.y - SIZE or b.y <= a.y - SIZE
    return not (apart_across or apart_up)


@given(POINTS)
def test_no_label_covers_another_or_leaves_the_picture(points: list[tuple[str, float, float]]) -> None:
    labels = place([(text, text, x, y) for text, x, y in points], left=50, top=4, size=SIZE)
    assert not any(meet(a, b) for number, a in enumerate(labels) for b in labels[:number])
    assert all(label.y - SIZE >= 4 - 1e-9 and label.x - width(label.text, SIZE) >= 50 - 1e-6 for label in labels)


def test_a_label_is_up_and_to_the_left_of_its_point_and_the_next_one_gives_way() -> None:
    first, second = place([("a", "made-up-a", 300, 200), ("b", "made-up-b", 302, 198)], left=0, top=0, size=SIZE)
    assert (first.point_x, first.point_y) == (300, 200)
    assert first.x < 300
    assert first.y < 200
    assert second.y <= first.y - SIZE


def test_a_label_without_room_on_the_left_is_down_and_to_the_right_below_the_line_from_its_point() -> None:
    (label,) = place([("a", "made-up-a", 60, 200)], left=50, top=0, size=SIZE)
    assert label.x - width("made-up-a", SIZE) > 60
    assert label.y - SIZE >= 200


def test_what_finds_no_room_is_left_to_the_table() -> None:
    crowd = [(str(number), "made-up", 300.0, 20.0) for number in range(5)]
    assert len(place(crowd, left=0, top=0, size=SIZE)) < 5


def test_a_name_from_outside_is_harmless_and_short_in_a_label() -> None:
    assert truncated("\u202eevil") == "\\u202eevil"
    assert len(truncated("long-" * 60)) == 34

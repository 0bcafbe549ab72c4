"""Which snapshots brought the same publication, first as a pure function, then as the store answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmhub.arena import Score, SnapshotStore
from llmhub.arena.boards import Board, Leaderboard
from llmhub.arena.compare.publications import Publication, Seen, each_moment, publications
from llmhub.arena.sources import Source
from llmhub.errors import SnapshotNotFound
from tests.support.made_up.boards import DAY, HOUR, NOW, board, score

# A board is written as a name and the state of its votes: a1 and a2 have the same ratings.
NUMBERS = {"a1": 1, "a2": 2, "b1": 3, "b2": 4, "c1": 5}
SAME = {1: "a", 2: "a", 3: "b", 4: "b", 5: "c"}


def found(*rows: tuple[str, Source, str | None, str]) -> list[Publication]:
    """Return the publications that rows of (day taken, source, day published, board) brought; ids count from 1."""
    seen = [
        Seen(
            number, f"2026-01-{day} 00:00:00.000000", source, None, published and f"2026-01-{published}", NUMBERS[name]
        )
        for number, (day, source, published, name) in enumerate(rows, start=1)
    ]
    return publications(seen, lambda one, other: SAME[one] == SAME[other], lambda: SAME)


def told(*rows: tuple[str, Source, str | None, str]) -> list[tuple[str, str | None, int, int, str]]:
    """Return of each publication its day, whether that is known, its first and newest snapshot, and its board."""
    names = {number: name for name, number in NUMBERS.items()}
    return [
        (
            one.moment[8:10],
            one.published_on and one.published_on[8:],
            one.first.snapshot_id,
            one.newest.snapshot_id,
            names[one.board_id],
        )
        for one in found(*rows)
    ]


def test_runs_that_bring_the_same_day_again_bring_no_publication() -> None:
    assert told(
        ("02", "script", "01", "a1"),
        ("03", "script", "01", "a1"),
        ("04", "script", "04", "b1"),
        ("05", "script", "04", "b1"),
    ) == [("01", "01", 1, 2, "a1"), ("04", "04", 3, 4, "b1")]


def test_another_sources_board_of_the_same_day_is_no_publication_of_its_own_whatever_it_says() -> None:
    rows: list[tuple[str, Source, str | None, str]] = [
        ("01", "arena-catalog", "01", "a1"),
        ("01", "dataset", "01", "a2"),
        ("05", "arena-catalog", "05", "c1"),
        ("05", "dataset", "05", "b1"),
        ("09", "script", "05", "b2"),
    ]
    assert told(*rows) == [("01", "01", 2, 2, "a2"), ("05", "05", 5, 5, "b2")]
    assert [one.boards for one in found(*rows)] == [(1, 2), (5, 3, 4)]


def test_the_same_board_published_on_two_days_is_two_publications() -> None:
    assert told(("01", "dataset", "01", "a1"), ("02", "dataset", "02", "a1")) == [
        ("01", "01", 1, 1, "a1"),
        ("02", "02", 2, 2, "a1"),
    ]


def test_votes_that_became_known_are_no_publication_and_are_what_is_shown() -> None:
    assert told(("01", "script", None, "a1"), ("02", "script", None, "a2"), ("03", "script", None, "a2")) == [
        ("01", None, 2, 3, "a2")
    ]


def test_of_unknown_days_a_board_that_came_back_is_a_publication_again() -> None:
    assert told(("01", "script", None, "a1"), ("02", "script", None, "b1"), ("03", "script", None, "a2")) == [
        ("01", None, 1, 1, "a1"),
        ("02", None, 2, 2, "b1"),
        ("03", None, 3, 3, "a2"),
    ]


def test_a_run_that_does_not_know_the_day_brought_the_newest_day_with_its_board() -> None:
    assert told(
        ("01", "dataset", "01", "a1"),
        ("05", "dataset", "05", "b1"),
        # Behind by a publication, and then no longer.
        ("06", "script", None, "a2"),
        ("07", "script", None, "a2"),
        ("08", "script", None, "b2"),
    ) == [("01", "01", 3, 4, "a2"), ("05", "05", 5, 5, "b2")]


def test_a_day_is_not_lent_to_a_run_before_it() -> None:
    assert told(("03", "script", None, "a1"), ("05", "dataset", "05", "a1")) == [
        ("03", None, 1, 1, "a1"),
        ("05", "05", 2, 2, "a1"),
    ]


def test_sources_of_one_moment_bring_one_publication_though_one_of_them_knows_no_day() -> None:
    assert told(("02", "arena-catalog", None, "a1"), ("02", "dataset", "01", "b1")) == [("01", "01", 2, 2, "b1")]
    assert told(("02", "arena-catalog", None, "a1"), ("02", "script", None, "b1")) == [("02", None, 2, 2, "b1")]


def test_a_day_that_one_source_published_twice_is_amended_and_both_are_shown() -> None:
    assert told(
        ("01", "dataset", "01", "a1"),
        ("02", "script", "01", "a2"),
        ("03", "script", "01", "b1"),
        ("04", "script", "01", "b2"),
    ) == [("01", "01", 2, 2, "a2"), ("01", "01", 4, 4, "b2")]


def test_a_publication_that_came_late_is_in_its_place() -> None:
    assert [one[:2] for one in told(("06", "script", "05", "b1"), ("07", "dataset", "03", "a1"))] == [
        ("03", "03"),
        ("05", "05"),
    ]


def test_each_moment_has_the_source_that_goes_first() -> None:
    seen = [
        Seen(1, "2026-01-01", "arena-catalog", None, None, 1),
        Seen(2, "2026-01-01", "dataset", None, "2026-01-01", 2),
        Seen(3, "2026-01-02", "script", None, "2026-01-01", 2),
    ]
    assert [(one.moment, one.first.snapshot_id) for one in each_moment(seen)] == [("2026-01-01", 2), ("2026-01-02", 3)]


_rows = st.lists(
    st.tuples(
        st.integers(1, 9),
        st.sampled_from(["arena-catalog", "dataset", "script"]),
        st.none() | st.integers(1, 9),
        st.sampled_from(sorted(NUMBERS)),
    ),
    unique_by=lambda row: row[:2],
)


@given(_rows)
def test_every_board_is_in_one_publication_in_order_and_the_newest_snapshot_counts_in_its_own(
    rows: list[tuple[int, Source, int | None, str]],
) -> None:
    rows.sort(key=lambda row: row[:2])
    # Nothing is published after it was taken.
    given_rows = [(f"0{d}", source, None if p is None else f"0{min(p, d)}", name) for d, source, p, name in rows]
    shown = found(*given_rows)
    assert [one.moment for one in shown] == sorted(one.moment for one in shown)
    assert {number for one in shown for number in one.boards} <= {NUMBERS[row[3]] for row in rows}
    newest = [one for one in shown if one.newest.snapshot_id == len(rows)]
    assert len(newest) == bool(rows)
    if rows:
        assert newest[0].board_id == NUMBERS[rows[-1][3]]
    assert len({one.newest.snapshot_id for one in shown}) == len({one.first.snapshot_id for one in shown}) == len(shown)


# -- in the store


def add(
    store: SnapshotStore,
    taken_at: datetime,
    scores: Board,
    published_on: datetime | None = None,
    source: Source = "script",
) -> int:
    """Store a text / overall board and return its snapshot's id."""
    day = published_on and published_on.date()
    return store.add({"text": Leaderboard({"overall": scores}, {}, day)}, taken_at=taken_at, source=source).id


def without_votes(scores: Board) -> dict[str, Score]:
    return {name: one._replace(votes=None) for name, one in scores.items()}


MIDNIGHT = NOW.replace(hour=0)
OLD = board(a=1000.0, b=990.0, c=980.0)
NEW = board(a=1005.0, b=990.0, c=981.0)


@pytest.fixture
def brought_again(store: SnapshotStore) -> SnapshotStore:
    """Two publications, of days 0 and 4: imported without votes, brought by runs, back-filled with votes."""
    for day, scores in ((0, OLD), (4, NEW)):
        add(store, MIDNIGHT + day * DAY, without_votes(scores), MIDNIGHT + day * DAY, "arena-catalog")
        add(store, MIDNIGHT + day * DAY, scores, MIDNIGHT + day * DAY, "dataset")
        for later in (1, 2):
            add(store, NOW + (day + later) * DAY, scores, MIDNIGHT + day * DAY)
    return store


def test_the_last_real_change_is_found_whatever_brought_it_again(brought_again: SnapshotStore) -> None:
    now = NOW + 400 * DAY
    assert add(brought_again, now, NEW, MIDNIGHT + 4 * DAY) == 9
    diff = brought_again.diff(now=now)
    assert (diff.before.id, diff.after.id) == (4, 9)
    assert [(one.model, one.delta) for one in diff.changed] == [("a", 5.0), ("c", 1.0)]
    assert [one.model for one in brought_again.movers(now=now).risen] == ["a"]


def test_a_history_has_a_point_a_publication_on_its_day_and_ends_at_the_last(brought_again: SnapshotStore) -> None:
    add(brought_again, NOW + 400 * DAY, NEW, MIDNIGHT + 4 * DAY)
    found = brought_again.history("a")
    assert [(one.moment, one.published_on, one.score.rating, one.score.votes) for one in found.points] == [
        (MIDNIGHT, MIDNIGHT.date(), 1000.0, 1000),
        (MIDNIGHT + 4 * DAY, MIDNIGHT.date() + 4 * DAY, 1005.0, 1000),
    ]
    # The first run that brought it.
    assert [(one.snapshot_id, one.taken_at) for one in found.points] == [(3, NOW + DAY), (7, NOW + 5 * DAY)]
    assert found.moments == 2
    assert [point.moment for point in brought_again.over_time().timeline] == [MIDNIGHT, MIDNIGHT + 4 * DAY]


def test_with_every_a_history_has_a_point_a_snapshot_one_a_moment(brought_again: SnapshotStore) -> None:
    found = brought_again.history("a", every=True)
    assert [one.snapshot_id for one in found.points] == [2, 3, 4, 6, 7, 8]
    assert all(one.moment == one.taken_at for one in found.points)
    assert [row.id for row in brought_again.histories("a", every=True)] == [2, 3, 4, 6, 7, 8]
    assert [row.id for row in brought_again.histories("a")] == [3, 7]


def test_votes_or_organizations_that_became_known_are_no_change(store: SnapshotStore) -> None:
    add(store, NOW, OLD)
    add(store, NOW + DAY, without_votes(NEW))
    add(store, NOW + 2 * DAY, NEW)
    assert store.resolve("previous", now=NOW + 9 * DAY).id == 1
    assert store.diff(now=NOW + 9 * DAY).before.id == 1
    assert len(store.history("a").points) == 2


def test_an_identical_publication_of_another_day_is_no_change_and_a_point(store: SnapshotStore) -> None:
    for day, scores in enumerate((OLD, NEW, NEW)):
        add(store, MIDNIGHT + day * DAY, scores, MIDNIGHT + day * DAY, "dataset")
    assert store.resolve("previous", now=NOW + 9 * DAY).id == 1
    assert [one.score.rating for one in store.history("a").points] == [1000.0, 1005.0, 1005.0]


def test_the_same_publication_of_another_source_is_no_change_though_it_rounds_otherwise(store: SnapshotStore) -> None:
    rounded = board(a=1005.01, b=990.0, c=981.0)
    add(store, MIDNIGHT, OLD, MIDNIGHT, "dataset")
    add(store, MIDNIGHT + DAY, rounded, MIDNIGHT + DAY, "arena-catalog")
    add(store, NOW + 3 * DAY, NEW, MIDNIGHT + DAY)
    assert store.resolve("previous", now=NOW + 9 * DAY).id == 1
    assert [one.score.rating for one in store.history("a").points] == [1000.0, 1005.0]


def test_a_publication_that_its_own_source_amended_changed(store: SnapshotStore) -> None:
    for hours, scores in enumerate((OLD, NEW, NEW)):
        add(store, NOW + hours * HOUR, scores, MIDNIGHT)
    assert store.resolve("previous", now=NOW + DAY).id == 1
    assert [(one.snapshot_id, one.moment) for one in store.history("a").points] == [(1, MIDNIGHT), (2, MIDNIGHT)]


def test_a_publication_that_the_latest_run_does_not_have_yet_is_not_what_it_changed_from(store: SnapshotStore) -> None:
    add(store, MIDNIGHT, OLD, MIDNIGHT, "dataset")
    add(store, MIDNIGHT + 5 * DAY, board(a=1.0), MIDNIGHT + 5 * DAY, "dataset")
    add(store, NOW + 5 * DAY, NEW, MIDNIGHT + 2 * DAY)
    assert (store.resolve("latest", now=NOW + 9 * DAY).id, store.resolve("previous", now=NOW + 9 * DAY).id) == (3, 1)


def test_without_another_publication_there_is_no_previous_board(brought_again: SnapshotStore) -> None:
    with pytest.raises(SnapshotNotFound, match="no earlier snapshot has another board"):
        brought_again.resolve("previous", now=NOW + 3 * DAY)


def test_what_is_dated_in_the_future_is_no_change_yet(brought_again: SnapshotStore) -> None:
    add(brought_again, NOW + 99 * DAY, board(a=1.0), MIDNIGHT + 99 * DAY)
    assert brought_again.resolve("previous", now=NOW + 9 * DAY).id == 4


def test_a_model_that_two_sources_name_differently_is_followed_from_publication_to_publication(
    store: SnapshotStore,
) -> None:
    """Source one calls it short and the other long, which nobody can see but on a day that both have."""
    for day, rating in enumerate((1000.0, 1010.0)):
        moment = MIDNIGHT + day * DAY
        add(store, moment, without_votes({"short": score(rating), **OLD}), moment, "arena-catalog")
    for day, rating in ((1, 1010.0), (2, 1020.0)):
        moment = MIDNIGHT + day * DAY
        add(store, moment, {"long": score(rating), **OLD}, moment, "dataset")
    for name in ("short", "long"):
        found = store.history(name)
        assert [one.score.rating for one in found.points] == [1000.0, 1010.0, 1020.0]
        assert found.points[0].listed_as == "short"
        assert found.points[2].listed_as == "long"


def test_each_leaderboard_goes_by_its_own_day(store: SnapshotStore) -> None:
    days: Mapping[str, list[date]] = {
        "text": [MIDNIGHT.date(), MIDNIGHT.date()],
        "vision": [MIDNIGHT.date(), MIDNIGHT.date() + timedelta(days=1)],
    }
    for number in range(2):
        given_boards = {name: Leaderboard({"overall": OLD}, {}, found[number]) for name, found in days.items()}
        store.add(given_boards, taken_at=NOW + (number + 1) * DAY)
    assert (len(store.history("a").points), len(store.history("a", "vision").points)) == (1, 2)

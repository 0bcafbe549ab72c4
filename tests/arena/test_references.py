from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from llmhub.arena import SnapshotStore
from llmhub.arena.references import (
    AtOrBefore,
    parse_age,
    parse_moment,
    parse_reference,
    parse_since,
    parse_until,
)
from llmhub.errors import BoardNotFoundError, InvalidReferenceError, SnapshotNotFound
from tests.support.made_up.boards import DAY, HOUR, NOW, board, text


@pytest.fixture
def filled(store: SnapshotStore) -> SnapshotStore:
    """Five snapshots: 1 nine days ago, 2 two days ago, 3 (as 2) a day ago, 4 vision only, 5 in the future."""
    store.add(text(a=1.0), taken_at=NOW - 9 * DAY)
    store.add(text(a=2.0), taken_at=NOW - 2 * DAY)
    store.add(text(a=2.0), taken_at=NOW - DAY)
    store.add({"vision": {"overall": board(v=1.0)}}, taken_at=NOW - HOUR)
    store.add(text(a=9.0), taken_at=NOW + DAY)
    return store


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        ("latest", 3),
        (" latest ", 3),
        ("latest~0", 3),
        ("latest~1", 2),
        ("latest~2", 1),
        ("previous", 1),
        ("2", 2),
        ("5", 5),
        ("2026-01-08", 2),
        ("2026-01-07", 1),
        ("2026-12-31", 3),
        ("2026-01-08T12:00:00Z", 2),
        ("2026-01-08T11:59:59Z", 1),
        ("2026-01-08T12:00", 2),
        ("2026-01-08 12:00:00", 2),
        ("2026-01-08T13:00:00+01:00", 2),
        ("2026-01-08T11:59:59.999Z", 1),
        ("24h", 3),
        ("25h", 2),
        ("2d", 2),
        ("1w", 1),
    ],
)
def test_every_form_of_reference_names_the_snapshot_that_the_design_says(
    filled: SnapshotStore, reference: str, found: int
) -> None:
    assert filled.resolve(reference, now=NOW).id == found


def test_references_count_only_snapshots_that_have_the_board(filled: SnapshotStore) -> None:
    assert filled.resolve("latest", "vision", now=NOW).id == 4
    with pytest.raises(SnapshotNotFound):
        filled.resolve("latest~1", "vision", now=NOW)
    with pytest.raises(SnapshotNotFound, match="'4'"):
        filled.resolve("4", now=NOW)


@pytest.mark.parametrize("reference", ["latest~3", "99", "999999999999999999", "2w", "99999999w", "2020-01-01"])
def test_a_reference_that_nothing_answers_says_what_exists(filled: SnapshotStore, reference: str) -> None:
    with pytest.raises(SnapshotNotFound, match="ids from 1 to 5"):
        filled.resolve(reference, now=NOW)


@pytest.mark.parametrize(
    "text_", ["", "newest", "latest~", "latest~-1", "LATEST", "2025-13-01", "2025-05-20T25:00", "7x", "1.5d", "-1d"]
)
def test_a_text_of_no_form_is_refused_with_the_reason(text_: str) -> None:
    with pytest.raises(InvalidReferenceError, match=r"not a date|names no snapshot"):
        parse_reference(text_, NOW)


def test_previous_says_why_there_is_none(store: SnapshotStore) -> None:
    store.add(text(a=1.0), taken_at=NOW - DAY)
    with pytest.raises(SnapshotNotFound, match="snapshot 1 is its only one"):
        store.resolve("previous", now=NOW)
    store.add(text(a=1.0), taken_at=NOW)
    with pytest.raises(SnapshotNotFound, match="no earlier snapshot has another board"):
        store.resolve("previous", now=NOW)


def test_another_sources_board_of_the_same_moment_is_no_previous_one(store: SnapshotStore) -> None:
    store.add(text(a=1.0), taken_at=NOW - DAY, source="dataset")
    store.add(text(a=1.5), taken_at=NOW, source="arena-catalog")
    store.add(text(a=2.0), taken_at=NOW, source="dataset")
    assert (store.resolve("latest", now=NOW).id, store.resolve("previous", now=NOW).id) == (3, 1)


def test_a_future_snapshot_is_latest_only_when_there_is_no_other(store: SnapshotStore) -> None:
    store.add(text(a=1.0), taken_at=NOW + DAY)
    assert store.resolve("latest", now=NOW).id == 1
    store.add(text(a=2.0), taken_at=NOW - DAY)
    assert store.resolve("latest", now=NOW).id == 2


def test_at_one_moment_script_goes_before_dataset_before_arena_catalog(store: SnapshotStore) -> None:
    store.add(text(a=1.0), taken_at=NOW, source="arena-catalog")
    store.add(text(a=2.0), taken_at=NOW, source="script")
    store.add(text(a=3.0), taken_at=NOW, source="dataset")
    sources = [store.resolve(f"latest~{back}", now=NOW).source for back in range(3)]
    assert sources == ["script", "dataset", "arena-catalog"]


def test_an_unknown_board_is_named_with_those_there_are(filled: SnapshotStore) -> None:
    with pytest.raises(BoardNotFoundError, match="no snapshot has text / coding; there are overall"):
        filled.resolve("latest", "text", "coding")
    with pytest.raises(BoardNotFoundError, match="there are text, vision"):
        filled.resolve("latest", "txet")


@pytest.mark.parametrize(
    ("text_", "length"), [("36h", 36 * HOUR), ("7d", 7 * DAY), ("2w", 14 * DAY), ("0h", timedelta())]
)
def test_an_age_is_hours_days_or_weeks(text_: str, length: timedelta) -> None:
    assert parse_age(text_) == length


def test_a_date_stands_for_its_last_moment_and_a_written_second_for_its_end() -> None:
    assert parse_reference("2025-05-20", NOW) == AtOrBefore(datetime(2025, 5, 20, 23, 59, 59, 999_999, UTC))
    assert parse_reference("2025-05-20T01:02:03Z", NOW) == AtOrBefore(datetime(2025, 5, 20, 1, 2, 3, 999_999, UTC))
    assert parse_moment("2025-05-20") == datetime(2025, 5, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("2026-01-08", datetime(2026, 1, 8, tzinfo=UTC), datetime(2026, 1, 8, 23, 59, 59, 999_999, UTC)),
        (" 2026-01-08T06:00Z ", datetime(2026, 1, 8, 6, tzinfo=UTC), datetime(2026, 1, 8, 6, 0, 0, 999_999, UTC)),
        ("36h", NOW - 36 * HOUR, NOW - 36 * HOUR),
        ("999999w", datetime.min.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)),
    ],
)
def test_a_span_of_time_takes_in_the_whole_day_at_either_end(text: str, since: datetime, until: datetime) -> None:
    assert (parse_since(text, NOW), parse_until(text, NOW)) == (since, until)


@pytest.mark.parametrize("text", ["", "latest", "12", "2026-13-01", "2026-01-08T25:00", "yesterday"])
def test_what_is_no_moment_begins_and_ends_no_span(text: str) -> None:
    for parse in (parse_since, parse_until):
        with pytest.raises(InvalidReferenceError):
            parse(text, NOW)

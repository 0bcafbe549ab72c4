"""A notice that went before its day was withdrawn, if nothing else explains that it went."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from llmhub.offers.lives.withdrawn import withdrawn_at

AUGUST, SEPTEMBER, DECEMBER = date(2026, 8, 15), date(2026, 9, 15), date(2026, 12, 15)
TOLD = {"mimic-1": SEPTEMBER, "mimic-2": SEPTEMBER, "mimic-3": DECEMBER, "mimic-4": DECEMBER}


def at(*documents: dict[str, date], first: date = AUGUST) -> datetime | None:
    """Return when the notice of mimic-1 was withdrawn, with a document a day after each other."""
    began = datetime(first.year, first.month, first.day, tzinfo=UTC)
    later = [(began + timedelta(number), document) for number, document in enumerate(documents)]
    return withdrawn_at("mimic-1", SEPTEMBER, TOLD, later, bare=lambda one: one.partition(":")[0])


def without(*ids: str) -> dict[str, date]:
    return {model_id: day for model_id, day in TOLD.items() if model_id not in ids}


def test_a_day_to_come_that_is_left_out_while_others_are_named_was_withdrawn() -> None:
    assert at(without("mimic-1")) == datetime(2026, 8, 15, tzinfo=UTC)
    assert at(without("mimic-1", "mimic-2"), without("mimic-1")) == datetime(2026, 8, 15, tzinfo=UTC)
    assert at() is None


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ({}, "the document says nothing of the provider"),
        ({"mimic-9": date(2026, 1, 1)}, "it names only days that have passed"),
        (without("mimic-1", "mimic-2", "mimic-3"), "most went: it is a document of another kind"),
        (without("mimic-1") | {"mimic-1:0": SEPTEMBER}, "the model is named otherwise"),
    ],
)
def test_a_day_that_went_for_another_reason_was_not(document: dict[str, date], why: str) -> None:
    assert at(document) is None, why


def test_a_day_that_is_left_out_once_it_came_was_not() -> None:
    assert at(without("mimic-1"), first=SEPTEMBER) is None
    assert at({}, without("mimic-1"), first=SEPTEMBER - timedelta(1)) is None


def test_a_document_that_failed_to_read_a_page_decides_nothing_and_the_next_one_does() -> None:
    assert at({}, without("mimic-1")) == datetime(2026, 8, 16, tzinfo=UTC)
    assert at({}, without("mimic-1") | {"mimic-1:0": SEPTEMBER}) is None
    moved = without("mimic-1") | {"mimic-1:0": DECEMBER}
    assert at(moved) is not None, "another model of that name ends on another day"

"""Notices in every shape that deprecations.info and modeldeprecations.dev had: right, or unknown with a reason."""

from __future__ import annotations

from typing import Any

import pytest

from llmhub.errors import SourceError
from llmhub.offers.fields import DEPRECATIONS_INFO, MODEL_DEPRECATIONS
from llmhub.offers.lives.notices import Notices, read_notices, source_of

PAGE = "https://example.com/deprecations"


def info(model_id: Any = "mimic-1", **facts: Any) -> dict[str, Any]:
    row = {
        "provider": "OpenAI",
        "model_id": model_id,
        "announcement_date": "2026-03-26",
        "deprecation_date": "2026-03-20",
        "shutdown_date": "2026-09-26",
        "replacement_models": ["mimic-2"],
        "url": PAGE,
    }
    return {**row, **facts}


def early(model_id: str = "mimic-1", **facts: Any) -> dict[str, Any]:
    """A notice as deprecations.info had it until 2026."""
    row = {"replacement_model": "mimic-2", **info(model_id, **facts)}
    del row["deprecation_date"], row["replacement_models"]
    return row


def dev(model: str = "mimic-1", **facts: Any) -> dict[str, Any]:
    return {"provider": "openai", "model": model, "status": "deprecated", "sources": [{"url": PAGE}], **facts}


def life(found: Notices, key: str = "openai/mimic-1") -> tuple[str | None, ...]:
    offer = found.offers[key]
    return offer.status, offer.retires_on, offer.retires_earliest, offer.replacement


def test_a_feed_says_what_the_list_says() -> None:
    items = [{"url": PAGE, "date_published": "2026-03-26T05:00:00+00:00", "_deprecation": info(url=None)}, "no item"]
    found = read_notices({"version": "https://jsonfeed.org/version/1.1", "items": [*items, info()]})
    assert found.source == source_of([info()]) == DEPRECATIONS_INFO
    assert life(found) == ("deprecated", "2026-09-26", None, "mimic-2")
    assert source_of({"items": []}) is source_of({"openai": {"models": {}}}) is None


def test_a_list_says_the_same_in_the_object_in_which_its_site_publishes_it() -> None:
    rows = [dev(shutdown_on="2026-09-26"), dev("mimic-2", status="retired")]
    published = {"asOf": "2026-08-21", "count": 2, "models": [row | {"computed_status": "retired"} for row in rows]}
    assert read_notices(published) == read_notices(rows)
    assert source_of({"models": {"mimic-1": rows[0]}}) is source_of({"models": []}) is None


def test_a_later_notice_postpones_whatever_the_order() -> None:
    first = info(shutdown_date="2026-09-26", last_observed="2026-04-01")
    later = info(shutdown_date="2027-03-26", last_observed="2026-08-01")
    for rows in ([first, later], [later, first]):
        assert life(read_notices(rows)) == ("deprecated", "2027-03-26", None, "mimic-2")
    rows = [
        dev(shutdown_on="2026-09-26", last_verified="2026-01-01"),
        dev(shutdown_on="2026-12-26", last_verified="2026-08-01"),
    ]
    assert life(read_notices(rows))[1] == "2026-12-26"


def test_two_notices_of_one_day_that_name_two_days_name_none() -> None:
    found = read_notices([info(shutdown_date="2026-09-26"), info(shutdown_date="2026-10-26"), info("mimic-3")])
    assert life(found) == ("deprecated", None, None, "mimic-2")
    assert sum(found.unknown.values()) == 1
    assert read_notices([info(), info()]).unknown == {}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Not sooner than September 26, 2026", ("deprecated", None, "2026-09-26", "mimic-2")),
        ("September 26th, 2026 (all regions)", ("deprecated", "2026-09-26", None, "mimic-2")),
        ("Q3 2026", ("deprecated", None, None, "mimic-2")),
        ("2026-13-01", ("deprecated", None, None, "mimic-2")),
        ("", ("deprecated", None, None, "mimic-2")),
    ],
)
def test_the_day_of_a_notice_is_read_or_unknown(written: str, expected: tuple[str | None, ...]) -> None:
    assert life(read_notices([info(shutdown_date=written)])) == expected


def test_a_list_in_place_of_an_id_is_of_no_model() -> None:
    """It is mostly the cell beside the id: the successors."""
    several = ["mimic-1, mimic-2", "mimic-1,mimic-2", "mimic-1 and mimic-2", "mimic-1 or mimic-2", "mimic-1;mimic-2"]
    found = read_notices([*map(info, several), info("Mimic Platform"), info("mimic-9")])
    assert list(found.offers) == ["openai/mimic-9"]
    assert found.left_out == {"it names several models in one": 5, "it names no model's id": 1}


def test_an_early_notice_calls_nothing_deprecated_that_its_table_only_lists() -> None:
    rows = [
        early(),
        early("mimic-2", provider="xAI", announcement_date="", shutdown_date=""),
        early("mimic-3", provider="AWS Bedrock", announcement_date="2025-01-31", shutdown_date="2025-08-15"),
        early("mimic-4", provider="Google", announcement_date="2025-06-17", shutdown_date="2025-06-26"),
        early("mimic-5", replacement_model="Mimic 2 or Mimic 3*"),
    ]
    found = read_notices(rows)
    assert life(found) == (None, "2026-09-26", None, "mimic-2")
    assert life(found, "xai/mimic-2")[:3] == (None, None, None)
    assert life(found, "openai/mimic-5")[3] is None
    assert len(found.offers) == 3
    assert sum(found.left_out.values()) == 2


def test_ids_are_those_that_are_called_however_a_page_writes_their_hyphens_and_their_provider() -> None:
    told = info("mimic\N{NON-BREAKING HYPHEN}1", replacement_models=["mimic\N{NON-BREAKING HYPHEN}2"])
    assert life(read_notices([told])) == ("deprecated", "2026-09-26", None, "mimic-2")
    recommended = [{"model": "mimic\N{HYPHEN}2", "recommended": True}]
    rows = [
        dev("mimic\N{NON-BREAKING HYPHEN}1", replacements=recommended, aliases=["mimic\N{NON-BREAKING HYPHEN}one"]),
        dev(provider="qwen"),
        dev(provider="alibaba", model="mimic-3"),
        dev(provider="amazon"),
    ]
    found = read_notices(rows)
    assert list(found.offers) == [
        "openai/mimic-one",
        "openai/mimic-1",
        "alibaba/mimic-1",
        "alibaba/mimic-3",
        "amazon-bedrock/mimic-1",
    ]
    assert life(found)[3] == "mimic-2"


def test_of_several_successors_the_first_that_is_an_id_is_told() -> None:
    for told, expected in (
        (["mimic-2", "mimic-3"], "mimic-2"),
        (["Mimic's newest", "mimic-3"], "mimic-3"),
        (["reasoning.mode: pro"], None),
        ([], None),
        (None, None),
        ("mimic-2", "mimic-2"),
    ):
        assert life(read_notices([info(replacement_models=told)]))[3] == expected


def test_a_notice_after_rows_that_are_none_is_recognised() -> None:
    old = {"provider": "OpenAI", "title": "Deprecations", "content": "a page", "url": PAGE}
    assert source_of([old, early()]) == DEPRECATIONS_INFO
    assert source_of(["text", dev()]) == MODEL_DEPRECATIONS
    with pytest.raises(SourceError):
        read_notices([old])

"""What the second witness adds to `catalog diff`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from llmhub.arena.database import database
from llmhub.offers.answers import diff
from llmhub.offers.comparing import Changed, OffersDiff
from llmhub.offers.fields import DEPRECATIONS_INFO, LITELLM, MODELS_DEV
from llmhub.offers.sql.storing import OfferWriter, offer_writer
from llmhub.offers.values import Offer
from tests.offers.offers import DAY, NOW, offer


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[OfferWriter]:
    with offer_writer(tmp_path / "arena.db") as writer:
        yield writer


def compared(path: Path) -> OffersDiff:
    reader = database.open_for_reading(path / "arena.db")
    assert reader is not None
    with closing(reader) as connection:
        return diff(connection, "previous", "latest", now=NOW + 9 * DAY)


def say(writer: OfferWriter, days: int, source: str, **prices: Any) -> None:
    """Store that a source asks these prices of input, or says these fields, of offers of acme."""
    offers: dict[str, Offer] = {}
    for name, told in prices.items():
        fields = told if isinstance(told, dict) else {"price_input_per_million": told}
        offers[f"acme/{name}"] = offer(f"acme/{name}", **fields)
    writer.add_offers(offers, taken_at=NOW + days * DAY, source=source)


def of(found: OffersDiff, model: str) -> list[Changed]:
    return [one for one in found.changed if one.model == f"acme/{model}"]


def test_a_price_that_one_source_moved_alone_is_said_to_be_so(writer: OfferWriter, tmp_path: Path) -> None:
    say(writer, 0, MODELS_DEV, both=1.0, ours=1.0, theirs=1.0, late=1.0, single=1.0)
    say(writer, 0, LITELLM, both=1.0, ours=1.0, theirs=1.0, late=2.0, foreign=1.0)
    say(writer, 1, MODELS_DEV, both=2.0, ours=2.0, theirs=1.0, late=2.0, single=2.0)
    say(writer, 1, LITELLM, both=2.0, ours=1.0, theirs=3.0, late=2.0, foreign=9.0)
    found = compared(tmp_path)
    assert of(found, "both") == [Changed("acme/both", "input", 1.0, 2.0, alone=False)]
    assert of(found, "ours") == [Changed("acme/ours", "input", 1.0, 2.0, alone=True)]
    assert of(found, "theirs") == [Changed("acme/theirs", "input", 1.0, 3.0, source=LITELLM, alone=True)]
    assert of(found, "late") == [Changed("acme/late", "input", 1.0, 2.0, alone=False)], "LiteLLM had it before"
    assert of(found, "single") == [Changed("acme/single", "input", 1.0, 2.0, alone=None)]
    assert of(found, "foreign") == [], "models.dev does not list it"


def test_a_day_that_became_known_or_moved_is_a_change_of_retires_on(writer: OfferWriter, tmp_path: Path) -> None:
    first, later = {"retires_on": "2027-01-01"}, {"retires_on": "2027-06-01", "replacement": "b"}
    say(writer, 0, MODELS_DEV, a=1.0, b=1.0, c=1.0, d=1.0)
    say(writer, 0, LITELLM, a=first, b={}, d=first)
    say(writer, 0, DEPRECATIONS_INFO, d=first)
    say(writer, 1, MODELS_DEV, a=1.0, b=1.0, c=1.0, d=9.0)
    say(writer, 1, LITELLM, a=later, b=first, c=first, d=first)
    say(writer, 1, DEPRECATIONS_INFO, d=later)
    found = compared(tmp_path)
    assert of(found, "a") == [
        Changed("acme/a", "retires_on", "2027-01-01", "2027-06-01", source=LITELLM),
        Changed("acme/a", "replacement", None, "b", source=LITELLM),
    ]
    assert of(found, "b") == [Changed("acme/b", "retires_on", None, "2027-01-01", source=LITELLM)]
    assert of(found, "c") == [Changed("acme/c", "retires_on", None, "2027-01-01", source=LITELLM)]
    assert [one.source for one in of(found, "d") if one.field == "retires_on"] == [DEPRECATIONS_INFO]


def test_what_a_witness_says_for_the_first_time_did_not_change(writer: OfferWriter, tmp_path: Path) -> None:
    say(writer, 0, MODELS_DEV, a=1.0)
    say(writer, 1, MODELS_DEV, a=2.0)
    say(writer, 1, LITELLM, a={"retires_on": "2027-01-01"})
    assert compared(tmp_path).changed == (Changed("acme/a", "input", 1.0, 2.0),)

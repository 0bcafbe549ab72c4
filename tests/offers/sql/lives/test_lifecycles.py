"""What the store knows of offers' lives."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmhub.arena.database import database
from llmhub.catalog.offered.lives import known_lifecycles
from llmhub.offers.fields import ANY_LLM, LITELLM, MODEL_DEPRECATIONS, MODELS_DEV
from llmhub.offers.lives.lifecycle import Lifecycle, Said, lifecycle_of
from llmhub.offers.lives.withdrawn import withdrawn_at
from llmhub.offers.sql.lives.lifecycles import lifecycles
from llmhub.offers.sql.storing import offer_writer
from llmhub.offers.values import Offer
from llmhub.storage.sqlite_errors import OddValueError
from tests.offers.offers import DAY, NOW, offer
from tests.support.effort import by_profile
from tests.support.made_up.stored_offers import store_listings, store_offers

TODAY = date(2026, 1, 20)
Lives: TypeAlias = Mapping[str, Lifecycle]


def lives(path: Path, **options: object) -> Mapping[str, Lifecycle]:
    reader = database.open_for_reading(path)
    assert reader is not None
    with closing(reader) as connection:
        return lifecycles(connection, **({"today": TODAY} | options))  # type: ignore[arg-type]


def listed(path: Path, *days: Iterable[str], provider: str = "acme", hours: int = 24) -> Lifecycle | None:
    """Store a listing of each day, and return what is then known of the model `a`."""
    with offer_writer(path) as writer:
        for number, ids in enumerate(days):
            writer.add_listings({provider: list(ids)}, taken_at=NOW + number * hours * DAY / 24)
    return lives(path).get(f"{provider}/a")


def test_an_offer_is_remembered_with_what_was_last_said_of_it_though_its_source_dropped_it(tmp_path: Path) -> None:
    path = tmp_path / "arena.db"
    first = {key: offer(key, retires_on="2026-02-01") for key in ("acme/a", "acme/b")}
    with offer_writer(path) as writer:
        writer.add_offers(first, taken_at=NOW, source=LITELLM)
        postponed = {"acme/b": offer("acme/b", retires_on="2026-03-01", replacement="c", retires_source="a page")}
        writer.add_offers(postponed, taken_at=NOW + DAY, source=LITELLM)
        writer.add_offers({"acme/b": offer("acme/b", status="deprecated"), "acme/d": offer("acme/d")}, taken_at=NOW)
    found = lives(path)
    assert found["acme/a"].retires_on == date(2026, 2, 1)
    assert found["acme/b"][:7] == (
        "deprecated", date(2026, 3, 1), None, "c", LITELLM, "a page", False,
    )  # fmt: skip
    assert [(one.source, one.recorded) for one in found["acme/b"].said] == [(LITELLM, NOW + DAY), (MODELS_DEV, NOW)]
    assert found["acme/d"] == Lifecycle()
    assert lives(path, today=NOW.date())["acme/b"].retires_on == date(2026, 2, 1), "what came later does not count"
    assert lives(path, today=date(2026, 1, 1)) == {}


def test_a_model_that_left_a_listing_while_the_others_stayed_is_retired_once_it_was_seen_a_day_apart(
    tmp_path: Path,
) -> None:
    assert listed(tmp_path / "1.db", "abc", "bc") == Lifecycle(said=()), "seen once"
    twice = listed(tmp_path / "2.db", "abc", "bc", "bc")
    assert twice is not None
    assert (twice.status, twice.source, twice.disputed) == ("retired", ANY_LLM, False)
    assert twice.said[0].since == NOW + DAY
    soon = listed(tmp_path / "3.db", "abc", "bc", "bc", hours=12)
    assert soon == Lifecycle(said=()), "twelve hours apart"


@pytest.mark.parametrize(
    ("days", "why"),
    [
        (["abc", "bc", "bc", "abc"], "it came back"),
        (["abc", "", ""], "nothing is listed at all"),
        (["abcdef", "b", "b"], "most of the others went with it"),
        (["abc", "xyz", "xyz"], "another account's models"),
        (["abc", "bc", "x"], "the last listing is no evidence"),
    ],
)
def test_a_model_is_not_retired_by_listings_that_prove_nothing(days: list[str], why: str, tmp_path: Path) -> None:
    found = listed(tmp_path / "arena.db", *days)
    assert found is not None, why
    assert found.status == "active", why


def test_what_a_local_server_lists_no_more_is_not_retired_and_a_cloud_name_counts_for_models_dev_too(
    tmp_path: Path,
) -> None:
    path = tmp_path / "arena.db"
    store_offers(path, {"google/a": offer("google/a")}, taken_at=NOW)
    for provider in ("ollama", "gemini"):
        for number, ids in enumerate(("abc", "bc", "bc")):
            store_listings(path, {provider: list(ids)}, taken_at=NOW + number * DAY + (provider == "ollama") * DAY / 9)
    with closing(sqlite3.connect(path)) as connection:
        found = known_lifecycles(connection, today=TODAY)
    assert {key: life.status for key, life in found.items() if key.endswith("/a")} == {
        "google/a": "retired",
        "gemini/a": "retired",
    }
    assert "google/b" not in found, "models.dev does not list it"


def test_a_flipped_day_is_no_fact(tmp_path: Path) -> None:
    path = tmp_path / "arena.db"
    store_offers(path, {"acme/a": offer("acme/a", retires_on="2026-02-01")}, taken_at=NOW, source=LITELLM)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE offer SET retires_on = '2026-02-02'")
    with pytest.raises(OddValueError):
        lives(path)


def test_there_is_nothing_to_know_without_a_store() -> None:
    assert known_lifecycles(None, today=datetime.now(UTC).date()) == {}


def test_a_birthday_of_the_model_at_another_provider_is_a_promise_too(tmp_path: Path) -> None:
    path = tmp_path / "arena.db"
    born = {"lab/opus-4-5": offer("lab/opus-4-5", release_date="2024-11-24")}
    store_offers(path, born, taken_at=NOW)
    ends = {key: offer(key, retires_on="2025-11-24") for key in ("host/us.lab.opus-4-5-20241101-v1:0", "host/other")}
    store_offers(path, ends, taken_at=NOW, source=LITELLM)
    found = lives(path)
    promised = found["host/us.lab.opus-4-5-20241101-v1:0"]
    assert (promised.status, promised.retires_on, promised.retires_earliest) == ("active", None, date(2025, 11, 24))
    assert found["host/other"].status == "retired"


def test_the_lives_of_a_few_offers_are_those_that_are_read_of_all(tmp_path: Path) -> None:
    path = tmp_path / "arena.db"
    said = {
        "acme/m-1": offer("acme/m-1", retires_on="2027-02-01", release_date="2026-02-01"),
        "other/us.m-1-20260105": offer("other/us.m-1-20260105", release_date="2025-02-01", status="beta"),
        "other/x/M-1": offer("other/x/M-1", retires_earliest="2026-08-01", replacement="m-2"),
        "acme/m-2": offer("acme/m-2"),
    }
    with offer_writer(path) as writer:
        for source in (LITELLM, MODELS_DEV):
            writer.add_offers(said, taken_at=NOW, source=source)
        writer.add_offers({"acme/m-2": said["acme/m-2"]}, taken_at=NOW + DAY, source=LITELLM)
        for day, ids in enumerate((["m-1", "m-2", "m-3"], ["m-2", "m-3"], ["m-2", "m-3"])):
            writer.add_listings({"acme": ids, "called": ids, "other": ["x/M-1"]}, taken_at=NOW + day * DAY)
    called = {"called": ["acme", "nobody"]}
    every = lives(path, called=called)
    assert every["acme/m-1"].status == "retired", "its listing lost it"
    assert {"acme/m-2", "called/m-1", "other/x/M-1", "other/us.m-1-20260105"} < every.keys()
    for key in every:
        assert lives(path, called=called, only=[key]) == {key: every[key]}, key
    assert lives(path, called=called, only=every.keys()) == every
    assert lives(path, called=called, only=["acme/none"]) == {}


def test_a_notice_that_later_documents_leave_out_before_its_day_while_they_name_others_ends_nothing(
    tmp_path: Path,
) -> None:
    path = tmp_path / "arena.db"
    ends = {"a": "2026-06-01", "b": "2026-07-01", "c": "2026-01-07", "d": "2026-07-01"}
    told = {f"acme/{name}": offer(f"acme/{name}", status="deprecated", retires_on=day) for name, day in ends.items()}
    left = {key: one for key, one in told.items() if key in {"acme/b", "acme/d"}}
    with offer_writer(path) as writer:
        for source in (MODEL_DEPRECATIONS, LITELLM):
            writer.add_offers(told, taken_at=NOW, source=source)
            writer.add_offers({"other/x": offer("other/x", status="active")}, taken_at=NOW + DAY, source=source)
            writer.add_offers(left, taken_at=NOW + 2 * DAY, source=source)
    found = lives(path)
    withdrawn = next(one for one in found["acme/a"].said if one.source == MODEL_DEPRECATIONS)
    assert withdrawn == (MODEL_DEPRECATIONS, NOW, None, None, None, None, None, None, NOW + 2 * DAY)
    # A price list that no longer has an offer takes nothing back.
    assert (found["acme/a"].source, found["acme/a"].retires_on) == (LITELLM, date(2026, 6, 1))
    assert found["acme/b"].status == "deprecated"
    assert found["acme/c"].status == "retired", "its day had come: a list need not name it any longer"
    assert found == {key: lives(path, only=[key])[key] for key in found}
    before = lives(path, until=NOW + DAY)["acme/a"]
    assert [one.withdrawn for one in before.said] == [None, None], "no document named others then"
    alone = tmp_path / "alone.db"
    with offer_writer(alone) as writer:
        writer.add_offers(told, taken_at=NOW, source=MODEL_DEPRECATIONS)
        writer.add_offers(left, taken_at=NOW + DAY, source=MODEL_DEPRECATIONS)
    life = lives(alone)["acme/a"]
    assert (life.status, life.retires_on, life.source, life.replacement) == ("active", None, None, None)
    assert lives(alone, today=date(2026, 9, 1))["acme/a"].status == "active"


def test_only_the_offers_with_a_day_are_asked_for_and_are_told_as_ever(tmp_path: Path) -> None:
    path = tmp_path / "arena.db"
    with offer_writer(path) as writer:
        dated = {key: offer(key, retires_on="2026-12-01") for key in ("acme/a", "other/x-2")}
        writer.add_offers(dated | {"acme/b": offer("acme/b", status="beta")}, taken_at=NOW, source=LITELLM)
        ours = {"acme/a": offer("acme/a", status="beta"), "acme/x-2": offer("acme/x-2", release_date="2025-12-01")}
        writer.add_offers(ours | {"acme/c": offer("acme/c")}, taken_at=NOW)
    every = lives(path)
    assert every["other/x-2"].retires_earliest == date(2026, 12, 1), "the birthday of another provider's offer"
    assert lives(path, ending=(date.min, date.max)) == {key: every[key] for key in ("acme/a", "other/x-2")}


# Three models, under ids that other hosts made of their names.
_MODELS = {"lab/m-1": "m-1", "host/us.m-1-20250105": "m-1", "host/x/M-1@2": "m-1", "lab/n": "n", "other/n-v1:0": "n"}
_DAYS = ("2026-02-01", "2026-06-05", "2027-02-01", None, None)
_RELEASED = ("2025-02-01", "2024-06-05", "2025-06-05", "2025", None)


def _world(chance: Random) -> list[tuple[str, datetime, dict[str, Offer]]]:
    """Return snapshots of three sources on some days, in which offers come, change and go."""
    return [
        (source, NOW + number * DAY, _some_offers(chance))
        for number in range(4)
        for source in chance.sample((MODELS_DEV, LITELLM, MODEL_DEPRECATIONS), 2)
    ]


def _some_offers(chance: Random) -> dict[str, Offer]:
    # A snapshot has at least one offer.
    kept = [key for key in _MODELS if chance.random() < 0.6] or ["lab/n"]
    return {key: _some_offer(key, chance) for key in kept}


def _some_offer(key: str, chance: Random) -> Offer:
    return offer(
        key,
        status=chance.choice((None, None, "beta", "deprecated")),
        retires_on=chance.choice(_DAYS),
        retires_earliest=chance.choice(_DAYS) if chance.random() < 0.2 else None,
        release_date=chance.choice(_RELEASED),
    )


def _naive_lives(world: Iterable[tuple[str, datetime, dict[str, Offer]]], today: date, until: datetime) -> Lives:
    """Return the lives of all offers, read from every snapshot."""
    last: dict[tuple[str, str], tuple[datetime, Offer]] = {}
    for source, moment, offers in sorted(world, key=lambda one: one[1]):
        if moment <= until:
            last |= {(key, source): (moment, told) for key, told in offers.items()}
    released: dict[str, list[date]] = {name: [] for name in _MODELS.values()}
    said: dict[str, list[Said]] = {}
    own: dict[str, list[date]] = {}
    for (key, source), (moment, told) in last.items():
        days = [date.fromisoformat(day) for day in [told.release_date] if day is not None and day != "2025"]
        released[_MODELS[key]] += days
        own.setdefault(key, []).extend([*days, *([date(2025, 1, 5)] if "20250105" in key else [])])
        on, earliest = (
            None if day is None else date.fromisoformat(day) for day in (told.retires_on, told.retires_earliest)
        )
        one = Said(source, moment, told.status, on, earliest)
        gone = None if on is None else _naive_withdrawal(world, until, source, key, moment)
        if gone is not None:
            one = Said(source, moment, withdrawn=gone)
        says = gone is not None or (told.status, on, earliest) != (None, None, None)
        said.setdefault(key, []).extend([one] if says else [])
    births = {
        name: {min(days), max(sorted(set(days)), key=days.count)} if days else set() for name, days in released.items()
    }
    return {
        key: lifecycle_of(each, today, released=[*own[key], *births[_MODELS[key]]]) if each else Lifecycle()
        for key, each in said.items()
    }


def _naive_withdrawal(
    world: Iterable[tuple[str, datetime, dict[str, Offer]]], until: datetime, source: str, key: str, last: datetime
) -> datetime | None:
    """Return when the notice of an offer was withdrawn, read from every snapshot of its source."""
    if source != MODEL_DEPRECATIONS:
        return None
    provider, _, model_id = key.partition("/")
    documents = {
        moment: {
            each.model_id: date.fromisoformat(each.retires_on)
            for each in offers.values()
            if each.provider == provider and each.retires_on is not None
        }
        for of, moment, offers in sorted(world, key=lambda one: one[1])
        if of == source and last <= moment <= until
    }
    before = documents.pop(last)
    return withdrawn_at(
        model_id, before[model_id], before, documents.items(), bare=lambda one: _MODELS[f"{provider}/{one}"]
    )


@settings(max_examples=by_profile(ci=8, nightly=400), deadline=None)
@given(chance=st.randoms(use_true_random=False))
def test_lives_are_those_of_every_snapshot_and_those_of_some_offers_are_read_alike(chance: Random) -> None:
    world = _world(chance)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "arena.db"
        with offer_writer(path) as writer:
            for source, moment, offers in world:
                writer.add_offers(offers, taken_at=moment, source=source)
        for until in (NOW + DAY, NOW + 9 * DAY):
            today = date(2026, 2, 1) + chance.randrange(300) * DAY
            every = lives(path, today=today, until=until)
            assert every == _naive_lives(world, today, until)
            only = chance.sample(sorted(_MODELS), 2)
            assert lives(path, today=today, until=until, only=only) == {key: every[key] for key in only if key in every}
            span = chance.choice([(date.min, date.max), (today, date.max), (date(2026, 2, 1), date(2026, 6, 5))])
            ending = lives(path, today=today, until=until, ending=span)
            assert {key: every[key] for key in ending} == ending
            ends = {key for key, life in every.items() if life.retires_on and span[0] <= life.retires_on <= span[1]}
            assert ends <= ending.keys()
            some = lives(path, today=today, until=until, ending=span, only=only)
            assert some == {key: life for key, life in ending.items() if key in only}


def test_of_days_that_are_equally_frequent_the_first_is_the_birthday_in_whatever_order_offers_are_stored(
    tmp_path: Path,
) -> None:
    early, late = (
        {f"{host}/m": offer(f"{host}/m", release_date=day)} for host, day in (("b", "2025-02-01"), ("a", "2025-03-01"))
    )
    ends = {"c/m": offer("c/m", retires_on="2027-03-01")}
    for number, order in enumerate((early | late, late | early)):
        path = tmp_path / f"{number}.db"
        store_offers(path, order, taken_at=NOW)
        store_offers(path, ends, taken_at=NOW, source=LITELLM)
        assert lives(path)["c/m"].retires_on == date(2027, 3, 1)

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from llmhub.arena import SnapshotStore
from llmhub.errors import SourceError
from llmhub.offers.fields import FIELDS, PRICE_FIELDS
from llmhub.offers.importing import Imported, find, identify, import_documents
from llmhub.offers.models_dev import normalize
from llmhub.offers.sql.storing import offer_writer
from llmhub.offers.values import Offer
from tests.support.made_up.modelsdev_documents import body, changed, document

AFTER = datetime(2026, 11, 29, tzinfo=UTC)


def bomb() -> bytes:
    """Return what unpacks to more than a document may have."""
    return gzip.compress(bytes((64 << 20) + 1), 1)


def imported(store: Path, *files: Path, reverse: bool = False) -> list[Imported]:
    documents = [identify(path, now=AFTER) for path in find(files)]
    done: list[Imported] = []
    with offer_writer(store) as writer:
        for batch in [[one] for one in reversed(documents)] if reverse else [documents]:
            done += import_documents(writer, batch)
    return done


def by_hand(raw: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return prices, limits, status and dates of a document, read without the parser."""
    found = {}
    for provider, entry in raw.items():
        for model_id, row in entry["models"].items():
            cost, limit = row.get("cost") or {}, row.get("limit") or {}
            names = ("input", "output", "reasoning", "input_audio", "output_audio")
            prices = {name: cost.get(name) for name in names}
            prices["cache_read"] = cost.get("cache_read", cost.get("inputCached"))
            prices["cache_write"] = cost.get("cache_write", cost.get("outputCached"))
            found[f"{provider}/{model_id}"] = prices | {
                "context": limit.get("context") or None,
                "max_input": limit.get("input") or None,
                "max_output": limit.get("output") or None,
                "status": row.get("status")
                or next((word for word in ("alpha", "beta") if row.get(word) is True), None),
                "release_date": row.get("release_date") or None,
                "last_updated": row.get("last_updated") or None,
                "knowledge": row.get("knowledge") or None,
            }
    return found


def is_day(text: str) -> bool:
    try:
        datetime.fromisoformat(text if len(text) == 10 else f"{text}-01")
    except ValueError:
        return False
    return len(text) in {7, 10}


def shown(offer: Offer) -> dict[str, Any]:
    return {name: getattr(offer, FIELDS[name]) for name in by_hand({"a": {"models": {"b": {}}}})["a/b"]}


DATES = frozenset({"release_date", "last_updated", "knowledge"})


@pytest.fixture
def history(shared_data: Path) -> Path:
    return shared_data / "modelsdev" / "history"


@pytest.mark.needs_shared
def test_every_price_limit_status_and_date_of_twelve_real_documents_is_read_back(history: Path, tmp_path: Path) -> None:
    path = tmp_path / "arena.db"
    done = imported(path, history)
    assert [one.new for one in done] == [True] * 12
    files = sorted(history.glob("*.json.gz"))
    raw = [json.loads(gzip.decompress(file.read_bytes())) for file in files]
    size = path.stat().st_size
    assert [one.new for one in imported(path, history)] == [False] * 12
    assert path.stat().st_size == size
    with SnapshotStore.open(path) as store:
        read = [store.offers(file.name[4:14], now=AFTER) for file in files]
        for told, offers in zip(map(by_hand, raw), read, strict=True):
            assert offers.keys() == told.keys()
            for key, offer in offers.items():
                expected = {
                    name: None if name in DATES and value is not None and not is_day(value) else value
                    for name, value in told[key].items()
                }
                assert shown(offer) == expected, key
        for number, (old, new) in enumerate(pairwise(read)):
            compared_by_hand(store, files[number].name[4:14], files[number + 1].name[4:14], old, new)
        followed = store.price_history("openai/gpt-4", "deepseek/deepseek-chat", now=AFTER)
        gpt_4 = followed["openai/gpt-4"]
        (rise,) = [row for row in gpt_4 if "input" in row.changed]
        assert (rise.input, rise.output) == (30.0, 60.0)
        assert (rise.note or "").startswith("likely a correction: input doubled or more")
    other = tmp_path / "other.db"
    imported(other, history, reverse=True)
    with SnapshotStore.open(other) as store:
        assert [store.offers(file.name[4:14], now=AFTER) for file in files] == read
        again = store.price_history(*followed, now=AFTER)
        assert [row._replace(id=0) for row in again["openai/gpt-4"]] == [row._replace(id=0) for row in gpt_4]
        assert again.keys() == followed.keys()


def compared_by_hand(
    store: SnapshotStore, before: str, after: str, old: dict[str, Offer], new: dict[str, Offer]
) -> None:
    """Compare a diff with one that is made here, value by value."""
    found = store.offers_diff(before, after, now=AFTER)
    went, came = old.keys() - new.keys(), new.keys() - old.keys()
    twins, rivals = alike(new, came), alike(old, went)
    renamed = {
        (one, twins[facts][0])
        for facts, (one, *others) in rivals.items()
        if not others and len(twins.get(facts, ())) == 1
    }
    assert {tuple(pair) for pair in found.renamed} == renamed
    assert set(found.added) == came - {other for _, other in renamed}
    assert set(found.removed) == went - {one for one, _ in renamed}
    expected = {
        (key, name)
        for key in old.keys() & new.keys()
        if old[key] != new[key]
        for name, attribute in FIELDS.items()
        if getattr(old[key], attribute) != getattr(new[key], attribute)
    }
    assert {(change.model, change.field) for change in found.changed} == expected
    assert len(found.changed) == len(expected)
    for change in found.changed:
        assert (change.old, change.new) == (
            in_json(old[change.model], change.field),
            in_json(new[change.model], change.field),
        )
    assert found.unchanged == len(old.keys() & new.keys()) - len({key for key, _ in expected})


def in_json(offer: Offer, field: str) -> Any:
    """Return a field as a diff shows it: a list as such, what is unknown as None."""
    value = offer.model_dump(mode="json")[FIELDS[field]]
    if field == "price_tiers":
        short = {attribute: name for name, attribute in PRICE_FIELDS.items()}
        value = [{short.get(key, key): price for key, price in tier.items() if price is not None} for tier in value]
    return None if value == [] else value


def alike(offers: dict[str, Offer], keys: set[str]) -> dict[str, list[str]]:
    """Return which offers of those with these keys are alike but for their names: by all else that is known of them."""
    found: dict[str, list[str]] = {}
    for key in keys:
        one = offers[key]
        known = (one.price_input_per_million, one.price_output_per_million, one.context_tokens, one.release_date)
        if None not in known:
            facts = one.model_dump_json(exclude={"canonical_id", "model_id", "display_name", "last_updated"})
            found.setdefault(facts, []).append(key)
    return found


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("api-2026-01-15.json", b"{", "not JSON"),
        ("api-2026-01-15.json.gz", b"\x1f\x8b\x08" + bytes(9), "gzip"),
        ("api-2026-01-15.json.gz", gzip.compress(body(document()))[:-9], "damaged gzip data"),
        ("api-2026-01-15.json", b"[]", "expected an object of providers"),
        ("api-2026-01-15.json", b'{"a": {"models": {}}}', "found no offer"),
        ("api-2026-01-15.json", body(changed("cost", "input", value=float("nan"))), "cost.input: found nan"),
        ("api-2026-01-15.json", body(changed("cost", "input", value=-1)), "cost.input: found -1"),
        ("api-2026-01-15.json", body(changed("limit", "context", value=10**30)), "limit.context: found a whole number"),
        ("api-2026-01-15.json", body(changed("cost", "output", value=1e400)), "cost.output: found inf"),
        ("api-2026-01-15.json", b'{"a": {"models": {"%s": {}}}}' % (b"x" * 600), "at most 500 characters"),
        ("api-2026-01-15.json.gz", bomb, "found more than 64 MiB, expected a document of models.dev"),
        ("api-2026-01-15.json", b'{"a": {"models": {"m": {"id": "m"}, "m": {"id": "m"}}}}', "the model twice"),
        ("api-2026-01-15.json", b'{"a": {"models": {"m": {"cost": {"input": 1, "input": 2}}}}}', "the key twice"),
    ],
)
def test_a_document_that_cannot_be_is_refused_whole_in_one_line(
    tmp_path: Path, name: str, content: bytes | Callable[[], bytes], said: str
) -> None:
    file = tmp_path / name
    file.write_bytes(content if isinstance(content, bytes) else content())
    (done,) = imported(tmp_path / "arena.db", file)
    assert done.recorded is None
    assert said in str(done.error)
    assert str(done.error).startswith(f"{file}: ")
    assert "\n" not in str(done.error)
    with SnapshotStore.open(tmp_path / "arena.db") as store, pytest.raises(LookupError):
        store.offers(now=AFTER)


def test_a_value_that_repeats_a_key_is_not_taken_for_that_of_the_document_before(tmp_path: Path) -> None:
    first, second = tmp_path / "api-2026-01-15.json", tmp_path / "api-2026-01-16.json"
    first.write_bytes(b'{"a": {"models": {"m": {"cost": {"input": 2}}}}}')
    second.write_bytes(b'{"a": {"models": {"m": {"cost": {"input": 1, "input": 2}}}}}')
    done = imported(tmp_path / "arena.db", first, second)
    assert [one.error is None for one in done] == [True, False]


def test_documents_that_share_entries_are_read_as_each_alone(tmp_path: Path) -> None:
    days = {"15": document(), "16": changed("cost", "input", value=9), "17": document()}
    for day, told in days.items():
        (tmp_path / f"api-2026-01-{day}.json").write_bytes(body(told))
    assert [one.offers for one in imported(tmp_path / "arena.db", *sorted(tmp_path.glob("*.json")))] == [2, 2, None]
    with SnapshotStore.open(tmp_path / "arena.db") as store:
        for day, told in days.items():
            assert store.offers(f"2026-01-{day}", now=AFTER) == normalize(told).models


def test_the_same_date_with_other_content_is_a_conflict_and_nothing_is_overwritten(tmp_path: Path) -> None:
    one, other = tmp_path / "api-2026-01-15.json", tmp_path / "other-2026-01-15.json"
    one.write_bytes(body(document()))
    other.write_bytes(body(changed("cost", "input", value=9)))
    first, second = imported(tmp_path / "arena.db", one, other)
    assert first.new
    assert "says something else already of acme" in str(second.error)
    with SnapshotStore.open(tmp_path / "arena.db") as store:
        assert store.offers(now=AFTER) == normalize(document()).models


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("api.json", "no date"),
        ("2026-01-01-2026-02-01.json", "2 dates"),
        ("api-2026-02-30.json", "is not a date"),
        ("api-2027-01-01.json", "in the future"),
    ],
)
def test_of_when_a_document_is_must_be_known(tmp_path: Path, name: str, said: str) -> None:
    with pytest.raises(SourceError, match=f"{said}.*--taken-at"):
        identify(tmp_path / name, now=AFTER)
    given = datetime(2026, 1, 1, tzinfo=UTC)
    assert identify(tmp_path / name, now=AFTER, taken_at=given).taken_at == given


def test_of_a_folder_the_dated_documents_are_taken(tmp_path: Path) -> None:
    for name in ("api-2026-01-15.json", "api-2026-01-16.json.gz", "index.csv", "api.json", "2026-01-01.txt"):
        (tmp_path / name).write_bytes(b"")
    assert [path.name for path in find([tmp_path])] == ["api-2026-01-15.json", "api-2026-01-16.json.gz"]
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(SourceError, match="expected at least one"):
        find([empty])

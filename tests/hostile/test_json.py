"""Hostile JSON at every door: each document is refused in one harmless line, or comes out sound."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from llmhub import settings
from llmhub.arena.boards import Leaderboard
from llmhub.arena.exchange.json_files import parse_export_meta, parse_leaderboard, parse_meta
from llmhub.catalog.cache import load_cached_catalog
from llmhub.catalog.matching.overrides import Overrides, load_overrides
from llmhub.catalog.schema import Catalog
from llmhub.catalog.stored.format import CATALOG_VERSION
from llmhub.errors import LlmhubError
from llmhub.offers.models_dev import Normalized, normalize, parse_document
from tests.hostile.documents import TOKENS, changed_keys, dumped, files, mutants, paths, replaced
from tests.support.effort import by_profile
from tests.support.servers.sources import row as offer

LONGEST_MESSAGE = 2_000
EXAMPLES = by_profile(ci=60, nightly=1_000)

_ROW = {
    "rating": 1400.0,
    "rating_q025": 1390.0,
    "rating_q975": 1410.0,
    "vote_count": 12,
    "organization": "Lab",
    "license": None,
}
LEADERBOARD = {"full": {"made-up-a": _ROW, "made-up-b": _ROW}, "coding": {"made-up-a": _ROW}}
META = {"revision": "abc", "leaderboards": {"text": {"published_on": "2026-01-05", "rows": 3}}}
EXPORT_META = {
    "taken_at": "2026-01-05T00:00:00Z",
    "leaderboards": {"text": {"file": "leaderboard-text.json", "published_on": "2026-01-05"}},
}
MODELSDEV = {"openai": {"id": "openai", "models": {"made-up-1": {"id": "made-up-1", "name": "Made-Up 1", **offer()}}}}
OVERRIDES = {
    "providers": {"made-up": ["openai"]},
    "endpoints": {"made-up": {"example.invalid": ["openai"]}},
    "aliases": {"openai/made-up-1": {"arena_id": "made-up-a", "reason": "the same"}},
    "models_dev": {"openai/x": "openai/made-up-1"},
    "vocabulary": {
        "labs": {"lab": {"names": ["lab"], "providers": ["openai"], "organizations": ["Lab"]}},
        "base": ["b"],
    },
}
_TIER = {
    f"{kind}_{part}": value
    for kind in ("quality", "reasoning", "creative", "cost")
    for part, value in (("tier", 1), ("basis", "rated"))
}
CATALOG = {
    "catalog_version": CATALOG_VERSION,
    "built_at": "2026-01-05T00:00:00Z",
    "models": [
        {
            "canonical_id": "openai/m",
            "provider": "openai",
            "model_id": "m",
            "display_name": "M",
            "arena_score": 1400.0,
            "tags": ["open"],
            **_TIER,
        }
    ],
    "sources": [{"source": "arena", "status": "ok", "as_of": "2026-01-05T00:00:00Z", "count": 1}],
    "providers": [{"provider": "openai", "callable": True, "models": 1}],
    "arena_snapshot": {"snapshot_id": 1, "taken_at": "2026-01-05T00:00:00Z"},
}


@dataclass(frozen=True)
class Door:
    """A way in for JSON.

    Attributes:
        name: what comes in.
        sound: a document that is taken.
        take: takes bytes; what it returns was accepted.
        check: raises unless what was accepted is sound.
        optional: whether what cannot be used counts as not there, with None returned and not an error raised.
    """

    name: str
    sound: Any
    take: Callable[[bytes], Any]
    check: Callable[[Any], None]
    optional: bool = False


def _sound_leaderboard(found: Leaderboard) -> None:
    assert found.boards["overall"]
    for category, board in found.boards.items():
        for name, score in board.items():
            assert category.strip()
            assert name.strip()
            assert len(name) <= 500
            assert score.problem() is None
            found_texts = [category, name, *found.models.get(name, ())]
            assert all(text is None or text.encode() for text in found_texts)


def _sound_offers(found: Normalized) -> None:
    assert all(line.isprintable() and len(line) < LONGEST_MESSAGE for line in (*found.problems, *found.remarks))
    for key, model in found.models.items():
        assert key == f"{model.provider}/{model.model_id}"
        prices = (model.price_input_per_million, model.price_output_per_million, model.price_reasoning_per_million)
        assert all(price is None or (isfinite(price) and price >= 0) for price in prices)
        assert model.context_tokens is None or 0 < model.context_tokens < 2**53


def _sound_catalog(found: Catalog) -> None:
    # As `catalog show --json` prints it.
    json.dumps(found.model_dump(mode="json"), allow_nan=False)
    assert found.built_at.utcoffset() is not None


def _take_overrides(content: bytes) -> Overrides:
    _write(settings.overrides_file(), content)
    return load_overrides()


def _take_catalog(content: bytes) -> Catalog | None:
    _write(settings.catalog_file(), content)
    return load_cached_catalog()


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _nothing(_: Any) -> None:
    """What this door gives has nothing more to check."""


DOORS = [
    Door("leaderboard", LEADERBOARD, lambda data: parse_leaderboard(data, "made-up.json"), _sound_leaderboard),
    Door("account of a run", META, lambda data: parse_meta(data, "meta.json"), _nothing),
    Door("account of an export", EXPORT_META, lambda data: parse_export_meta(data, "meta.json"), _nothing),
    Door("models.dev", MODELSDEV, lambda data: normalize(parse_document(data)), _sound_offers),
    Door("overrides", OVERRIDES, _take_overrides, _nothing),
    Door("catalog", CATALOG, _take_catalog, _sound_catalog, optional=True),
]
MUTANTS = {door.name: mutants(door.sound) for door in DOORS}


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any catalog that can be read answers, whatever its age and the environment."""
    monkeypatch.setenv("LLMHUB_OFFLINE", "1")


def _require_line(text: str) -> None:
    assert text.isprintable()
    assert len(text) < LONGEST_MESSAGE


def judged(door: Door, documents: Iterable[bytes]) -> tuple[int, int]:
    """Push documents through a door; return how many were refused and how many accepted."""
    refused = accepted = 0
    for document in documents:
        try:
            found = door.take(document)
        except LlmhubError as error:
            _require_line(str(error))
            refused += 1
        else:
            if found is None and door.optional:
                refused += 1
                continue
            door.check(found)
            accepted += 1
    return refused, accepted


def each_door(test: Any) -> Any:
    return pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)(test)


@each_door
def test_a_sound_document_is_taken(door: Door) -> None:
    assert judged(door, [dumped(door.sound)]) == (0, 1)


@each_door
def test_a_file_that_is_no_such_document_is_refused(door: Door) -> None:
    bad = files(dumped(door.sound))
    assert judged(door, bad.values()) == (len(bad), 0)


@each_door
def test_a_byte_order_mark_is_read_over(door: Door) -> None:
    assert judged(door, [b"\xef\xbb\xbf" + dumped(door.sound)]) == (0, 1)


@each_door
@pytest.mark.parametrize("token", TOKENS)
def test_what_does_not_belong_there_is_refused_or_does_no_harm_in_every_place(door: Door, token: str) -> None:
    documents = [dumped(replaced(door.sound, path, TOKENS[token])) for path in paths(door.sound)]
    refused, accepted = judged(door, documents)
    assert refused + accepted == len(documents)
    if token in {"unclosed", "raw line break"}:
        assert accepted == 0


@each_door
def test_keys_that_lack_repeat_or_mean_harm_are_refused_or_do_none(door: Door) -> None:
    documents = list(changed_keys(door.sound))
    assert sum(judged(door, documents)) == len(documents)


@each_door
@hypothesis_settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_mutant_raises_anything_but_a_line_of_ours(door: Door, data: st.DataObject) -> None:
    assert sum(judged(door, [data.draw(MUTANTS[door.name])])) == 1

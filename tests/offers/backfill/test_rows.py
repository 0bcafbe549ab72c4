from __future__ import annotations

from typing import Any

import pytest

from llmhub.offers.backfill.rows import Base, base_of, derive, parse_row


def test_a_file_is_read_with_its_dates_as_text_and_without_its_id() -> None:
    text = b'\xef\xbb\xbfid = "Other"\nname = "A"\nknowledge = 2025-01-31\n'
    text += b"[cost]\ninput = 1\ntiers = [{size = 2, at = 2025-01-01}]\n"
    assert parse_row(text) == {
        "name": "A",
        "knowledge": "2025-01-31",
        "cost": {"input": 1, "tiers": [{"size": 2, "at": "2025-01-01"}]},
    }


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"name = ", "is not TOML"),
        (b"name = 1\nname = 2", "is not TOML"),
        (b"\xff", "are not UTF-8"),
        (b"a = " + b"[" * 5000, "TOML"),
        (None, "larger than any"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(content: bytes | None, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_row(content)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"name": "A"}, None),
        ({"base_model": "lab/a"}, Base(("models", "lab", "a.toml"), (), "lab/a")),
        (
            {"base_model": "lab/a/b", "base_model_omit": ["cost.input"]},
            Base(("models", "lab", "a", "b.toml"), ("cost.input",), "lab/a/b"),
        ),
        ({"extends": {"from": "acme/a"}}, Base(("providers", "acme", "models", "a.toml"), (), None)),
        (
            {"extends": {"from": "acme/x/a", "omit": ["limit"]}},
            Base(("providers", "acme", "models", "x", "a.toml"), ("limit",), None),
        ),
    ],
)
def test_what_a_file_builds_on_is_another_file(row: dict[str, Any], expected: Base | None) -> None:
    assert base_of(row) == expected


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"base_model": 5}, "base_model: found 5"),
        ({"base_model": "../../etc/passwd"}, "base_model: found"),
        ({"base_model": "lab//a"}, "base_model: found"),
        ({"base_model": "lab/a", "base_model_omit": "cost"}, "base_model_omit: found 'cost', expected a list"),
        ({"extends": "acme/a"}, "extends: found no table"),
        ({"extends": {"from": "a"}}, "extends.from: found 'a', expected provider/model"),
        ({"extends": {"from": "acme/a", "omit": [1]}}, "extends.omit: found"),
        ({"extends": {}}, "extends.from: found None"),
    ],
)
def test_a_file_that_builds_on_nothing_that_can_be_says_so(row: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        base_of(row)


def test_a_model_differs_from_its_base_in_what_its_own_file_says() -> None:
    base = {
        "name": "Base",
        "reasoning": True,
        "modalities": {"input": ["text", "image"], "output": ["text"]},
        "limit": {"context": 1000, "output": 100},
        "license": "made-up",
        "weights": [{"url": "https://acme.invalid"}],
        "benchmarks": [],
        "links": [],
    }
    row = {
        "base_model": "lab/a",
        "base_model_omit": ["limit.output", "modalities.output", "nothing.there", "reasoning.deeper"],
        "name": "Own",
        "modalities": {"input": ["text"]},
        "cost": {"input": 1},
    }
    how = base_of(row)
    assert how is not None
    assert derive(base, row, how) == {
        "name": "Own",
        "reasoning": True,
        "modalities": {"input": ["text"]},
        "limit": {"context": 1000},
        "cost": {"input": 1},
        "canonical_model_id": "lab/a",
    }
    assert base["limit"] == {"context": 1000, "output": 100}


def test_a_table_that_is_empty_without_what_is_left_out_goes_too() -> None:
    row = {"extends": {"from": "acme/a", "omit": ["experimental.modes.fast", "cost.cache_read"]}}
    how = base_of(row)
    assert how is not None
    base = {"experimental": {"modes": {"fast": {"x": 1}}}, "cost": {"cache_read": 1, "input": 2}}
    assert derive(base, row, how) == {"cost": {"input": 2}}

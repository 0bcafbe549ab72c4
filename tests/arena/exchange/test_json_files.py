from __future__ import annotations

import gzip
import json
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from llmhub.arena import Score
from llmhub.arena.exchange.json_files import Meta, parse_export_meta, parse_leaderboard, parse_meta
from llmhub.arena.upstream import canonical_category
from llmhub.errors import PayloadError
from tests.support.made_up.boards import payload, upstream_row

WHERE = "data/leaderboard-text.json"


def row(**values: Any) -> bytes:
    """Return a file whose full board has gpt-4o with these values over sound ones."""
    return payload({"full": {"gpt-4o": {**upstream_row(1400.0), **values}}})


def test_upstreams_keys_become_the_datasets_names_and_unknown_ones_stay() -> None:
    keys = ("full", "hard_6", "hard_english_6", "if", "long_user", "multiturn", "no_tie", "chinese", "new_thing")
    parsed = parse_leaderboard(payload({key: {"a": upstream_row(1400.0)} for key in keys}), WHERE)
    assert list(parsed.boards) == [
        *("overall", "hard_prompts", "hard_prompts_english", "instruction_following", "longer_query"),
        *("multi_turn", "exclude_ties", "chinese", "new_thing"),
    ]
    assert canonical_category("no_short") == "no_short"


def test_upstreams_three_keys_are_enough() -> None:
    parsed = parse_leaderboard(row(), WHERE)
    assert parsed.boards == {"overall": {"gpt-4o": Score(1400.0, 1395.0, 1405.0, None)}}
    assert parsed.models == {}


def test_our_extra_keys_are_read_and_others_ignored() -> None:
    parsed = parse_leaderboard(row(vote_count=12, organization="Lab", license="", more={"x": [1]}), WHERE)
    assert parsed.boards["overall"]["gpt-4o"].votes == 12
    assert parsed.models["gpt-4o"] == ("Lab", None)


def test_a_blank_organization_is_unknown_as_in_the_datasets_files() -> None:
    assert parse_leaderboard(row(organization=" ", license="\t"), WHERE).models == {}


def test_null_bounds_are_unknown() -> None:
    parsed = parse_leaderboard(row(rating_q025=None, rating_q975=None, vote_count=None), WHERE)
    assert parsed.boards["overall"]["gpt-4o"] == Score(1400.0)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (row()[:30], "found text that is not valid JSON"),
        (b"", "found text that is not valid JSON"),
        (b"\xff", "found text that is not valid JSON"),
        (b"[" * 100_000, "found text that is not valid JSON"),
        (b"[]", "top level: found [], expected an object"),
        (b'{"full": []}', "full: found [], expected an object"),
        (b'{"full": {"gpt-4o": 7}}', "full.gpt-4o: found 7, expected an object"),
        (row(rating=float("nan")), "full.gpt-4o.rating: found nan, expected a finite number"),
        (row(rating=float("inf")), "full.gpt-4o.rating: found inf, expected a finite number"),
        (row().replace(b"1400.0", b"1e400"), "full.gpt-4o.rating: found inf, expected a finite number"),
        (row(rating="1400"), "full.gpt-4o.rating: found '1400', expected a valid number"),
        (row(rating=True), "full.gpt-4o.rating: found True, expected a valid number"),
        (row(rating=None), "full.gpt-4o.rating: found None, expected a valid number"),
        (row(rating_q025=1401.0), "full.gpt-4o.rating_q025: found 1401.0, expected a finite number not above"),
        (row(rating_q975=1399.0), "full.gpt-4o.rating_q975: found 1399.0, expected a finite number not below"),
        (row(vote_count=1.5), "full.gpt-4o.vote_count: found 1.5, expected a whole number"),
        (row(vote_count=-1), "full.gpt-4o.vote_count: found -1, expected a whole number"),
        (row(organization=7), "full.gpt-4o.organization: found 7"),
        (b'{"full": {"gpt-4o": {"rating": 1.0}}}', "full.gpt-4o.rating_q025: found nothing, expected a value"),
        (payload({"chinese": {"a": upstream_row(1.0)}}), "full: found chinese, expected an overall board"),
        (payload({"full": {}}), "full: found no model, expected an overall board"),
        (b"{}", "full: found no category, expected an overall board"),
        (payload({"full": {"a": upstream_row(1.0)}, "overall": {}}), "found a second overall board"),
        (payload({"full": {"": upstream_row(1.0)}}), "full: found the key ''"),
        (payload({"full": {" \u3000": upstream_row(1.0)}}), "full: found the key ' \\u3000', expected a name"),
        (payload({"full": {"a": upstream_row(1.0)}, "\t": {}}), "found the key '\\t', expected a name"),
        (payload({"full": {"x" * 1_000_000: upstream_row(1.0)}}), "full: found the key"),
        (payload({"full": {"\ud800": upstream_row(1.0)}}), "not valid JSON"),
    ],
)
def test_what_is_refused_is_named_with_file_path_found_and_expected(data: bytes, message: str) -> None:
    with pytest.raises(PayloadError) as caught:
        parse_leaderboard(data, WHERE)
    line = str(caught.value)
    assert line.startswith(f"{WHERE}: ")
    assert message in line
    assert line.isprintable()
    assert len(line) < 1_000


@pytest.mark.parametrize(
    "data",
    [
        b'{"full": {"a": %s, "a": %s}}',
        b'{"full": {"a": %s, "\\u0061": %s}}',
        b'{"full": {"a": %s}, "full": {"b": %s}}',
    ],
)
def test_a_key_that_stands_twice_is_refused_however_it_is_written(data: bytes) -> None:
    one, other = (json.dumps(upstream_row(rating)).encode() for rating in (1.0, 2.0))
    with pytest.raises(PayloadError, match="twice in one object"):
        parse_leaderboard(data % (one, other), WHERE)


def test_of_a_file_that_is_nothing_but_faults_the_first_is_told_and_the_others_are_not_even_made() -> None:
    faults = b",".join(b'"%d":1' % number for number in range(100_000))
    files = (b'{"full":{%s}}' % faults, b"{%s}" % faults)
    tracemalloc.start()
    try:
        for data in files:
            with pytest.raises(PayloadError, match=r"0: found 1, expected an object$"):
                parse_leaderboard(data, WHERE)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_more_rows_than_any_leaderboard_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llmhub.arena.exchange.json_files._MOST_ROWS", 3)
    parse_leaderboard(payload({"full": {"a": upstream_row(1.0), "b": upstream_row(1.0)}}), WHERE)
    for boards in ({"full": ("a", "b", "c")}, {"full": ("a",), "x": (), "y": ()}):
        data = payload({key: {name: upstream_row(1.0) for name in names} for key, names in boards.items()})
        with pytest.raises(PayloadError, match="found 4 rows, expected a leaderboard of at most 3"):
            parse_leaderboard(data, WHERE)


@pytest.mark.parametrize("parse", [parse_meta, parse_export_meta])
@pytest.mark.parametrize(
    "data", [b'{"revision": "a", "revision": "b"}', b'{"leaderboards": {"text": {"file": "a", "file": "b"}}}']
)
def test_a_key_that_stands_twice_in_an_account_of_a_run_is_refused(
    parse: Callable[[bytes, str], object], data: bytes
) -> None:
    with pytest.raises(PayloadError, match=r"^meta: found the key '(revision|file)' twice in one object$"):
        parse(data, "meta")


def test_a_message_about_a_hostile_name_is_one_harmless_line() -> None:
    with pytest.raises(PayloadError) as caught:
        parse_leaderboard(payload({"full": {"\x1b[31m\n\u202e": {"rating": "x"}}}), WHERE)
    assert str(caught.value).isprintable()


def test_meta_gives_the_revision_and_the_known_publication_dates() -> None:
    known = {"text": {"published_on": "2026-01-05", "rows": 3}, "vision": {"published_on": None}}
    meta = parse_meta(json.dumps({"revision": "abc", "leaderboards": known, "more": 1}).encode(), "meta")
    assert meta.revision == "abc"
    assert {name: day.isoformat() for name, day in meta.published_on.items()} == {"text": "2026-01-05"}
    assert parse_meta(b"{}", "meta") == Meta()
    with pytest.raises(PayloadError, match=r"^meta: leaderboards.text.published_on"):
        parse_meta(b'{"leaderboards": {"text": {"published_on": "soon"}}}', "meta")


@pytest.mark.needs_shared
def test_every_real_file_parses_to_the_ratings_that_json_reads(shared_data: Path) -> None:
    files = sorted((shared_data / "arena-catalog").glob("*/*.json.gz"))
    assert len(files) == 59
    for file in files:
        content = gzip.decompress(file.read_bytes())
        parsed = parse_leaderboard(content, str(file))
        expected = {
            canonical_category(key): {
                name: (line["rating"], line["rating_q025"], line["rating_q975"], None) for name, line in rows.items()
            }
            for key, rows in json.loads(content).items()
        }
        assert parsed.boards == expected

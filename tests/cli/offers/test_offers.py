"""The commands on offers over time, as they are run."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest

from llmhub import settings
from tests.conftest import Llmhub
from tests.offers.offers import offers
from tests.support.made_up.modelsdev_documents import body, changed, document
from tests.support.made_up.stored_offers import store_offers


@pytest.fixture
def past(tmp_path: Path) -> Path:
    """Return a folder with three documents, of which the second has another price, and a file of another kind."""
    folder = tmp_path / "past"
    folder.mkdir()
    days = {"2026-01-15": document(), "2026-02-15": changed("cost", "input", value=9), "2026-03-15": document()}
    for day, told in days.items():
        (folder / f"api-{day}.json").write_bytes(body(told))
    (folder / "index.csv").write_text("date\n")
    return folder


def test_documents_are_imported_compared_and_followed(llmhub: Llmhub, past: Path) -> None:
    done = llmhub("catalog", "import", past)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == f"stored: 2 offers in snapshot 1 of 2026-01-15 ({past}/api-2026-01-15.json)"
    again = llmhub("catalog", "import", past)
    assert [line.partition(":")[0] for line in again.stdout.splitlines()] == ["known already"] * 3 + ["3 documents"]
    found = llmhub("catalog", "diff", "--json", "1", "2026-02-20", "--exit-code")
    assert found.returncode == 3
    told = json.loads(found.stdout)
    assert set(told) == {"from", "to", "added", "removed", "renamed", "changed", "unchanged"}
    assert told["changed"] == [
        {"model": "acme/made-up-2", "field": "input", "from": 1.25, "to": 9.0, "note": "taken back on 2026-03-15"}
    ]
    assert (told["from"]["id"], told["to"]["taken_at"], told["unchanged"]) == (1, "2026-02-15T00:00:00Z", 1)
    text = llmhub("catalog", "diff").stdout
    assert "0 came, 0 went, 0 renamed, 1 changed, 1 did not" in text
    assert "takes back the change of 2026-02-15" in text
    rows = list(csv.DictReader(StringIO(llmhub("catalog", "diff", "--csv").stdout)))
    assert [(row["what"], row["field"], row["old"], row["new"]) for row in rows] == [
        ("changed", "input", "9.0", "1.25")
    ]
    narrowed = json.loads(llmhub("catalog", "diff", "--json", "--field", "context").stdout)
    assert (narrowed["changed"], narrowed["unchanged"]) == ([], 2)
    nobody = llmhub("catalog", "diff", "--provider", "acne")
    assert (nobody.returncode, nobody.stdout) == (2, "")
    assert "'acne' offers nothing in either snapshot (did you mean acme?)" in nobody.stderr
    history = json.loads(llmhub("catalog", "history", "--json", "acme/made-up-2").stdout)["acme/made-up-2"]
    assert [(point["id"], point["input"], point["changed"]) for point in history] == [
        (1, 1.25, []),
        (2, 9.0, ["input"]),
        (3, 1.25, ["input"]),
    ]
    assert set(history[0]) == {
        *("id", "taken_at", "source", "input", "output", "cache_read", "cache_write", "context", "max_output"),
        *("status", "changed", "note"),
    }
    shown = llmhub("catalog", "history", "acme/made-up-2", "--since", "2026-02-01").stdout
    assert "taken back on 2026-03-15" in shown
    assert "first seen" not in shown


def test_what_cannot_be_imported_is_named_and_the_rest_is_stored(llmhub: Llmhub, past: Path) -> None:
    (past / "api-2026-02-15.json").write_text("{")
    (past / "api-2099-01-01.json").write_bytes(body(document()))
    done = llmhub("catalog", "import", past)
    assert done.returncode == 1
    assert len(done.stdout.splitlines()) == 3
    errors = done.stderr.splitlines()
    assert errors[0].startswith(f"error: {past}/api-2099-01-01.json: 2099-01-01 00:00 UTC is in the future")
    assert "not JSON" in errors[1]
    assert errors[2] == "2 of 4 files could not be stored"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("diff",), "the store has no prices of models.dev yet: `llmhub catalog refresh` stores today's"),
        (("history", "acme/x"), "the store has no prices of models.dev yet: `llmhub catalog refresh` stores today's"),
        (("diff", "--field", "inputs"), "'inputs' is not a field (did you mean input"),
        (("diff", "never", "latest"), "'never' names no snapshot"),
    ],
)
def test_what_there_is_not_is_said_in_one_line(llmhub: Llmhub, arguments: tuple[str, ...], said: str) -> None:
    done = llmhub("catalog", *arguments)
    assert done.returncode == 2
    assert said in done.stderr


def test_an_id_that_many_offer_names_its_labs_offer_first_and_counts_the_rest(llmhub: Llmhub) -> None:
    settings.arena_db().parent.mkdir(parents=True)
    keys = [f"{provider}/made-up" for provider in ("aaa", "bbb", "ccc", "ddd", "openai")]
    store_offers(settings.arena_db(), offers(*keys), taken_at=datetime(2026, 1, 1, tzinfo=UTC))
    for command in (("history",), ("plot", "-o", "made-up.svg")):
        done = llmhub("catalog", *command, "made-up")
        assert done.returncode != 0
        assert "it is offered as openai/made-up, aaa/made-up, bbb/made-up and 2 more" in done.stderr


def test_a_store_that_has_only_prices_is_sound_with_its_price_lists(llmhub: Llmhub) -> None:
    settings.arena_db().parent.mkdir(parents=True)
    store_offers(settings.arena_db(), offers("acme/a", "other/b"), taken_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert llmhub("arena", "verify").stdout == f"{settings.arena_db()} is sound: 2 price lists\n"

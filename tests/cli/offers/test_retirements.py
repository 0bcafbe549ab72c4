"""`llmhub catalog retirements`, `explain` on lives and witnesses, own prices in `cost`, and imported notices."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from llmhub import settings
from llmhub.offers.fields import LITELLM, MODEL_DEPRECATIONS
from llmhub.offers.sql.storing import offer_writer
from tests.conftest import Llmhub
from tests.offers.offers import offer
from tests.support.made_up.litellm_maps import map_of, priced

NOW = datetime.now(UTC)
TODAY = NOW.date()
PAGE = "https://example.com/deprecations#one,two;three"


def day(days: int) -> str:
    return (TODAY + timedelta(days=days)).isoformat()


@pytest.fixture
def known(home: Path) -> Path:
    """Store what two sources say of some offers, a week ago and yesterday."""
    first = {
        "openai/soon": offer("openai/soon", retires_on=day(10), price_input_per_million=1.5),
        "openai/gone": offer("openai/gone", retires_on=day(-40)),
        "google/later": offer("google/later", retires_on=day(400)),
        "google/never": offer("google/never"),
    }
    second = first | {
        "openai/soon": offer(
            "openai/soon",
            retires_on=day(40),
            retires_source=PAGE,
            replacement="next\N{SNOWMAN};" + "x" * 80,
            price_input_per_million=1.5,
        )
    }
    path = settings.arena_db()
    path.parent.mkdir(parents=True)
    with offer_writer(path) as writer:
        writer.add_offers(first, taken_at=NOW - timedelta(days=7), source=LITELLM)
        writer.add_offers({"openai/soon": offer("openai/soon")}, taken_at=NOW - timedelta(days=2))
        writer.add_offers(second, taken_at=NOW - timedelta(days=1), source=LITELLM)
    return path


def test_the_calendar_has_what_ends_nearest_first_in_every_form(llmhub: Llmhub, known: Path) -> None:
    rows: list[dict[str, Any]] = json.loads(llmhub("catalog", "retirements", "--json").stdout)
    assert [(row["model"], row["days_left"]) for row in rows] == [("openai/soon", 40), ("google/later", 400)]
    assert (rows[0]["source"], rows[0]["citation"], rows[0]["disputed"]) == ("litellm", PAGE, False)
    assert rows[0]["said"][0]["retires_on"] == day(40)
    within = json.loads(llmhub("catalog", "retirements", "--within", "90d", "--json").stdout)
    assert [row["model"] for row in within] == ["openai/soon"]
    past = json.loads(llmhub("catalog", "retirements", "--past", "--json").stdout)
    assert [(row["model"], row["status"]) for row in past] == [("openai/gone", "retired")]
    table = list(csv.DictReader(io.StringIO(llmhub("catalog", "retirements", "--provider", "google", "--csv").stdout)))
    assert [row["model"] for row in table] == ["google/later"]
    shown = llmhub("catalog", "retirements").stdout
    assert shown.index("openai/soon") < shown.index("google/later")
    assert "+40" in shown


def test_the_calendar_is_an_icalendar_document_whose_events_keep_their_uid(llmhub: Llmhub, known: Path) -> None:
    text = llmhub("catalog", "retirements", "--ics").stdout
    raw = text if "\r\n" in text else text.replace("\n", "\r\n")
    lines = raw.split("\r\n")
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[-1] == ""
    assert all(len(line.encode()) <= 75 for line in lines)
    unfolded = raw.replace("\r\n ", "").split("\r\n")
    assert unfolded.count("BEGIN:VEVENT") == unfolded.count("END:VEVENT") == 2
    assert f"DTSTART;VALUE=DATE:{day(40).replace('-', '')}" in unfolded
    assert "SUMMARY:openai/soon retires" in unfolded
    (described,) = [line for line in unfolded if line.startswith("DESCRIPTION:") and "next" in line]
    assert "successor: next\N{SNOWMAN}\\;" + "x" * 80 in described
    assert "#one\\,two\\;three" in described
    uids = [line for line in unfolded if line.startswith("UID:")]
    with offer_writer(known) as writer:
        postponed = {"openai/soon": offer("openai/soon", retires_on=day(50))}
        writer.add_offers(postponed, taken_at=NOW - timedelta(hours=1), source=LITELLM)
    again = llmhub("catalog", "retirements", "--ics").stdout.replace("\r\n", "\n").replace("\n ", "").split("\n")
    assert [line for line in again if line.startswith("UID:")] == uids
    assert len(set(uids)) == 2


def test_explain_tells_the_life_of_an_id_and_both_prices(llmhub: Llmhub, known: Path) -> None:
    shown = llmhub("catalog", "explain", "openai/soon", LLMHUB_OFFLINE="1")
    assert shown.returncode == 0, shown.stderr
    said = " ".join(shown.stdout.split())
    assert f"ends {day(40)} (in 40 days)" in said
    assert f"{(NOW - timedelta(days=7)):%Y-%m-%d} ends {day(10)}" in said
    assert f"{(NOW - timedelta(days=1)):%Y-%m-%d} ends {day(40)}" in said
    assert "disputed in" in said
    found = json.loads(llmhub("catalog", "explain", "openai/soon", "--json", LLMHUB_OFFLINE="1").stdout)
    assert (found["model"], found["name"]) == (None, "openai/soon")
    assert found["life"]["retires_on"] == day(40)
    steps = {story["source"]: story["steps"] for story in found["life"]["stories"]}
    assert [step["retires_on"] for step in steps["litellm"]] == [day(10), day(40)]
    assert found["disputed_prices"] == [{"field": "input", "models.dev": 1.0, "litellm": 1.5}]
    assert [one["source"] for one in found["witnesses"]] == ["models.dev", "litellm"]


def test_a_withdrawn_notice_is_no_end_and_explain_says_so(llmhub: Llmhub, known: Path) -> None:
    told = {f"openai/{name}": offer(f"openai/{name}", retires_on=day(90)) for name in ("taken-back", "stays")}
    began, left = NOW - timedelta(days=6), NOW - timedelta(days=3)
    with offer_writer(known) as writer:
        writer.add_offers(told, taken_at=began, source=MODEL_DEPRECATIONS)
        writer.add_offers({"openai/stays": told["openai/stays"]}, taken_at=left, source=MODEL_DEPRECATIONS)
    rows = json.loads(llmhub("catalog", "retirements", "--json").stdout)
    assert "openai/taken-back" not in {row["model"] for row in rows}
    assert [row["said"][0]["withdrawn"] for row in rows if row["model"] == "openai/stays"] == [None]
    said = " ".join(llmhub("catalog", "explain", "openai/taken-back", LLMHUB_OFFLINE="1").stdout.split())
    assert "now active" in said
    assert f"ends {day(90)}" in said
    assert f"withdrawn: since {left:%Y-%m-%d} it names other days of that provider, and not this one" in said
    found = json.loads(llmhub("catalog", "explain", "openai/taken-back", "--json", LLMHUB_OFFLINE="1").stdout)
    assert [(story["source"], story["withdrawn"]) for story in found["life"]["stories"]] == [(MODEL_DEPRECATIONS, True)]


def test_own_prices_count_in_cost(llmhub: Llmhub, known: Path) -> None:
    asked = ("catalog", "cost", "openai/soon", "--input", "1000000", "--output", "1000000", "--json")
    assert json.loads(llmhub(*asked).stdout)["total"] == 3.0
    own = {"prices": {"openai": {"factor": 0.5, "reason": "half"}, "openai/soon": {"input": 0.25, "reason": "ours"}}}
    settings.overrides_file().write_text(json.dumps(own))
    assert json.loads(llmhub(*asked).stdout)["total"] == 2.25
    settings.overrides_file().write_text(json.dumps({"prices": {"openai": {"factor": 0.5, "reason": "half"}}}))
    assert json.loads(llmhub(*asked).stdout)["total"] == 1.5
    settings.overrides_file().write_text('{"prices": {"openai": {"reason": "nothing"}}}')
    failed = llmhub(*asked)
    assert failed.returncode != 0
    assert "give either prices" in failed.stderr


def test_notices_and_maps_are_imported_by_their_shape(llmhub: Llmhub, tmp_path: Path, home: Path) -> None:
    notices = [
        {
            "provider": "z-ai",
            "model": "glm-x",
            "status": "deprecated",
            "shutdown_on": "2030-01-02",
            "aliases": ["glm-latest"],
            "replacements": [{"provider": "z-ai", "model": "glm-y", "recommended": True}],
            "sources": [{"url": "https://example.com/z"}],
        },
        {
            "provider": "anthropic",
            "model": "c",
            "status": "active",
            "earliest_shutdown_on": "2030-05-01",
            "sources": [],
        },
    ]
    info = [
        {
            "provider": "AWS Bedrock",
            "model_id": "a.b-v1:0",
            "shutdown_date": "2030-03-04",
            "deprecation_date": "2029-01-01",
            "replacement_models": None,
            "url": "https://example.com/aws",
        },
        {"provider": "Azure", "model_id": "gpt-4o", "shutdown_date": "2026-03-31", "deprecation_date": "2026-03-31"},
        {"provider": "OpenAI", "model_id": "Agent Builder", "shutdown_date": "2030-01-01"},
    ]
    rows = {
        "gpt-x": priced(deprecation_date="2030-06-01", input_cost_per_token=-1),
        "tavily/search": priced("tavily", mode="search"),
    }
    published = {"$schema": "https://example.com/schema.json", "asOf": "2026-08-21", "count": 2, "models": notices}
    files = {"notices": published, "info": info, "map": map_of(**rows), "odd": [{"a": 1}]}
    for name, content in files.items():
        (tmp_path / f"{name}-2026-08-21.json").write_text(json.dumps(content))
    done = llmhub("catalog", "import", str(tmp_path))
    assert done.returncode == 1
    assert "found a list, expected" in done.stderr
    assert "1 left out: it does not say which version of Azure's model it is of" in done.stdout + done.stderr
    assert "1 left out: unknown mode search" in done.stdout + done.stderr
    found = {row["model"]: row for row in json.loads(llmhub("catalog", "retirements", "--json").stdout)}
    assert {model: (row["retires_on"], row["source"]) for model, row in found.items()} == {
        "zai/glm-x": ("2030-01-02", "modeldeprecations.dev"),
        "zai/glm-latest": ("2030-01-02", "modeldeprecations.dev"),
        "amazon-bedrock/a.b-v1:0": ("2030-03-04", "deprecations.info"),
        "openai/gpt-x": ("2030-06-01", "litellm"),
    }
    assert found["zai/glm-x"]["replacement"] == "glm-y"
    assert (found["zai/glm-x"]["status"], found["zai/glm-x"]["citation"]) == ("deprecated", "https://example.com/z")
    again = llmhub("catalog", "import", str(tmp_path / "map-2026-08-21.json"))
    assert "known already" in again.stdout + again.stderr


@pytest.mark.needs_shared
def test_the_real_notices_are_imported_whole_and_agree_with_litellm(
    llmhub: Llmhub, home: Path, shared_data: Path, tmp_path: Path
) -> None:
    maps = tmp_path / "litellm-2026-09-14.json.gz"
    maps.write_bytes((shared_data / "litellm/model_prices-1.101.0.json.gz").read_bytes())
    done = llmhub("catalog", "import", str(shared_data / "deprecations"), str(maps))
    assert done.returncode == 0, done.stderr
    rows = json.loads(llmhub("catalog", "retirements", "--past", "--json").stdout)
    rows += json.loads(llmhub("catalog", "retirements", "--json").stdout)
    days = [
        {said["source"]: said["retires_on"] for said in row["said"] if said["retires_on"] is not None} for row in rows
    ]
    both = [each for each in days if {"litellm", "modeldeprecations.dev"} <= each.keys()]
    assert len(both) > 120
    assert sum(each["litellm"] != each["modeldeprecations.dev"] for each in both) == 1
    ends = {row["model"]: date.fromisoformat(row["retires_on"]) for row in rows}
    # Anthropic promises these days as "not before"; LiteLLM writes them as the end.
    assert "anthropic/claude-sonnet-4-5" not in ends
    assert ends["anthropic/claude-opus-4-1-20250805"] == date(2026, 8, 5)


def test_a_time_in_which_nothing_ends_is_told_from_knowing_no_day_at_all(llmhub: Llmhub, known: Path) -> None:
    within = llmhub("catalog", "retirements", "--within", "3d")
    assert "none of the models that are asked for ends in that time" in within.stdout + within.stderr
    of_nobody = llmhub("catalog", "retirements", "--provider", "nobody")
    assert "none of the models that are asked for has a day that is known" in of_nobody.stdout + of_nobody.stderr
    assert "1 model that ended" in llmhub("catalog", "retirements", "--past").stdout

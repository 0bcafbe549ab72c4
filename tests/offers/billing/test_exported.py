"""Usage as ccusage and LiteLLM really export it."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from llmhub.errors import SourceError
from llmhub.offers.billing.cost import Tokens
from llmhub.offers.billing.usage import read_usage

_PART = {"inputTokens": 6, "outputTokens": 5, "cacheCreationTokens": 4, "cacheReadTokens": 3}
_SUM = {**_PART, "totalTokens": 18, "totalCost": 0.5, "modelsUsed": ["opus"]}
_MODELS = {"modelBreakdowns": [{"modelName": "opus", **_PART, "cost": 0.5}]}
_DAY = {"date": "2026-02-01", **_SUM, **_MODELS}
# The columns of LiteLLM_SpendLogs.
_COLUMNS = [
    "request_id",
    "call_type",
    "api_key",
    "spend",
    "total_tokens",
    "prompt_tokens",
    "completion_tokens",
    "startTime",
    "endTime",
    "request_duration_ms",
    "completionStartTime",
    "model",
    "model_id",
    "model_group",
    "custom_llm_provider",
    "api_base",
    "user",
    "metadata",
    "cache_hit",
    "cache_key",
    "request_tags",
    "team_id",
    "organization_id",
    "end_user",
    "requester_ip_address",
    "messages",
    "response",
    "session_id",
    "status",
    "mcp_namespaced_tool_name",
    "agent_id",
    "proxy_server_request",
]


@pytest.mark.parametrize(
    "document",
    [
        {"daily": [_DAY], "totals": _SUM},
        {"daily": [{"period": "2026-02-01", "agent": "all", "metadata": {"agents": ["claude"]}, **_SUM, **_MODELS}]},
        {"daily": [{"period": "2026-02-01", "agents": [{"agent": "claude", **_SUM, **_MODELS}]}]},
        {"projects": {"-home-me": [_DAY]}, "totals": _SUM},
        {"sessions": [{"sessionId": "s", "lastActivity": "2026-02-01", "versions": ["1"], **_SUM, **_MODELS}]},
        {"session": [{"period": "s", "agent": "all", "metadata": {"lastActivity": "2026-02-01"}, **_SUM, **_MODELS}]},
        [_DAY],
    ],
)
def test_the_documents_of_ccusage_are_read_by_day_and_model(tmp_path: Path, document: Any) -> None:
    file = tmp_path / "usage.json"
    file.write_text(json.dumps(document, indent=2))
    (used,) = read_usage(file)
    assert (f"{used.moment:%Y-%m-%d}", used.model, used.tokens) == ("2026-02-01", "opus", Tokens(6, 5, 3, 4))


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"monthly": [{"month": "2026-02", **_SUM, **_MODELS}]}, "sums of a month"),
        ({"weekly": [{"week": "2026-02-01", **_SUM, **_MODELS}]}, "sums of a week"),
        ({"blocks": [{"id": "a", "startTime": "2026-02-01T00:00:00Z", "models": ["opus"]}]}, "sums of five hours"),
        ([{**_DAY, "date": "2026-02"}], "found the month 2026-02, expected a day"),
    ],
)
def test_sums_of_more_than_a_day_are_refused_with_what_to_export(tmp_path: Path, document: Any, said: str) -> None:
    file = tmp_path / "usage.json"
    file.write_text(json.dumps(document))
    with pytest.raises(SourceError, match=said):
        list(read_usage(file))


@pytest.mark.parametrize("named", ["csv", "jsonl"])
def test_cached_tokens_of_litellms_spend_logs_are_found_in_their_metadata(tmp_path: Path, named: str) -> None:
    of_openai = {"usage_object": {"prompt_tokens": 100, "prompt_tokens_details": {"cached_tokens": 60}}}
    of_claude = {"additional_usage_values": {"cache_read_input_tokens": 60, "cache_creation_input_tokens": 30}}
    rows = [
        _spent(metadata=json.dumps(of_openai)),
        _spent(metadata=json.dumps(of_claude)),
        # LiteLLM's own cache answered: nobody is paid.
        _spent(cache_hit="True"),
        # A prompt is stored with the line, and is longer than what Python's csv takes.
        _spent(messages="long " * 40_000),
        _spent(model="", prompt_tokens=0, completion_tokens=0, status="failure"),
    ]
    file = tmp_path / f"spend.{named}"
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        if named == "csv":
            writer = csv.DictWriter(out, _COLUMNS)
            writer.writeheader()
            writer.writerows(rows)
        else:
            out.writelines(f"{json.dumps(row)}\r\n" for row in rows)
    tokens = [Tokens(40, 9, 60, 0), Tokens(10, 9, 60, 30), Tokens(100, 9, 0, 0), Tokens()]
    assert [used.tokens for used in read_usage(file)] == tokens


def _spent(**given: Any) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(_COLUMNS, "")
    row |= {"startTime": "2026-02-01 10:11:12.123", "model": "gpt-x", "custom_llm_provider": "openai"}
    return row | {"prompt_tokens": 100, "completion_tokens": 9, "cache_hit": "None", "metadata": "{}"} | given


def test_litellms_sums_by_day_are_usage_too(tmp_path: Path) -> None:
    file = tmp_path / "daily.csv"
    file.write_text(
        "id,user_id,date,api_key,model,model_group,custom_llm_provider,mcp_namespaced_tool_name,endpoint,prompt_tokens,"
        "completion_tokens,cache_read_input_tokens,cache_creation_input_tokens,spend,api_requests,successful_requests,"
        "failed_requests,created_at,updated_at\n"
        "1,me,2026-02-01,key,gpt-x,mine,openai,,,100,9,60,30,0.1,3,3,0,2026-02-01T00:00:00Z,2026-02-01T00:00:00Z\n"
    )
    assert [used.tokens for used in read_usage(file)] == [Tokens(10, 9, 60, 30)]


_ANTHROPIC = (
    "usage_date_utc,model_version,api_key,workspace,usage_type,context_window,usage_input_tokens_no_cache,"
    "usage_input_tokens_cache_write_5m,usage_input_tokens_cache_write_1h,usage_input_tokens_cache_read,"
    "usage_output_tokens,web_search_count,inference_geo,speed\n"
)


def test_anthropics_export_says_which_prompts_were_long_and_what_no_recorded_price_holds_for(tmp_path: Path) -> None:
    file = tmp_path / "claude_api_tokens.csv"
    file.write_text(
        f"{_ANTHROPIC}"
        "2026-02-01,opus,key,Default,standard,≤ 200k,100,40,0,30,9,2,not_available,\n"
        "2026-02-01 03:00,opus,key,Default,standard,> 200k,100,0,0,0,9,0,global,\n"
        "2026-02-01,opus,key,Default,batch,≤ 200k,100,0,0,0,9,0,global,\n"
        "2026-02-01,opus,key,Default,standard,≤ 200k,100,0,50,0,9,0,global,\n"
        "2026-02-01,opus,key,Default,standard,≤ 200k,100,0,0,0,9,0,us,\n"
        "2026-02-01,opus,key,Default,standard,≤ 200k,100,0,0,0,9,0,global,fast\n",
        encoding="utf-8",
    )
    found = list(read_usage(file))
    assert [(used.tokens, used.prompt, used.searches) for used in found[:2]] == [
        (Tokens(100, 9, 30, 40), 0, 2),
        (Tokens(100, 9), 200_001, 0),
    ]
    assert all(used.zoned for used in found)
    assert [used.unlike and used.unlike.split(", and")[0] for used in found] == [
        *(None, None, "it was a batch", "it was written to a cache for an hour"),
        "no source records the price of inference in 'us' alone",
        "no source records the price of the speed 'fast'",
    ]
    assert found[3].tokens.written == 50


def test_anthropics_usage_report_is_read_as_its_export_is(tmp_path: Path) -> None:
    result = {
        "uncached_input_tokens": 100,
        "cache_creation": {"ephemeral_1h_input_tokens": 0, "ephemeral_5m_input_tokens": 40},
        "cache_read_input_tokens": 30,
        "output_tokens": 9,
        "server_tool_use": {"web_search_requests": 2},
        "api_key_id": None,
        "workspace_id": None,
        "model": "opus",
        "service_tier": "standard",
        "context_window": "200k-1M",
        "inference_geo": "global",
    }
    spans = [
        {"starting_at": "2026-02-01T00:00:00Z", "ending_at": "2026-02-02T00:00:00Z", "results": [result, result]},
        {"starting_at": "2026-02-02T00:00:00Z", "ending_at": "2026-02-03T00:00:00Z", "results": []},
    ]
    file = tmp_path / "report.json"
    file.write_text(json.dumps({"data": spans, "has_more": False, "next_page": None}))
    found = list(read_usage(file))
    assert [(used.tokens, used.prompt, used.searches) for used in found] == [(Tokens(100, 9, 30, 40), 200_001, 2)] * 2
    file.write_text(json.dumps({"data": spans, "has_more": True, "next_page": "page_made_up"}))
    with pytest.raises(SourceError, match="found one page of several"):
        list(read_usage(file))


def test_openais_usage_is_read_as_csv_and_as_its_answer_and_its_input_holds_what_was_cached(tmp_path: Path) -> None:
    counts = {
        "input_tokens": 100,
        "output_tokens": 50,
        "input_cached_tokens": 40,
        "input_cache_write_tokens": 0,
        "input_audio_tokens": 20,
        "input_cached_audio_tokens": 5,
        "output_audio_tokens": 10,
        "num_model_requests": 3,
    }
    result = {"object": "organization.usage.completions.result", **counts, "project_id": None, "model": "gpt-x"}
    results = [result | {"batch": False, "service_tier": "default"}, result | {"batch": True}]
    span = {"object": "bucket", "start_time": 1_769_904_000, "end_time": 1_769_990_400, "results": results}
    answer = tmp_path / "usage.json"
    answer.write_text(json.dumps({"object": "page", "data": [span], "has_more": False}))
    table = tmp_path / "completions_usage.csv"
    names = ["start_time", "end_time", "start_time_iso", "end_time_iso", "project_id", "model", "batch", *counts]
    times = ["1769904000", "1769990400", "2026-02-01T00:00:00+00:00", "2026-02-02T00:00:00+00:00"]
    rows = [[*times, "proj", "gpt-x", batch, *(f"{count}.0" for count in counts.values())] for batch in ("", "True")]
    # A span without usage is exported too.
    rows.append([*times, *[""] * (len(names) - len(times))])
    with table.open("w", newline="") as out:
        csv.writer(out).writerows([names, *rows])
    for file in (answer, table):
        found = list(read_usage(file))
        assert [used.tokens for used in found[:2]] == [Tokens(45, 40, 40, 0, 15, 10)] * 2
        assert [f"{used.moment:%Y-%m-%d}" for used in found[:2]] == ["2026-02-01"] * 2
        assert [used.unlike is not None for used in found[:2]] == [False, True]
        assert all(used.tokens == Tokens() and not used.model for used in found[2:])
    table.write_text("start_time,end_time,start_time_iso,end_time_iso\n1,2,2026-02-01,2026-02-02\n")
    assert [used.tokens for used in read_usage(table)] == [Tokens()]


def test_ccusage_for_codex_counts_cached_tokens_among_the_input_and_reasoning_among_the_output(tmp_path: Path) -> None:
    part = {"inputTokens": 100, "cachedInputTokens": 60, "outputTokens": 50, "reasoningOutputTokens": 20}
    # Its dates are in words, of whatever English the machine has.
    day = {"date": "Feb 01, 2026", **part, "totalTokens": 150, "costUSD": 1.5}
    models = {"gpt-x": {**part, "totalTokens": 150, "isFallback": False}}
    file = tmp_path / "codex.json"
    file.write_text(json.dumps({"daily": [day | {"models": models}], "totals": part}))
    (used,) = read_usage(file)
    assert (used.model, used.tokens) == ("gpt-x", Tokens(40, 30, 60, reasoning=20))
    assert f"{used.moment:%Y-%m-%d}" == "2026-02-01"


def test_litellms_spend_logs_tell_how_long_a_prompt_was_and_what_of_it_was_audio(tmp_path: Path) -> None:
    usage = {
        "prompt_tokens_details": {"audio_tokens": 20},
        "completion_tokens_details": {"audio_tokens": 3, "reasoning_tokens": 4},
    }
    file = tmp_path / "spend.json"
    file.write_text(json.dumps([_spent(request_id="made-up", metadata={"usage_object": usage})]))
    (used,) = read_usage(file)
    assert (used.tokens, used.prompt) == (Tokens(80, 2, 0, 0, 20, 3, 4), 100)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"input": 5, "reasoning": 1}, "output: found 0, and 1 of them reasoning and audio"),
        ({"input_tokens": 5, "input_cached_tokens": 6}, "input_tokens: found 5, and 6 of them cached"),
        ({"input_tokens": 5, "input_audio_tokens": 6}, "input: found 5, and 6 of them audio"),
        ({"input": "1.5"}, "input: found '1.5', expected a whole number"),
        ({"input": 1.5}, "input: found '1.5', expected a whole number"),
        ({"input": True}, "input: found 'True', expected a whole number"),
    ],
)
def test_parts_that_are_more_than_the_whole_are_refused(tmp_path: Path, row: dict[str, Any], said: str) -> None:
    file = tmp_path / "usage.jsonl"
    file.write_text(json.dumps({"time": "2026-02-01", "model": "a/b", **row}) + "\n")
    with pytest.raises(SourceError, match=said):
        list(read_usage(file))

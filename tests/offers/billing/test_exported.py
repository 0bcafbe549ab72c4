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

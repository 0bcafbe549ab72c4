"""What is odd in usage that ccusage and LiteLLM export: nested documents, cached tokens in a column of JSON. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

# ccusage's documents with one record a day or a session. Of the others no line has the day of its tokens.
_LISTS = ("daily", "sessions", "session")
_SUMS = {"monthly": "a month", "weekly": "a week", "blocks": "five hours"}
_BY_PROJECT = "projects"
_TIMES = ("time", "timestamp", "date", "period", "lastActivity")
_MONTH = re.compile(r"\d{4}-\d{2}", re.ASCII)
# Where LiteLLM's spend logs have what its columns do not.
_USAGES = ("additional_usage_values", "usage_object")


def is_document(found: Mapping[str, Any]) -> bool:
    """Say whether an object is a whole document of ccusage, and not one line of usage."""
    return isinstance(found.get(_BY_PROJECT), dict) or any(
        isinstance(found.get(name), list) for name in (*_LISTS, *_SUMS)
    )


def records_of(document: Any) -> list[dict[str, Any]]:
    """Return the records of a list or of ccusage's document, each of a day or a session.

    Raises:
        ValueError: it has none, or sums of longer than a day.
    """
    if isinstance(document, dict):
        document = _list_of(document)
    if not isinstance(document, list) or not all(isinstance(row, dict) for row in document):
        raise ValueError(f"found JSON without a list of records ({', '.join((*_LISTS, _BY_PROJECT))})")
    return document


def _list_of(document: Mapping[str, Any]) -> Any:
    for name in _LISTS:
        if isinstance(found := document.get(name), list):
            return found
    if isinstance(projects := document.get(_BY_PROJECT), dict):
        return [row for rows in projects.values() if isinstance(rows, list) for row in rows]
    summed = [name for name in _SUMS if isinstance(document.get(name), list)]
    if summed:
        found = f"found sums of {_SUMS[summed[0]]} ({summed[0]})"
        raise ValueError(f"{found}, expected those of days: export `ccusage daily --json`")
    return None


def lines_of(record: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield a record's usage by model: of each agent, where ccusage tells them apart."""
    metadata = record.get("metadata")
    of_session = metadata if isinstance(metadata, dict) and "lastActivity" in metadata else {}
    # Since ccusage has several agents, a session's period is its name.
    time = {name: record[name] for name in _TIMES if name in record} if not of_session else {}
    time |= {name: of_session[name] for name in ("lastActivity",) if name in of_session}
    agents = record.get("agents")
    parts = agents if isinstance(agents, list) and all(isinstance(agent, dict) for agent in agents) else [record]
    for part in parts:
        models = part.get("modelBreakdowns")
        if not isinstance(models, list):
            yield {**{name: value for name, value in part.items() if name not in _TIMES}, **time}
            continue
        for model in models:
            yield {**time, **model} if isinstance(model, dict) else part


def is_month(text: str) -> bool:
    """Say whether a time is a month alone."""
    return _MONTH.fullmatch(text) is not None


def with_cached(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a row of LiteLLM's spend logs with the cached tokens, which stand in its `metadata`.

    Its `prompt_tokens` hold those that were read from a cache and those that were written to one.
    """
    if "prompt_tokens" not in row or not (metadata := row.get("metadata")):
        return row
    if isinstance(metadata, str):
        try:
            metadata = json.loads(metadata)
        except (ValueError, RecursionError):
            return row
    if not isinstance(metadata, dict):
        return row
    found: dict[str, Any] = {}
    for usage in (each for name in _USAGES if isinstance(each := metadata.get(name), dict)):
        details = usage.get("prompt_tokens_details")
        details = details if isinstance(details, dict) else {}
        for column, told in (
            ("cache_read_input_tokens", usage.get("cache_read_input_tokens") or details.get("cached_tokens")),
            ("cache_creation_input_tokens", usage.get("cache_creation_input_tokens")),
        ):
            if told and column not in found and not row.get(column):
                found[column] = told
    return {**row, **found} if found else row


def is_answered_by_litellm(row: Mapping[str, Any]) -> bool:
    """Say whether LiteLLM answered from its own cache, so that no provider was asked and nothing is to be paid."""
    return str(row.get("cache_hit") or "").lower() == "true"

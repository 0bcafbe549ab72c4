"""Read the peculiar forms in which tools and providers export usage: nested documents, columns of JSON. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

# The lists of ccusage with one record a day or a session. Records of its other lists span several days.
_LISTS = ("daily", "sessions", "session")
_SUMS = {"monthly": "a month", "weekly": "a week", "blocks": "five hours"}
_BY_PROJECT = "projects"
# The providers' own answers: a list of spans of time, each with its results.
_SPANS, _RESULTS = "data", "results"
_TIMES = ("time", "timestamp", "date", "period", "lastActivity", "start_time", "starting_at")
_WINDOW = re.compile(r"\s*(?:[>≥]|(?=\d+k-))\s*(?P<thousands>\d+)k", re.ASCII)
_SHORT_WINDOW = re.compile(r"\s*(?:[≤<]|0-)\s*\d+k", re.ASCII)
_IN_WORDS = re.compile(r"(?P<month>[A-Z][a-z]{2,8})\.? (?P<day>\d{1,2}), (?P<year>\d{4})", re.ASCII)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH = re.compile(r"\d{4}-\d{2}", re.ASCII)
# Objects in the metadata of LiteLLM's spend logs, with counts that its columns lack.
_USAGES = ("additional_usage_values", "usage_object")


def is_document(found: Mapping[str, Any]) -> bool:
    """Say whether an object is a whole document of ccusage or of a provider, and not one line of usage."""
    return isinstance(found.get(_BY_PROJECT), dict) or any(
        isinstance(found.get(name), list) for name in (*_LISTS, *_SUMS, _SPANS)
    )


def records_of(document: Any) -> list[dict[str, Any]]:
    """Return the records of a list, of ccusage's document or of a provider's, each of a span of time or a session.

    Raises:
        ValueError: the document has no records, or sums over more than a day.
    """
    if isinstance(document, dict):
        document = _list_of(document)
    if not isinstance(document, list) or not all(isinstance(row, dict) for row in document):
        raise ValueError(f"found JSON without a list of records ({', '.join((*_LISTS, _BY_PROJECT, _SPANS))})")
    return document


def _list_of(document: Mapping[str, Any]) -> Any:
    for name in _LISTS:
        if isinstance(found := document.get(name), list):
            return found
    if isinstance(found := document.get(_SPANS), list):
        if document.get("has_more") is True:
            raise ValueError("found one page of several: join the pages, or ask for more at once")
        return found
    if isinstance(projects := document.get(_BY_PROJECT), dict):
        return [row for rows in projects.values() if isinstance(rows, list) for row in rows]
    summed = [name for name in _SUMS if isinstance(document.get(name), list)]
    if summed:
        found = f"found sums of {_SUMS[summed[0]]} ({summed[0]})"
        raise ValueError(f"{found}, expected those of days: export `ccusage daily --json`")
    return None


def lines_of(record: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield a record's usage by model, and by agent where ccusage tells agents apart."""
    metadata = record.get("metadata")
    of_session = metadata if isinstance(metadata, dict) and "lastActivity" in metadata else {}
    # Newer ccusage: the period of a session is its name, and not a time.
    time = {name: record[name] for name in _TIMES if name in record} if not of_session else {}
    time |= {name: of_session[name] for name in ("lastActivity",) if name in of_session}
    if isinstance(results := record.get(_RESULTS), list):
        yield from ({**_flat(result), **time} for result in results if isinstance(result, dict))
        return
    agents = record.get("agents")
    parts = agents if isinstance(agents, list) and all(isinstance(agent, dict) for agent in agents) else [record]
    for part in parts:
        by_name = part.get("models")
        models = part.get("modelBreakdowns")
        if isinstance(by_name, dict) and not isinstance(models, list):
            # ccusage for Codex.
            models = [{"model": name, **told} for name, told in by_name.items() if isinstance(told, dict)]
        if not isinstance(models, list):
            yield {**{name: value for name, value in part.items() if name not in _TIMES}, **time}
            continue
        for model in models:
            yield {**time, **model} if isinstance(model, dict) else part


def _flat(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return a result of Anthropic's usage report with the counts that are nested in it."""
    found = dict(result)
    written, used = result.get("cache_creation"), result.get("server_tool_use")
    if isinstance(written, dict):
        found["usage_input_tokens_cache_write_5m"] = written.get("ephemeral_5m_input_tokens")
        found["usage_input_tokens_cache_write_1h"] = written.get("ephemeral_1h_input_tokens")
    if isinstance(used, dict):
        found["web_search_count"] = used.get("web_search_requests")
    return found


def prompt_of(window: str) -> int | None:
    """Return the least length of prompts in a context window as Anthropic names it; None if the name does not say.

    Examples:
        >>> prompt_of("> 200k"), prompt_of("200k-1M"), prompt_of("≤ 200k"), prompt_of("0-200k"), prompt_of("")
        (200001, 200001, 0, 0, None)
    """
    if (long := _WINDOW.match(window)) and not window.strip().startswith("0-"):
        return int(long["thousands"]) * 1000 + 1
    return 0 if _SHORT_WINDOW.match(window) else None


def is_one_call(row: Mapping[str, Any]) -> bool:
    """Say whether a line of LiteLLM's spend logs is about one call, so that its prompt's length is known."""
    return bool(row.get("request_id")) and "prompt_tokens" in row


def day_in_words(text: str) -> str | None:
    """Return a day that ccusage for Codex writes in English words in ISO 8601; None for another text.

    Examples:
        >>> day_in_words("Sep 16, 2025"), day_in_words("Sept 16, 2025"), day_in_words("2025-09-16")
        ('2025-09-16', '2025-09-16', None)
    """
    found = _IN_WORDS.fullmatch(text)
    if found is None or found["month"][:3] not in _MONTHS:
        return None
    return f"{found['year']}-{_MONTHS.index(found['month'][:3]) + 1:02d}-{int(found['day']):02d}"


def is_month(text: str) -> bool:
    """Say whether a time is a month without a day."""
    return _MONTH.fullmatch(text) is not None


def with_details(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a row of LiteLLM's spend logs with the cached, audio and reasoning tokens that stand in its `metadata`.

    Its `prompt_tokens` hold those that were read from a cache, those that were written to one, and audio.
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
        given, generated = (
            each if isinstance(each := usage.get(f"{name}_tokens_details"), dict) else {}
            for name in ("prompt", "completion")
        )
        for column, told in (
            ("cache_read_input_tokens", usage.get("cache_read_input_tokens") or given.get("cached_tokens")),
            ("cache_creation_input_tokens", usage.get("cache_creation_input_tokens")),
            ("input_audio_tokens", given.get("audio_tokens")),
            ("output_audio_tokens", generated.get("audio_tokens")),
            ("reasoning_tokens", generated.get("reasoning_tokens")),
        ):
            if told and column not in found and not row.get(column):
                found[column] = told
    return {**row, **found} if found else row


def is_answered_by_litellm(row: Mapping[str, Any]) -> bool:
    """Say whether LiteLLM answered from its own cache, so that no provider was asked and nothing is to be paid."""
    return str(row.get("cache_hit") or "").lower() == "true"

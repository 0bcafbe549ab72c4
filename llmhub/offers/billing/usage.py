"""Read files of recorded usage: CSV, JSON lines, a list in JSON, and documents of tools and providers."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, NamedTuple

from llmhub.arena.references import parse_moment
from llmhub.errors import InvalidReferenceError, SourceError
from llmhub.nearest import shortened
from llmhub.offers.billing.cost import Tokens
from llmhub.offers.billing.exported import (
    day_in_words,
    is_answered_by_litellm,
    is_document,
    is_month,
    is_one_call,
    lines_of,
    prompt_of,
    records_of,
    with_details,
)

# A document is read completely into memory; lines are not.
_MAX_DOCUMENT = 64 * 1024 * 1024
_MAX_LINE = 1024 * 1024
_SECONDS = re.compile(r"\d{9,10}", re.ASCII)
# Exports that went through a data frame write 3.0 for 3.
_WHOLE = re.compile(r"(?P<number>\d+)\.0", re.ASCII)
_MOST_TOKENS = 2**53 - 1
_SOURCES: Mapping[str, tuple[str, ...]] = {
    "time": (
        *("time", "timestamp", "date", "startTime", "start_time", "period", "lastActivity"),
        *("start_time_iso", "starting_at", "usage_date_utc"),
    ),
    "model": ("model", "modelName", "model_name", "model_version"),
    "provider": ("provider", "custom_llm_provider"),
    "input": ("input", "input_tokens", "inputTokens", "uncached_input_tokens", "usage_input_tokens_no_cache"),
    "prompt": ("prompt_tokens",),
    "output": ("output", "output_tokens", "outputTokens", "completion_tokens", "usage_output_tokens"),
    "cached": (
        *("cached", "cached_tokens", "cacheReadTokens", "cache_read_tokens", "cache_read_input_tokens"),
        *("input_cached_tokens", "cachedInputTokens", "usage_input_tokens_cache_read"),
    ),
    "written": (
        *("written", "cacheCreationTokens", "cache_creation_tokens", "cache_creation_input_tokens"),
        *("input_cache_write_tokens", "usage_input_tokens_cache_write_5m", "usage_input_tokens_cache_write"),
    ),
    "written for an hour": ("usage_input_tokens_cache_write_1h",),
    "input_audio": ("input_audio_tokens",),
    "cached audio": ("input_cached_audio_tokens",),
    "output_audio": ("output_audio_tokens",),
    "reasoning": ("reasoning", "reasoning_tokens", "reasoningOutputTokens"),
    "tier": ("service_tier", "usage_type"),
    "batch": ("batch",),
    "context window": ("context_window",),
    "place": ("inference_geo",),
    "speed": ("speed",),
    "searches": ("web_search_count",),
}
_MEANING = {column: meaning for meaning, columns in _SOURCES.items() for column in columns}
_SHOWN = ("time", "model", "provider", "input", "prompt", "output", "cached", "written", "reasoning")
# Where one of these columns is present, `input` includes the tokens that were read from and written to a cache.
_OF_OPENAI = frozenset({"input_cached_tokens", "cachedInputTokens", "num_model_requests"})
# Other columns of these exports, on which no price depends.
_PASSED_OVER = frozenset(
    {
        *("cost", "spend", "totalCost", "costUSD", "totalTokens", "total_tokens", "request_id", "call_type", "api_key"),
        *("endTime", "end_time", "completionStartTime", "user", "end_user", "team_id", "metadata", "cache_hit"),
        *("cache_key", "request_tags", "messages", "response", "api_base", "model_id", "model_group", "session_id"),
        *("sessionId", "requester_ip_address", "status", "proxy_server_request", "mcp_namespaced_tool_name"),
        *("project", "projectPath", "modelsUsed", "source", "organization_id", "agent_id", "request_duration_ms"),
        # Of LiteLLM's sums by day.
        *("id", "user_id", "endpoint", "api_requests", "successful_requests", "failed_requests"),
        *("created_at", "updated_at"),
        *("agent", "agents", "modelBreakdowns", "messageCount", "versions", "firstActivity"),
        # Of ccusage for Codex.
        *("models", "isFallback", "sessionFile", "directory"),
        # Of OpenAI's usage: images are priced as text, as models.dev does.
        *("object", "api_source", "end_time_iso", "project_id", "project_name", "user_email", "api_key_id"),
        *("api_key_name", "num_model_requests", "input_uncached_tokens", "input_text_tokens", "output_text_tokens"),
        *("input_cached_text_tokens", "input_image_tokens", "input_cached_image_tokens", "output_image_tokens"),
        # Of Anthropic's.
        *("ending_at", "workspace", "workspace_id", "account_id", "service_account_id", "server_tool_use"),
        *("cache_creation", "results"),
    }
)


class Used(NamedTuple):
    """A line of recorded usage.

    Attributes:
        moment: when the tokens were used, timezone-aware.
        provider: None if the line does not name one.
        model: the model as the line names it.
        tokens: the numbers of tokens.
        zoned: whether the line's time has a zone.
        prompt: the length of each prompt in tokens, or a length that it exceeds; None if it is unknown.
        unlike: why the recorded prices do not hold for the line; None if they do.
        searches: the number of web searches that it counts beside the tokens.
    """

    moment: datetime
    provider: str | None
    model: str
    tokens: Tokens
    zoned: bool = True
    prompt: int | None = None
    unlike: str | None = None
    searches: int = 0


def read_usage(path: Path) -> Iterator[Used]:
    """Yield the lines of a usage file.

    A time without a zone is taken as UTC. LiteLLM's `prompt_tokens` and OpenAI's `input_tokens` include the tokens that
    were read from and written to a cache; `input` does not. Input includes audio, and output includes reasoning. Lines
    that LiteLLM answered from its own cache are left out.

    Raises:
        SourceError: the file cannot be read, or a line is not valid; the message names the line and the column.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for number, row in _rows(file, path):
                if is_answered_by_litellm(row):
                    continue
                try:
                    yield _used(with_details(row))
                except ValueError as error:
                    raise SourceError(f"{path}, line {number:,}: {error}") from None
    except UnicodeDecodeError:
        raise SourceError(f"{path}: found bytes that are not UTF-8, expected CSV or JSON lines") from None
    except csv.Error as error:
        raise SourceError(f"{path}: found text that is not CSV ({error})") from None
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error.strerror or error}") from None


def _rows(file: IO[str], path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    first = file.readline(_MAX_LINE)
    file.seek(0)
    begins = first.lstrip()[:1]
    if begins == "[" or (begins == "{" and not _is_line(first)):
        yield from _of_document(file, path)
    elif begins == "{":
        yield from _of_lines(file, path)
    else:
        # A cell of LiteLLM's export may hold a whole prompt.
        csv.field_size_limit(max(csv.field_size_limit(), _MAX_LINE))
        reader = csv.DictReader(file, strict=True)
        _require_columns(reader.fieldnames or (), path)
        for row in reader:
            if None in row:
                raise SourceError(f"{path}, line {reader.line_num:,}: found more cells than the {len(row) - 1} columns")
            yield reader.line_num, row


def _is_line(text: str) -> bool:
    """Say whether a first line is an object of JSON lines, and not a whole document of ccusage."""
    try:
        found = json.loads(text)
    except ValueError:
        return False
    return isinstance(found, dict) and not is_document(found)


def _of_lines(file: IO[str], path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    known: frozenset[str] = frozenset()
    number = 0
    while line := file.readline(_MAX_LINE):
        number += 1
        if len(line) == _MAX_LINE:
            raise SourceError(f"{path}, line {number:,}: found more than {_MAX_LINE >> 20} MiB, expected one record")
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise SourceError(f"{path}, line {number:,}: found text that is not JSON ({error})") from None
        if not isinstance(row, dict):
            raise SourceError(f"{path}, line {number:,}: found a line that is not an object, expected one record")
        if not known.issuperset(row):
            _require_columns(row, path, number)
            known |= row.keys()
        yield number, row


def _of_document(file: IO[str], path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    text = file.read(_MAX_DOCUMENT + 1)
    if len(text) > _MAX_DOCUMENT:
        raise SourceError(f"{path}: found a document of over {_MAX_DOCUMENT >> 20} MiB: write it as JSON lines")
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{path}: found text that is not JSON ({error})") from None
    try:
        records = records_of(data)
    except ValueError as error:
        raise SourceError(f"{path}: {error}") from None
    for number, record in enumerate(records, 1):
        for line in lines_of(record):
            _require_columns(line, path, number)
            yield number, line


def _require_columns(columns: Collection[str], path: Path, number: int | None = None) -> None:
    """Check that the names of a file's columns, or of the keys of record `number`, say what is needed, each once.

    Raises:
        SourceError: a column is unknown, two say the same, or one is missing.
    """
    where = f"{path}: " if number is None else f"{path}, record {number:,}: "
    found = [str(column) for column in columns if not _is_second_time(column, columns)]
    for column in found:
        if column not in _MEANING and column not in _PASSED_OVER:
            known = ", ".join(" or ".join(_SOURCES[name]) for name in _SHOWN)
            raise SourceError(f"{where}the column {shortened(column)!r} is unknown; known are {known}")
    by_meaning: dict[str, str] = {}
    for column in found:
        meaning = _MEANING.get(column)
        if meaning is not None and (other := by_meaning.setdefault(meaning, column)) != column:
            raise SourceError(f"{where}the columns {other!r} and {column!r} both say the {meaning}: keep one of them")
    meanings = by_meaning.keys()
    if meanings == {"time"} and set(found) <= {"start_time_iso", "end_time", "end_time_iso"}:
        # This is how OpenAI exports a period without usage.
        return
    for meaning in ("time", "model"):
        if meaning not in meanings:
            raise SourceError(f"{where}there is no column of the {meaning}: expected {', '.join(_SOURCES[meaning])}")
    if not meanings & {"input", "prompt", "output", "cached", "written"}:
        raise SourceError(f"{where}there is no column of tokens: expected input, output or cached")


def _is_second_time(column: str, columns: Collection[str]) -> bool:
    """Say whether a column repeats another one as a number of seconds, as OpenAI's exports do."""
    return column == "start_time" and "start_time_iso" in columns


def _used(row: Mapping[str, Any]) -> Used:
    """Return a record of usage.

    Raises:
        ValueError: a value is not valid; the message names the column.
    """
    values = {
        _MEANING[column]: (column, value)
        for column, value in row.items()
        if column in _MEANING and not _is_second_time(column, row)
    }
    moment, zoned = _moment(*values["time"])
    column, given_name = values.get("model", ("model", ""))
    model = given_name.strip() if isinstance(given_name, str) else "" if given_name is None else None
    if model is None:
        raise ValueError(f"{column}: found {given_name!r}, expected a model")
    counts = {name: _count(*values[name]) for name in values.keys() & _COUNTED}
    tokens = _tokens(counts, row)
    provider = values.get("provider", ("", None))[1]
    long = counts.get("prompt") if is_one_call(row) else None
    return Used(
        moment,
        str(provider) if provider else None,
        model,
        tokens,
        zoned,
        prompt=prompt_of(_text(values, "context window")) if long is None else long,
        unlike=_unlike(values, counts),
        searches=counts.get("searches", 0),
    )


_COUNTED = frozenset(
    {
        *("input", "prompt", "output", "cached", "written", "written for an hour", "searches"),
        *("input_audio", "cached audio", "output_audio", "reasoning"),
    }
)


def _moment(column: str, value: Any) -> tuple[datetime, bool]:
    """Return a time in UTC, and whether it was written with a zone; a date has none."""
    text = str(value).strip()
    text = day_in_words(text) or text
    if is_month(text):
        raise ValueError(f"{column}: found the month {text}, expected a day: prices change within a month")
    if _SECONDS.fullmatch(text):
        return datetime.fromtimestamp(int(text), UTC), True
    try:
        return parse_moment(text), datetime.fromisoformat(text).tzinfo is not None or column == "usage_date_utc"
    except InvalidReferenceError as error:
        raise ValueError(f"{column}: {error}") from None


def _tokens(counts: Mapping[str, int], row: Mapping[str, Any]) -> Tokens:
    """Return the tokens of a line, each counted once.

    Raises:
        ValueError: a part is larger than its whole.
    """
    given, cached = counts.get("input", 0), counts.get("cached", 0)
    written = counts.get("written", 0) + counts.get("written for an hour", 0)
    audio, generated = counts.get("input_audio", 0), counts.get("output", 0)
    said, thought = counts.get("output_audio", 0), counts.get("reasoning", 0)
    whole = "prompt_tokens" if "prompt" in counts and "input" not in counts else None
    if whole is None and not _OF_OPENAI.isdisjoint(row):
        whole = "input_tokens"
    # Cached audio counts as cached input.
    audio = max(0, audio - counts.get("cached audio", 0))
    if whole is not None:
        given = counts["prompt"] if whole == "prompt_tokens" else given
        held, given = given, given - cached - written
        if given < 0:
            kept = f"{cached:,} of them cached and {written:,} written to a cache"
            raise ValueError(f"{whole}: found {held:,}, and {kept}")
    for what, held, parts in (("input", given, audio), ("output", generated, said + thought)):
        if parts > held:
            kinds = "audio" if what == "input" else "reasoning and audio"
            raise ValueError(f"{what}: found {held:,}, and {parts:,} of them {kinds}")
    return Tokens(given - audio, generated - said - thought, cached, written, audio, said, thought)


def _unlike(values: Mapping[str, tuple[str, Any]], counts: Mapping[str, int]) -> str | None:
    """Return why the prices that sources record do not hold for a line; None if they do."""
    tier = _text(values, "tier").lower()
    if tier == "batch" or _text(values, "batch").lower() in {"true", "1"}:
        return "it was a batch, and no source records the price of batches"
    if tier not in {"", "default", "standard", "auto", "on_demand"}:
        return f"no source records the price of the service tier {shortened(tier)!r}"
    if (speed := _text(values, "speed").lower()) not in {"", "standard"}:
        return f"no source records the price of the speed {shortened(speed)!r}"
    if (place := _text(values, "place").lower()) not in {"", "global", "not_available"}:
        return f"no source records the price of inference in {shortened(place)!r} alone"
    if counts.get("written for an hour"):
        return "it was written to a cache for an hour, and no source records the price of that"
    return None


def _text(values: Mapping[str, tuple[str, Any]], name: str) -> str:
    value = values.get(name, ("", None))[1]
    return "" if value is None else str(value).strip()


def _count(column: str, value: Any) -> int:
    if value is None or value == "":
        return 0
    try:
        whole = _WHOLE.fullmatch(value) if isinstance(value, str) else None
        number = int(whole["number"] if whole else value) if isinstance(value, int | str) else None
        if isinstance(value, bool):
            number = None
    except ValueError:
        number = None
    if number is None or not 0 <= number <= _MOST_TOKENS:
        raise ValueError(f"{column}: found {shortened(str(value))!r}, expected a whole number of tokens, at least 0")
    return number

"""Files of recorded usage, read line by line: CSV, JSON lines, a list in JSON, and ccusage's document."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import IO, Any, NamedTuple

from llmhub.arena.references import parse_moment
from llmhub.errors import InvalidReferenceError, SourceError
from llmhub.nearest import shortened
from llmhub.offers.billing.cost import Tokens
from llmhub.offers.billing.exported import (
    is_answered_by_litellm,
    is_document,
    is_month,
    lines_of,
    records_of,
    with_cached,
)

# A document is read completely into memory; lines are not.
_MAX_DOCUMENT = 64 * 1024 * 1024
_MAX_LINE = 1024 * 1024
_MOST_TOKENS = 2**53 - 1
_SOURCES: Mapping[str, tuple[str, ...]] = {
    "time": ("time", "timestamp", "date", "startTime", "start_time", "period", "lastActivity"),
    "model": ("model", "modelName", "model_name"),
    "provider": ("provider", "custom_llm_provider"),
    "input": ("input", "input_tokens", "inputTokens"),
    "prompt": ("prompt_tokens",),
    "output": ("output", "output_tokens", "outputTokens", "completion_tokens"),
    "cached": ("cached", "cached_tokens", "cacheReadTokens", "cache_read_tokens", "cache_read_input_tokens"),
    "written": ("written", "cacheCreationTokens", "cache_creation_tokens", "cache_creation_input_tokens"),
}
_MEANING = {column: meaning for meaning, columns in _SOURCES.items() for column in columns}
# Further columns of ccusage and LiteLLM's spend logs, which no price depends on.
_PASSED_OVER = frozenset(
    {
        *("cost", "spend", "totalCost", "totalTokens", "total_tokens", "request_id", "call_type", "api_key"),
        *("endTime", "end_time", "completionStartTime", "user", "end_user", "team_id", "metadata", "cache_hit"),
        *("cache_key", "request_tags", "messages", "response", "api_base", "model_id", "model_group", "session_id"),
        *("sessionId", "requester_ip_address", "status", "proxy_server_request", "mcp_namespaced_tool_name"),
        *("project", "projectPath", "modelsUsed", "source", "organization_id", "agent_id", "request_duration_ms"),
        # Of LiteLLM's sums by day.
        *("id", "user_id", "endpoint", "api_requests", "successful_requests", "failed_requests"),
        *("created_at", "updated_at"),
        *("agent", "agents", "modelBreakdowns", "messageCount", "versions", "firstActivity"),
    }
)


class Used(NamedTuple):
    """A line of recorded usage; `provider` is None if missing, `zoned` says whether its time has a zone."""

    moment: datetime
    provider: str | None
    model: str
    tokens: Tokens
    zoned: bool = True


def read_usage(path: Path) -> Iterator[Used]:
    """Yield the lines of a usage file.

    A time without a zone is UTC. `prompt_tokens`, as LiteLLM counts them, hold the cached ones and those that were
    written to a cache, `input` does not. What LiteLLM answered from its own cache is no usage, and left out.

    Raises:
        SourceError: the file cannot be read, or a line is not valid; the message names the line and the column.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for number, row in _rows(file, path):
                if is_answered_by_litellm(row):
                    continue
                try:
                    yield _used(with_cached(row))
                except ValueError as error:
                    raise SourceError(f"{path}, line {number:,}: {error}") from None
    except UnicodeDecodeError:
        raise SourceError(f"{path}: found bytes that are not UTF-8, expected CSV or JSON lines") from None
    except csv.Error as error:
        raise SourceError(f"{path}: found no CSV ({error})") from None
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
        # A cell of LiteLLM's may hold a whole prompt.
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
            raise SourceError(f"{path}, line {number:,}: found no object, expected one record")
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


def _require_columns(columns: Any, path: Path, number: int | None = None) -> None:
    where = f"{path}: " if number is None else f"{path}, record {number:,}: "
    found = [str(column) for column in columns]
    for column in found:
        if column not in _MEANING and column not in _PASSED_OVER:
            known = ", ".join(" or ".join(names) for names in _SOURCES.values())
            raise SourceError(f"{where}the column {shortened(column)!r} is unknown; known are {known}")
    by_meaning: dict[str, str] = {}
    for column in found:
        meaning = _MEANING.get(column)
        if meaning is not None and (other := by_meaning.setdefault(meaning, column)) != column:
            raise SourceError(f"{where}the columns {other!r} and {column!r} both say the {meaning}: keep one of them")
    meanings = by_meaning.keys()
    for meaning in ("time", "model"):
        if meaning not in meanings:
            raise SourceError(f"{where}there is no column of the {meaning}: expected {', '.join(_SOURCES[meaning])}")
    if not meanings & {"input", "prompt", "output", "cached", "written"}:
        raise SourceError(f"{where}there is no column of tokens: expected input, output or cached")


def _used(row: Mapping[str, Any]) -> Used:
    """Return a record.

    Raises:
        ValueError: a value is not valid; the message names the column.
    """
    values = {_MEANING[column]: (column, value) for column, value in row.items() if column in _MEANING}
    column, time = values["time"]
    if is_month(str(time)):
        raise ValueError(f"{column}: found the month {time}, expected a day: prices change within a month")
    try:
        moment = parse_moment(str(time))
    except InvalidReferenceError as error:
        raise ValueError(f"{column}: {error}") from None
    column, given_name = values["model"]
    model = given_name.strip() if isinstance(given_name, str) else None
    if model is None:
        raise ValueError(f"{column}: found {given_name!r}, expected a model")
    named = [name for name in ("input", "prompt", "output", "cached", "written") if name in values]
    counts = {name: _count(*values[name]) for name in named}
    given, cached, written = (counts.get(name, 0) for name in ("input", "cached", "written"))
    if "prompt" in counts and "input" not in counts:
        given = counts["prompt"] - cached - written
        if given < 0:
            kept = f"{cached:,} of them cached and {written:,} written to a cache"
            raise ValueError(f"prompt_tokens: found {counts['prompt']:,}, and {kept}")
    provider = values.get("provider", ("", None))[1]
    tokens = Tokens(given, counts.get("output", 0), cached, written)
    # A day alone has no zone either.
    zoned = datetime.fromisoformat(str(time).strip()).tzinfo is not None
    return Used(moment, str(provider) if provider else None, model, tokens, zoned)


def _count(column: str, value: Any) -> int:
    if value is None or value == "":
        return 0
    try:
        number = int(value) if isinstance(value, int | str) and not isinstance(value, bool) else None
    except ValueError:
        number = None
    if number is None or not 0 <= number <= _MOST_TOKENS:
        raise ValueError(f"{column}: found {shortened(str(value))!r}, expected a whole number of tokens, at least 0")
    return number

"""Parses and validates leaderboard files in JSON: upstream's shape, with or without llmhub's extra keys.

Pure: takes bytes and a name for messages, and returns values. An error names the file and the path inside it, what was
found and what was expected.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, Any, NotRequired, TypeVar

from pydantic import FailFast, Field, StringConstraints, TypeAdapter, ValidationError
from typing_extensions import TypedDict  # pydantic needs this one before Python 3.12

from llmhub.arena.boards import OVERALL, Leaderboard, ModelFacts, Score
from llmhub.arena.references import parse_moment
from llmhub.arena.rules import NAME_RULE, is_name, is_sound
from llmhub.arena.upstream import canonical_category
from llmhub.errors import InvalidReferenceError, PayloadError, printable
from llmhub.files import without_bom

_MAX_NAME = 500
_MAX_FOUND = 60
_MAX_LISTED = 8
# The same limit as for one date of a dataset file; real files have a hundredth of it.
_MOST_ROWS = 1_000_000

_Name = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=_MAX_NAME)]
_Text = Annotated[str, StringConstraints(strict=True, max_length=_MAX_NAME)]
_Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]


class _Row(TypedDict):
    rating: _Number
    rating_q025: _Number | None
    rating_q975: _Number | None
    vote_count: NotRequired[_Number | None]
    organization: NotRequired[_Text | None]
    license: NotRequired[_Text | None]


class _MetaLeaderboard(TypedDict):
    # Text and not a date: pydantic cannot use a date class that a caller's tests have frozen.
    published_on: NotRequired[_Text | None]


class _Meta(TypedDict):
    revision: NotRequired[_Text | None]
    leaderboards: NotRequired[Annotated[dict[_Name, _MetaLeaderboard], FailFast()]]


class _ExportedLeaderboard(_MetaLeaderboard):
    file: NotRequired[_Text | None]


class _ExportMeta(TypedDict):
    taken_at: NotRequired[_Text | None]
    leaderboards: NotRequired[Annotated[dict[_Name, _ExportedLeaderboard], FailFast()]]


# Stop at the first fault: collecting every fault of a wholly wrong file takes gigabytes.
_Board = Annotated[dict[_Name, _Row], FailFast()]
_FILE = TypeAdapter(Annotated[dict[_Name, _Board], FailFast()])
_META = TypeAdapter(_Meta)
_EXPORT_META = TypeAdapter(_ExportMeta)
Shape = TypeVar("Shape")
_KEY = "[key]"
_KEY_OF = {"rating": "rating", "lower": "rating_q025", "upper": "rating_q975", "votes": "vote_count"}


@dataclass(frozen=True, slots=True)
class Meta:
    """The content of a run's leaderboard-meta.json: the revision, the leaderboards, and when each was published."""

    revision: str | None = None
    published_on: Mapping[str, date] = field(default_factory=dict)
    leaderboards: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExportMeta:
    """The content of the leaderboard-meta.json that `llmhub arena export` writes.

    Attributes:
        taken_at: the moment of the snapshot, in UTC; None if the file has none and is not from an export.
        leaderboards: which leaderboard each file holds, by the file's name.
        published_on: when each leaderboard was published, if known.
    """

    taken_at: datetime | None = None
    leaderboards: Mapping[str, str] = field(default_factory=dict)
    published_on: Mapping[str, date] = field(default_factory=dict)


def parse_leaderboard(data: bytes, where: str, *, published_on: date | None = None) -> Leaderboard:
    """Return the boards in one leaderboard file.

    Args:
        data: the file's bytes, JSON in UTF-8: ``{category: {model: {"rating", "rating_q025", "rating_q975"}}}``,
            in rating points; ``vote_count``, ``organization`` and ``license`` are optional, bounds may be null,
            other keys are ignored.
        where: what to call the file in an error.
        published_on: the day on which the leaderboard was published, if known.

    Raises:
        PayloadError: it is not JSON, or has another shape, a number that is not finite or outside its interval, a
            blank name, a repeated key, too many rows, or no overall board with a model in it.
    """
    data = without_bom(data)
    categories = _validated(_FILE, data, where)
    if (size := len(categories) + sum(map(len, categories.values()))) > _MOST_ROWS:
        raise PayloadError(f"{where}: found {size:,} rows, expected a leaderboard of at most {_MOST_ROWS:,}")
    _refuse_repeated_keys(data, where)
    boards: dict[str, dict[str, Score]] = {}
    models: dict[str, ModelFacts] = {}
    names = {*categories, *(name for rows in categories.values() for name in rows)}
    if not all(map(is_name, names)):
        _refuse_names(categories, where)
    for key, rows in categories.items():
        category = canonical_category(key)
        if category in boards:
            same = " and ".join(repr(other) for other in categories if canonical_category(other) == category)
            raise PayloadError(f"{where}: {key}: found a second {category} board, expected only one of {same}")
        boards[category] = _board(rows, f"{where}: {printable(key, _MAX_FOUND)}")
        for name, row in rows.items():
            if "organization" in row or "license" in row:
                facts = ModelFacts(_known(row.get("organization")), _known(row.get("license")))
                if any(facts):
                    models[name] = models.get(name, ModelFacts()).or_else(facts)
    if not boards.get(OVERALL):
        listed = ", ".join(sorted(categories)[:_MAX_LISTED]) or "no category"
        found = "no model" if OVERALL in boards else printable(listed, _MAX_NAME)
        raise PayloadError(f"{where}: full: found {found}, expected an overall board with at least one model")
    return Leaderboard(boards=boards, models=models, published_on=published_on)


def parse_meta(data: bytes, where: str) -> Meta:
    """Parse the leaderboard-meta.json of a run.

    Raises:
        PayloadError: it is not JSON, has another shape, or repeats a key.
    """
    data = without_bom(data)
    meta = _validated(_META, data, where)
    _refuse_repeated_keys(data, where)
    brought = meta.get("leaderboards", {})
    return Meta(meta.get("revision") or None, _published(brought, where), tuple(brought))


def parse_export_meta(data: bytes, where: str) -> ExportMeta:
    """Parse the leaderboard-meta.json of an export.

    Raises:
        PayloadError: it is not JSON, has another shape, or repeats a key.
    """
    data = without_bom(data)
    meta = _validated(_EXPORT_META, data, where)
    _refuse_repeated_keys(data, where)
    if (text := meta.get("taken_at")) is None:
        return ExportMeta()
    try:
        taken_at = parse_moment(text)
    except InvalidReferenceError as error:
        raise PayloadError(f"{where}: taken_at: {error}") from None
    entries = meta.get("leaderboards", {})
    files = {file: name for name, entry in entries.items() if (file := entry.get("file")) is not None}
    return ExportMeta(taken_at, files, _published(entries, where))


def _published(leaderboards: Mapping[str, _MetaLeaderboard], where: str) -> dict[str, date]:
    return {
        name: _day(day, f"{where}: leaderboards.{printable(name, _MAX_FOUND)}.published_on")
        for name, entry in leaderboards.items()
        if (day := entry.get("published_on")) is not None
    }


def _day(text: str, where: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        found = printable(repr(text), _MAX_FOUND)
        raise PayloadError(f"{where}: found {found}, expected a date such as 2025-05-20") from None


def _known(text: str | None) -> str | None:
    """Return a text; None if it is blank, which means unknown, as in the dataset's files."""
    return text if text and not text.isspace() else None


def _refuse_names(categories: Mapping[str, Mapping[str, object]], where: str) -> None:
    """Raise for the first name in a file, of a category or a model, that is not valid."""
    _require_names(categories, where)
    for key, rows in categories.items():
        _require_names(rows, f"{where}: {printable(key, _MAX_FOUND)}")


def _require_names(names: Iterable[str], where: str) -> None:
    for name in names:
        if not is_name(name):
            raise PayloadError(
                f"{where}: found the key {printable(repr(name), _MAX_FOUND)}, expected a name: {NAME_RULE}"
            )


def _board(rows: Mapping[str, _Row], where: str) -> dict[str, Score]:
    """Return the scores of a board, made and checked by column."""
    lines = rows.values()
    votes: Iterable[Any] = [line.get("vote_count") for line in lines]
    votes = [int(count) if count is not None and count.is_integer() else count for count in votes]
    numbers = ([line[name] for line in lines] for name in ("rating", "rating_q025", "rating_q975"))
    board = dict(zip(rows, map(Score._make, zip(*numbers, votes, strict=True)), strict=True))
    if not is_sound(board):
        _refuse_unsound(board, where)
    return board


def _refuse_unsound(board: Mapping[str, Score], where: str) -> None:
    """Raise for the first score that breaks a rule."""
    for name, score in board.items():
        if problem := score.problem():
            attribute, expected = problem
            found = printable(repr(getattr(score, attribute)), _MAX_FOUND)
            inside = f"{printable(name, _MAX_FOUND)}.{_KEY_OF[attribute]}"
            raise PayloadError(f"{where}.{inside}: found {found}, expected {expected}")


def _validated(shape: TypeAdapter[Shape], data: bytes, where: str) -> Shape:
    try:
        return shape.validate_json(data)
    except ValidationError as error:
        raise PayloadError(_describe(error, where)) from None


def _describe(error: ValidationError, where: str) -> str:
    """Describe the first fault in one line: where it is, what was found and what was expected."""
    first = error.errors(include_url=False, include_context=False)[0]
    if first["type"] == "json_invalid":
        reason = first["msg"].removeprefix("Invalid JSON: ")
        return f"{where}: found text that is not valid JSON ({reason}), expected a complete leaderboard file"
    found = printable(repr(first["input"]), _MAX_FOUND)
    path, expected = first["loc"], first["msg"].removeprefix("Input should be ").removeprefix("String should have ")
    if path[-1:] == (_KEY,):
        # pydantic's path ends with the key itself and this mark.
        path, found = path[:-2], f"the key {found}"
    inside = ".".join(printable(str(part), _MAX_FOUND) for part in path) or "top level"
    if first["type"] == "missing":
        return f"{where}: {inside}: found nothing, expected a value (null if it is unknown)"
    return f"{where}: {inside}: found {found}, expected {expected}"


def _refuse_repeated_keys(data: bytes, where: str) -> None:
    """Raise if an object repeats a key: JSON parsers keep one of the two values and do not say which."""

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        seen = dict(items)
        if len(seen) < len(items):
            twice = next(name for name, times in Counter(name for name, _ in items).items() if times > 1)
            raise PayloadError(f"{where}: found the key {printable(repr(twice), _MAX_FOUND)} twice in one object")
        return seen

    # Numbers stay text: Python refuses integers of thousands of digits, and an ignored key may have one.
    json.loads(data, object_pairs_hook=pairs, parse_int=str, parse_float=str)

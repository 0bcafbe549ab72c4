"""Keep the lives of the offers that end, so that the next question about retirements need not read the store again.

They are made of the store, the user's overrides.json, the day and the program's code, and of nothing else; see
`llmhub.catalog.stored.kept`. An import, a repair, a restored backup or a pull changes the store's file: they are then
read again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from llmhub import settings
from llmhub.catalog.stored.kept import keep, kept_parts, made_of_store
from llmhub.offers.lives.lifecycle import Lifecycle, Said

_COMING, _PAST = "coming", "past"
_DAYS = frozenset({"retires_on", "retires_earliest"})
_MOMENTS = frozenset({"recorded", "since", "withdrawn"})


def ending_lives(*, today: date, past: bool = False) -> Mapping[str, Lifecycle]:
    """Return the lives of the offers whose last day, as some source says, is to come, by `provider/model_id`.

    Args:
        today: today's date in UTC; it is to come, too.
        past: return the lives of those whose last day has passed instead.

    Raises:
        OverridesError: the user's overrides.json is malformed.
        StoreError: the store cannot be read; see its children.
    """
    made, name = made_of_store("lives", today.isoformat()), _PAST if past else _COMING
    path = settings.lives_file()
    if (parts := kept_parts(path, made, name)) is not None:
        return _from_json(parts[0])
    lives = _read(today, past=past)
    other = _COMING if past else _PAST

    def both() -> dict[str, bytes]:
        beside = kept_parts(path, made, other)
        return {name: _as_json(lives)} | ({} if beside is None else {other: beside[0]})

    keep(path, made, both, now=made_of_store("lives", today.isoformat()))
    return lives


def _read(today: date, *, past: bool) -> Mapping[str, Lifecycle]:
    from llmhub.arena.database import reading_store
    from llmhub.catalog.offered.lives import EVER, known_lifecycles

    span = (EVER[0], today - timedelta(days=1)) if past else (today, EVER[1])
    with reading_store() as connection:
        return known_lifecycles(connection, today=today, ending=span)


def _as_json(lives: Mapping[str, Lifecycle]) -> bytes:
    rows = {key: _fields(life) | {"said": [_fields(one) for one in life.said]} for key, life in lives.items()}
    return json.dumps(rows, default=lambda value: value.isoformat(), separators=(",", ":")).encode()


def _fields(row: Lifecycle | Said) -> dict[str, Any]:
    return {name: value for name, value in row._asdict().items() if value is not None}


def _from_json(part: bytes) -> dict[str, Lifecycle]:
    return {
        key: Lifecycle(**_values(row) | {"said": tuple(Said(**_values(one)) for one in row["said"])})
        for key, row in json.loads(part).items()
    }


def _values(row: dict[str, Any]) -> dict[str, Any]:
    for name in _DAYS & row.keys():
        row[name] = date.fromisoformat(row[name])
    for name in _MOMENTS & row.keys():
        row[name] = datetime.fromisoformat(row[name])
    return row

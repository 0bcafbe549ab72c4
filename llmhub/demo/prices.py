"""Half a year of the demonstration's made-up prices, as dated models.dev documents; no price in here is real.

A price is cut, another one rises, one is wrong for a week and corrected, and a model is deprecated and retired.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from llmhub.demo.offers import OFFERS, PROVIDER, document_of, entry
from llmhub.demo.publications import FIRST_MOMENT
from llmhub.files import written_whole
from llmhub.folders import make_private_folder

FOLDER = "prices"
RETIRED = "fictional-pro-2"

_WEEKS = 26
_DAYS = 3
_RETIRED_ON = date(2026, 1, 8)
_FAMILY = "fictional"
# Until the day, an offer's entry had this in place of what it has today.
_BEFORE: tuple[tuple[date, str, dict[str, Any]], ...] = (
    (date(2025, 10, 20), "fictional-flash-3", {"cost": {"input": 0.3, "output": 1.5}}),
    (date(2025, 11, 10), RETIRED, {"status": None}),
    # Wrong for a week, and corrected.
    (date(2025, 12, 29), "imaginary-opus-2", {"cost": {"input": 15.0, "output": 75.0}}),
    (date(2026, 1, 7), "imaginary-opus-2", {"cost": {"input": 1.5, "output": 75.0}}),
    (date(2026, 1, 6), "fictional-pro-3", {"cost": {"input": 2.5, "output": 21.0}}),
    (date(2026, 1, 7), "fictional-flash-3", {"cost": {"input": 0.15, "output": 1.5}}),
)
_RETIRED_ENTRY = entry(_FAMILY, (2.0, 8.0), 128_000, release_date="2025-02-03", status="deprecated")


def write_past_prices(folder: Path) -> list[tuple[Path, datetime]]:
    """Write the documents of 26 weeks and of three days below `folder`; return each with its moment, oldest first."""
    make_private_folder(folder)
    written = []
    for moment in _moments():
        path = folder / f"api-{moment:%Y-%m-%d}.json"
        with written_whole(path, force=False, durable=False) as file:
            file.write_text(json.dumps(document_of(_offers_on(moment.date()))), encoding="utf-8")
        written.append((path, moment))
    return written


def listed_before() -> dict[str, list[str]]:
    """Return what the provider listed on the last day before the model was retired."""
    return {PROVIDER: [*OFFERS, RETIRED]}


def _moments() -> Iterator[datetime]:
    midnight = datetime.combine(FIRST_MOMENT.date(), datetime.min.time(), UTC)
    yield from (midnight - timedelta(weeks=weeks) for weeks in range(_WEEKS, 0, -1))
    yield from (midnight + timedelta(days=days) for days in range(_DAYS))


def _offers_on(day: date) -> dict[str, dict[str, Any]]:
    """Return the entries of a day: of what was released by then, with what was different then."""
    entries = OFFERS if day >= _RETIRED_ON else {**OFFERS, RETIRED: _RETIRED_ENTRY}
    found = {}
    for name, today in entries.items():
        if day >= date.fromisoformat(today["release_date"]):
            until = sorted((until, told) for until, model, told in _BEFORE if model == name and day < until)
            told = {**today, **(until[0][1] if until else {})}
            found[name] = {field: value for field, value in told.items() if value is not None}
    return found

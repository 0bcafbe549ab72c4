"""What the processes of the load tests do, each by itself; the forks call these by name."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from datetime import date, datetime, timedelta
from io import StringIO
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from llmhub import load_arena_models
from llmhub.arena import SnapshotStore
from llmhub.catalog import arena_source
from llmhub.cli import cli
from tests.support.processes.forks import PATIENCE_SECONDS

MODELS = 420
DATES = 250
FIRST = date(2020, 1, 1)

_PAUSE_SECONDS = 0.15


def models_of(day: int) -> dict[str, float]:
    """Return the ratings of the board of that day, from 0: no two days have one rating in common."""
    return {f"made-up-{number}": 1000.0 - number + day / 1024 for number in range(MODELS)}


def ask(notes: str) -> None:
    """Ask for the models, and print them with what was logged; leave a note once this process waits on the lock."""
    said: list[list[str]] = []
    # 32 processes on a busy machine take longer to gather than who has a stored answer waits.
    arena_source.SECONDS_TO_AN_ANSWER = PATIENCE_SECONDS

    class Heard(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.name.startswith("llmhub"):
                said.append([record.levelname, record.getMessage()])
            elif "not acquired" in record.getMessage():
                Path(notes, f"waits-{os.getpid()}").touch()

    for name in ("llmhub", "filelock"):
        logging.getLogger(name).addHandler(Heard())
    logging.getLogger("filelock").setLevel(logging.DEBUG)
    models = {name: model.model_dump() for name, model in load_arena_models().items()}
    print(json.dumps({"models": models, "said": said}))


def read_until_all_is_there(kind: str) -> None:
    """Read again and again until the last date is stored; print which newest days were seen.

    Raises:
        AssertionError: what was read is not whole, or not of one day.
    """
    give_up = monotonic() + PATIENCE_SECONDS
    seen: list[int] = []
    while not seen or seen[-1] < DATES - 1:
        assert monotonic() < give_up, f"by now only {len(seen)} of {DATES} days are stored"
        seen.append(_READERS[kind]())
        # Who reads without a pause keeps the importer from a processor that they share; on a busy machine, for long.
        sleep(_PAUSE_SECONDS * len(seen))
    print(json.dumps(seen))


def _loaded() -> int:
    return _whole({name: model.rating for name, model in load_arena_models().items()})


def _shown() -> int:
    found = _document("show")
    day = _whole({score["model"]: score["rating"] for score in found["scores"]})
    assert day == _day(found["snapshot"])
    return day


def _compared() -> int:
    found = _document("diff", "latest~1", "latest")
    before, after = _day(found["from"]), _day(found["to"])
    assert after == before + 1
    assert _whole({change["model"]: change["rating_from"] for change in found["changed"]}) == before
    assert _whole({change["model"]: change["rating_to"] for change in found["changed"]}) == after
    return after


def _followed() -> int:
    points = _document("history", "made-up-7")["made-up-7"]
    assert [_day(point) for point in points] == list(range(len(points)))
    assert [point["rating"] for point in points] == [models_of(day)["made-up-7"] for day in range(len(points))]
    return len(points) - 1


_READERS: Mapping[str, Callable[[], int]] = {
    "load": _loaded,
    "show": _shown,
    "diff": _compared,
    "history": _followed,
}


def _whole(ratings: Mapping[str, float]) -> int:
    """Return which day's board this is, after checking that it is one, and whole."""
    days = round((ratings["made-up-0"] - 1000.0) * 1024)
    assert ratings == models_of(days), f"{len(ratings)} models"
    return days


def _day(snapshot: Mapping[str, Any]) -> int:
    return (datetime.fromisoformat(snapshot["taken_at"]).date() - FIRST) // timedelta(days=1)


def _document(*arguments: str) -> Any:
    """Run a command in this process, and return what it printed."""
    with redirect_stdout(StringIO()) as output:
        cli.main(["arena", *arguments, "--json"], standalone_mode=False)
    return json.loads(output.getvalue())


def add_one(path: str, day: str) -> None:
    """Store a board of that day, in a file that need not be there yet."""
    from tests.support.made_up.boards import DAY, NOW, text

    with SnapshotStore.open(path) as store:
        store.add(text(a=float(day)), taken_at=NOW + int(day) * DAY)
        print(store.counts().models)

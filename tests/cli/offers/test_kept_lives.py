"""What `catalog retirements` keeps for the next question, and that nothing which changes the store leaves it stale."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from llmhub import settings
from llmhub.arena.database import reading_store
from llmhub.catalog.offered import kept_lives
from llmhub.catalog.offered.kept_lives import ending_lives
from llmhub.catalog.offered.lives import EVER, known_lifecycles
from llmhub.cli.options import FINDINGS
from llmhub.errors import StoreDamagedError
from llmhub.offers.fields import LITELLM
from llmhub.offers.lives.lifecycle import Lifecycle, Said
from llmhub.offers.sql.storing import offer_writer
from llmhub.storage import stamps
from tests.offers.offers import offer
from tests.support.made_up.stored_offers import store_offers
from tests.support.processes.commands import Run

NOW = datetime.now(UTC)
TODAY = NOW.date()
DAY = timedelta(days=1)
Command = Callable[..., Run]


def day(days: int) -> str:
    return (TODAY + timedelta(days=days)).isoformat()


@pytest.fixture(autouse=True)
def store(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Store what two sources said on two days; the file counts as left alone."""
    path = settings.arena_db()
    path.parent.mkdir(parents=True)
    told = {
        "lab/soon": offer("lab/soon", retires_on=day(10), retires_source="a page", replacement="lab/next"),
        "lab/today": offer("lab/today", retires_on=day(0)),
        "lab/gone": offer("lab/gone", retires_on=day(-5), status="deprecated"),
        "lab/never": offer("lab/never"),
    }
    with offer_writer(path) as writer:
        writer.add_offers({"lab/soon": offer("lab/soon", status="beta")}, taken_at=NOW - 9 * DAY)
        writer.add_offers(told, taken_at=NOW - 2 * DAY, source=LITELLM)
        writer.add_offers(
            told | {"lab/late": offer("lab/late", retires_on=day(300))}, taken_at=NOW - DAY, source=LITELLM
        )
    monkeypatch.setattr(stamps, "_SETTLED_NS", -1)
    return path


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Return a list to which each reading of the store adds whether it was of what has passed."""
    found: list[bool] = []
    original = kept_lives._read

    def counted(today: object, *, past: bool) -> object:
        found.append(past)
        return original(today, past=past)  # type: ignore[arg-type]

    monkeypatch.setattr(kept_lives, "_read", counted)
    return found


def fresh(*, past: bool) -> dict[str, Lifecycle]:
    span = (EVER[0], TODAY - DAY) if past else (TODAY, EVER[1])
    with reading_store() as connection:
        return dict(known_lifecycles(connection, today=TODAY, ending=span))


def test_the_second_question_gets_the_same_answer_without_reading_the_store(here: Command, read: list[bool]) -> None:
    for past in (False, True, False, True):
        assert ending_lives(today=TODAY, past=past) == fresh(past=past)
    assert read == [False, True], "what is kept of the one stays when the other is kept"
    assert fresh(past=False).keys() == {"lab/soon", "lab/today", "lab/late"}
    asked = [(*form, *span) for form in (["--json"], []) for span in ([], ["--past"])]
    answers = [here("catalog", "retirements", *each).stdout for each in asked]
    assert read == [False, True]
    settings.lives_file().unlink()
    assert [here("catalog", "retirements", *each).stdout for each in asked] == answers
    assert read == [False, True] * 2


def test_every_field_of_a_life_is_kept() -> None:
    made: dict[str, Any] = {name: f"a {name}" for name in (*Said._fields, *Lifecycle._fields)}
    made |= dict.fromkeys(kept_lives._MOMENTS, NOW) | dict.fromkeys(kept_lives._DAYS, TODAY) | {"disputed": True}
    said = Said(**{name: made[name] for name in Said._fields})
    made["said"] = (Said(LITELLM, NOW), said)
    whole = Lifecycle(**{name: made[name] for name in Lifecycle._fields})
    lives = {"a/b": whole, "c/\N{SNOWMAN}": Lifecycle(status="retired", said=(said,))}
    assert kept_lives._from_json(kept_lives._as_json(lives)) == lives
    kinds = Said.__annotations__ | Lifecycle.__annotations__
    assert {name for name, kind in kinds.items() if "Day" in str(kind)} == kept_lives._DAYS
    assert {name for name, kind in kinds.items() if "Moment" in str(kind)} == kept_lives._MOMENTS


def a_notice(here: Command, store: Path, folder: Path) -> None:
    notice = {"provider": "lab", "model": "noticed", "status": "deprecated", "shutdown_on": day(20), "sources": []}
    path = folder / f"notices-{day(-1)}.json"
    path.write_text(json.dumps([notice]))
    done = here("catalog", "import", path)
    assert done.returncode == 0, done.stderr


def a_repair(here: Command, store: Path, folder: Path) -> None:
    with closing(sqlite3.connect(store)) as connection, connection:
        connection.execute("UPDATE offer SET retires_on = ? WHERE retires_on = ?", (day(11), day(300)))
    with pytest.raises(StoreDamagedError):
        ending_lives(today=TODAY)
    done = here("arena", "repair")
    assert done.returncode == FINDINGS, done.stderr


def a_restored_backup(here: Command, store: Path, folder: Path) -> None:
    backup = folder / "backup.db"
    done = here("arena", "backup", backup)
    assert done.returncode == 0, done.stderr
    store_offers(backup, {"lab/soon": offer("lab/soon", retires_on=day(15))}, taken_at=NOW - DAY / 2, source=LITELLM)
    shutil.copy2(backup, store)


def a_pull(here: Command, store: Path, folder: Path) -> None:
    other = folder / "other.db"
    pulled = {"lab/pulled": offer("lab/pulled", retires_on=day(33))}
    store_offers(other, pulled, taken_at=NOW - DAY / 2, source=LITELLM)
    done = here("remote", "pull", f"file://{other}")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("change", [a_notice, a_repair, a_restored_backup, a_pull], ids=lambda it: it.__name__)
def test_whatever_changes_the_store_it_is_read_again(
    here: Command, store: Path, tmp_path: Path, read: list[bool], change: Callable[[Command, Path, Path], None]
) -> None:
    before = ending_lives(today=TODAY)
    assert settings.lives_file().exists()
    read.clear()
    change(here, store, tmp_path)
    read.clear()
    after = ending_lives(today=TODAY)
    assert read == [False]
    assert after == fresh(past=False) != before
    assert ending_lives(today=TODAY) == after
    assert read == [False]


def test_another_day_and_other_overrides_are_other_questions(read: list[bool]) -> None:
    first = ending_lives(today=TODAY)
    assert ending_lives(today=TODAY + DAY).keys() == first.keys() - {"lab/today"}
    assert ending_lives(today=TODAY) == first
    settings.overrides_file().write_text("{}")
    assert ending_lives(today=TODAY) == first
    assert read == [False] * 4


def test_a_damaged_or_foreign_file_is_read_past_and_only_ones_own_is_written_over(read: list[bool]) -> None:
    path = settings.lives_file()
    first = ending_lives(today=TODAY)
    path.write_bytes(path.read_bytes()[:-3])
    assert ending_lives(today=TODAY) == first
    assert ending_lives(today=TODAY) == first
    path.write_text("my notes")
    assert ending_lives(today=TODAY) == first
    assert path.read_text() == "my notes"
    assert read == [False] * 3

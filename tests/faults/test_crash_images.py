"""Power failures: whatever part of what no sync has forced reached the disk, nothing stored is lost or there by half.

A command runs once under strace. From what it did to its files come the images that a power failure may leave: at each
moment, with the writes and names that no sync had forced left out, halved or torn. llmhub then opens each image.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from llmhub.arena.database import SCHEMA
from llmhub.arena.upkeep.repair import repair
from tests.faults.aftermath import Contents
from tests.faults.images import Image, chosen, final, images
from tests.faults.scenarios import REMOTE_PULL, SCENARIOS, Home, Scenario, leaderboards, made, stored
from tests.faults.syscalls import Recording, record, why_not
from tests.faults.tally import RecordProperty, Tally
from tests.support.effort import by_profile

# Beside the start of the command, an image takes some 10 ms; one that has to be repaired, four times as long.
_MOST_IMAGES = by_profile(ci=14, nightly=400)
_MOST_REPAIRS = by_profile(ci=5, nightly=100)
_SETTING = "CRASH_IMAGES"
_PAGE = 4096

_REPAIR = Scenario(("arena", "repair"), "damaged")
_RECORDED = {
    **{
        name: SCENARIOS[name]
        for name in (
            "refresh",
            "refresh into a new file",
            "import of JSON",
            "import of Parquet",
            "prune",
            "upgrade of an old file",
            "backup",
            "export to JSON",
        )
    },
    # Of one document: each is reported as soon as it is stored.
    "import of offers": Scenario(("catalog", "import", "files/offers/api-2025-12-08.json")),
    "back-fill of offers": SCENARIOS["back-fill of offers"],
    "pull from a remote": REMOTE_PULL,
    "repair": _REPAIR,
}


@pytest.fixture(scope="module", autouse=True)
def _strace() -> None:
    """Skip where no program can be watched; under .ci/run, fail instead."""
    if (why := why_not()) is not None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(why)


def most_images(scenario: Scenario) -> int | None:
    """Return at how many images of a command to look; None for all."""
    text = os.environ.get(_SETTING) or str(_MOST_REPAIRS if scenario is _REPAIR else _MOST_IMAGES)
    return None if text == "all" else int(text)


@dataclass(frozen=True, slots=True)
class Crash:
    """A recorded command, and what the store held before it and holds after it."""

    scenario: Scenario
    recording: Recording
    before: Contents
    after: Contents
    made: dict[str, bytes | list[str]]
    start: Home

    def check(self, image: Image, home: Home) -> None:
        """Check that llmhub opens an image, and that nothing in it is lost or there by half."""
        over = image.reported or image.ended
        if self.scenario is _REPAIR:
            self._check_repaired(home, over=over)
            return
        if self.scenario.store == "old":
            self._check_copy(home, over=over)
        held = stored(home.db)
        if over:
            assert held == self.after, "what was reported as stored is lost"
        elif self.scenario.atomic:
            assert held in (self.before, self.after), "the store is neither as before nor as afterwards"
        else:
            before, after, now = map(leaderboards, (self.before, self.after, held))
            assert before.items() <= now.items()
            assert now.items() <= after.items()
        there = made(home, self.scenario)
        assert not over or there.keys() == self.made.keys(), "what was reported as written is lost"
        assert all(what == self.made[name] for name, what in there.items()), "a file is there by half"

    def _check_copy(self, home: Home, *, over: bool) -> None:
        """Check that a store that was upgraded lies beside the copy to go back to."""
        with closing(sqlite3.connect(home.db)) as connection:
            (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        assert not over or revision == SCHEMA.current
        if revision == SCHEMA.current:
            copy = home.db.with_name("arena.db.before-upgrade")
            with closing(sqlite3.connect(copy)) as connection:
                assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
                assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("0001",)

    def _check_repaired(self, home: Home, *, over: bool) -> None:
        """Check that the damaged file is there, in its place or beside it, and that all that holds is saved."""
        damaged = self.start.db.read_bytes()
        there = [path.read_bytes() == damaged for path in home.arena.glob("arena.db*")]
        assert any(there), "the damaged file is lost"
        assert not over or home.db.read_bytes() != damaged, "what was reported as repaired is not"
        repair(home.db)
        assert stored(home.db) == self.after


def crash_of(scenario: Scenario, start: Home, folder: Path) -> Crash:
    """Run a scenario's command in a copy of its home, and record it."""
    home = start.copied_to(folder)
    with scenario.serving(home) as more:
        variables = {**home.variables, **more}
        recording = record([sys.executable, "-m", "llmhub", *scenario.arguments], home.folder, variables)
    # A repair that had to give something up ends with 3.
    assert recording.run.returncode == (3 if scenario is _REPAIR else 0), recording.run.stderr
    check_whole(recording)
    # A look at an old file upgrades it.
    before = {} if scenario is _REPAIR else stored(start.copied_to(folder.with_name("before")).db)
    return Crash(scenario, recording, before, stored(home.db), made(home, scenario), start)


def check_whole(recording: Recording) -> None:
    """Check that the recording has all: done again, it leads to what now stands in the folder."""
    found = final(recording)
    folder = recording.folder
    there = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
    assert found.files.keys() == there.keys()
    different = [name for name, path in there.items() if path.read_bytes() != found.files[name].data]
    assert not different, different


def damage(home: Home) -> None:
    """Overwrite a page of the store that some boards stand in."""
    with closing(sqlite3.connect(home.db)) as connection:
        (page,) = connection.execute(
            "SELECT max(pageno) FROM dbstat WHERE name = 'score' AND pagetype = 'leaf'"
        ).fetchone()
    with home.db.open("r+b") as file:
        file.seek((page - 1) * _PAGE)
        file.write(b"\xa5" * _PAGE)


@pytest.mark.parametrize("name", _RECORDED)
def test_whatever_a_power_failure_leaves_nothing_stored_is_lost_or_there_by_half(
    start: Callable[[str | None], Home], tmp_path: Path, name: str, record_property: RecordProperty
) -> None:
    scenario = _RECORDED[name]
    if scenario is _REPAIR:
        home = start("stale").copied_to(tmp_path / "damaged")
        damage(home)
    else:
        home = start(scenario.store)
    crash = crash_of(scenario, home, tmp_path / "recorded")
    tally = Tally()
    lost: list[str] = []
    found = list(images(crash.recording))
    for image in chosen(found, most_images(scenario)):
        after = Home(tmp_path / "image")
        image.written_to(after.folder)
        tally.injected += 1
        try:
            crash.check(image, after)
            tally.survived += 1
        except Exception as error:  # noqa: BLE001 -- told with all others, below
            last = crash.recording.operations[image.moment - 1] if image.moment else "the start"
            lost.append(f"after {image.moment} operations ({str(last)[:120]}), {image.how}: {error!r:.300}")
        shutil.rmtree(after.folder)
    tally.record(record_property)
    assert not lost, f"{len(lost)} of {tally.injected} of {len(found)} images:\n" + "\n".join(lost[:20])


_NEVER_SYNCS = """
import os, pathlib
pathlib.Path("new").write_bytes(b"whole" * 1000)
os.replace("new", "kept")
print("done")
"""
_SYNCS = """
import os
with open("new", "wb") as file:
    file.write(b"whole" * 1000)
    file.flush()
    os.fsync(file.fileno())
os.replace("new", "kept")
folder = os.open(".", os.O_RDONLY)
os.fsync(folder)
print("done")
"""


def outcomes(code: str, folder: Path) -> set[bytes | None]:
    """Return what a power failure after the report may leave in the file `kept`, which held `before`."""
    folder.mkdir()
    (folder / "kept").write_bytes(b"before")
    recording = record([sys.executable, "-c", code], folder, os.environ)
    check_whole(recording)
    kept = (image.files.get("kept") for image in images(recording) if image.reported)
    return {None if content is None else content.data for content in kept}


def test_the_images_show_what_a_program_without_syncs_may_lose_and_what_one_with_them_never_does(
    tmp_path: Path,
) -> None:
    whole = b"whole" * 1000
    assert outcomes(_NEVER_SYNCS, tmp_path / "never") > {b"before", b"", whole}
    assert outcomes(_SYNCS, tmp_path / "syncs") == {whole}

"""Files and folders that may not be used, or are not what they should be: what each command says, and what stands.

A table reads: this place is made so; then these commands end with this code, and their one line holds these words.
All of it runs without root's rights, the update script too.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.faults.aftermath import File, complaint, no_traceback, nothing_left_behind
from tests.faults.stage import EVERY, LOOK, TAKE_OUT, WRITE, Stage, said, set_stage
from tests.support.processes.children import run_llmhub_unprivileged
from tests.support.servers.sources import Sources

pytestmark = pytest.mark.skipif(os.name != "posix", reason="permissions, pipes and links as POSIX has them")

REFRESH = ("refresh --force",)
SEE = ("show", "import {file}", "refresh --force")
"""One that looks, one that takes in and one that runs the script, where all look at the store in the same way."""


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """Return a home with a store; in the end everything in it may be removed again."""
    yield set_stage(tmp_path, monkeypatch)
    for folder, _, _ in os.walk(tmp_path):
        Path(folder).chmod(0o700)


def mode(number: int) -> Callable[[Path], None]:
    return lambda path: path.chmod(number)


def replaced(make: Callable[[Path], None]) -> Callable[[Path], None]:
    """Put something else in a path's place; what was there is kept beside the home."""

    def replace(path: Path) -> None:
        if os.path.lexists(path):
            path.rename(path.parents[2] / "kept")
        make(path)

    return replace


def pipe(path: Path) -> None:
    os.mkfifo(path)


def loop(path: Path) -> None:
    path.symlink_to(path.name)


def dangling(path: Path) -> None:
    path.symlink_to("nowhere")


def device(path: Path) -> None:
    """Lead to a device that never ends; through a link, so that nothing can happen to the device."""
    path.symlink_to("/dev/zero")


def folder(path: Path) -> None:
    path.mkdir()


def file(path: Path) -> None:
    path.write_text("not a folder")


@dataclass(frozen=True, slots=True)
class Place:
    """What is made of a place below the configuration folder, and what the commands then come to.

    Attributes:
        where: the place.
        how: what is done to it.
        fails: the commands that fail; the others succeed, and say nothing.
        words: what the line of those that fail holds.
    """

    where: str
    how: Callable[[Path], None]
    fails: tuple[str, ...]
    words: str
    commands: tuple[str, ...] = EVERY


PLACES = {
    "read-only folder": Place("arena", mode(0o500), WRITE, "cannot be written: make it writable"),
    "read-only file": Place("arena/arena.db", mode(0o400), WRITE, "cannot be written: make it writable"),
    "read-only configuration": Place(".", mode(0o500), (), "", ("show", "refresh --force")),
    "unreadable file": Place("arena/arena.db", mode(0o200), SEE, "this user may not read it", SEE),
    "unsearchable folder": Place("arena", mode(0o600), SEE, "cannot be reached (Permission denied)", SEE),
    "folder for the store": Place("arena/arena.db", replaced(folder), SEE, "is a folder, expected a file", SEE),
    "pipe for the store": Place("arena/arena.db", replaced(pipe), EVERY, "is not a regular file: move it away"),
    "device for the store": Place("arena/arena.db", replaced(device), SEE, "is not a regular file: move it away", SEE),
    "dangling link for the store": Place("arena/arena.db", replaced(dangling), SEE, "broken symbolic link", SEE),
    "link loop for the store": Place("arena/arena.db", replaced(loop), SEE, "broken symbolic link", SEE),
    "file for the folder": Place("arena", replaced(file), SEE, "cannot be reached (Not a directory)", SEE),
    "pipe for the journal": Place("arena/arena.db-journal", pipe, SEE, "arena.db-journal is not a regular file", SEE),
    "folder for the journal": Place("arena/arena.db-journal", folder, SEE, "-journal is not a regular file", SEE),
    "folder for the lock": Place("arena/refresh.lock", folder, REFRESH, "refresh.lock cannot be written", REFRESH),
    "link loop for the lock": Place("arena/refresh.lock", loop, REFRESH, "refresh.lock cannot be written", REFRESH),
    "folder for the failure": Place("arena/refresh-failure.json", folder, (), "", REFRESH),
    "pipe for the failure": Place("arena/refresh-failure.json", pipe, (), "", ("status", "refresh --force")),
    "device for the failure": Place("arena/refresh-failure.json", device, (), "", ("status", "refresh --force")),
}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_a_place_that_cannot_be_used_costs_one_line_and_nothing_else(stage: Stage, place: Place) -> None:
    at = stage.config / place.where
    before = File.at(stage.db)
    place.how(at)
    for command in place.commands:
        run = stage.run(command)
        if command in place.fails:
            assert place.words in complaint(run), command
        else:
            assert (run.returncode, said(run)) == (0, ""), (command, run)
    _mend(at, stage)
    if set(place.commands) & set(WRITE) <= set(place.fails):
        assert File.at(stage.db) == before
        stage.works_again()
    nothing_left_behind(stage.arena)


def _mend(at: Path, stage: Stage) -> None:
    """Put back what was there."""
    for folder in (stage.config, stage.arena):
        if folder.is_dir():
            folder.chmod(0o700)
    kept = at.parents[2] / "kept"
    if at.name in {"arena.db", "arena", "llmhub"} and not kept.exists():
        at.chmod(0o600 if at.is_file() else 0o700)
        return
    if os.path.lexists(at):
        at.rmdir() if at.is_dir() and not at.is_symlink() else at.unlink()
    if kept.exists():
        kept.rename(at)


def test_a_missing_folder_is_made_and_private(stage: Stage) -> None:
    shutil.rmtree(stage.config)
    assert stage.run("refresh").returncode == 0
    assert [path.stat().st_mode & 0o777 for path in (stage.config, stage.arena, stage.db)] == [0o700, 0o700, 0o600]


NOWHERE = {
    "read-only home": ("refresh", "cannot be made (Permission denied): make its parent writable"),
    "name too long": ("show", "cannot be reached (File name too long)"),
    "path too long": ("import {file}", "cannot be reached (File name too long)"),
}


@pytest.mark.parametrize("place", NOWHERE)
def test_where_no_store_can_be_made_one_line_says_so(stage: Stage, home: Path, place: str) -> None:
    command, words = NOWHERE[place]
    folders = {"read-only home": "sub", "name too long": "x" * 300, "path too long": "/".join(["y" * 200] * 25)}
    home.chmod(0o500)
    run = stage.run(command, LLMHUB_CONFIG_DIR=str(home / folders[place]))
    home.chmod(0o700)
    assert words in complaint(run)
    assert [path.name for path in home.iterdir()] == ["llmhub"]
    stage.works_again()


OUTPUTS: dict[str, tuple[Callable[[Path], None], str, str, bool]] = {
    # what is at the output's place: backup's words, export's words, whether --force helps
    "a file": (file, "is there already", "is there already", True),
    "a folder": (folder, "is a folder", "is a folder", False),
    "a pipe": (pipe, "not a regular file, and is not", "not a regular file, and is not", False),
    "a dangling link": (dangling, "is there already", "is there already", True),
    "a link loop": (loop, "is there already", "is there already", True),
    "a link to a device": (device, "is there already", "is there already", True),
}


@pytest.mark.parametrize("what", OUTPUTS)
def test_an_output_never_takes_a_place_unasked_nor_that_of_what_is_no_file(stage: Stage, what: str) -> None:
    make, of_backup, of_export, forced = OUTPUTS[what]
    out = stage.there / "out"
    out.mkdir()
    before = File.at(stage.db)
    for target, command, words in (
        (stage.there / "copy.db", TAKE_OUT[1], of_backup),
        (out / "leaderboard-text.json", TAKE_OUT[0], of_export),
    ):
        make(target)
        kind, around = target.lstat().st_mode, set(target.parent.iterdir())
        assert words in complaint(stage.run(command))
        assert target.lstat().st_mode == kind
        run = stage.run(f"{command} --force")
        assert run.returncode == (0 if forced else 1), run
        assert target.is_file() == forced
        if not forced:
            assert target.lstat().st_mode == kind
            assert set(target.parent.iterdir()) == around
    assert Path("/dev/zero").is_char_device()
    assert File.at(stage.db) == before


NO_OUTPUT = {
    "a device": ("/dev/full", "not a regular file", "cannot be made"),
    "a missing folder": ("{there}/missing/x", "No such file or directory", ""),
    "a file's folder": ("{file}/x", "Not a directory", "Not a directory"),
    "a read-only folder": ("{there}/closed/x", "Permission denied", "Permission denied"),
    "a name too long": ("{there}/" + "x" * 300, "File name too long", "File name too long"),
    "a path too long": ("{there}/" + "/".join(["y" * 200] * 25), "File name too long", "File name too long"),
}


@pytest.mark.parametrize("what", NO_OUTPUT)
def test_where_no_output_can_be_made_one_line_says_so(stage: Stage, what: str) -> None:
    target, of_backup, of_export = NO_OUTPUT[what]
    (stage.there / "closed").mkdir(mode=0o500)
    around = set(stage.there.iterdir())
    # Never with --force: a fault of this program must not cost the machine its devices.
    assert of_backup in complaint(stage.run(f"backup {target}"))
    assert set(stage.there.iterdir()) == around
    run = stage.run(f"export -o {target}")
    if of_export:
        assert of_export in complaint(run)
        assert set(stage.there.iterdir()) == around
    else:
        assert run.returncode == 0
    nothing_left_behind(stage.arena)


INPUTS = {
    "pipe": (pipe, "not a regular file"),
    "device": (device, "not a regular file"),
    "unreadable": (file, "Permission"),
}


@pytest.mark.parametrize("kind", INPUTS)
@pytest.mark.parametrize("name", ["leaderboard-text.json", "leaderboard-text.json.gz", "x.parquet"])
def test_an_input_that_is_no_file_to_read_is_refused_and_not_waited_for(stage: Stage, kind: str, name: str) -> None:
    make, words = INPUTS[kind]
    path = stage.there / "2025-06-02" / name
    path.parent.mkdir()
    make(path)
    if kind == "unreadable":
        path.chmod(0)
        # What click says of it, before llmhub looks.
        run = stage.run(f"import --leaderboard text {path}")
        assert run.returncode in {1, 2}
        assert "error: " in run.stderr
    else:
        run = stage.run(f"import --leaderboard text {path}")
        assert words in complaint(run)
    stage.works_again()


CATALOG_PLACES: dict[str, tuple[str, Callable[[Path], None], int, str]] = {
    "pipe for the catalog": ("catalog.json", pipe, 0, ""),
    "device for models.dev's copy": ("modelsdev.json", device, 0, "modelsdev.json cannot be read (it is not a regular"),
    "pipe for the overrides": ("overrides.json", pipe, 1, "overrides.json: cannot be read (it is not a regular file)"),
    "link loop for models.dev's copy": ("modelsdev.json", loop, 0, "modelsdev.json is there and llmhub did not write"),
}


@pytest.mark.parametrize("what", CATALOG_PLACES)
def test_a_place_of_the_catalog_s_that_cannot_be_used_costs_one_line(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    name, make, code, words = CATALOG_PLACES[what]
    at = stage.config / name
    with Sources() as sources:
        sources.use(monkeypatch)
        make(at)
        run = run_llmhub_unprivileged("catalog", "refresh")
        no_traceback(run)
        # Where the machine is slow, any-llm may not have answered in time, which is no fault of the place.
        assert (run.returncode, words in run.stderr) == (code, True), run
        if os.path.lexists(at):
            at.rmdir() if at.is_dir() and not at.is_symlink() else at.unlink()
        again = run_llmhub_unprivileged("catalog", "show", "--json")
    assert again.returncode == 0
    assert str(at) not in again.stderr
    assert not list(stage.config.glob(".llmhub-*"))
    nothing_left_behind(stage.arena)


def test_every_look_is_listed() -> None:
    assert set(SEE) <= set(EVERY) == set(LOOK) | set(TAKE_OUT) | set(WRITE)

"""A store that cannot be written, read or understood: which snapshot answers, and that nothing is touched."""

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from llmhub.catalog.arena_source import arena_status, load_arena_models, refresh_arena
from llmhub.errors import StoreUnusableError
from tests.catalog.conftest import NOON, STORED_RATINGS, Arena, Log, UseScript
from tests.support.made_up.scripts import LEAVES_GOOD_FILE
from tests.support.processes.children import run_unprivileged

PAGE = 4096


# -- damaged, newer, not ours


def _text(path: Path) -> None:
    path.write_text("This was a store once.\n" * 400)


def _cut_in_half(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2 // PAGE * PAGE])


def _lose_scores(path: Path) -> None:
    """Zero the end of the page of scores, as a file that was cut off within it reads: SQLite says nothing of that."""
    with closing(sqlite3.connect(path)) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'score'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    content = path.read_bytes()
    path.write_bytes(content[: page * size - 1000] + bytes(1000) + content[page * size :])


def _cut_within_the_header(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:50])


def _flipped_header(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(bytes(byte ^ 0xFF for byte in content[:16]) + content[16:])


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _link_to_nowhere(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.with_name("nowhere"))


def _changed_by(statement: str) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        connection = sqlite3.connect(path)
        connection.executescript(statement)
        connection.close()

    return change


def _other_program(path: Path) -> None:
    path.unlink()
    _changed_by("CREATE TABLE bookmark (address TEXT); INSERT INTO bookmark VALUES ('made up')")(path)


DAMAGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "text": (_text, "run `llmhub arena repair`"),
    "half": (_cut_in_half, "run `llmhub arena repair`, restore it from a copy, or move it away"),
    "part of the header": (_cut_within_the_header, "move it away"),
    "header flipped": (_flipped_header, "restore it from a copy"),
    "folder": (_folder, "move it away"),
    "link to nowhere": (_link_to_nowhere, "remove it"),
    "newer": (_changed_by("UPDATE alembic_version SET version_num = '9999'"), "upgrade llmhub"),
    "no version": (_changed_by("DELETE FROM alembic_version"), "run `llmhub arena repair`"),
    "a table missing": (_changed_by("DROP TABLE snapshot_board"), "run `llmhub arena repair`"),
    "another application id": (_changed_by("PRAGMA application_id = 7"), "move it away"),
    "another program's": (_other_program, "move it away"),
}
"""What can happen to a store's file, and the remedy that the error then names."""


def state(folder: Path) -> dict[str, tuple[bytes, int] | str]:
    """Return what lies in a folder, byte by byte, and when it was written last."""
    found: dict[str, tuple[bytes, int] | str] = {}
    for path in folder.iterdir():
        if path.is_symlink():
            found[path.name] = str(path.readlink())
        elif path.is_file():
            found[path.name] = (path.read_bytes(), path.stat().st_mtime_ns)
        else:
            found[path.name] = "folder"
    return found


@pytest.mark.parametrize("hours", [1, 48], ids=["fresh", "stale"])
@pytest.mark.parametrize(("damage", "remedy"), DAMAGES.values(), ids=DAMAGES.keys())
def test_an_unusable_store_is_not_touched_nothing_runs_and_an_error_names_the_remedy(
    arena: Arena, use_script: UseScript, log: Log, damage: Callable[[Path], None], remedy: str, hours: int
) -> None:
    arena.seed(hours=hours)
    damage(arena.db)
    before = state(arena.folder)
    script = use_script(LEAVES_GOOD_FILE)
    assert load_arena_models() == {}
    error = log.only("ERROR")
    assert remedy in error
    assert str(arena.db) in error
    with pytest.raises(StoreUnusableError, match=remedy):
        refresh_arena(force=True)
    with pytest.raises(StoreUnusableError, match=remedy):
        arena_status()
    assert script.runs == 0
    assert state(arena.folder) == before


def test_whichever_page_of_a_stale_store_is_lost_nothing_runs_and_nothing_is_written_over(
    arena: Arena, use_script: UseScript, log: Log
) -> None:
    arena.seed(NOON)
    sound = arena.db.read_bytes()
    script = use_script(LEAVES_GOOD_FILE)
    pages = range(0, len(sound), PAGE)
    for start in pages:
        damaged = sound[:start] + bytes(PAGE) + sound[start + PAGE :]
        arena.db.write_bytes(damaged)
        assert (start // PAGE + 1, load_arena_models()) == (start // PAGE + 1, {})
        assert arena.db.read_bytes() == damaged
    assert [level for level, _ in log.said()] == ["ERROR"] * len(pages)
    assert all(
        "run `llmhub arena repair`, restore it from a copy" in message and "\\n" not in message
        for _, message in log.said()
    )
    assert script.runs == 0


@pytest.mark.parametrize("hours", [1, 48], ids=["fresh", "stale"])
def test_lost_scores_are_an_error_and_not_an_empty_leaderboard(
    arena: Arena, use_script: UseScript, log: Log, hours: int
) -> None:
    arena.seed(hours=hours)
    _lose_scores(arena.db)
    before = state(arena.folder)
    script = use_script(LEAVES_GOOD_FILE)
    assert load_arena_models() == {}
    assert "restore it from a copy" in log.only("ERROR")
    assert script.runs == 0
    assert state(arena.folder) == before


def test_an_empty_file_is_a_store_without_snapshots(arena: Arena, use_script: UseScript) -> None:
    arena.folder.mkdir(parents=True)
    arena.db.touch()
    script = use_script(LEAVES_GOOD_FILE)
    assert len(load_arena_models()) == 2
    assert script.runs == 1


# -- what file permissions keep this process from


# Nothing that a refresh imports may be missing for want of permission, or the reason would be another one.
_LOAD = """
import json, logging
import llmhub.arena.sql.inserting, llmhub.arena.exchange.json_files, llmhub.arena.exchange.update_script
import filelock, psutil
from llmhub import load_arena_models

class Said(logging.Handler):
    def emit(self, record):
        said.append([record.levelname, record.getMessage()])

said = []
logging.getLogger("llmhub").addHandler(Said())
ratings = {name: model.rating for name, model in load_arena_models().items()}
print(json.dumps({"ratings": ratings, "said": said}))
"""


def load_unprivileged() -> tuple[dict[str, float], list[list[str]]]:
    """Return the ratings that a process bound by file permissions gets, and what llmhub logs there."""
    answer = json.loads(run_unprivileged(_LOAD))
    return answer["ratings"], answer["said"]


@pytest.fixture
def locked(arena: Arena) -> Iterator[Callable[[Path, int], None]]:
    """Return a function that sets a mode; in the end everything may be removed again."""
    changed: list[Path] = []

    def lock(path: Path, mode: int) -> None:
        changed.append(path)
        path.chmod(mode)

    yield lock
    for path in reversed(changed):
        path.chmod(0o700)


Lock = Callable[[Path, int], None]


def test_the_unprivileged_process_of_these_tests_runs_the_script_where_it_may(
    arena: Arena, use_script: UseScript
) -> None:
    arena.seed(days=2)
    script = use_script(LEAVES_GOOD_FILE)
    ratings, said = load_unprivileged()
    assert (len(ratings), said, script.runs) == (2, [], 1)
    assert ratings != STORED_RATINGS


@pytest.mark.parametrize(
    ("file_mode", "folder_mode"),
    [(0o400, 0o700), (0o600, 0o500), (0o400, 0o500)],
    ids=["file", "folder", "file and folder"],
)
def test_a_stale_store_that_may_not_be_written_answers_with_a_warning_and_nothing_runs(
    arena: Arena, use_script: UseScript, locked: Lock, file_mode: int, folder_mode: int
) -> None:
    arena.seed(days=5)
    before = state(arena.folder)
    script = use_script(LEAVES_GOOD_FILE)
    locked(arena.db, file_mode)
    locked(arena.folder, folder_mode)
    ratings, said = load_unprivileged()
    assert ratings == STORED_RATINGS
    ((level, message),) = said
    assert level == "WARNING"
    assert "cannot be written" in message
    assert "5 days old" in message
    assert script.runs == 0
    assert state(arena.folder) == before


def test_a_fresh_store_that_may_not_be_written_answers_without_a_word(
    arena: Arena, use_script: UseScript, locked: Lock
) -> None:
    arena.seed(hours=1)
    script = use_script(LEAVES_GOOD_FILE)
    locked(arena.db, 0o400)
    locked(arena.folder, 0o500)
    assert load_unprivileged() == (STORED_RATINGS, [])
    assert script.runs == 0


def test_a_stale_store_whose_lock_may_not_be_written_answers_with_a_warning_and_nothing_runs(
    arena: Arena, use_script: UseScript, locked: Lock
) -> None:
    arena.seed(days=5)
    script = use_script(LEAVES_GOOD_FILE)
    lock = arena.folder / "refresh.lock"
    lock.touch()
    locked(lock, 0)
    ratings, said = load_unprivileged()
    assert ratings == STORED_RATINGS
    ((level, message),) = said
    assert level == "WARNING"
    assert "refresh.lock cannot be written" in message
    assert script.runs == 0


@pytest.mark.parametrize("made", [False, True], ids=["no arena folder", "empty arena folder"])
def test_where_no_store_may_be_made_nothing_answers_and_nothing_runs(
    arena: Arena, use_script: UseScript, locked: Lock, *, made: bool
) -> None:
    folder = arena.folder if made else arena.folder.parent
    folder.mkdir(parents=True)
    script = use_script(LEAVES_GOOD_FILE)
    locked(folder, 0o500)
    ratings, said = load_unprivileged()
    assert ratings == {}
    ((level, message),) = said
    assert level == "ERROR"
    assert "writable" in message
    assert script.runs == 0
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("what", ["file", "folder", "folder above"])
def test_a_store_that_may_not_be_read_is_not_taken_for_none(
    arena: Arena, use_script: UseScript, locked: Lock, what: str
) -> None:
    arena.seed(days=2)
    before = state(arena.folder)
    script = use_script(LEAVES_GOOD_FILE)
    locked({"file": arena.db, "folder": arena.folder, "folder above": arena.folder.parent}[what], 0)
    ratings, said = load_unprivileged()
    assert ratings == {}
    ((level, message),) = said
    assert level == "ERROR"
    assert str(arena.db) in message
    assert ("cannot be opened" if what == "file" else "check the folders above") in message
    assert script.runs == 0
    for path in (arena.folder.parent, arena.folder, arena.db):
        path.chmod(0o700)
    assert state(arena.folder) == before


@pytest.mark.parametrize("stored", [False, True], ids=["no store", "stale store"])
def test_a_file_where_the_arena_folder_should_be_is_left_alone(
    arena: Arena, use_script: UseScript, log: Log, tmp_path: Path, *, stored: bool
) -> None:
    if stored:
        arena.seed(days=2)
        shutil.move(arena.folder, tmp_path / "moved")
    arena.folder.parent.mkdir(exist_ok=True)
    arena.folder.write_text("not a folder")
    script = use_script(LEAVES_GOOD_FILE)
    assert load_arena_models() == {}
    assert str(arena.folder) in log.only("ERROR")
    assert script.runs == 0
    assert arena.folder.read_text() == "not a folder"


def test_a_store_that_stays_locked_by_a_reader_does_not_stop_a_run(arena: Arena, use_script: UseScript) -> None:
    arena.seed(days=2)
    script = use_script(LEAVES_GOOD_FILE)
    reader = sqlite3.connect(arena.db, isolation_level=None)
    reader.execute("SELECT count(*) FROM snapshot").fetchone()
    assert refresh_arena(max_age=timedelta(hours=1)).ran
    reader.close()
    assert script.runs == 1

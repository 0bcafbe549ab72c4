from __future__ import annotations

import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlmodel import SQLModel

from llmhub import settings
from llmhub.arena import SnapshotStore
from llmhub.arena.database import REVISIONS, database
from llmhub.arena.sql import statements as queries
from llmhub.arena.sql import tables
from llmhub.errors import StoreError
from tests.conftest import REPOSITORY
from tests.support.documents.head import migrated
from tests.support.made_up.boards import DAY, NOW, many, sound, text
from tests.support.processes.children import run_python, run_to_death

_NEXT = f"{int(REVISIONS[-1]) + 1:04}"
_BREAKING = """
revision = "{next}"
down_revision = "{last}"
branch_labels = depends_on = None

def upgrade():
    import os, signal
    from alembic import op
    # Pages reach the file before the end.
    op.execute("PRAGMA cache_size = 5")
    op.execute("PRAGMA user_version = 4000")
    op.execute("CREATE TABLE half_done (id INTEGER)")
    op.execute("INSERT INTO half_done SELECT value FROM (WITH RECURSIVE n(value) AS "
               "(SELECT 1 UNION ALL SELECT value + 1 FROM n LIMIT 200000) SELECT value FROM n)")
    {end}
"""


@pytest.fixture
def store_file(tmp_path: Path) -> Path:
    path = tmp_path / "arena.db"
    with SnapshotStore.open(path) as store:
        store.add(text(a=1.0), taken_at=NOW)
    return path


def checkout_with(tmp_path: Path, end: str) -> Path:
    """Return a copy of the project that has one migration more, which ends so."""
    copy = tmp_path / "checkout"
    for part in ("llmhub", "migrations"):
        shutil.copytree(REPOSITORY / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(REPOSITORY / "pyproject.toml", copy)
    write_breaking(copy, end)
    module = copy / "llmhub/arena/database.py"
    module.write_text(module.read_text().replace(f'"{REVISIONS[-1]}")\n', f'"{REVISIONS[-1]}", "{_NEXT}")\n', 1))
    return copy


def write_breaking(copy: Path, end: str) -> None:
    text = _BREAKING.format(next=_NEXT, last=REVISIONS[-1], end=end)
    (copy / f"migrations/versions/{_NEXT}_breaks.py").write_text(text)


def test_the_program_knows_every_migration_and_the_last_is_the_head() -> None:
    config = Config()
    config.set_main_option("script_location", str(settings.migrations_dir()))
    found = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    assert tuple(reversed(found)) == REVISIONS


def _clauses(sql: str) -> list[str]:
    """Return a table's columns and constraints, whose order says nothing, and what stands behind them."""
    head, _, rest = re.sub(r"\s+", " ", sql).partition("(")
    inside, _, tail = rest.rpartition(")")
    return [head.strip(), *sorted(clause.strip() for clause in re.split(r",(?![^(]*\))", inside)), tail.strip()]


def test_the_migrated_schema_is_that_of_the_tables(tmp_path: Path) -> None:
    assert tables.SnapshotRow.metadata is SQLModel.metadata
    by_migrations, made = tmp_path / "migrated.db", tmp_path / "made.db"
    migrated(by_migrations)
    for path in (by_migrations, made):
        engine = create_engine(f"sqlite:///{path}")
        with engine.begin() as connection:
            if path == made:
                SQLModel.metadata.create_all(connection)
            assert compare_metadata(MigrationContext.configure(connection), SQLModel.metadata) == []
        engine.dispose()

    def statements(path: Path) -> dict[str, list[str]]:
        with closing(sqlite3.connect(path)) as connection:
            found = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()
        return {name: _clauses(sql) for name, sql in found if name != "alembic_version"}

    assert statements(by_migrations) == statements(made)


def test_a_new_store_is_what_the_migrations_make_of_an_empty_file(tmp_path: Path) -> None:
    def held(path: Path) -> list[object]:
        with closing(sqlite3.connect(path)) as connection:
            pragmas = ("application_id", "user_version", "encoding", "page_size", "auto_vacuum", "journal_mode")
            return [
                connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY rowid").fetchall(),
                connection.execute("SELECT * FROM alembic_version").fetchall(),
                *(connection.execute(f"PRAGMA {pragma}").fetchall() for pragma in pragmas),
            ]

    new, by_migrations = tmp_path / "new.db", tmp_path / "migrated.db"
    migrated(by_migrations)
    database.upgrade(new)
    assert held(new) == held(by_migrations)


def test_migrations_import_nothing_of_llmhub() -> None:
    for file in (REPOSITORY / "migrations" / "versions").glob("*.py"):
        assert "llmhub" not in re.sub(r'""".*?"""|".*?"', "", file.read_text(), flags=re.DOTALL)


def test_an_upgrade_that_is_killed_midway_leaves_the_old_schema_and_the_next_one_succeeds(
    store_file: Path, tmp_path: Path
) -> None:
    copy = checkout_with(tmp_path, "os.kill(os.getpid(), signal.SIGKILL)")
    upgrade = "import sys; from llmhub.arena import SnapshotStore; print(len(SnapshotStore.open(sys.argv[1]).scores()))"
    make = "; import pathlib; from llmhub.arena.database import database; database.upgrade(pathlib.Path(sys.argv[2]))"
    run_to_death(upgrade, store_file, checkout=copy)
    assert store_file.with_name("arena.db-journal").stat().st_size > 0
    with SnapshotStore.open(store_file) as store:
        assert len(store.scores()) == 1
    assert sound(store_file)
    write_breaking(copy, "pass")
    # A new store is migrated too: the statements that are beside the migrations are older.
    new = store_file.with_name("new.db")
    assert run_python(upgrade + make, store_file, new, checkout=copy) == "1"
    with closing(sqlite3.connect(new)) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == (_NEXT,)
        assert connection.execute("SELECT count(*) FROM half_done").fetchone() == (200_000,)
    newer = f"newer llmhub .schema {_NEXT}, this one knows up to {REVISIONS[-1]}."
    with pytest.raises(StoreError, match=f"{newer}: it needs llmhub 0.4.0 or later; it was not"):
        SnapshotStore.open(store_file)
    copied = store_file.with_name("arena.db.before-upgrade")
    with SnapshotStore.open(copied) as store:
        assert len(store.scores()) == 1


def test_an_upgrade_that_fails_leaves_the_file_as_it_was(store_file: Path, tmp_path: Path) -> None:
    copy = checkout_with(tmp_path, 'raise RuntimeError("this migration fails")')
    before = store_file.read_bytes()
    code = """
    import sys
    from llmhub.arena import SnapshotStore
    try:
        SnapshotStore.open(sys.argv[1])
    except RuntimeError as error:
        print(error)
    """
    assert run_python(code, store_file, checkout=copy) == "this migration fails"
    assert store_file.read_bytes() == before


# What `status` counts, what `verify` and `prune` are for, and the names that a shell completes; no statement that
# answers a question may be in here.
LOOK_AT_ALL = {"COUNTS", "GONE", "IMPOSSIBLE_SCORES", "MODEL_NAMES", "NAMES", "ORGANIZATION_NAMES"}


def _statements() -> dict[str, str]:
    return {
        name: text_
        for name, text_ in vars(queries).items()
        if name.isupper() and not name.startswith("_") and isinstance(text_, str) and "SELECT" in text_
    }


@pytest.fixture(scope="module", params=[False, True], ids=["not analyzed", "analyzed"])
def large(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store of three snapshots of 500 models, with SQLite's statistics of it or without; it stays as it is."""
    path = tmp_path_factory.mktemp("large") / "arena.db"
    with SnapshotStore.open(path) as store:
        for day in range(3):
            store.add(many(500, shift=day), taken_at=NOW + (day + 1) * DAY)
    if request.param:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("ANALYZE")
    return path


@pytest.mark.parametrize("name", sorted(_statements()))
def test_every_read_statement_runs_on_the_head_and_scans_no_scores(large: Path, name: str) -> None:
    statement = _statements()[name]
    parameters = dict.fromkeys(re.findall(r":(\w+)", statement), 1)
    # What a statement removes is back when the connection is closed.
    with closing(sqlite3.connect(large)) as connection:
        connection.execute(statement, parameters).fetchall()
        plan = [line[3] for line in connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)]
    assert name in LOOK_AT_ALL or not [step for step in plan if re.match(r"SCAN (c|o|score|m|model)\b", step)]


def test_a_checkout_uses_its_own_migrations_and_script() -> None:
    assert settings.migrations_dir() == REPOSITORY / "migrations"
    assert settings.arena_script() == REPOSITORY / "vendor/arena/update_leaderboard_data.py"

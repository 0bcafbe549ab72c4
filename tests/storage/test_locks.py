"""The locks on a store hold: in this process nothing but SQLite opens its files.

POSIX drops all locks that a process holds on a file when the process closes any descriptor of it.
"""

from __future__ import annotations

import ast
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from llmhub.arena import SnapshotStore
from llmhub.arena.database import database
from llmhub.arena.upkeep.backup import backup
from llmhub.arena.upkeep.prune import prune
from llmhub.arena.upkeep.repair import repair
from llmhub.arena.upkeep.retention import Policy
from llmhub.arena.upkeep.verify import verify
from llmhub.errors import StoreError
from llmhub.storage.sqlite_errors import waiting_at_most
from tests.conftest import REPOSITORY
from tests.support.made_up.boards import DAY, NOW, text
from tests.support.made_up.old_stores import make_old
from tests.support.processes.children import forked_python, run_python

PACKAGE = REPOSITORY / "llmhub"

OPENS = frozenset(
    {
        *("open", "fdopen", "read_bytes", "read_text", "write_bytes", "write_text", "touch", "cmp", "mmap"),
        *("copy", "copy2", "copyfile", "copyfileobj", "copytree", "move", "open_regular", "sync_file"),
    }
)
"""The names of calls that open a file."""

ALLOWED = {
    ("file_copies.py", "copy_whole"): "calls this module's own copy, which runs in a child process",
    ("file_copies.py", "duplicate"): "a copy, before SQLite opens it",
    ("repair.py", "_with_its_tables"): "a copy, before SQLite opens it",
    ("upgrading.py", "_fill"): "what lies beside the migrations",
    ("find_tables.py", "_write"): "a new file, after SQLite has closed it",
}
"""Where a module that knows a store's place opens a file, and why that is not the store."""


def openings(source: str) -> Iterator[tuple[str, int, str]]:
    """Yield the calls that open a file, if a source can know where a store is: function, line, call."""
    tree = ast.parse(source)
    known = {
        "sqlite3",
        "connections",
        "database",
        "file_copies",
        "sqlite_file",
        "replacing",
        *(f"llmhub.storage.{name}" for name in ("connections", "file_copies", "replacing", "schema", "sqlite_file")),
    }
    imported = {
        name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (getattr(node, "module", None), *(one.name for one in node.names))
    }
    if not known & imported:
        return
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        for node in ast.walk(function):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            waits = {ast.unparse(keyword) for keyword in node.keywords}
            if ast.unparse(node.func) in {"SnapshotStore.open", "BoardStore.open", "store._session.open"}:
                continue
            if name in OPENS or (name == "written_whole" and "durable=False" not in waits):
                yield function.name, node.lineno, ast.unparse(node)


def test_no_module_that_knows_where_a_store_is_opens_a_file_but_for_those_that_say_why() -> None:
    found = {
        (path.name, function): call
        for path in sorted(path for room in ("arena", "storage", "offers") for path in (PACKAGE / room).rglob("*.py"))
        for function, _, call in openings(path.read_text(encoding="utf-8"))
    }
    assert {where: call for where, call in found.items() if where not in ALLOWED} == {}


@pytest.mark.parametrize(
    "call",
    [
        "os.open(path, 0)",
        "path.open('rb')",
        "path.read_bytes()",
        "shutil.copyfile(path, other)",
        "filecmp.cmp(path, other)",
        "written_whole(path, force=True)",
        "open(path)",
    ],
)
def test_what_opens_a_file_is_found(call: str) -> None:
    source = f"from llmhub.storage import connections\ndef f(path):\n    {call}\n"
    assert len(list(openings(source))) == 1
    assert list(openings(source.replace("connections", "other"))) == []


# -- for real

_OTHER = """
import sqlite3, sys
for path in map(str.strip, sys.stdin):
    other = sqlite3.connect(path, timeout=0, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        print("free", flush=True)
    except sqlite3.OperationalError:
        print("locked", flush=True)
    other.close()
"""


@pytest.fixture
def is_locked() -> Iterator[Callable[[Path], bool]]:
    """Return what says whether another process finds a store locked."""
    with forked_python(_OTHER) as other:

        def ask(path: Path) -> bool:
            print(path, file=other.stdin, flush=True)
            return other.stdout.readline().strip() == "locked"

        yield ask


def test_a_lock_outlasts_whatever_else_the_process_does_with_the_store(
    path: Path, is_locked: Callable[[Path], bool], tmp_path: Path
) -> None:
    old, damaged = tmp_path / "old.db", tmp_path / "damaged.db"
    make_old(old)
    for sound in (path, damaged):
        with SnapshotStore.open(sound) as store:
            store.add(text(a=1.0), taken_at=NOW - DAY)
            store.add(text(a=2.0), taken_at=NOW)
    with closing(sqlite3.connect(damaged)) as connection, connection:
        connection.execute("DELETE FROM score WHERE board_id = 1")

    def add(at: Path) -> None:
        with SnapshotStore.open(at) as store:
            store.add(text(a=3.0), taken_at=NOW + DAY)

    does: list[Callable[[Path], object]] = [
        lambda at: SnapshotStore.open(at).close(),
        verify,
        add,
        database.upgrade,
        repair,
        lambda at: repair(at, dry_run=True),
        lambda at: backup(at, tmp_path / "backup.db", force=True),
        lambda at: prune(at, Policy(last=1), now=NOW),
    ]
    for at in (path, old, damaged):
        with waiting_at_most(0.05), closing(sqlite3.connect(at, isolation_level=None)) as holder:
            holder.execute("BEGIN IMMEDIATE")
            assert is_locked(at)
            for number, do in enumerate(does):
                with suppress(StoreError):
                    do(at)
                assert is_locked(at), (at.name, number)
        assert not is_locked(at)


_WATCHED = """
import json, sqlite3, sys
from contextlib import closing
from pathlib import Path
from llmhub.arena import SnapshotStore
from llmhub.arena.upkeep.backup import backup
from llmhub.arena.upkeep.prune import prune
from llmhub.arena.upkeep.repair import repair
from llmhub.arena.upkeep.retention import Policy
from llmhub.arena.upkeep.verify import verify
from tests.support.made_up.boards import DAY, NOW, many, text

_, folder = sys.argv
new, old = Path(folder, "new.db"), Path(folder, "old.db")
opened = []
def watch(event, arguments):
    if event == "open" and isinstance(arguments[0], str):
        opened.append(arguments[0])
sys.addaudithook(watch)
for path in (new, old):
    with SnapshotStore.open(path) as store:
        store.add(many(500), taken_at=NOW + DAY)
        store.add(text(a=2.0), taken_at=NOW + 2 * DAY)
        store.scores()
    verify(path)
    backup(path, path.with_suffix(".backup"))
    prune(path, Policy(last=2), now=NOW + 3 * DAY)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM score WHERE board_id = (SELECT min(board_id) FROM score)")
    assert repair(path).lost
names = {f"{path.name}{ending}" for path in (new, old) for ending in ("", "-journal", "-wal", "-shm")}
print(json.dumps(sorted({one for one in opened if Path(one).parent == Path(folder) and Path(one).name in names})))
"""


def test_from_first_use_to_repair_python_itself_opens_no_file_of_a_store(tmp_path: Path) -> None:
    make_old(tmp_path / "old.db")
    assert json.loads(run_python(_WATCHED, tmp_path).splitlines()[-1]) == []
    with SnapshotStore.open(tmp_path / "new.db") as store:
        assert store.scores("latest", now=NOW + 3 * DAY).keys() == {"a"}

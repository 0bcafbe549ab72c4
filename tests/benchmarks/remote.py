"""A store that a team shares: a first pull, one without news, a push of a day, many machines at once, and growth."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import NamedTuple

from llmhub import load_arena_models
from llmhub.arena import SnapshotStore
from llmhub.arena.boards import Leaderboard, Score
from llmhub.arena.exchange.importing import import_dataset
from llmhub.arena.team.store import opened_here, pull_here, push_from_here, server_of
from llmhub.remote.address import Address, parse
from tests.benchmarks.cases import Result, judged
from tests.benchmarks.dataset import DATES, dataset_file
from tests.benchmarks.timing import Ratio, compare
from tests.support.made_up.publications import FULL
from tests.support.made_up.scripts import LEAVES_GOOD_FILE, update_script
from tests.support.processes.forks import Job, shared_forks
from tests.support.servers import postgres

_ROUNDS = 3
_LOOKS = 15
_MACHINES = 32
_LOADS = 50
_NOW = datetime(2026, 11, 1, 6, tzinfo=UTC)
# Of the growth: one leaderboard of one category, so that there are as many snapshots as there would be.
_GROWN = 10
_SEED = """
    INSERT INTO llmhub.ranking (leaderboard, category) VALUES ('text', 'overall') ON CONFLICT DO NOTHING;
    INSERT INTO llmhub.model (name, position)
    SELECT 'made-up-' || n, 1 FROM generate_series(1, {models}) n;
    INSERT INTO llmhub.snapshot (taken_at, source, position)
    SELECT timestamptz '2023-01-01' + n * interval '4 hours', 'dataset', n FROM generate_series(1, {boards}) n;
    INSERT INTO llmhub.snapshot_leaderboard (snapshot_id, leaderboard)
    SELECT id, 'text' FROM llmhub.snapshot;
    INSERT INTO llmhub.board (ranking_id, digest)
    SELECT (SELECT min(id) FROM llmhub.ranking), sha256(n::text::bytea) FROM generate_series(1, {boards}) n;
    INSERT INTO llmhub.snapshot_board (snapshot_id, ranking_id, board_id)
    SELECT s.id, b.ranking_id, b.id FROM llmhub.snapshot s JOIN llmhub.board b ON b.id = s.position;
    INSERT INTO llmhub.score (board_id, model_id, rating, lower, upper, votes)
    SELECT b.id, m.id, 1000 + m.id, 990 + m.id, 1010 + m.id, 100 FROM llmhub.board b CROSS JOIN llmhub.model m;
    UPDATE llmhub.remote SET position = {boards};
    ANALYZE
"""


def remote_results(folder: Path) -> Iterator[Result]:
    """Measure everything in an empty folder, against a real server; one after the other."""
    file = dataset_file(folder / "changing" / "text" / FULL)
    address = parse(postgres.new_database())
    pusher = folder / "pusher" / "arena.db"
    with SnapshotStore.open(pusher) as store:
        import_dataset(store, file)
    with server_of(address) as server:
        begun = perf_counter()
        push_from_here(server, pusher)
        pushed = perf_counter() - begun
    yield Result("first push of all of text", f"{pushed:.1f} s", "-", True, f"{DATES} dates")
    yield _first_pull(folder, file, address)
    yield from _no_news(folder, address)
    yield _one_day(folder, address, pusher)
    yield _at_once(folder)
    yield _fresh(folder)
    yield _growth(folder)


def _first_pull(folder: Path, file: Path, address: Address) -> Result:
    pulled, imported = folder / "pulled/arena.db", folder / "imported/arena.db"

    def prepare() -> None:
        for path in (pulled, imported):
            shutil.rmtree(path.parent, ignore_errors=True)

    def do_import() -> None:
        with SnapshotStore.open(imported) as store:
            import_dataset(store, file)

    ratio = compare(lambda: _pull(address, pulled), do_import, rounds=_ROUNDS, prepare=prepare)
    _pull(address, pulled)
    return judged("first pull of all of text / importing the same Parquet", ratio, 1.5)


def _pull(address: Address, path: Path) -> int:
    with opened_here(address, path) as origin:
        pull_here(origin, path)
        return 0 if origin.server is None else origin.server.statements


def _no_news(folder: Path, address: Address) -> Iterator[Result]:
    path = folder / "pulled/arena.db"
    statements = _pull(address, path)
    yield Result("statements of a pull without news", str(statements), "at most 5", statements <= 5, "")
    times = []
    for _ in range(_LOOKS):
        begun = perf_counter()
        _pull(address, path)
        times.append(perf_counter() - begun)
    yield _at_most("pull without news", median(times), 0.1)


def _at_most(what: str, seconds: float, target: float) -> Result:
    return Result(what, f"{seconds * 1000:.0f} ms", f"at most {target * 1000:.0f} ms", seconds <= target, "median")


def _one_day(folder: Path, address: Address, pusher: Path) -> Result:
    """Push a run with boards of the full width, as a refresh does: what it takes beside storing it."""
    times = []
    for number in range(_ROUNDS):
        boards = {
            f"category-{category}": {
                f"made-up-{model}": Score(1000.0 + model + number / 7, 990.0, 1500.0 + model, model)
                for model in range(300)
            }
            for category in range(29)
        }
        with SnapshotStore.open(pusher) as store:
            store.add({"text": Leaderboard(boards)}, taken_at=_NOW + timedelta(days=number))
        begun = perf_counter()
        with server_of(address) as server:
            push_from_here(server, pusher, sources=("script",), compared=False)
        times.append(perf_counter() - begun)
    return _at_most("push of one day's snapshot (29 boards, 8,700 scores)", median(times), 0.3)


def _at_once(folder: Path) -> Result:
    script = update_script(folder, f"time.sleep(1)\n{LEAVES_GOOD_FILE}", name="shared")
    url = postgres.new_database()
    jobs = [
        Job.command(
            *("arena", "refresh"),
            variables={
                **os.environ,
                "LLMHUB_REMOTE_URL": url,
                "LLMHUB_ARENA_SCRIPT": str(script.path),
                "LLMHUB_CONFIG_DIR": str(folder / f"machine-{number}"),
            },
            folder=folder,
        )
        for number in range(_MACHINES)
    ]
    begun = perf_counter()
    ended = shared_forks().run_all(jobs)
    taken = perf_counter() - begun
    good = sum(each.run.returncode == 0 for each in ended)
    return Result(
        f"{_MACHINES} machines that find the remote stale at once",
        f"{script.runs} run, {good} answers, {taken:.1f} s",
        f"1 run, {_MACHINES} answers",
        script.runs == 1 and good == _MACHINES,
        "",
    )


def _fresh(folder: Path) -> Result:
    with _environment(LLMHUB_ARENA_CACHE_DIR=str(folder / "fresh"), LLMHUB_REMOTE_URL=None):
        with SnapshotStore.open() as store:
            board = {f"made-up-{number}": Score(1000.0 + number) for number in range(300)}
            store.add({"text": {"overall": board}}, taken_at=datetime.now(UTC))

        def with_remote() -> None:
            with _environment(LLMHUB_REMOTE_URL="postgresql://nobody@192.0.2.1/x"):
                without()

        def without() -> None:
            for _ in range(_LOADS):
                load_arena_models()

        ratio = compare(with_remote, without, rounds=_LOOKS)
    return judged("load_arena_models() on a fresh store, with a remote set / without", ratio, 1.05, "1.0")


@contextmanager
def _environment(**variables: str | None) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    _set(variables)
    try:
        yield
    finally:
        _set(before)


def _set(variables: dict[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


class _Grown(NamedTuple):
    address: Address
    path: Path


def _growth(folder: Path) -> Result:
    """Pull one new snapshot from a remote of a million scores and from one of ten; all before it was pulled already."""
    sizes = [_grown(folder, boards) for boards in (2_500, 2_500 * _GROWN)]
    times: list[list[float]] = [[], []]
    for number in range(_LOOKS):
        for which, (address, path) in enumerate(sizes):
            _push_one(folder / f"source-{which}/arena.db", address, number)
            begun = perf_counter()
            _pull(address, path)
            times[which].append(perf_counter() - begun)
    small, large = map(median, times)
    return judged("pull of one new snapshot at 10 million scores / at 1 million", Ratio(large, small), 1.2)


def _grown(folder: Path, boards: int) -> _Grown:
    """Fill a remote on the server itself, and let a store be in step with it: what it holds does not matter here."""
    url = postgres.new_database()
    address = parse(url)
    with server_of(address) as server:
        server.raw.execute("SET statement_timeout = 0")
        server.raw.seconds = 600.0
        for statement in _SEED.format(models=400, boards=boards).split(";"):
            server.raw.execute(statement.encode())
    path = folder / f"grown-{boards}/arena.db"
    # The newest one alone: its position is that of the whole.
    with SnapshotStore.open(path) as store:
        store.add({"text": {"overall": {"made-up-1": Score(1.0)}}}, taken_at=_NOW - timedelta(days=400))
    _remember(address, path, boards)
    return _Grown(address, path)


def _remember(address: Address, path: Path, position: int) -> None:
    from llmhub.arena.database import database
    from llmhub.remote.positions import Position, keep_position

    with server_of(address) as server:
        keep_position(database, path, address, Position(server.look().remote_id, str(position), datetime.now(UTC)))


def _push_one(path: Path, address: Address, number: int) -> None:
    board = {f"made-up-{n}": Score(1000.0 + n + number / 7, 990.0, 1500.0 + n, n) for n in range(1, 300)}
    with SnapshotStore.open(path) as store:
        store.add({"text": {"overall": board}}, taken_at=_NOW + timedelta(days=number))
    with server_of(address) as server:
        push_from_here(server, path, compared=False)

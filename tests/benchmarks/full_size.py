"""A store of all of a leaderboard's history: how fast it is made, how large it is, and how fast it answers."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from llmhub import load_arena_models
from llmhub.arena import SnapshotStore
from llmhub.arena.compare.ranks import ranked
from llmhub.arena.database import database
from llmhub.arena.exchange.importing import import_dataset
from tests.benchmarks.cases import Result, judged, store_in, ten_line_program
from tests.benchmarks.dataset import DATES, dataset_file
from tests.benchmarks.timing import compare, peak, process
from tests.support.made_up.publications import FULL

_BARE = Path(__file__).with_name("bare_import.py")
_REPEATED = 0.7
_ROUNDS = 3


def full_size_results(folder: Path) -> Iterator[Result]:
    """Measure everything in an empty folder, one after the other."""
    file = dataset_file(folder / "changing" / "text" / FULL)
    half = dataset_file(folder / "half" / "text" / FULL, dates=DATES // 2)
    repeating = dataset_file(folder / "repeating" / "text" / FULL, unchanged=_REPEATED)
    one, many = folder / "newest-only", folder / "all"
    yield from _importing(folder, file, many)
    yield from _memory(folder, half, file)
    yield _beside(folder, file)
    yield from _sizes(folder, many, file, repeating)
    newest = date(2023, 5, 8) + timedelta(days=4 * (DATES - 1))
    with SnapshotStore.open(one / "arena.db") as store:
        import_dataset(store, file, since=newest)
    yield from _answering(one, many)
    yield from _by_hand(many)
    yield from _views(many)
    yield _completing(folder, many)


def _command(cache: Path, file: Path) -> tuple[list[str], dict[str, str]]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LLMHUB_")}
    command = [sys.executable, "-m", "llmhub", "arena", "import", str(file)]
    return command, kept | {"LLMHUB_ARENA_CACHE_DIR": str(cache)}


# -- making it


def _importing(folder: Path, file: Path, cache: Path) -> Iterator[Result]:
    empty, bare = folder / "empty.db", folder / "bare.db"
    database.upgrade(empty)
    command, environment = _command(cache, file)

    def prepare() -> None:
        shutil.rmtree(cache, ignore_errors=True)
        shutil.copyfile(empty, bare)

    # What is compared starts with an interpreter and ends with everything committed.
    ratio = compare(
        process(command, environment),
        process([sys.executable, str(_BARE), str(file), str(bare)], environment),
        rounds=_ROUNDS,
        prepare=prepare,
    )
    if count(cache / "arena.db", "score") != count(bare, "score") and bare.exists():
        # The one that ran last has been prepared away for the other.
        process(command, environment)()
    yield judged(f"import of all of text ({DATES} dates) / bare script", ratio, 2.5)
    if not (cache / "arena.db").exists():
        process(command, environment)()
    again = compare(process(command, environment), lambda: None, rounds=1)
    size = (cache / "arena.db").stat().st_size
    process(command, environment)()
    grown = (cache / "arena.db").stat().st_size - size
    yield Result("the same import again: bytes added", str(grown), "0", grown == 0, f"in {again.ours:.1f} s")


def count(store: Path, table: str) -> int:
    """Return how many rows a table of a store has; 0 where there is no store."""
    if not store.exists():
        return 0
    with closing(sqlite3.connect(store)) as connection:
        (number,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(number)


def _memory(folder: Path, half: Path, whole: Path) -> Iterator[Result]:
    peaks = [_peak(folder / f"memory-{number}", file) for number, file in enumerate((half, whole))]
    detail = f"{peaks[0]:.0f} MB with half the dates"
    yield Result("import: peak memory, MB", f"{peaks[1]:.0f}", "under 400", peaks[1] < 400, detail)
    growth = peaks[1] / peaks[0]
    yield Result("the same / with half the dates", f"{growth:.3f}", "about 1", growth <= 1.15, detail)


def _peak(cache: Path, file: Path) -> float:
    return peak(*_command(cache, file))


def _beside(folder: Path, file: Path) -> Result:
    """Read all the time while an import is under way; a read that fails ends the benchmark."""
    command, environment = _command(folder / "beside", file)
    waits: list[float] = []
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as child:
        while child.poll() is None:
            begun = perf_counter()
            with SnapshotStore.open(folder / "beside" / "arena.db") as store:
                store.latest()
            waits.append(perf_counter() - begun)
    if child.returncode:
        raise RuntimeError(f"the import failed with {child.returncode}")
    longest = max(waits)
    detail = f"of {len(waits):,} reads, median {median(waits) * 1000:.2f} ms"
    return Result("reads beside an import: longest, s", f"{longest:.3f}", "at most 1", longest <= 1, detail)


# -- its size


def _sizes(folder: Path, many: Path, changing: Path, repeating: Path) -> Iterator[Result]:
    rows, size = _rows(changing), (many / "arena.db").stat().st_size
    detail = f"{size:,} bytes for {rows:,} rows"
    yield Result("file: bytes a score row", f"{size / rows:.1f}", "under 45", size / rows < 45, detail)
    store = folder / "repeating.db"
    with SnapshotStore.open(store) as opened:
        import_dataset(opened, repeating)
    rows, size = _rows(repeating), store.stat().st_size
    detail = f"{size:,} bytes for {rows:,} rows"
    what = f"the same, {_REPEATED:.0%} of the boards unchanged"
    yield Result(what, f"{size / rows:.1f}", "under 16", size / rows < 16, detail)


def _rows(file: Path) -> int:
    import duckdb

    with duckdb.connect() as connection:
        found = connection.execute("SELECT count(*) FROM read_parquet(?)", [str(file)]).fetchone()
    return int(found[0]) if found else 0


# -- what a shell asks, in a new process


def _completing(folder: Path, many: Path) -> Result:
    command, environment = _command(many, folder)
    asked = {"_LLMHUB_COMPLETE": "bash_complete", "COMP_LINE": "llmhub arena history made-up"}
    program = str(Path(command[0]).with_name("llmhub"))
    completing = compare(process([program], environment | asked), ten_line_program(folder), rounds=40)
    detail = f"{completing.value:.2f} times a ten-line click program's --help"
    what = f"a name is completed from all {DATES} dates, ms"
    return Result(what, f"{completing.ours * 1000:.0f}", "under 150", completing.ours < 0.150, detail)


# -- its answers, in a running process


def _answering(one: Path, many: Path) -> Iterator[Result]:
    def load(folder: Path) -> None:
        os.environ["LLMHUB_ARENA_CACHE_DIR"] = str(folder)
        if not load_arena_models():
            raise RuntimeError("nothing was loaded")

    os.environ["LLMHUB_OFFLINE"] = "1"
    try:
        with store_in(one):
            loading = compare(lambda: load(many), lambda: load(one), rounds=200)
    finally:
        del os.environ["LLMHUB_OFFLINE"]
    yield judged(f"load_arena_models(), all {DATES} dates / 1", loading, 1.2)
    with SnapshotStore.open(one / "arena.db") as small, SnapshotStore.open(many / "arena.db") as large:
        showing = compare(lambda: ranked(large.board()[1]), lambda: ranked(small.board()[1]), rounds=100)
        yield judged(f"show, all {DATES} dates / 1", showing, 1.5)
    two = one / "two.db"
    dates = [snapshot.taken_at.date() for snapshot in SnapshotStore.open(many / "arena.db").snapshots(limit=2)]
    with SnapshotStore.open(two) as small, SnapshotStore.open(many / "arena.db") as large:
        import_dataset(small, many.parent / "changing" / "text" / FULL, since=min(dates))
        differing = compare(
            lambda: large.diff("latest~1", "latest"), lambda: small.diff("latest~1", "latest"), rounds=100
        )
        yield judged(f"diff latest~1 latest, all {DATES} dates / 2", differing, 1.5)


_BOARD_AT = """
    SELECT sb.board_id FROM snapshot s JOIN snapshot_board sb ON sb.snapshot_id = s.id
     WHERE sb.ranking_id = (SELECT id FROM ranking WHERE leaderboard = 'text' AND category = 'overall')
       AND s.taken_at < ? ORDER BY s.taken_at DESC LIMIT 1
"""
_LINES = """
    SELECT m.name, c.rating, c.lower, c.upper, c.votes
      FROM score c JOIN model m ON m.id = c.model_id WHERE c.board_id = ? ORDER BY c.rating DESC
"""
_TRACK = """
    SELECT s.id, s.taken_at, c.rating, c.lower, c.upper, c.votes,
           1 + (SELECT count(*) FROM score o WHERE o.board_id = c.board_id AND o.rating > c.rating)
      FROM snapshot s JOIN snapshot_board sb ON sb.snapshot_id = s.id
      JOIN score c ON c.board_id = sb.board_id AND c.model_id = (SELECT id FROM model WHERE name = ?)
     WHERE sb.ranking_id = (SELECT id FROM ranking WHERE leaderboard = 'text' AND category = 'overall')
     ORDER BY s.taken_at
"""


def _by_hand(many: Path) -> Iterator[Result]:
    path = many / "arena.db"
    with SnapshotStore.open(path) as store, closing(sqlite3.connect(path)) as connection:
        snapshots = store.snapshots()
        old, new = (f"{snapshots[number].taken_at:%Y-%m-%d}" for number in (DATES // 2, 3))

        def diff_by_hand() -> dict[str, list[Any]]:
            boards = []
            for day in (old, new):
                (board,) = connection.execute(_BOARD_AT, (f"{day} 99",)).fetchone()
                lines = connection.execute(_LINES, (board,)).fetchall()
                boards.append({line[0]: (rank, *line[1:]) for rank, line in enumerate(lines, start=1)})
            before, after = boards
            return {
                "added": [name for name in after if name not in before],
                "removed": [name for name in before if name not in after],
                "changed": [
                    (name, before[name], line) for name, line in after.items() if before.get(name, line) != line
                ],
            }

        found, by_hand = store.diff(old, new), diff_by_hand()
        if {model.model for model in found.added} != set(by_hand["added"]):
            raise RuntimeError("what is compared does not come to the same")
        yield judged(
            "diff of two dates / by hand in SQL", compare(lambda: store.diff(old, new), diff_by_hand, rounds=100), 3
        )

        # A model that is on most of the boards: the first of those that came in the middle.
        model = next(iter(store.scores(f"{snapshots[DATES // 2].taken_at:%Y-%m-%d}")))

        def track_by_hand() -> list[Any]:
            return connection.execute(_TRACK, (model,)).fetchall()

        points = store.history(model).points
        if [(point.score.rating, point.rank) for point in points] != [(row[2], row[6]) for row in track_by_hand()]:
            raise RuntimeError("what is compared does not come to the same")
        history = compare(lambda: store.history(model), track_by_hand, rounds=60)
        yield judged(f"history MODEL, {len(points)} of {DATES} dates / by hand in SQL", history, 3)


_LATEST_VIEW = "SELECT * FROM leaderboard_latest WHERE leaderboard = 'text' AND category = 'overall' ORDER BY rank"
_HISTORY_VIEW = """
    SELECT rating, rank FROM rating_history
     WHERE leaderboard = 'text' AND category = 'overall' AND model = ? ORDER BY taken_at
"""


def _views(many: Path) -> Iterator[Result]:
    path = many / "arena.db"
    with SnapshotStore.open(path) as store, closing(sqlite3.connect(path)) as connection:
        newest = store.scores()
        model = next(iter(newest))

        def latest() -> list[Any]:
            return connection.execute(_LATEST_VIEW).fetchall()

        def history() -> list[Any]:
            return connection.execute(_HISTORY_VIEW, (model,)).fetchall()

        def ours() -> list[Any]:
            found = store.history(model, through_renames=False, every=True)
            return [(point.score.rating, point.rank) for point in found.points]

        if history() != ours():
            raise RuntimeError("what is compared does not come to the same")
        if len(latest()) != len(newest):
            raise RuntimeError("what is compared does not come to the same")
        asked = (("leaderboard_latest of text / overall", latest, store.board),)
        for what, view, answer in (*asked, ("rating_history of a model", history, ours)):
            taken = compare(view, answer, rounds=20)
            detail = f"{taken.ours * 1000:.1f} ms, the store's own answer {taken.theirs * 1000:.1f} ms"
            yield Result(f"{what}, ms", f"{taken.ours * 1000:.0f}", "under 100", taken.ours < 0.1, detail)

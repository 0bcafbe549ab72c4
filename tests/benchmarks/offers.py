"""Speed and size of offers over time, on ../shared/data; with LLMHUB_MODELSDEV_CLONE also of a whole past.

The clone is one of https://github.com/anomalyco/models.dev; its days are also compared with the documents.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from typing import Any

from llmhub.arena import SnapshotStore
from llmhub.arena.database import database
from llmhub.offers.backfill.run import backfill
from llmhub.offers.fields import MODELS_DEV
from llmhub.offers.importing import identify, import_documents
from llmhub.offers.models_dev import normalize, parse_document
from llmhub.offers.sql.digest import known_values
from llmhub.offers.sql.inserting import columns_of
from llmhub.offers.sql.storing import offer_writer
from tests.benchmarks.cases import Result, judged
from tests.benchmarks.moments import moment_result
from tests.benchmarks.timing import compare, peak
from tests.conftest import SHARED

NOW = datetime(2026, 11, 29, tzinfo=UTC)
CLONE = "LLMHUB_MODELSDEV_CLONE"
_ROUNDS = 5
_RECORDS = 1_600_000
_MOST_BYTES = 25_000_000


def offers_results(folder: Path) -> Iterator[Result]:
    """Measure everything in an empty folder, one after the other."""
    files = sorted((SHARED / "data" / "modelsdev" / "history").glob("*.json.gz"))
    newest = gzip.decompress(files[-1].read_bytes())
    path = folder / "arena.db"
    yield _importing(files, path)
    size = path.stat().st_size
    yield Result("size of the store of 12 documents", f"{size:,} bytes", "", met=True, detail="41,000 offers")
    yield _unchanged(newest, folder / "unchanged.db")
    yield _diff(files, path)
    yield _history(path, newest)
    yield moment_result(folder / "moment")
    yield from _memory(folder, files)
    yield from _usage(folder, path)
    if os.environ.get(CLONE):
        yield from _whole_past(Path(os.environ[CLONE]), folder / "past.db", files, path)


def _importing(files: list[Path], path: Path) -> Result:
    bodies = [gzip.decompress(file.read_bytes()) for file in files]
    rows = [
        [columns_of(known_values(offer)) for offer in normalize(parse_document(body)).models.values()]
        for body in bodies
    ]
    plain = path.with_name("plain.db")

    def plainly() -> None:
        with closing(sqlite3.connect(plain)) as connection, connection:
            connection.execute(f"CREATE TABLE offer ({', '.join(f'c{number}' for number in range(len(rows[0][0])))})")
            for body, parsed in zip(bodies, rows, strict=True):
                json.loads(body)
                marks = ", ".join("?" * len(parsed[0]))
                connection.executemany(f"INSERT INTO offer VALUES ({marks})", parsed)

    def prepare() -> None:
        for each in (plain, path):
            each.unlink(missing_ok=True)
        database.upgrade(path)

    ratio = compare(partial(_import, files, path), plainly, rounds=_ROUNDS, prepare=prepare)
    prepare()
    _import(files, path)
    return judged("catalog import of 12 documents / json.loads and executemany of every row", ratio, 3)


def _import(files: list[Path], path: Path) -> None:
    with offer_writer(path) as writer:
        assert all(done.new for done in import_documents(writer, [identify(file, now=NOW) for file in files]))


def _unchanged(newest: bytes, path: Path) -> Result:
    offers = normalize(parse_document(newest)).models
    revision = sha256(newest).hexdigest()
    moments = iter(NOW - timedelta(days=90) + timedelta(hours=number) for number in range(1000))
    with offer_writer(path) as writer:
        writer.add_offers(offers, taken_at=next(moments), revision=revision)

    def store() -> None:
        with offer_writer(path) as writer:
            assert writer.add_unchanged(taken_at=next(moments), source=MODELS_DEV, revision=revision)

    ratio = compare(store, lambda: normalize(parse_document(newest)), rounds=_ROUNDS)
    return judged("refresh: storing an unchanged document / parsing it", ratio, 0.1)


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in row.items():
        if isinstance(value, dict):
            found |= {f"{key}.{name}": inside for name, inside in value.items()}
        else:
            found[key] = value
    return found


def _diff(files: list[Path], path: Path) -> Result:
    def by_hand() -> None:
        """Say what came, went and changed, field by field."""
        old, new = (json.loads(gzip.decompress(file.read_bytes())) for file in files[-2:])
        before, after = (
            {f"{name}/{key}": row for name, entry in told.items() for key, row in entry["models"].items()}
            for told in (old, new)
        )
        sorted(after.keys() - before.keys())
        sorted(before.keys() - after.keys())
        changed = []
        for key in sorted(before.keys() & after.keys()):
            if before[key] != after[key]:
                one, other = _flat(before[key]), _flat(after[key])
                changed += [
                    (key, name, one.get(name), other.get(name))
                    for name in one | other
                    if one.get(name) != other.get(name)
                ]

    def ours() -> None:
        with SnapshotStore.open(path) as store:
            store.offers_diff(files[-2].name[4:14], files[-1].name[4:14], now=NOW)

    return judged("catalog diff of two dates / by hand from the two documents", compare(ours, by_hand, rounds=9), 1)


def _history(path: Path, newest: bytes) -> Result:
    revision = sha256(newest).hexdigest()
    longer = path.with_name("longer.db")
    shutil.copyfile(path, longer)
    with offer_writer(longer) as writer, writer.transaction():
        for number in range(288):
            moment = datetime(2026, 6, 16, tzinfo=UTC) + timedelta(hours=number)
            writer.add_unchanged(taken_at=moment, source=MODELS_DEV, revision=revision)
    statement = "SELECT * FROM offer_history WHERE provider = 'openai' AND model_id = 'gpt-4' ORDER BY taken_at"

    def by_hand() -> None:
        with closing(sqlite3.connect(longer)) as connection:
            connection.execute(statement).fetchall()

    def ours() -> None:
        with SnapshotStore.open(longer) as store:
            store.price_history("openai/gpt-4", now=NOW)

    return judged("catalog history MODEL, 300 snapshots / one statement by hand", compare(ours, by_hand, rounds=9), 3)


# -- memory


def _command(cache: Path, *arguments: str | Path) -> tuple[list[str], dict[str, str]]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LLMHUB_")}
    environment = kept | {"LLMHUB_ARENA_CACHE_DIR": str(cache), "LLMHUB_CONFIG_DIR": str(cache)}
    return [sys.executable, "-m", "llmhub", "catalog", *map(str, arguments)], environment


def _memory(folder: Path, files: list[Path]) -> Iterator[Result]:
    one = peak(*_command(folder / "memory-1", "import", files[-1]))
    every = peak(*_command(folder / "memory-12", "import", *files))
    detail = f"{every:.0f} MB; {one:.0f} MB for the largest alone"
    yield Result(
        "catalog import: memory, 12 documents / 1", f"{every / one:.2f}", "at most 1.5", every / one <= 1.5, detail
    )


def _usage(folder: Path, path: Path) -> Iterator[Result]:
    for kind in ("csv", "jsonl"):
        small, large = folder / f"small.{kind}", folder / f"large.{kind}"
        _write_usage(small, 1000)
        _write_usage(large, _RECORDS)
        cache = folder / f"usage-{kind}"
        cache.mkdir()
        shutil.copyfile(path, cache / "arena.db")
        begun = perf_counter()
        few, many = (peak(*_command(cache, "cost", "--usage", file, "--json")) for file in (small, large))
        taken = perf_counter() - begun
        detail = f"{many:.0f} MB; {few:.0f} MB for 1,000 records; {taken:.1f} s for {large.stat().st_size / 1e6:.0f} MB"
        what = f"catalog cost --usage, {kind}: memory, {_RECORDS:,} records / 1,000"
        yield Result(what, f"{many / few:.2f}", "at most 1.1", many / few <= 1.1, detail)
        large.unlink()


def _write_usage(path: Path, records: int) -> None:
    begun = datetime(2025, 7, 1, tzinfo=UTC)
    with path.open("w", encoding="utf-8") as file:
        if path.suffix == ".csv":
            file.write("time,model,input,output,cached\n")
        for number in range(records):
            moment = f"{begun + timedelta(seconds=18 * number):%Y-%m-%dT%H:%M:%SZ}"
            model = ("openai/gpt-4", "openai/gpt-4o", "anthropic/claude-sonnet-4-20250514")[number % 3]
            if path.suffix == ".csv":
                file.write(f"{moment},{model},{1000 + number},{number % 977},0\n")
            else:
                told = {"time": moment, "model": model, "input": 1000 + number, "output": number % 977, "cached": 0}
                file.write(f"{json.dumps(told)}\n")


# -- a whole past


def _whole_past(clone: Path, path: Path, files: list[Path], imported: Path) -> Iterator[Result]:
    begun = perf_counter()
    with offer_writer(path) as writer:
        done = backfill(writer, clone, now=NOW)
    taken = perf_counter() - begun
    days = len(done.stored)
    detail = f"{days} days, {done.stored[0]} to {done.stored[-1]}, {done.offers:,} offers at the end"
    yield Result("catalog backfill: all days", f"{taken:.1f} s", "", met=True, detail=detail)
    size = path.stat().st_size
    year = size * 365 // (done.stored[-1] - done.stored[0]).days
    yield Result("bytes for a year of daily documents", f"{year:,}", "at most 25 MB", year <= _MOST_BYTES, f"{size:,}")
    begun = perf_counter()
    with offer_writer(path) as writer:
        assert not backfill(writer, clone, now=NOW).stored
    again = perf_counter() - begun
    yield Result("catalog backfill again", f"{again:.2f} s", "", met=True, detail="nothing new")
    differing = list(_differing(path, files, imported))
    yield Result(
        "days that differ from the documents of the same days",
        str(len(differing)),
        "0",
        not differing,
        " ".join(differing),
    )


def _differing(path: Path, files: list[Path], imported: Path) -> Iterator[str]:
    with SnapshotStore.open(path) as ours, SnapshotStore.open(imported) as theirs:
        for file in files:
            day = file.name[4:14]
            # The document of this day is of the last commit before it; that of 2025-08-30 is the last of its day.
            found = ours.offers("2025-08-30" if day == "2025-09-01" else day, now=NOW)
            # What a model is based on stood in no document then.
            plain = {key: offer.model_copy(update={"canonical_model_id": None}) for key, offer in found.items()}
            if plain != theirs.offers(day, now=NOW):
                yield day

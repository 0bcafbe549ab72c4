"""Speed and size of offers over time, as ratios in one run: `python -m tests.benchmarks.offers` on ../shared/data."""

from __future__ import annotations

import gzip
import json
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from time import perf_counter

from llmhub.arena import SnapshotStore
from llmhub.offers.fields import MODELS_DEV
from llmhub.offers.importing import identify, import_documents
from llmhub.offers.models_dev import normalize, parse_document
from llmhub.offers.sql.digest import known_values
from llmhub.offers.sql.storing import columns_of, offer_writer
from tests.conftest import SHARED

NOW = datetime(2026, 11, 29, tzinfo=UTC)


def seconds(work: Callable[[], object], times: int = 3) -> float:
    """Return how long the fastest of some runs took."""
    best = float("inf")
    for _ in range(times):
        begun = perf_counter()
        work()
        best = min(best, perf_counter() - begun)
    return best


def imports(files: list[Path], folder: Path) -> float:
    """Return how many times as long an import takes as json.loads and executemany of every row."""
    bodies = [gzip.decompress(file.read_bytes()) for file in files]
    rows = [[columns_of(offer) for offer in normalize(parse_document(body)).models.values()] for body in bodies]

    def plainly() -> None:
        (folder / "plain.db").unlink(missing_ok=True)
        with closing(sqlite3.connect(folder / "plain.db")) as connection, connection:
            connection.execute(f"CREATE TABLE offer ({', '.join(f'c{number}' for number in range(len(rows[0][0])))})")
            for body, parsed in zip(bodies, rows, strict=True):
                json.loads(body)
                marks = ", ".join("?" * len(parsed[0]))
                connection.executemany(f"INSERT INTO offer VALUES ({marks})", parsed)

    def ours() -> None:
        (folder / "arena.db").unlink(missing_ok=True)
        with offer_writer(folder / "arena.db") as writer:
            documents = [identify(file, now=NOW) for file in files]
            assert all(done.new for done in import_documents(writer, documents))

    return seconds(ours) / seconds(plainly)


def unchanged(newest: bytes, path: Path) -> float:
    """Return what storing an unchanged document takes, as a part of parsing it."""
    offers = normalize(parse_document(newest)).models
    revision = sha256(newest).hexdigest()
    moments = iter(NOW - timedelta(days=90) + timedelta(hours=number) for number in range(100))
    with offer_writer(path) as writer:
        writer.add_offers(offers, taken_at=next(moments), revision=revision)

    def store() -> None:
        with offer_writer(path) as writer:
            assert writer.add_unchanged(taken_at=next(moments), source=MODELS_DEV, revision=revision)

    return seconds(store) / seconds(lambda: normalize(parse_document(newest)))


def diffs(files: list[Path], path: Path) -> float:
    """Return how many times as long a diff takes as reading two documents and comparing their entries."""

    def by_hand() -> None:
        old, new = (json.loads(gzip.decompress(file.read_bytes())) for file in files[-2:])
        entries = [
            {f"{name}/{key}": row for name, entry in told.items() for key, row in entry["models"].items()}
            for told in (old, new)
        ]
        [key for key in entries[0].keys() & entries[1].keys() if entries[0][key] != entries[1][key]]

    def ours() -> None:
        with SnapshotStore.open(path) as store:
            store.offers_diff(files[-2].name[4:14], files[-1].name[4:14], now=NOW)

    return seconds(ours) / seconds(by_hand)


def histories(path: Path, newest: bytes) -> float:
    """Return how many times as long a history over 300 snapshots takes as one statement by hand."""
    revision = sha256(newest).hexdigest()
    with offer_writer(path) as writer, writer.transaction():
        for number in range(300):
            moment = datetime(2026, 6, 16, tzinfo=UTC) + timedelta(hours=number)
            writer.add_unchanged(taken_at=moment, source=MODELS_DEV, revision=revision)
    statement = "SELECT * FROM offer_history WHERE provider = 'openai' AND model_id = 'gpt-4' ORDER BY taken_at"

    def by_hand() -> None:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(statement).fetchall()

    def ours() -> None:
        with SnapshotStore.open(path) as store:
            store.price_history("openai/gpt-4", now=NOW)

    return seconds(ours) / seconds(by_hand)


def main() -> int:
    """Print a line a measure."""
    files = sorted((SHARED / "data" / "modelsdev" / "history").glob("*.json.gz"))
    newest = gzip.decompress(files[-1].read_bytes())
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home)
        path = folder / "arena.db"
        print(f"import of {len(files)} documents / json.loads + executemany: {imports(files, folder):.2f}")
        print(f"bytes of {len(files)} documents: {path.stat().st_size:,}")
        print(f"storing an unchanged document / parsing it: {unchanged(newest, folder / 'other.db'):.3f}")
        print(f"diff of two moments / by hand: {diffs(files, path):.2f}")
        print(f"history over 312 snapshots / by hand: {histories(path, newest):.2f}")
        known = sum(len(known_values(offer)) for offer in normalize(parse_document(newest)).models.values())
        print(f"known fields of the newest document: {known:,}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

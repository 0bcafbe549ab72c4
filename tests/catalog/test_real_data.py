"""The whole way on the real publication: server, vendored script, store, catalog."""

import struct
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from llmhub.arena import SnapshotStore
from llmhub.catalog.arena_source import load_arena_models
from tests.support.servers.http import LATEST, DatasetServer, serve_folder

pytestmark = pytest.mark.needs_shared


@pytest.fixture
def published(shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DatasetServer]:
    """Serve the real dataset, from which the vendored script then downloads."""
    with serve_folder(shared_data / "dataset") as server:
        monkeypatch.setenv("LLMHUB_ARENA_SOURCE_URL", server.url)
        yield server


def bits(value: float | None) -> bytes | None:
    return None if value is None else struct.pack(">d", value)


def published_boards(shared_data: Path) -> dict[str, dict[str, tuple[bytes | None, ...]]]:
    """Return each category's rating, bounds and votes by model, to the last bit, as the Parquet file has them."""
    with duckdb.connect() as connection:
        connection.execute(
            "SELECT category, model_name, rating, rating_lower, rating_upper, vote_count FROM read_parquet(?)",
            [str(shared_data / "dataset" / "text" / LATEST)],
        )
        boards: dict[str, dict[str, tuple[bytes | None, ...]]] = {}
        for category, model, *numbers in connection.fetchall():
            boards.setdefault(category, {})[model] = tuple(map(bits, numbers))
        return boards


def test_every_rating_is_the_published_overall_one_to_the_last_bit_and_of_no_other_category_and_all_are_stored(
    shared_data: Path, published: DatasetServer
) -> None:
    models = load_arena_models()
    assert len(published.requests) == 5
    assert len(models) == 282
    boards = published_boards(shared_data)
    found = {
        name: tuple(map(bits, (model.rating, model.rating_q025, model.rating_q975, model.votes)))
        for name, model in models.items()
    }
    assert found == boards["overall"]
    assert {model.category for model in models.values()} == {"overall"}
    # So that the comparison above can tell: no other board has these ratings.
    others = {name: board for name, board in boards.items() if name != "overall"}
    assert len(others) > 20
    assert all(found.items() != board.items() for board in others.values())
    ratings = [model.rating for model in models.values()]
    assert ratings == sorted(ratings, reverse=True)
    with SnapshotStore.open() as store:
        stored = {
            category: {model: tuple(map(bits, score)) for model, score in store.scores(category=category).items()}
            for leaderboard, category in store.rankings()
            if leaderboard == "text"
        }
    assert stored == boards

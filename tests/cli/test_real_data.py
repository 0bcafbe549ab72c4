"""The commands on real publications and documents: every number that they show is the files' own."""

from __future__ import annotations

import gzip
import json
import os
import shutil
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import duckdb
import pytest

from llmhub.arena import SnapshotStore
from llmhub.arena.store import Counts
from llmhub.catalog.cache import save_catalog
from tests.charts.images import texts
from tests.cli.conftest import RealStore
from tests.conftest import Llmhub
from tests.support.made_up import models as made
from tests.support.processes.commands import SCORE_KEYS, SNAPSHOT_KEYS, document, error_line, output
from tests.support.processes.terminal import on_terminal
from tests.support.real_models import real_models
from tests.support.servers.http import serve_folder

pytestmark = pytest.mark.needs_shared


def published_overall(shared_data: Path) -> dict[str, tuple[float, float, float]]:
    file = shared_data / "dataset/text/latest-00000-of-00001.parquet"
    with duckdb.connect() as connection:
        rows = connection.execute(
            "SELECT category, model_name, rating, rating_lower, rating_upper FROM read_parquet(?)", [str(file)]
        ).fetchall()
    return {name: (rating, lower, upper) for category, name, rating, lower, upper in rows if category == "overall"}


def test_refresh_brings_every_overall_rating_to_the_last_bit(
    llmhub: Llmhub, real_refresh: RealStore, shared_data: Path
) -> None:
    assert "5 leaderboards" in output(real_refresh.made_by)
    found = document(llmhub("arena", "show", "--json", **real_refresh.variables))
    assert set(found) == {"snapshot", "leaderboard", "category", "scores"}
    assert set(found["snapshot"]) == SNAPSHOT_KEYS
    assert {frozenset(line) for line in found["scores"]} == {frozenset(SCORE_KEYS)}
    shown = {line["model"]: (line["rating"], line["lower"], line["upper"]) for line in found["scores"]}
    assert shown == published_overall(shared_data)
    assert len(shown) == 282


def test_ranks_are_as_defined(llmhub: Llmhub, real_refresh: RealStore) -> None:
    lines = document(llmhub("arena", "show", "--json", **real_refresh.variables))["scores"]
    for line in lines:
        assert line["rank"] == 1 + sum(other["rating"] > line["rating"] for other in lines)
        assert line["rank_ub"] == 1 + sum(other["lower"] > line["upper"] for other in lines)


def test_status_and_history_after_one_refresh(llmhub: Llmhub, real_refresh: RealStore) -> None:
    run = llmhub("arena", "status", "--json", **real_refresh.variables)
    found = json.loads(output(run))
    assert found["fresh"] is True
    assert found["data_is_old"] is True
    assert "warning: the runs succeed but the data is old" in run.stderr
    assert (found["snapshots"], found["newest"]["models"]) == (1, 282)
    (snapshot,) = document(llmhub("arena", "history", "--json", **real_refresh.variables))
    assert set(snapshot) == SNAPSHOT_KEYS
    assert snapshot["taken_at"].endswith("Z")
    assert (snapshot["published_on"], snapshot["source"], snapshot["models"]) == ("2025-12-11", "script", 282)
    assert snapshot["boards"] == 27 + 27 + 10 + 10 + 3


def test_importing_the_twelve_dates_gives_twelve_snapshots_in_order_and_again_none(
    llmhub: Llmhub, real_history: RealStore, real_files: list[str]
) -> None:
    *dates, total = output(real_history.made_by).splitlines()
    assert (len(dates), total) == (12, f"{len(real_files)} files of 12 dates: 59 stored, 0 known already")
    snapshots = document(llmhub("arena", "history", "--json", **real_history.variables))
    days = sorted({Path(file).parent.name for file in real_files}, reverse=True)
    assert [one["published_on"] for one in snapshots] == days
    assert [one["taken_at"] for one in snapshots] == [f"{day}T00:00:00Z" for day in days]
    assert [one["id"] for one in snapshots] == list(range(12, 0, -1))
    store = real_history.folder / "arena" / "arena.db"
    before = store.read_bytes()
    again = llmhub("arena", "import", *real_files[:10], **real_history.variables)
    assert output(again).splitlines()[-1] == "10 files of 2 dates: 0 stored, 10 known already"
    assert store.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "common", "shift", "came", "went", "significant"),
    [
        (("2025-05-24", "2025-11-05"), 199, 23.0, 43, 37, 9),
        (("2025-05-07", "2025-05-20", "--leaderboard", "text-style-control"), 227, 59.9, 5, 0, 0),
    ],
)
def test_diffs_of_real_pairs_tell_the_scale_shift_from_the_changes(
    llmhub: Llmhub,
    real_history: RealStore,
    arguments: tuple[str, ...],
    common: int,
    shift: float,
    came: int,
    went: int,
    significant: int,
) -> None:
    found = document(llmhub("arena", "diff", "--json", *arguments, **real_history.variables))
    keys = {"from", "to", "leaderboard", "category", "scale_shift", "added", "removed", "renamed", "changed"}
    assert set(found) == keys | {"unchanged"}
    assert len(found["changed"]) + found["unchanged"] == common
    assert round(found["scale_shift"], 1) == shift
    assert (len(found["added"]), len(found["removed"]), len(found["renamed"])) == (came, went, 0)
    assert sum(change["significant"] for change in found["changed"]) == significant


def test_a_models_history_is_that_of_the_files(llmhub: Llmhub, real_history: RealStore, shared_data: Path) -> None:
    model = "gpt-4o-2024-05-13"
    found: dict[str, list[dict[str, Any]]] = document(
        llmhub("arena", "history", model, "--json", **real_history.variables)
    )
    expected = []
    for file in sorted((shared_data / "arena-catalog").glob("*/leaderboard-text.json.gz")):
        board = json.loads(gzip.decompress(file.read_bytes()))["full"]
        if model in board:
            rank = 1 + sum(row["rating"] > board[model]["rating"] for row in board.values())
            expected.append((f"{file.parent.name}T00:00:00Z", board[model]["rating"], rank))
    assert [(point["taken_at"], point["rating"], point["rank"]) for point in found[model]] == expected


def test_the_real_scale_breaks_are_marked_and_nothing_else(llmhub: Llmhub, real_history: RealStore) -> None:
    model = "gpt-4o-2024-05-13"
    breaks = {}
    for leaderboard in ("text", "text-style-control"):
        run = llmhub("arena", "history", model, "--json", "--leaderboard", leaderboard, **real_history.variables)
        points = document(run)[model]
        breaks[leaderboard] = {p["taken_at"][:10]: round(p["scale_break"], 1) for p in points if p["scale_break"]}
    assert breaks == {
        "text": {"2025-05-20": -3.0, "2025-11-05": 23.0, "2025-12-11": -4.3},
        "text-style-control": {"2025-05-20": 59.9, "2025-11-05": 23.0},
    }


def test_a_chart_marks_the_real_scale_breaks(
    here: Llmhub, real_history: RealStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in real_history.variables.items():
        monkeypatch.setenv(name, value)
    file = tmp_path / "out.svg"
    run = here("arena", "plot", "gpt-4o-2024-05-13", "--org", "openai", "-o", file)
    assert "no model on the newest board is of the organization 'openai': it names none" in error_line(run, code=2)
    run = here("arena", "plot", "gpt-4o-2024-05-13", "--top", "7", "-o", file)
    assert "drew 8 models at 12 publications of text / overall" in output(run)
    words = texts(ET.fromstring(file.read_bytes()))  # noqa: S314 -- our own file
    breaks = ["\N{MINUS SIGN}3.0", "+23.0", "\N{MINUS SIGN}4.3"]
    assert [word for word in words if word in breaks] == breaks
    assert "gpt-4o-2024-05-13\N{EN SPACE}1301" in words


def test_the_same_run_again_adds_a_snapshot_but_no_score_and_under_8_kib(
    llmhub: Llmhub, real_refresh: RealStore, shared_data: Path
) -> None:
    folder = Path(os.environ["LLMHUB_CONFIG_DIR"])
    shutil.copytree(real_refresh.folder, folder)
    store = folder / "arena" / "arena.db"
    size, counts = store.stat().st_size, _stored()
    with serve_folder(shared_data / "dataset") as server:
        again = llmhub("arena", "refresh", "--force", LLMHUB_ARENA_SOURCE_URL=server.resolve_url)
    assert "nothing changed" in output(again)
    assert _stored() == counts._replace(snapshots=2)
    assert store.stat().st_size - size < 8 * 1024


def _stored() -> Counts:
    with SnapshotStore.open() as store:
        return store.counts()


def test_four_hundred_real_ids_are_whole_on_a_terminal_of_any_width(shared_data: Path, tmp_path: Path) -> None:
    asked = {"openai", "anthropic", "openrouter"}
    offers = [offer for offer in real_models(shared_data).values() if offer.provider in asked]
    lines = [
        made.line(
            offer.canonical_id,
            price_input_per_million=offer.price_input_per_million,
            price_output_per_million=offer.price_output_per_million,
            context_tokens=offer.context_tokens,
            status=offer.status,
        )
        for offer in offers
    ]
    save_catalog(made.catalog_of(*lines))
    for columns in (80, 120, 200):
        shown = on_terminal("catalog", "show", columns=columns, folder=tmp_path, NO_COLOR="1").screen
        assert [text for text in shown.splitlines() if len(text) > columns] == []
        assert {offer.canonical_id for offer in offers} <= set(shown.split())
        assert ("no room for" in shown) == (columns < 120)

"""What llmhub removes or replaces is its own: each call that does is tried on what strangers put in its place."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from llmhub import settings
from llmhub.arena import SnapshotStore
from llmhub.arena.exchange.backfill import backfill
from llmhub.arena.exchange.exporting import export, find_snapshot
from llmhub.arena.exchange.update_script import work_dir
from llmhub.arena.upkeep.backup import backup
from llmhub.arena.upkeep.repair import repair
from llmhub.catalog.arena_source import refresh_arena
from llmhub.catalog.cache import save_catalog
from llmhub.catalog.modelsdev_source import load_modelsdev
from llmhub.cli.demo import _home
from llmhub.demo.run import demonstration
from llmhub.errors import LlmhubError
from llmhub.files import written_whole
from llmhub.report.folder import write_site
from tests.security.file_changes import all_changes, changes
from tests.support.checks.strangers import STRANGERS, looked_at, seen
from tests.support.made_up.old_stores import make_old
from tests.support.made_up.publications import FULL, row, write_publication
from tests.support.made_up.scripts import LEAVES_GOOD_FILE, update_script
from tests.support.processes.commands import ago, board, seed
from tests.support.servers.http import LocalServer, serve_folder
from tests.support.servers.sources import OFFERS, modelsdev

_NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
_ZEROS = "0" * 16


@dataclass(frozen=True)
class Trial:
    """Something that llmhub does, and what strangers may have put where it does it.

    Attributes:
        act: does it in a folder; it may fail, but only as llmhub does.
        names: what strangers put there, below that folder, in turn.
        prepare: puts there what llmhub needs for it first.
    """

    act: Callable[[Path], object]
    names: tuple[str, ...]
    prepare: Callable[[Path], object] = lambda _: None


def _seed(_: Path) -> None:
    seed(board({"made-up-a": 1400.0}), ago(hours=48))


def _refresh(folder: Path) -> None:
    script = update_script(folder.parent, f"(NOTES / 'works').exists() or sys.exit(1); {LEAVES_GOOD_FILE}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LLMHUB_ARENA_SCRIPT", str(script.path))
        with pytest.raises(LlmhubError):
            refresh_arena()
        script.leave("works")
        assert refresh_arena().ran


def _damage(folder: Path) -> None:
    _seed(folder)
    with closing(sqlite3.connect(settings.arena_db())) as connection, connection:
        connection.execute("UPDATE score SET rating = rating + 1")
        connection.execute(
            "INSERT INTO snapshot (id, taken_at, source) VALUES (9, '2026-01-01 00:00:00.000000', 'script')"
        )


def _repair(_: Path) -> None:
    repair(settings.arena_db(), now=_NOW)


def _backfill(folder: Path) -> None:
    publication = folder.parent / "publication"
    if not publication.exists():
        write_publication(publication, "text", [row("made-up-a", 1400.0)], name=FULL)
    with (
        serve_folder(publication) as server,
        pytest.MonkeyPatch.context() as patch,
        SnapshotStore.open() as store,
    ):
        patch.setenv("LLMHUB_ARENA_SOURCE_URL", server.url)
        backfill(store)


def _keep_modelsdev(_: Path) -> None:
    with LocalServer(lambda _: modelsdev(OFFERS)) as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("LLMHUB_MODELSDEV_URL", f"{server.url}/api.json")
        load_modelsdev()


def _save_catalog(_: Path) -> None:
    from tests.catalog.test_cache import catalog

    save_catalog(catalog())


def _export(folder: Path) -> None:
    with SnapshotStore.open() as store:
        snapshot = find_snapshot(store, "latest")
        for format_ in ("json", "parquet"):
            with suppress(LlmhubError):
                export(store, snapshot, folder / "out", format=format_)


def _report(folder: Path) -> None:
    write_site(folder / "site", [("models/new.html", "ours"), ("index.html", "ours")], force=False)


def _site(folder: Path) -> None:
    write_site(folder / "site", [("models/old.html", "ours"), ("index.html", "ours")], force=False)
    (folder / "site" / "models" / "old.html").unlink()


def _draw(folder: Path) -> None:
    with written_whole(folder / "chart.svg", force=False) as file:
        file.write_bytes(b"ours")


def _demonstrate(folder: Path) -> None:
    with _home(folder) as home, demonstration(home):
        pass


def _work(folder: Path) -> None:
    with work_dir(folder):
        _draw(folder)


TRIALS = {
    "workplaces": Trial(
        _work,
        (f".llmhub-{_ZEROS}", f".llmhub-run-{_ZEROS}", "run-3", "run-left", ".chart.svg.1.tmp", ".llmhub"),
    ),
    "asked for": Trial(_draw, ("chart.svg",)),
    "refresh": Trial(
        _refresh,
        ("arena/refresh-failure.json", "arena/refresh-failure.tmp", "arena/run-3", "arena/.llmhub-kept-run"),
        _seed,
    ),
    "catalog": Trial(_save_catalog, ("catalog.json", ".catalog.json.1.tmp", ".catalog.json.lock")),
    "models.dev": Trial(_keep_modelsdev, ("modelsdev.json", ".modelsdev.json.1.tmp")),
    "back-fill": Trial(
        _backfill,
        ("arena/.llmhub-backfill", "arena/backfill", f"arena/backfill-{FULL}.part"),
        _seed,
    ),
    "upgrade": Trial(
        lambda _: SnapshotStore.open().close(),
        ("arena/arena.db.before-upgrade", "arena/.arena.db.before-upgrade.1.tmp"),
        lambda _: make_old(settings.arena_db()),
    ),
    "repair": Trial(
        _repair,
        (
            *("arena/.repair", "arena/arena.db.damaged-20260301T120000Z"),
            "arena/arena.db.damaged-20260301T120000Z-journal",
        ),
        _damage,
    ),
    "backup": Trial(
        lambda folder: backup(settings.arena_db(), folder / "copy.db"), ("copy.db", ".copy.db.1.tmp"), _seed
    ),
    "export": Trial(
        _export,
        ("out/leaderboard-text.json", "out/leaderboard-meta.json", "out/text/latest-00000-of-00001.parquet"),
        _seed,
    ),
    "report": Trial(_report, ("site/models/new.html", "site/.index.html.1.tmp", "site/notes"), _site),
    "report's list": Trial(_report, ("site/.llmhub-report.json", "site/index.html", "site/models")),
    "demonstration": Trial(_demonstrate, ("config", "made-up-source", ".gitignore")),
}

COVERED: dict[tuple[str, str], str] = {
    ("llmhub/arena/exchange/backfill.py", "backfill"): "back-fill",
    ("llmhub/web/large_file.py", "discard"): "back-fill",
    ("llmhub/web/large_file.py", "_Kept.begin"): "back-fill",
    ("llmhub/web/large_file.py", "_Kept.finish"): "back-fill",
    ("llmhub/web/large_file.py", "_Kept.resume"): "back-fill",
    ("llmhub/web/large_file.py", "_Kept._write_record"): "back-fill",
    ("llmhub/arena/exchange/exporting.py", "_write_json"): "export",
    ("llmhub/arena/exchange/parquet_writing.py", "copy_to_parquet"): "export",
    ("llmhub/arena/exchange/kept_run.py", "keep"): "refresh",
    ("llmhub/arena/upkeep/repair.py", "_repaired"): "repair",
    ("llmhub/arena/upkeep/find_tables.py", "_write"): "repair",
    ("llmhub/storage/file_copies.py", "duplicate"): "repair",
    ("llmhub/storage/file_copies.py", "keep_whole"): "repair",
    ("llmhub/storage/file_copies.py", "put_in_place"): "repair",
    ("llmhub/storage/upgrading.py", "_set_aside_companions"): "upgrade",
    ("llmhub/audit/baseline.py", "write_baseline"): "asked for",
    ("llmhub/charts/drawing.py", "draw"): "asked for",
    ("llmhub/cli/catalog/export.py", "_write"): "asked for",
    ("llmhub/cli/demo.py", "_home"): "demonstration",
    ("llmhub/demo/offers.py", "write_offers"): "demonstration",
    ("llmhub/demo/prices.py", "write_past_prices"): "demonstration",
    ("llmhub/demo/publications.py", "_write"): "demonstration",
    ("llmhub/demo/run.py", "demonstration"): "demonstration",
    ("llmhub/folders.py", "_clear"): "workplaces",
    ("llmhub/folders.py", "_empty"): "workplaces",
    ("llmhub/folders.py", "_make_workplace"): "workplaces",
    ("llmhub/folders.py", "_mark"): "workplaces",
    ("llmhub/folders.py", "_remove_empty"): "workplaces",
    ("llmhub/files.py", "_finished"): "asked for",
    ("llmhub/files.py", "_place_new"): "asked for",
    ("llmhub/files.py", "sync_file"): "asked for",
    ("llmhub/folders.py", "give_up_own_folder"): "back-fill",
    ("llmhub/folders.py", "own_folder"): "back-fill",
    ("llmhub/files.py", "remove_own"): "refresh",
    ("llmhub/files.py", "write_own"): "catalog",
    ("llmhub/report/folder.py", "_remove"): "report",
    ("llmhub/report/folder.py", "_write"): "report's list",
    # It runs in a workplace, and by itself it replaces the five files that its contract names, and nothing else.
    ("vendor/arena/update_leaderboard_data.py", "Downloader._save"): "refresh",
    ("vendor/arena/update_leaderboard_data.py", "update"): "refresh",
    ("vendor/arena/update_leaderboard_data.py", "write_json"): "refresh",
}
"""Each function that changes what lies on the disk, and the trial that lets it meet strangers' things."""


def test_every_call_that_removes_replaces_or_writes_is_tried_on_strangers_things() -> None:
    found = all_changes()
    assert {place: what for place, what in found.items() if place not in COVERED} == {}
    assert set(COVERED) - set(found) == set()
    assert set(COVERED.values()) <= set(TRIALS)


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("shutil.rmtree(x)", "rmtree"),
        ("path.unlink()", "unlink"),
        ("a.replace(b)", "replace"),
        ("os.replace(a, b)", "os.replace"),
        ("path.rename(b)", "rename"),
        ("path.write_text('x')", "write_text"),
        ("path.open('w')", "open"),
        ("open(path, mode='r+b')", "open"),
        ("os.open(path, os.O_WRONLY)", "os.open"),
        ("run(f\"COPY x TO '{y}' (FORMAT parquet)\")", "COPY"),
    ],
)
def test_a_call_that_changes_files_is_found(source: str, what: str) -> None:
    assert list(changes(f"def here():\n    {source}")) == [("here", what)]


@pytest.mark.parametrize(
    "source", ["text.replace('a', 'b')", "moment.replace(tzinfo=UTC)", "path.open('rb')", "os.open(path, os.O_RDONLY)"]
)
def test_a_call_that_changes_none_is_not(source: str) -> None:
    assert list(changes(source)) == []


@pytest.mark.parametrize("stranger", STRANGERS)
@pytest.mark.parametrize("name", TRIALS)
def test_what_strangers_put_there_stays_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, stranger: str
) -> None:
    trial = TRIALS[name]
    folder = tmp_path / "experiments"
    (folder / "arena").mkdir(parents=True)
    monkeypatch.setenv("LLMHUB_CONFIG_DIR", str(folder))
    trial.prepare(folder)
    planted = []
    for number, each in enumerate(trial.names):
        path = folder / each
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.parent.is_dir() or path.parent.is_symlink():
            continue
        # Each in a folder of its own first, as a link's target lies beside it.
        aside = tmp_path / f"aside-{number}"
        aside.mkdir()
        STRANGERS[stranger](aside / "thing")
        (aside / "thing").rename(path)
        planted.append(path)
    before = {path: _looked_at(path) for path in planted}
    with suppress(LlmhubError):
        trial.act(folder)
    assert {path: _looked_at(path) for path in planted} == before
    left = {path: path.read_text() for aside in tmp_path.glob("aside-*") for path in aside.iterdir()}
    assert set(left.values()) <= {"ours: or so it says"}


def _looked_at(path: Path) -> tuple[str, dict[str, str]]:
    """Return what is at a path, and below it."""
    return looked_at(path), seen(path) if path.is_dir() and not path.is_symlink() else {}

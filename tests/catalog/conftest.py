"""What the tests of the policy share: seeded stores, update scripts in place of the vendored one, frozen time."""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import freezegun
import pytest

import llmhub.arena.exchange.json_files
import llmhub.arena.exchange.update_script

# Before any test freezes time: pydantic makes no sense of classes defined while time stands still.
import llmhub.arena.sql.inserting
import llmhub.catalog.arena_source  # noqa: F401 -- imported before a test freezes the clock
from llmhub.arena import Score, SnapshotStore
from llmhub.arena.boards import Snapshot
from llmhub.arena.sources import Source
from llmhub.folders import MARK
from tests.support.made_up.publications import small_publication
from tests.support.made_up.scripts import UpdateScript, update_script
from tests.support.processes.freezing import quicken
from tests.support.servers.http import DatasetServer, serve_folder

quicken()
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
STORED = {"made-up-stored": Score(1300.5, 1290.0, 1310.0, 500), "made-up-older": Score(1200.0)}
STORED_RATINGS = {"made-up-stored": 1300.5, "made-up-older": 1200.0}


@dataclass(frozen=True, slots=True)
class Arena:
    """The arena folder of the test's home."""

    folder: Path

    @property
    def db(self) -> Path:
        return self.folder / "arena.db"

    def seed(
        self,
        taken_at: datetime | None = None,
        *,
        source: Source = "script",
        board: Mapping[str, Score] = STORED,
        **age: float,
    ) -> Snapshot:
        """Store a snapshot of that moment, or of that long ago (days=2)."""
        with SnapshotStore.open() as store:
            moment = taken_at or datetime.now(UTC) - timedelta(**age)
            return store.add({"text": {"overall": board}}, taken_at=moment, source=source)

    def snapshots(self) -> list[Snapshot]:
        """Return all snapshots, newest first."""
        with SnapshotStore.open() as store:
            return store.snapshots()

    def names(self) -> set[str]:
        """Return what lies in the folder, but for llmhub's mark."""
        return {path.name for path in self.folder.iterdir()} - {MARK} if self.folder.exists() else set()

    def left_behind(self) -> set[str]:
        """Return what lies in the folder of runs that have ended: nothing should."""
        return self.names() - {"arena.db", "refresh.lock", "upgrade.lock", "refresh-failure.json"}


@pytest.fixture
def arena(home: Path) -> Arena:
    """Return the arena folder of the test's home; it is not there yet."""
    return Arena(home / "llmhub" / "arena")


@pytest.fixture
def dataset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DatasetServer]:
    """Serve a small publication, from which the vendored script then downloads."""
    with serve_folder(small_publication(tmp_path / "publication")) as server:
        monkeypatch.setenv("LLMHUB_ARENA_SOURCE_URL", server.url)
        yield server


UseScript = Callable[[str], UpdateScript]


@pytest.fixture
def use_script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> UseScript:
    """Return a function that makes a script with this body the update script."""

    def use(body: str) -> UpdateScript:
        script = update_script(tmp_path, body)
        monkeypatch.setenv("LLMHUB_ARENA_SCRIPT", str(script.path))
        return script

    return use


@dataclass(frozen=True, slots=True)
class Log:
    """What llmhub said through `logging`."""

    capture: pytest.LogCaptureFixture

    def said(self, least: str = "WARNING") -> list[tuple[str, str]]:
        """Return (level, message) of each from that level up, in order."""
        heard = (record for record in self.capture.records if record.levelno >= getattr(logging, least))
        ours = (record for record in heard if record.name.startswith("llmhub"))
        return [(record.levelname, record.getMessage()) for record in ours]

    def only(self, level: str) -> str:
        """Return the one message that there is from this level up, or from WARNING, which has this level."""
        ((found, message),) = self.said(level if level == "INFO" else "WARNING")
        assert found == level
        return message


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Log:
    """Record what llmhub logs from INFO up."""
    caplog.set_level(logging.INFO)
    return Log(caplog)


Freeze = Callable[[datetime], AbstractContextManager[object]]


@contextmanager
def _ignoring(moment: datetime) -> Iterator[None]:
    with freezegun.freeze_time(moment, ignore=["filelock", "subprocess"]):
        yield


@contextmanager
def _everything(moment: datetime) -> Iterator[None]:
    with freezegun.freeze_time(moment):
        yield


@pytest.fixture
def freeze() -> Freeze:
    """Return a function that stops the clock at a moment, for all but locks and child processes."""
    return _ignoring


@pytest.fixture(params=[_ignoring, _everything], ids=["all-but-locks-and-children", "everything"])
def freeze_either_way(request: pytest.FixtureRequest) -> Freeze:
    """Return a function that stops the clock at a moment: for all but locks and child processes, or for everything."""
    chosen: Freeze = request.param
    return chosen

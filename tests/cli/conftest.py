"""Fixtures of the command line's tests: update scripts, local publications, and stores of the real data."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from llmhub.cli import main
from tests.support.made_up.publications import small_publication
from tests.support.processes.commands import Run
from tests.support.processes.forks import Job, shared_forks
from tests.support.servers.http import DatasetServer, serve_folder

Script = Callable[[str], Path]


@pytest.fixture
def here(capfd: pytest.CaptureFixture[str]) -> Iterator[Callable[..., Run]]:
    """Return what `llmhub` does, in this process: for what takes long to begin, and need begin but once.

    What draws charts is such. One test of each command uses the fixture `llmhub`.
    """
    logger = logging.getLogger("llmhub")
    before = logger.level, logger.propagate, logger.handlers[:]

    def run(*arguments: str | Path) -> Run:
        words = [*map(str, arguments)]
        with pytest.raises(SystemExit) as ended:
            main(words)
        return Run(words, int(ended.value.code or 0), *capfd.readouterr())

    yield run
    # A command logs to stderr alone; later tests of this process read the log.
    level, logger.propagate, logger.handlers[:] = before
    logger.setLevel(level)


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Script:
    """Return a function that makes Python code the update script of this test's commands; it returns its path."""

    def write(code: str) -> Path:
        path = tmp_path / "update_script.py"
        path.write_text(code)
        monkeypatch.setenv("LLMHUB_ARENA_SCRIPT", str(path))
        return path

    return write


@pytest.fixture
def publication(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DatasetServer]:
    """Serve a small made-up publication, which the vendored script of this test's commands downloads."""
    folder = tmp_path / "publication"
    small_publication(folder)
    with serve_folder(folder, commit="0123456789abcdef0123456789abcdef01234567") as server:
        monkeypatch.setenv("LLMHUB_ARENA_SOURCE_URL", server.resolve_url)
        yield server


@dataclass(frozen=True)
class RealStore:
    """A store of real data that tests only read, and the run of the command that made it.

    ``variables`` are what makes a command use it.
    """

    folder: Path
    made_by: Run

    @property
    def variables(self) -> dict[str, str]:
        return {"LLMHUB_CONFIG_DIR": str(self.folder)}


def _made(folder: Path, *arguments: str, **variables: str) -> RealStore:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LLMHUB_")}
    own = {"HOME": str(folder), "NO_PROXY": "127.0.0.1", "LLMHUB_CONFIG_DIR": str(folder)}
    job = Job.command(*arguments, variables=kept | own | variables, folder=folder)
    return RealStore(folder, shared_forks().run(job).run)


@pytest.fixture(scope="session")
def real_refresh(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> RealStore:
    """Return a store that one `arena refresh` filled from a local server on the real dataset."""
    with serve_folder(shared_data / "dataset") as server:
        return _made(
            tmp_path_factory.mktemp("real-refresh"), "arena", "refresh", LLMHUB_ARENA_SOURCE_URL=server.resolve_url
        )


@pytest.fixture(scope="session")
def real_files(shared_data: Path) -> list[str]:
    """Return every real file of the arena-catalog, the newest date first."""
    return sorted(map(str, (shared_data / "arena-catalog").glob("*/leaderboard-*.json.gz")), reverse=True)


@pytest.fixture(scope="session")
def real_history(real_files: list[str], tmp_path_factory: pytest.TempPathFactory) -> RealStore:
    """Return a store into which one `arena import` put every real file of the arena-catalog."""
    return _made(tmp_path_factory.mktemp("real-history"), "arena", "import", *real_files)

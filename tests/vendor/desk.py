"""A place to run the update script in, and what a run of it left."""

from __future__ import annotations

import json
import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.made_up.publications import Row, write_publication
from tests.support.processes.forks import Job, shared_forks
from tests.support.servers.http import TRUSTED, serve_folder

SCRIPT = Path(__file__).resolve().parents[2] / "vendor" / "arena" / "update_leaderboard_data.py"
FILES = {
    "text": "leaderboard-text.json",
    "text-style-control": "leaderboard-text-style-control.json",
    "vision": "leaderboard-vision.json",
    "vision-style-control": "leaderboard-vision-style-control.json",
    "text-to-image": "leaderboard-image.json",
}
META = "leaderboard-meta.json"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
OTHER_COMMIT = "f" * 40
NAN = math.nan


@dataclass(frozen=True)
class Run:
    """What one run of the script left: exit code, output, and the directory that it ran in."""

    code: int
    stdout: str
    stderr: str
    directory: Path

    @property
    def lines(self) -> list[str]:
        return self.stderr.splitlines()

    @property
    def files(self) -> set[str]:
        return {path.name for path in (self.directory / "data").iterdir()}

    def load(self, name: str) -> Any:
        def refuse(constant: str) -> None:
            raise AssertionError(constant)

        text = (self.directory / "data" / name).read_text(encoding="utf-8")
        return json.loads(text, parse_constant=refuse)

    def failed_saying(self, *parts: str) -> None:
        """Exit 1, nothing left behind, and all parts in the last line, which is one of at most a few."""
        assert self.code == 1, self.stderr
        assert self.stdout == ""
        assert self.files == set()
        assert [path.name for path in self.directory.iterdir()] == ["data"]
        assert "Traceback" not in self.stderr
        assert self.lines[-1].startswith("error: ")
        for part in parts:
            assert part in self.lines[-1]


class Desk:
    """A directory with data/ in it to run the script in, and a folder for a publication to be served."""

    def __init__(self, path: Path) -> None:
        self.directory = path / "run"
        (self.directory / "data").mkdir(parents=True)
        self.folder = path / "publication"
        self.folder.mkdir()

    def run(self, source: str, *arguments: str, **environment: str) -> Run:
        allowed = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
        variables = allowed | {"LLMHUB_ARENA_SOURCE_URL": source, "SSL_CERT_FILE": str(TRUSTED)} | environment
        words = [str(SCRIPT), *arguments]
        job = Job("tests.support.processes.forks:run_script", words, variables, str(self.directory), patience=120)
        finished = shared_forks().run(job).run
        return Run(finished.returncode, finished.stdout, finished.stderr, self.directory)

    def run_on(self, rows: list[Row], **options: Any) -> Run:
        """Run on a publication of `text` alone."""
        write_publication(self.folder, "text", rows, **options)
        with serve_folder(self.folder) as server:
            return self.run(server.url)


@dataclass(frozen=True)
class Sound:
    """A run on the small publication, which is only read: where it asked, and for what."""

    run: Run
    url: str
    requests: list[str]

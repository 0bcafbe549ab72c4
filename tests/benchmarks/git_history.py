"""Compares with git-history, the other way to keep versions of a file in SQLite.

`python -m tests.benchmarks.git_history`. Both get the real text leaderboards of ../shared, one version a publication
date: git-history as commits of one file in a git repository, llmhub as the files themselves. git-history is installed
from PyPI into an environment of its own.
"""

from __future__ import annotations

import gzip
import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from tests.benchmarks.stores import SHARED

_FILE = "leaderboard.json"
_CONVERT = """
import json
return [
    {"category": category, "model": model, **row}
    for category, models in json.loads(content).items()
    for model, row in models.items()
]
"""


def main(most: int) -> int:
    """Compare on the newest `most` publications, print what came of it, and return the exit code."""
    files = sorted(SHARED.glob("*/leaderboard-text.json.gz"))[-most:]
    if not files:
        print(f"{SHARED} has no leaderboards: this compares on the real data in it", file=sys.stderr)
        return 1
    with TemporaryDirectory(prefix="llmhub-git-history-") as name:
        folder = Path(name)
        program = _installed(folder / "venv")
        repository = _repository(folder / "repository", files)
        theirs, ours = folder / "git-history.db", folder / "arena" / "arena.db"
        keys = ("--id", "category", "--id", "model")
        command: list[str | Path] = [program, "file", theirs, _FILE, *keys, "--convert", _CONVERT, "--silent"]
        seconds = _timed(command, repository), _timed_ours(ours.parent, files)
        print(f"ingest of {len(files)} versions: {seconds[0]:.1f} s against {seconds[1]:.2f} s", end=", ")
        print(f"{seconds[0] / seconds[1]:.0f} times as fast")
        sizes = theirs.stat().st_size, ours.stat().st_size
        print(f"file: {sizes[0]:,} against {sizes[1]:,} bytes, {sizes[0] / sizes[1]:.1f} times as small")
        return _removed(theirs, ours, files)


def _installed(environment: Path) -> Path:
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    # git-history 0.6.1 and what it needs still look for pkg_resources.
    wanted = ["git-history", "setuptools<81"]
    subprocess.run([environment / "bin" / "python", "-m", "pip", "install", "-q", *wanted], check=True)
    return environment / "bin" / "git-history"


def _repository(folder: Path, files: list[Path]) -> Path:
    folder.mkdir()
    identity = {"GIT_AUTHOR_NAME": "made up", "GIT_AUTHOR_EMAIL": "made-up@example.invalid"}
    identity |= {name.replace("AUTHOR", "COMMITTER"): value for name, value in identity.items()}
    subprocess.run(["git", "init", "-q", "-b", "main"], cwd=folder, check=True)
    for file in files:
        (folder / _FILE).write_bytes(gzip.decompress(file.read_bytes()))
        moment = f"{file.parent.name}T00:00:00Z"
        dates = {"GIT_AUTHOR_DATE": moment, "GIT_COMMITTER_DATE": moment}
        subprocess.run(["git", "add", _FILE], cwd=folder, check=True)
        commit = ["git", "commit", "-q", "--allow-empty", "-m", file.parent.name]
        subprocess.run(commit, cwd=folder, check=True, env=os.environ | identity | dates)
    return folder


def _timed(command: list[str | Path], folder: Path) -> float:
    begun = perf_counter()
    subprocess.run([str(word) for word in command], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return perf_counter() - begun


def _timed_ours(cache: Path, files: list[Path]) -> float:
    command = [sys.executable, "-m", "llmhub", "arena", "import", *map(str, files)]
    environment = os.environ | {"LLMHUB_ARENA_CACHE_DIR": str(cache)}
    begun = perf_counter()
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    return perf_counter() - begun


def _removed(theirs: Path, ours: Path, files: list[Path]) -> int:
    """Say who knows which models were on the first overall board and not on the last; fail if llmhub does not."""
    first, last = (set(json.loads(gzip.decompress(file.read_bytes()))["full"]) for file in (files[0], files[-1]))
    with closing(sqlite3.connect(theirs)) as connection:
        listed = {name for (name,) in connection.execute("SELECT model FROM item WHERE category = 'full'")}
    from llmhub.arena import SnapshotStore

    with SnapshotStore.open(ours) as store:
        oldest = store.snapshots()[-1]
        diff = store.diff(str(oldest.id), "latest")
    gone = {model.model for model in diff.removed} | {rename.old for rename in diff.renamed}
    right = gone == first - last
    print(f"models that went: {len(first - last)}; llmhub says {len(gone)}, {'the same' if right else 'OTHERS'};")
    print(f"git-history still lists {len(listed & (first - last))} of them among its items, and none as gone")
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 12))

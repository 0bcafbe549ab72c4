"""What llmhub writes is its owner's alone, whatever the umask; what the user asked for follows the umask."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Llmhub
from tests.support.made_up.publications import FULL, row, write_publication
from tests.support.processes.commands import upstream_json
from tests.support.servers.http import serve_folder
from tests.support.servers.sources import Sources

LOOK = """
import os, stat
from pathlib import Path
above = Path('../..')
Path({seen!r}).write_text(chr(10).join(
    f"{{stat.S_IMODE(path.stat().st_mode):o}} {{path}}" for path in [above, Path('..'), Path('.'), *above.rglob('*')]
    if path.name not in ('data', 'tmp')
))
"""


@pytest.fixture(params=[0o000, 0o027], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    """Set a umask, which the commands inherit."""
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    """Return the mode of all below a folder, and of itself."""
    return {str(path): stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.rglob("*"))}


def require_private(folder: Path) -> None:
    for path, mode in modes(folder).items():
        assert mode == (0o700 if Path(path).is_dir() else 0o600), (path, oct(mode))


def test_all_that_is_written_is_its_owners_alone(
    llmhub: Llmhub, home: Path, tmp_path: Path, umask: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, seen = home / "deep" / "llmhub", tmp_path / "seen"
    monkeypatch.setenv("LLMHUB_CONFIG_DIR", str(ours))
    script = tmp_path / "update.py"
    monkeypatch.setenv("LLMHUB_ARENA_SCRIPT", str(script))
    script.write_text("import sys; sys.exit('error: made up')")
    assert llmhub("arena", "refresh").returncode == 1
    require_private(ours)
    assert (ours / "arena" / "refresh-failure.json").exists()

    good = upstream_json({"made-up-a": 1400.0})
    script.write_text(f"open('data/leaderboard-text.json', 'w').write({good!r})\n" + LOOK.format(seen=str(seen)))
    assert llmhub("arena", "refresh").returncode == 0
    lines = [line.split(" ", 1) for line in seen.read_text().splitlines()]
    # The run's folder is its owner's: what the script leaves in it is out of others' reach, whatever its mode.
    assert {mode[-3:] for mode, path in lines if path in {".", "..", "../.."}} == {"700"}
    assert {
        mode for mode, path in lines if path.endswith((".db", ".lock", ".db-journal", ".json")) and "run-" not in path
    } == {"600"}

    file = tmp_path / "2026-01-05" / "leaderboard-text.json"
    file.parent.mkdir()
    file.write_text(good)
    assert llmhub("arena", "import", file).returncode == 0
    write_publication(tmp_path / "publication", "text", [row("made-up-a", 1400.0)], name=FULL)
    with serve_folder(tmp_path / "publication") as server:
        assert llmhub("arena", "backfill", LLMHUB_ARENA_SOURCE_URL=server.url).returncode == 0
    assert llmhub("arena", "prune", "--keep-last", "1").returncode == 0
    with Sources() as sources:
        assert llmhub("catalog", "refresh", **sources.environment).returncode == 0
    assert {"catalog.json", "modelsdev.json"} <= {path.name for path in ours.iterdir()}
    require_private(ours.parent)

    assert llmhub("arena", "backup", tmp_path / "backup.db").returncode == 0
    assert stat.S_IMODE((tmp_path / "backup.db").stat().st_mode) == 0o600
    assert llmhub("arena", "export", "-o", tmp_path / "out").returncode == 0
    for path, mode in modes(tmp_path / "out").items():
        assert mode == (0o777 if Path(path).is_dir() else 0o666) & ~umask

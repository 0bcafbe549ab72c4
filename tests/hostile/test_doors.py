"""Hostile files through the real commands: one line, exit 1 or 2, nothing stored; the next good run succeeds."""

from __future__ import annotations

import gzip
import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from llmhub.catalog.arena_source import load_arena_models, refresh_arena
from llmhub.errors import PayloadError, RefreshError
from tests.hostile.conftest import Command
from tests.hostile.documents import files
from tests.support.made_up.publications import FULL, row, write_publication
from tests.support.processes.commands import ago, arena_db, board, seed, upstream_json

GOOD = upstream_json({"made-up-a": 1400.0}).encode()
LINE = b'{"rating":1,"rating_q025":1,"rating_q975":2}'
BAD = files(GOOD) | {
    "a name of 1 MB": GOOD.replace(b"made-up-a", b"x" * 1_000_000),
    "a blank name": GOOD.replace(b"made-up-a", b" "),
    "1e400": GOOD.replace(b"1400.0", b"1e400"),
    "NaN": GOOD.replace(b"1400.0", b"NaN"),
    "repeated model": b'{"full":{"a":%s,"a":%s}}' % (LINE, LINE),
    "half a surrogate pair": GOOD.replace(b"made-up-a", b"\\ud800"),
    "a text for a rating": GOOD.replace(b"1400.0", b'"1400.0"'),
}
A_MILLION_FAULTS = "a million faults"
CODES = {1, 2}


def bad(name: str) -> bytes:
    """Return the bad file of that name."""
    if name == A_MILLION_FAULTS:
        return b'{"full":{%s}}' % b",".join(b'"%d":1' % number for number in range(1_000_000))
    return BAD[name]


def require_refused(run: tuple[int, str, str]) -> None:
    code, out, err = run
    assert code in CODES
    assert out == ""
    assert err.startswith("error: ")
    assert "internal error" not in err
    assert "Traceback" not in err
    assert all(line.isprintable() and len(line) < 2_000 for line in err.splitlines())


def contents() -> list[str]:
    """Return all that the store holds, as SQL; nothing where there is none."""
    if not arena_db().exists():
        return []
    with closing(sqlite3.connect(f"file:{arena_db()}?mode=ro", uri=True)) as connection:
        return list(connection.iterdump())


@pytest.mark.parametrize("name", [*BAD, A_MILLION_FAULTS])
def test_no_bad_file_is_imported_or_loaded_and_the_next_good_one_is(
    command: Command, tmp_path: Path, name: str
) -> None:
    seed(board({"made-up-stored": 1300.0}), ago(days=9))
    before = contents()
    file = tmp_path / "2026-01-05" / "leaderboard-text.json"
    file.parent.mkdir()
    content = bad(name)
    file.write_bytes(content)
    packed = file.with_name("leaderboard-text.json.gz")
    packed.write_bytes(gzip.compress(content, 1))
    for path in (file, packed):
        require_refused(command("arena", "import", path))
        with pytest.raises(PayloadError):
            load_arena_models(path)
    assert contents() == before
    file.write_bytes(GOOD)
    code, out, err = command("arena", "import", file)
    assert (code, err) == (0, "")
    assert out.startswith("stored: text in snapshot ")


@pytest.mark.parametrize("name", ["no gzip", "cut short", "bytes after the end", "gigabytes of zeros", "empty"])
def test_no_bad_gzip_is_imported(command: Command, tmp_path: Path, name: str) -> None:
    packed = gzip.compress(GOOD)
    zeros = gzip.compress(bytes(1 << 20)) * 1_024
    bad = {
        "no gzip": GOOD,
        "cut short": packed[:-9],
        "bytes after the end": packed + b"made up",
        "gigabytes of zeros": zeros,
        "empty": b"",
    }
    file = tmp_path / "2026-01-05" / "leaderboard-text.json.gz"
    file.parent.mkdir()
    file.write_bytes(bad[name])
    require_refused(command("arena", "import", file))
    assert contents() == []


@pytest.mark.parametrize(
    "name",
    [
        "UTF-16",
        "deep objects",
        "a name of 1 MB",
        "a blank name",
        "5,000 digits",
        "gzip",
        "half a surrogate pair",
        "repeated model",
        A_MILLION_FAULTS,
    ],
)
def test_no_bad_output_of_a_script_is_stored_and_the_next_good_one_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    seed(board({"made-up-stored": 1300.0}), ago(days=9))
    before = arena_db().read_bytes()
    script, left = tmp_path / "update.py", tmp_path / "left"
    script.write_text(f"import shutil; shutil.copy({str(left)!r}, 'data/leaderboard-text.json')")
    monkeypatch.setenv("LLMHUB_ARENA_SCRIPT", str(script))
    left.write_bytes(bad(name))
    with pytest.raises(RefreshError) as refused:
        refresh_arena()
    assert str(refused.value).startswith("data/leaderboard-text.json: ")
    assert arena_db().read_bytes() == before
    left.write_bytes(GOOD)
    assert refresh_arena().ran


PARQUET = {
    "empty": b"",
    "only the marks": b"PAR1PAR1",
    "a footer of 4 GB": b"PAR1" + bytes(100) + b"\xff\xff\xff\xffPAR1",
    "garbage between the marks": b"PAR1" + bytes(range(256)) * 16 + b"\x40\x00\x00\x00PAR1",
    "JSON": GOOD,
    "zip": b"PK\x03\x04" + bytes(100),
}
ROWS = {
    "no row": [],
    "null for a name": [row(None, 1000.0)],
    "a blank name": [row(" ", 1000.0)],
    "a name of 1 MB": [row("x" * 1_000_000, 1000.0)],
    "null for a category": [row("m", 1000.0, category=None)],
    "negative votes": [row("m", 1000.0, votes=-1.0)],
    "half a vote": [row("m", 1000.0, votes=0.5)],
    "infinite votes": [row("m", 1000.0, votes=float("inf"))],
    "1e300 votes": [row("m", 1000.0, votes=1e300)],
    "lower above the rating": [row("m", 1000.0, lower=1001.0)],
    "upper below the rating": [row("m", 1000.0, upper=999.0)],
    "infinite bound": [row("m", 1000.0, upper=float("inf"))],
    "two rows for a model": [row("m", 1000.0), row("m", 1001.0)],
    "no date": [row("m", 1000.0, published_on="soon")],
    "a date in another form": [row("m", 1000.0, published_on="20260105")],
    "null for a date": [row("m", 1000.0, published_on=None)],
}


def _parquet(tmp_path: Path, name: str) -> Path:
    if name in ROWS:
        return write_publication(tmp_path, "text", ROWS[name], name=FULL)
    path = write_publication(tmp_path, "text", [row("made-up-ZZZZ", 1000.0)], name=FULL)
    sound = path.read_bytes()
    path.write_bytes(
        PARQUET.get(name)
        or {"cut in half": sound[: len(sound) // 2], "no UTF-8": sound.replace(b"ZZZZ", b"ZZ\xff\xfe")}.get(name, b"")
    )
    return path


@pytest.mark.parametrize("name", [*PARQUET, *ROWS, "cut in half", "no UTF-8"])
def test_no_bad_parquet_is_imported_and_the_next_good_one_is(command: Command, tmp_path: Path, name: str) -> None:
    seed(board({"made-up-stored": 1300.0}), ago(days=9))
    before = contents()
    path = _parquet(tmp_path, name)
    code, out, err = command("arena", "import", path)
    assert code in CODES
    assert "error: " in err
    assert "internal error" not in err
    assert all(line.isprintable() and len(line) < 2_000 for line in (out + err).splitlines())
    assert contents() == before
    write_publication(tmp_path, "text", [row("made-up-a", 1000.0)], name=FULL)
    assert command("arena", "import", path)[0] == 0


def test_bytes_of_parquet_that_are_flipped_raise_nothing_but_a_line_of_ours(command: Command, tmp_path: Path) -> None:
    path = write_publication(tmp_path, "text", [row(f"made-up-{number}", 1000.0) for number in range(20)], name=FULL)
    sound = path.read_bytes()
    for place in range(4, len(sound) - 4, max(1, len(sound) // 30)):
        path.write_bytes(sound[:place] + bytes([sound[place] ^ 0xFF]) + sound[place + 1 :])
        code, _, err = command("arena", "import", path)
        assert code in {0, 1}
        assert "internal error" not in err


# -- names that are odd and sound


def test_names_that_only_look_alike_stay_apart_and_unchanged(command: Command, tmp_path: Path) -> None:
    names = ["\u00e9", "e\u0301", "a", "A", "a ", "\u0430", "'; DROP TABLE score;--", "\u202ea", "{{7*7}}"]
    file = tmp_path / "2026-01-05" / "leaderboard-text.json"
    file.parent.mkdir()
    file.write_text(upstream_json({name: 1000.0 + number for number, name in enumerate(names)}), encoding="utf-8")
    assert command("arena", "import", file)[0] == 0
    code, out, _ = command("arena", "show", "--json")
    assert code == 0
    assert [line["model"] for line in json.loads(out)["scores"]] == names[::-1]


# -- memory

# Of this very program: on Linux getrusage also counts what the process was before it became this one.
_PEAK = """
import sys
def peak():
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) // 1024
    except FileNotFoundError:
        import resource
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 20
"""
_COMMAND = """
from llmhub.cli import main
try:
    main(sys.argv[1:])
finally:
    print(peak(), file=sys.stderr)
"""
_UPDATE_SCRIPT = """
from pathlib import Path
from llmhub import settings
sys.path.insert(0, str(settings.arena_script().parent))
import update_leaderboard_data as script
try:
    script.parse_publication(script.read_parquet(Path(sys.argv[1]), "text", script.Limits()), "text")
except script.UpdateError as error:
    print(error, file=sys.stderr)
    sys.exit(1)
finally:
    print(peak(), file=sys.stderr)
"""


def peak_of(code: str, *arguments: str | Path, cwd: Path | None = None) -> tuple[int, str, int]:
    """Run Python code in a child; return its exit code, the first line on stderr, and its greatest size in MiB."""
    run = subprocess.run(
        [sys.executable, "-c", _PEAK + code, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=cwd,
    )
    *said, peak = run.stderr.splitlines()
    return run.returncode, "\n".join(said), int(peak)


def test_a_file_of_nothing_but_faults_stays_within_bounds_of_memory(tmp_path: Path) -> None:
    file = tmp_path / "2026-01-05" / "leaderboard-text.json"
    file.parent.mkdir()
    file.write_bytes(b'{"full":{%s}}' % b",".join(b'"%07d":1' % number for number in range(2_000_000)))
    code, said, peak = peak_of(_COMMAND, "arena", "import", file)
    assert code == 1
    assert "found 1, expected an object" in said
    assert peak < 600


def test_a_million_models_are_refused_or_stored_within_bounds_of_memory(tmp_path: Path) -> None:
    file = tmp_path / "2026-01-05" / "leaderboard-text.json"
    file.parent.mkdir()
    file.write_bytes(b'{"full":{%s}}' % b",".join(b'"%07d":%s' % (number, LINE) for number in range(1_000_001)))
    code, said, peak = peak_of(_COMMAND, "arena", "import", file)
    assert code == 1
    assert "found 1,000,002 rows, expected a leaderboard of at most 1,000,000" in said
    assert peak < 1_500


def test_a_bomb_of_gzip_stays_within_bounds_of_memory(tmp_path: Path) -> None:
    file = tmp_path / "2026-01-05" / "leaderboard-text.json.gz"
    file.parent.mkdir()
    file.write_bytes(gzip.compress(bytes(1 << 20)) * 1_024)
    code, said, peak = peak_of(_COMMAND, "arena", "import", file)
    assert code == 1
    assert "found more than 64 MiB" in said
    assert peak < 400


@pytest.mark.parametrize("column", ["organization", "category"])
def test_a_bomb_of_parquet_stays_within_bounds_of_memory_at_both_doors(tmp_path: Path, column: str) -> None:
    path = write_publication(tmp_path, "text", [row("m", 1000.0)], name=FULL)
    _repeat(path, column)
    assert path.stat().st_size < 1 << 20
    code, said, peak = peak_of(_COMMAND, "arena", "import", path)
    assert code == 1
    assert said.startswith("error: ")
    assert peak < 600
    (tmp_path / "data").mkdir()
    code, said, peak = peak_of(_UPDATE_SCRIPT, path, cwd=tmp_path)
    assert (code, f"column {column}: found a text of 1,000,000 bytes" in said) == (1, True)
    assert peak < 600


def _repeat(path: Path, column: str) -> None:
    """Make a file of 1,000 rows that repeat one text of a megabyte."""
    import duckdb

    other = path.with_name("other.parquet")
    changes = f"repeat('x', 1000000) AS {column}"
    if column != "category":
        changes += ", 'c' || i AS category"
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT * EXCLUDE i REPLACE ({changes}) FROM '{path}', range(1000) t(i)) "
            f"TO '{other}' (FORMAT parquet, COMPRESSION zstd)"
        )
    other.replace(path)

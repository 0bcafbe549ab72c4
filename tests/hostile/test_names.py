"""Names that mean harm: harmless wherever a person reads them, unchanged where a program does."""

from __future__ import annotations

import csv
import io
import json
import logging
from pathlib import Path

import pytest

from llmhub.catalog.arena_source import load_arena_models
from tests.hostile.conftest import Command
from tests.support.processes.commands import HOSTILE, ago, board, seed, upstream_json

NAMES = (
    *HOSTILE,
    "'; DROP TABLE score;--",
    '" OR 1=1 --',
    "=HYPERLINK(1)",
    "%s%n{0}$(id)`id`",
    "../../etc/passwd",
    "\u200fmark\u200e",
    "\ufeffmark",
    "\u2028line\u2029paragraph",
    "\x85next line",
    "\U000e0041tag",
)
SEEN = (
    ("arena", "show"),
    ("arena", "show", "--top", "3"),
    ("arena", "diff", "1", "2"),
    ("arena", "movers"),
    ("arena", "history"),
    ("arena", "status"),
    ("arena", "verify"),
)


@pytest.fixture(autouse=True)
def stored() -> None:
    """Two snapshots of the names: all move, one comes and one goes."""
    rated = {name: 1000.0 + 20 * number for number, name in enumerate(NAMES)}
    seed(board(rated | {"\x1b[2Jwent": 900.0}), ago(days=9), organizations=dict.fromkeys(NAMES, "[red]Lab\x1b[0m"))
    seed(
        board({name: rating + (len(name) * 7) % 30 for name, rating in rated.items()} | {"\x1b[2Jcame": 800.0}),
        ago(days=2),
    )


def harmless(text: str) -> bool:
    return all(line.isprintable() for line in text.split("\n"))


@pytest.mark.parametrize("arguments", SEEN, ids=" ".join)
def test_what_people_read_holds_no_character_that_a_terminal_acts_on(
    command: Command, arguments: tuple[str, ...]
) -> None:
    code, out, err = command(*arguments)
    assert code == 0
    assert harmless(out + err)


@pytest.mark.parametrize("name", [name for name in NAMES if "\0" not in name], ids=ascii)
def test_a_model_is_found_by_its_name_and_one_that_is_not_there_is_named_harmlessly(
    command: Command, name: str
) -> None:
    code, out, err = command("arena", "history", name)
    assert (code, harmless(out + err)) == (0, True)
    assert list(json.loads(command("arena", "history", "--json", name)[1])) == [name]
    for arguments in (
        ("arena", "history", f"{name}-unknown"),
        ("arena", "show", name),
        ("arena", "show", "--category", name),
        ("arena", "diff", name),
        ("arena", "import", name),
        ("arena", name),
        ("arena", "refresh", "--max-age", name),
    ):
        code, out, err = command(*arguments)
        assert (code in {1, 2}, out) == (True, "")
        assert harmless(err)
        assert "internal error" not in err


@pytest.mark.parametrize("arguments", [("show", "2"), ("diff", "1", "2"), ("movers",)], ids=" ".join)
def test_json_and_csv_hold_the_names_unchanged(command: Command, arguments: tuple[str, ...]) -> None:
    document = json.loads(command("arena", *arguments, "--json")[1])
    assert _texts(document) & set(NAMES)
    assert "\x1b[2Jcame" in _texts(document) or arguments[0] == "movers"
    lines = list(csv.reader(io.StringIO(command("arena", *arguments, "--csv")[1], newline="")))
    found = {cell for line in lines for cell in line}
    assert found & set(NAMES) == _texts(document) & set(NAMES)
    assert len({len(line) for line in lines}) == 1


def _texts(value: object) -> set[str]:
    if isinstance(value, str):
        return {value}
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return set().union(*map(_texts, inner))


def test_no_name_gets_into_a_log_as_it_is(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    script = tmp_path / "update.py"
    monkeypatch.setenv("LLMHUB_ARENA_SCRIPT", str(script))
    caplog.set_level(logging.DEBUG, "llmhub")
    for name in NAMES:
        faulty = upstream_json({name: 1000.0}).replace("1000.0", '"x"')
        script.write_text(f"open('data/leaderboard-text.json', 'w').write({faulty!r})")
        load_arena_models()
    said = [record.getMessage() for record in caplog.records if record.name.startswith("llmhub")]
    assert len(said) >= len(NAMES)
    assert all(line.isprintable() for line in said)


def test_files_and_leaderboards_with_such_names_are_imported_and_told_of_harmlessly(
    command: Command, tmp_path: Path
) -> None:
    for number, name in enumerate(name for name in NAMES if not set("\0/") & set(name) and len(name) < 200):
        file = tmp_path / f"2026-01-05-{number} {name}" / "any.json"
        file.parent.mkdir()
        file.write_text(upstream_json({name: 1000.0}))
        code, out, err = command("arena", "import", "--leaderboard", name, file)
        assert (code, err) == (0, "")
        assert harmless(out)
        file.write_text("[]")
        code, out, err = command("arena", "import", "--leaderboard", name, file)
        assert (code, out) == (1, "")
        assert harmless(err)

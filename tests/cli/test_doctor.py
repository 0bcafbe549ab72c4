"""`llmhub doctor`: what it says, what it exits with, and that it leaves everything as it was."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from llmhub.catalog import save_catalog
from llmhub.installation import install_line
from tests.conftest import Llmhub
from tests.support.made_up.models import catalog_of, line
from tests.support.processes.children import run_unprivileged
from tests.support.processes.commands import Run, ago, arena_db, board, document, output, seed

CANARY = "sk-made-up-CANARY"
PARTS = ["versions", "settings", "folders", "store", "script", "catalog", "keys", "network"]

_COMMAND = """
    import sys
    sys.stderr = sys.stdout
    from llmhub.cli import main
    try:
        main(["doctor", "--offline"])
    except SystemExit as error:
        print("exit", error.code)
"""


@pytest.fixture(autouse=True)
def without_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away the keys and addresses that whoever runs the tests has set."""
    for name in [name for name in os.environ if name.endswith(("_API_KEY", "_BASE_URL", "_API_BASE"))]:
        monkeypatch.delenv(name)


def everything_in(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """Return each file and folder below one, with its mode, its time and its content."""
    return {
        str(path): (path.stat().st_mode, path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else b"")
        for path in sorted(folder.rglob("*"))
    }


def levels(run: Run, code: int) -> dict[str, list[str]]:
    """Return the levels of what was found, by part."""
    found = json.loads(output(run, code))
    return {part: [one["level"] for one in found["findings"] if one["part"] == part] for part in PARTS}


def test_a_sound_installation_is_well_and_stays_as_it_is(llmhub: Llmhub, home: Path) -> None:
    seed(board({"made-up-a": 1000.0}), ago(hours=1))
    save_catalog(catalog_of(line("lab/made-up")))
    before = everything_in(home)
    run = llmhub("doctor", "--offline", "--json", OPENAI_API_KEY=CANARY)
    found = document(run)
    assert set(found) == {"errors", "warnings", "findings"}
    assert (found["errors"], found["warnings"]) == (0, 0)
    assert {tuple(one) for one in found["findings"]} == {("part", "level", "check", "message", "remedy")}
    assert list(dict.fromkeys(one["part"] for one in found["findings"])) == PARTS
    said = output(llmhub("doctor", OPENAI_API_KEY=CANARY, LLMHUB_OFFLINE="1"))
    assert said.splitlines()[0] == "versions"
    assert said.splitlines()[-1] == "all is well"
    assert everything_in(home) == before


def test_an_empty_home_has_warnings_with_remedies_and_no_error(llmhub: Llmhub, home: Path) -> None:
    run = llmhub("doctor", "--offline")
    said = output(run)
    assert run.stderr == ""
    assert "-> `llmhub arena refresh` makes it" in said
    assert "-> `llmhub catalog refresh` builds it" in said
    assert said.splitlines()[-1] == "0 errors, 3 warnings"
    assert list(home.iterdir()) == []


def test_whatever_is_broken_is_an_error_of_its_own_and_nothing_is_touched(llmhub: Llmhub, home: Path) -> None:
    seed(board({"made-up-a": 1000.0}), ago(hours=1))
    arena_db().write_text("no database at all\n" * 100)
    (home / "llmhub" / "catalog.json").mkdir()
    (home / "llmhub" / "overrides.json").write_text("{")
    before = everything_in(home)
    broken = {
        "LLMHUB_ARENA_TIMEOUT": "soon",
        "LLMHUB_ARENA_SCRIPT": "/nowhere/script.py",
        "LLMHUB_MODELSDEV_URL": "nowhere",
        "LLMHUB_PROVIDERS": "opneai",
        "SSL_CERT_FILE": "/nowhere/certificates.pem",
    }
    run = llmhub("doctor", "--json", LLMHUB_ARENA_SOURCE_URL="http://127.0.0.1:1", **broken)
    assert run.stderr == ""
    found = levels(run, code=3)
    for part, errors in {"settings": 2, "store": 1, "script": 1, "catalog": 2, "keys": 1, "network": 3}.items():
        assert found[part].count("error") == errors, part
    said = output(llmhub("doctor", LLMHUB_ARENA_SOURCE_URL="http://127.0.0.1:1", **broken), code=3)
    assert "-> `llmhub arena repair`" in said
    assert "did you mean openai" in said
    assert "Traceback" not in said
    assert everything_in(home) == before


def test_a_folder_where_the_store_should_be_is_an_error(llmhub: Llmhub) -> None:
    arena_db().mkdir(parents=True)
    assert levels(llmhub("doctor", "--offline", "--json"), code=3)["store"] == ["error"]


def test_a_home_that_may_not_be_entered_is_told_line_by_line(home: Path) -> None:
    home.chmod(0)
    try:
        *said, code = run_unprivileged(_COMMAND).splitlines()
    finally:
        home.chmod(0o700)
    assert code == "exit 3"
    assert "Traceback" not in said
    errors = [line for line in said if line.startswith("  error ")]
    assert len(errors) == 4, said
    assert all(str(home) in line for line in errors)


def test_of_keys_it_is_said_whether_they_are_set_and_nothing_else(
    llmhub: Llmhub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    keys = {
        "OPENAI_API_KEY": CANARY,
        "OPENAI_BASE_URL": f"http://user:{CANARY}@127.0.0.1:1/v1?key={CANARY}",
        "MISTRAL_API_KEY": CANARY,
        "HTTPS_PROXY": f"http://user:{CANARY}@127.0.0.1:1",
        "NO_PROXY": "127.0.0.1",
    }
    run = llmhub("doctor", "--offline", "--json", **keys)
    found = {one["check"]: one for one in document(run)["findings"] if one["part"] == "keys"}
    assert found["openai"]["message"] == "OPENAI_API_KEY and OPENAI_BASE_URL are set"
    assert found["openai"]["level"] == "ok"
    assert found["mistral"]["message"] == "MISTRAL_API_KEY is set, but its packages are missing"
    assert (found["mistral"]["level"], found["mistral"]["remedy"]) == (
        "warning",
        install_line("mistral"),
    )
    assert found["groq"]["message"] == "no key: set GROQ_API_KEY"
    assert len(found) > 40
    plain = llmhub("doctor", "--offline", **keys)
    assert " without a key or an address: " in plain.stdout
    for text in (run.stdout, run.stderr, plain.stdout, plain.stderr):
        assert CANARY not in text

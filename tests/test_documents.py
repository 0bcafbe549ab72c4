from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from click import Context

from llmhub.arena.database import database
from llmhub.cli import cli
from llmhub.cli.arena import arena
from llmhub.cli.catalog import catalog
from llmhub.cli.remote import remote
from tests.conftest import REPOSITORY
from tests.documents import CHARTS, DEMONSTRATION, DOCS, QUALITY_PRICE, README, TERMINAL, documents, shell, written
from tests.support.documents import head


def _sources() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in (REPOSITORY / "llmhub").rglob("*.py"))


def test_the_generated_parts_of_the_documents_and_their_pictures_are_what_the_program_makes(
    demonstrated: Path,
) -> None:
    made = written(demonstrated)
    assert {*documents(), head.PATH, TERMINAL, *CHARTS, QUALITY_PRICE} == made.keys()
    for path in made.keys() - {*CHARTS}:
        kept = path.read_text(encoding="utf-8")
        assert kept == made[path], f"run `python -m tests.documents`: {path.name} is out of date"
    # Where on the page a word stands depends on the fonts that a machine has.
    for chart in CHARTS:
        words = _words(chart.read_text(encoding="utf-8"))
        assert words == _words(made[chart]), "run `python -m tests.documents`: the chart is out of date"
    assert not any(
        re.search(r"(?:src|href|url\()\W*https?:", made[path]) for path in (TERMINAL, *CHARTS, QUALITY_PRICE)
    )


def _words(picture: str) -> list[str]:
    return [text for text in re.findall(r">([^<>]+)<", picture) if text.strip()]


def test_the_pages_on_commands_show_every_command() -> None:
    pages = "\n".join(path.read_text(encoding="utf-8") for path in (DOCS / "commands").glob("*.md"))
    shown = re.findall(r"^## llmhub (.+)$", pages, re.MULTILINE)
    single = set(cli.list_commands(Context(cli))) - {"arena", "catalog", "remote"}
    groups = (arena, catalog, remote)
    of_groups = {f"{group.name} {name}" for group in groups for name in group.list_commands(Context(group))}
    assert sorted(shown) == sorted(single | of_groups)


def test_the_readme_has_at_most_200_lines() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 200


def test_the_page_on_settings_names_every_variable_that_the_program_reads_and_no_other() -> None:
    read = set(re.findall(r"LLMHUB_[A-Z_]+[A-Z]", _sources()))
    named = set(re.findall(r"`(LLMHUB_[A-Z_]+)`", (DOCS / "reference" / "settings.md").read_text(encoding="utf-8")))
    assert named == read


def test_ci_ends_with_the_test_command_of_the_readme() -> None:
    blocks = re.findall(r"```sh\n(.*?)\n```", README.read_text(encoding="utf-8"), re.DOTALL)
    test_command = blocks[1]
    lines = (REPOSITORY / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert lines[-1] == test_command
    assert test_command.endswith("pytest")


def test_every_test_that_is_named_as_a_proof_exists() -> None:
    folders = [REPOSITORY / name for name in ("llmhub", "migrations", "tests", "vendor")]
    ours = [path for folder in folders for path in folder.rglob("*.py")]
    defined = {name for path in ours for name in re.findall(r"def (test_\w+)\(", path.read_text(encoding="utf-8"))}
    for document in ("README.md", "SECURITY.md", "CONTRIBUTING.md", "docs/concepts/promises.md"):
        text = (REPOSITORY / document).read_text(encoding="utf-8")
        tests, files = set(re.findall(r"`(test_\w+)`", text)), set(re.findall(r"`(?:tests/)?([\w/]+\.py)\b", text))
        assert tests <= defined, document
        assert not [name for name in files if not any(path.as_posix().endswith(f"/{name}") for path in ours)], document


def test_the_script_of_the_page_on_ci_passes_on_the_demonstration_and_says_what_changed(
    demonstrated: Path, tmp_path: Path
) -> None:
    page = (DOCS / "guides" / "ci.md").read_text(encoding="utf-8")
    script = re.search(r"<!-- tested: ci -->\n```sh\n(.*?)\n```", page, re.DOTALL)
    assert script is not None
    shutil.copytree(demonstrated / DEMONSTRATION, tmp_path / DEMONSTRATION)
    printed = shell(script[1], tmp_path).splitlines()
    assert "the board changed:" in printed
    assert printed[-1] == "3 good models, the first: openai/fictional-ultra-4"
    # A damaged store fails the build.
    (tmp_path / DEMONSTRATION / "config" / "arena" / "arena.db").write_bytes(b"no store")
    with pytest.raises(subprocess.CalledProcessError):
        shell(script[1], tmp_path)


def test_the_page_on_sql_names_every_column_of_every_view(tmp_path: Path) -> None:
    path = tmp_path / "arena.db"
    database.upgrade(path)
    with closing(sqlite3.connect(path)) as connection:
        views = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'view'")]
        columns = {view: {row[1] for row in connection.execute(f"PRAGMA table_info({view})")} for view in views}
    section = (DOCS / "reference" / "sql.md").read_text(encoding="utf-8").split("<!-- generated")[0]
    paragraphs = {found[1]: found[2] for found in re.finditer(r"\*\*(\w+)\*\* (.*?)\n\n", section, re.DOTALL)}
    assert paragraphs.keys() == columns.keys()
    for view, text in paragraphs.items():
        assert columns[view] <= set(re.findall(r"`(\w+)`", text)), view

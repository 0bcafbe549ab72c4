"""What a command imports: asking is light, and only writing pays for the database's libraries."""

from __future__ import annotations

import pytest

from llmhub import settings
from llmhub.catalog import save_catalog
from llmhub.catalog.assembly.whole import stored_briefs
from llmhub.catalog.cache import stored_catalog
from llmhub.catalog.schema import Match
from tests.conftest import Llmhub
from tests.support.made_up.models import catalog_of, line, offer
from tests.support.made_up.stored_offers import store_offers
from tests.support.processes.commands import Run, ago, board, output, seed

WRITING = {"alembic", "sqlmodel", "sqlalchemy", "any_llm", "duckdb", "httpx", "filelock", "psutil"}
HEAVY = WRITING | {"pydantic", "rich", "jinja2"}
CHARTS = {"altair", "vl_convert", "narwhals", "jsonschema"}


@pytest.fixture
def two() -> None:
    """Store two snapshots."""
    for days in (2, 1):
        seed(board({"made-up-a": 1000.0 + days}), ago(days=days))


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize(
    ("command", "unwanted"),
    [
        ("--help", HEAVY | CHARTS),
        ("--version", HEAVY),
        ("arena --help", HEAVY),
        ("catalog --help", HEAVY),
        ("catalog show --help", HEAVY),
        ("demo --help", HEAVY),
        ("report --help", HEAVY),
        ("doctor --help", HEAVY),
        ("arena refresh --help", HEAVY),
        ("arena history --json", HEAVY),
        ("arena history --csv", HEAVY),
        ("arena history made-up-a --json", HEAVY),
        ("arena show --json", HEAVY),
        ("arena diff --json", HEAVY),
        ("arena movers --json", HEAVY),
        ("arena plot --help", HEAVY | CHARTS),
        ("arena export -o out", HEAVY | CHARTS),
        ("arena verify --json", HEAVY),
        ("arena prune --keep-last 1 --json", HEAVY - {"filelock"}),
        ("arena backup copy.db", HEAVY),
        ("arena history", WRITING | {"pydantic"}),
        ("arena status", WRITING - {"filelock"}),
    ],
)
def test_a_command_imports_only_what_it_needs(llmhub: Llmhub, command: str, unwanted: set[str]) -> None:
    run = llmhub(*command.split(), PYTHONPROFILEIMPORTTIME="1")
    output(run)
    assert imported_by(run) & unwanted == set()


def test_the_cached_catalog_is_shown_without_the_libraries_that_build_it(llmhub: Llmhub) -> None:
    save_catalog(catalog_of(line("lab/made-up")))
    run = llmhub("catalog", "show", "--json", PYTHONPROFILEIMPORTTIME="1")
    assert '"lab/made-up"' in output(run)
    assert imported_by(run) & (WRITING | {"rich"}) == set()


def test_what_is_stored_of_offers_is_read_without_pydantic(llmhub: Llmhub) -> None:
    for days in (2, 1):
        offers = {"lab/made-up": offer("lab/made-up", price_input_per_million=float(days))}
        store_offers(settings.arena_db(), offers, taken_at=ago(days=days))
    match = Match(kind="exact", target="lab/made-up", reason="made up")
    save_catalog(catalog_of(line("lab/made-up", modelsdev_match=match)))
    catalog = stored_catalog()
    assert catalog is not None
    stored_briefs(catalog)  # the first one builds and keeps them
    cost = "cost lab/made-up --input 1M"
    told = ("explain lab/made-up", "history lab/made-up", "diff --all", "providers", cost, "retirements")
    for command in (*told, "show --all", "show --all --kind all --top 1"):
        run = llmhub("catalog", *command.split(), "--json", PYTHONPROFILEIMPORTTIME="1")
        assert len(output(run)) > len("[]"), command  # with its line's end
        assert imported_by(run) & (WRITING | {"pydantic"}) == set(), command


def imported_by(run: Run) -> set[str]:
    """Return the packages that a run under PYTHONPROFILEIMPORTTIME imported."""
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in run.stderr.splitlines()}
    assert {"click", "llmhub"} <= imported, "the list of what is imported is read as it is written"
    return imported

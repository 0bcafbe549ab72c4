"""`llmhub catalog export` as it is run."""

from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path

import pytest

from llmhub.catalog.cache import save_catalog
from tests.conftest import Llmhub
from tests.support.made_up.models import catalog_of, line


@pytest.fixture
def saved(home: Path) -> Path:
    """Save a catalog of two models."""
    save_catalog(
        catalog_of(line("openai/a", price_input_per_million=1.0), line("telnyx/@b", display_name="=B(), or not"))
    )
    return home


@pytest.mark.usefixtures("saved")
def test_the_models_that_show_would_list_are_written_or_printed(llmhub: Llmhub, elsewhere: Path) -> None:
    config = llmhub("catalog", "export", "--format", "litellm", LLMHUB_OFFLINE="1")
    assert config.returncode == 0
    assert config.stdout.startswith('model_list:\n  - model_name: "openai/a"\n')
    assert config.stderr == "left out: LiteLLM has no provider for telnyx\n"
    rows = list(csv.DictReader(StringIO(llmhub("catalog", "export", "--format", "csv", LLMHUB_OFFLINE="1").stdout)))
    # A spreadsheet runs no name as a formula.
    assert [(row["display_name"], row["model_id"]) for row in rows] == [("A", "a"), ("'=B(), or not", "'@b")]
    proxy = llmhub("catalog", "export", "--format", "litellm", "-o", "config.yaml", LLMHUB_OFFLINE="1")
    assert proxy.stdout == f"wrote 1 model to {elsewhere / 'config.yaml'}\n"
    wrote = llmhub("catalog", "export", "--format", "markdown", "--search", "openai", "-o", "t.md", LLMHUB_OFFLINE="1")
    assert wrote.stdout == f"wrote 1 model to {elsewhere / 't.md'}\n"
    assert len((elsewhere / "t.md").read_text().splitlines()) == 3
    again = llmhub("catalog", "export", "--format", "csv", "-o", "t.md", LLMHUB_OFFLINE="1")
    assert again.returncode == 1
    assert "t.md is there already: give --force" in again.stderr
    assert (
        llmhub("catalog", "export", "--format", "parquet", "-o", "t.md", "--force", LLMHUB_OFFLINE="1").returncode == 0
    )
    assert (elsewhere / "t.md").read_bytes().startswith(b"PAR1")


@pytest.mark.usefixtures("saved")
@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--format", "parquet"), 2, "give -o FILE"),
        ((), 2, "Missing option '--format'"),
        (("--format", "csv", "--rated"), 1, "without --rated there would be 2"),
    ],
)
def test_what_cannot_be_written_is_said(llmhub: Llmhub, arguments: tuple[str, ...], code: int, said: str) -> None:
    ended = llmhub("catalog", "export", *arguments, LLMHUB_OFFLINE="1")
    assert ended.returncode == code
    assert said in ended.stderr

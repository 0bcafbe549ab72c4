"""`llmhub catalog plot`: pictures of how prices changed."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from llmhub.catalog import save_catalog
from tests.charts.images import read_page, read_png, texts
from tests.conftest import Llmhub
from tests.report.support import offer, save_offers, seed_prices, seed_without_a_key
from tests.support.made_up.models import catalog_of
from tests.support.processes.commands import error_line, files_in, output


def _svg(path: Path) -> list[str]:
    return texts(ET.fromstring(path.read_bytes()))  # noqa: S314 -- our own file


def test_prices_are_drawn_as_svg_png_and_page_with_names_notes_and_attribution(llmhub: Llmhub, tmp_path: Path) -> None:
    seed_prices()
    file = tmp_path / "out.svg"
    run = llmhub("catalog", "plot", "alpha/made-up-1", "beta/made-up-5", "-o", file)
    said = rf"drew the blended prices of 2 offers with 2 changes in {re.escape(str(file))}: \d+ KiB\n"
    assert re.fullmatch(said, output(run))
    words = _svg(file)
    assert any(one.startswith("Blended prices (3 x input + output) / 4, ") for one in words)
    assert any(re.fullmatch(r"alpha/made-up-1\s\$35\.00", one) for one in words)
    assert any(re.fullmatch(r"beta/made-up-5\s\$1\.25 until \d{4}-\d\d-\d\d", one) for one in words)
    assert any("hollow" in one and "ends where its offer went" in one for one in words)
    assert "Data: models.dev, https://models.dev, MIT" in words


def test_a_png_and_a_page_are_drawn_and_nothing_is_written_over(here: Llmhub, tmp_path: Path) -> None:
    seed_prices()
    output(here("catalog", "plot", "alpha/made-up-1", "-o", tmp_path / "out.png", "--theme", "dark"))
    assert read_png(tmp_path / "out.png").corner == "#14171c"
    page_file = tmp_path / "out.html"
    output(here("catalog", "plot", "alpha/made-up-1", "-o", page_file, "--price", "input", "--since", "20d"))
    page = read_page(page_file)
    assert {row["model"] for row in page.data["datasets"]["dots"] if "model" in row} == {"alpha/made-up-1"}
    assert "give --force" in error_line(here("catalog", "plot", "alpha/made-up-1", "-o", page_file))
    assert files_in(tmp_path) >= {"out.png", "out.html"}


def test_the_best_rated_callable_models_can_be_drawn(here: Llmhub, tmp_path: Path) -> None:
    seed_prices()
    save_offers()
    run = here("catalog", "plot", "--top", "2", "-o", tmp_path / "out.svg")
    assert "of 2 offers" in output(run)
    assert run.stderr == ""
    save_catalog(catalog_of(offer("alpha/made-up-1", "made-up-1", 1.0, 2.0)))
    assert "of 1 offer with 2 changes" in output(here("catalog", "plot", "--top", "9", "-o", tmp_path / "one.svg"))


def test_without_a_key_the_best_rated_models_are_drawn_at_the_offers_whose_price_counts(
    here: Llmhub, tmp_path: Path
) -> None:
    seed_without_a_key()
    run = here("catalog", "plot", "--top", "9", "-o", tmp_path / "out.svg")
    assert "of 2 offers with 2 changes" in output(run)
    assert run.stderr.startswith("no rated model can be called: these are the best of models.dev")
    words = _svg(tmp_path / "out.svg")
    assert any(one.startswith("anthropic/claude-opus-4-1-20250805") for one in words)
    assert any(one.startswith("openai/gpt-4.1") for one in words)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["alpha/made-up-1"], "--output"),
        (["alpha/made-up-1", "-o", "out.gif"], "cannot draw out.gif: its name must end in .png, .svg or .html"),
        (["-o", "out.svg"], "name models, or give --top"),
        (["made-up-1", "-o", "out.svg"], "it is offered as alpha/made-up-1"),
        (["alpha/made-up-1", "-o", "out.html", "--theme", "dark"], "--theme is for PNG and SVG"),
        (["alpha/made-up-1", "-o", "out.svg", "--price", "cache_read"], "a recorded cache_read price"),
        (["alpha/made-up-1", "-o", "out.svg", "--until", "2020-01-01"], "in that span of time"),
        (["--top", "3", "-o", "out.svg"], "no rated model can be called"),
        ([f"alpha/made-up-{number}" for number in range(25)] + ["-o", "out.svg"], "25 models are too many"),
    ],
)
def test_what_cannot_be_drawn_is_wrong_usage_and_writes_nothing(
    here: Llmhub, tmp_path: Path, words: list[str], said: str
) -> None:
    seed_prices()
    assert said in error_line(here("catalog", "plot", *words), code=2)
    assert files_in(tmp_path / "elsewhere") == set()

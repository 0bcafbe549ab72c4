"""`llmhub arena plot`: pictures of how models moved."""

from __future__ import annotations

import re
import subprocess
import sys
import sysconfig
from datetime import date
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from llmhub.charts.theme import DARK, LIGHT
from llmhub.installation import install_line
from tests.charts.images import read_page, read_png, texts
from tests.conftest import Llmhub
from tests.support.processes.commands import HOSTILE, Run, ago, arena_db, board, error_line, files_in, output, seed

BREAKOUT = "</script><script>window.harmed = 1</script>"


@pytest.fixture
def three() -> date:
    """Store three snapshots: all are 60 points up with the second, and made-up-a is not on it.

    Returns the day of the first.
    """
    moments = [ago(days=days) for days in (3, 2, 1)]
    first = {f"made-up-{letter}": 1000.0 + 10.0 * number for number, letter in enumerate("abcdef")}
    second = {name: rating + 60.0 for name, rating in first.items()}
    labs = dict.fromkeys(("made-up-e", "made-up-f"), "Made-Up Labs")
    seed(board(first), moments[0])
    seed(board({name: rating for name, rating in second.items() if name != "made-up-a"}), moments[1])
    seed(board(second), moments[2], organizations=labs)
    return moments[0].date()


def _svg(path: Path) -> list[str]:
    return texts(ET.fromstring(path.read_bytes()))  # noqa: S314 -- our own file


def test_an_svg_has_title_names_break_and_attribution_as_text(llmhub: Llmhub, three: date, tmp_path: Path) -> None:
    file = tmp_path / "out.svg"
    run = llmhub("arena", "plot", "made-up-a", "made-up-f", "-o", file)
    said = rf"drew 2 models at 3 publications of text / overall in {re.escape(str(file))}: \d+ KiB\n"
    assert re.fullmatch(said, output(run))
    assert run.stderr == ""
    words = _svg(file)
    assert any(one.startswith(f"Ratings on text / overall, {three} to ") for one in words)
    assert {one.split()[0] for one in words if one.startswith("made-up-")} == {"made-up-a", "made-up-f"}
    assert "+60.0" in words
    notes = " ".join(words).replace("\N{NO-BREAK SPACE}", " ")
    assert all(one in notes for one in ("Highest of these: made-up-f", "95 % interval", "broken", "re-anchored"))
    assert any(one.startswith("Data: LMArena") for one in words)


@pytest.mark.usefixtures("three")
def test_a_png_is_whole_and_on_the_ground_of_its_theme(here: Llmhub, tmp_path: Path) -> None:
    light, dark = tmp_path / "light.PNG", tmp_path / "dark.png"
    output(here("arena", "plot", "--top", "3", "-o", light))
    output(here("arena", "plot", "--top", "3", "-o", dark, "--theme", "dark"))
    images = read_png(light), read_png(dark)
    assert [image.corner for image in images] == [LIGHT.ground, DARK.ground]
    assert (images[0].width, images[0].height) == (images[1].width, images[1].height)
    assert images[0].width > 1500


def test_a_page_has_all_that_it_needs_and_its_names_stay_text(here: Llmhub, tmp_path: Path) -> None:
    names = (BREAKOUT, *HOSTILE)
    seed(board({name: 1000.0 + number for number, name in enumerate(names)}), ago(days=1))
    file = tmp_path / "out.html"
    assert output(here("arena", "plot", "--top", "24", "-o", file)).isascii()
    page = read_page(file)
    kinds = [tag for tag, _ in page.elements]
    # One picture for readers without script, and for each line a piece of it in the key.
    assert (kinds.count("script"), kinds.count("svg"), kinds.count("style")) == (2, 1 + len(names), 1)
    assert not {"link", "img", "iframe", "object", "embed", "base", "image", "use"} & set(kinds)
    loading = {"src", "href", "xlink:href", "srcset", "data", "poster", "action", "onload", "onerror"}
    assert not [pair for _, attributes in page.elements for pair in attributes.items() if pair[0] in loading]
    policy = next(one["content"] for _, one in page.elements if one.get("http-equiv") == "Content-Security-Policy")
    assert policy
    assert policy.startswith("default-src 'none'; ")
    assert "http" not in policy
    text = file.read_text(encoding="utf-8")
    assert "prefers-color-scheme: dark" in text
    # Addresses in it: namespaces, schemas, whom to name, and an editor that only Vega's menu opens, which is off.
    hosts = set(re.findall(r"https?://([\w.]+)", text))
    assert hosts <= {"www.w3.org", "vega.github.io", "github.com", "lmarena.ai", "huggingface.co"}
    assert "{actions:false," in page.scripts[1].replace(" ", "")
    models = {row["model"] for row in page.data["datasets"]["dots"]}
    assert BREAKOUT in models
    assert len(models) == len(names)
    for shape in ("wide", "narrow"):
        assert page.data[shape]["light"]["background"] != page.data[shape]["dark"]["background"]


@pytest.mark.usefixtures("three")
def test_models_can_be_the_first_of_the_board_or_an_organizations(here: Llmhub, tmp_path: Path) -> None:
    def drawn(*words: str) -> list[str]:
        output(here("arena", "plot", *words, "-o", tmp_path / "out.svg", "--force"))
        return [one.split()[0] for one in _svg(tmp_path / "out.svg") if one.startswith("made-up-")]

    assert drawn("--top", "2") == ["made-up-f", "made-up-e"]
    assert drawn("made-up-a", "--org", "made-up labs", "--top", "1") == ["made-up-a", "made-up-f"]


@pytest.mark.usefixtures("three")
def test_an_organization_has_its_best_eight_and_aligned_lines_say_by_how_much_they_were_moved(
    here: Llmhub, tmp_path: Path
) -> None:
    names = {f"made-up-{number}": 1000.0 + number for number in range(10)}
    seed(board(names), ago(hours=3), organizations=dict.fromkeys(names, "Many Labs"))
    run = here("arena", "plot", "--org", "many labs", "-o", tmp_path / "out.svg")
    assert "drew 8 models" in output(run)
    assert run.stderr == "the best 8 of 10 models of many labs: --top asks for more\n"
    assert sum(one.startswith("made-up-") for one in _svg(tmp_path / "out.svg")) == 8
    words = ("arena", "plot", "made-up-b", "--until", "1d", "--align", "--force")
    output(here(*words, "-o", tmp_path / "out.svg"))
    assert any("moved by up to +60.0 points" in one for one in _svg(tmp_path / "out.svg"))


def test_a_span_of_time_and_another_board_can_be_asked_for(here: Llmhub, three: date, tmp_path: Path) -> None:
    seed(board({"made-up-v": 900.0, "made-up-w": 910.0}), ago(days=9), leaderboard="vision", category="ocr")
    seed(board({"made-up-v": 901.0}), ago(days=1), leaderboard="vision", category="ocr")
    file = tmp_path / "out.svg"
    of_board = ("--leaderboard", "vision", "--category", "ocr")
    run = here("arena", "plot", "made-up-v", "made-up-w", "--since", "2d", *of_board, "-o", file)
    assert "drew 1 model at 1 publication of vision / ocr" in output(run)
    assert run.stderr == "no snapshot lists made-up-w between these dates: it is not drawn\n"
    assert any(one.startswith("Ratings on vision / ocr, ") for one in _svg(file))
    run = here("arena", "plot", "made-up-v", "--until", "2020-01-01", *of_board, "-o", tmp_path / "none.svg")
    assert "no snapshot lists any of the models between these dates" in error_line(run, code=2)
    assert files_in(tmp_path) >= {"out.svg"}
    assert not (tmp_path / "none.svg").exists()


def test_a_model_asked_for_under_both_its_names_is_drawn_once(here: Llmhub, tmp_path: Path) -> None:
    seed(board({"was-thinking": 1110.0, "made-up-a": 1000.0}), ago(days=2))
    seed(board({"was-high": 1110.0, "made-up-a": 1000.0}), ago(days=1))
    run = here("arena", "plot", "was-high", "was-thinking", "-o", tmp_path / "out.svg")
    assert "drew 1 model at 2 publications" in output(run)
    assert run.stderr == "was-thinking is was-high under another name: drawn once\n"


@pytest.mark.usefixtures("three")
def test_nothing_is_written_over_without_force_and_nothing_is_left_beside(here: Llmhub, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    file = folder / "out.svg"
    file.write_text("mine", encoding="utf-8")
    assert "give --force" in error_line(here("arena", "plot", "made-up-a", "-o", file))
    assert file.read_text(encoding="utf-8") == "mine"
    output(here("arena", "plot", "made-up-a", "-o", file, "--force"))
    assert any(one.startswith("made-up-a") for one in _svg(file))
    assert files_in(folder) == {"out.svg"}
    missing = tmp_path / "missing" / "out.svg"
    assert "cannot be written" in error_line(here("arena", "plot", "made-up-a", "-o", missing))


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["made-up-a"], "--output"),
        (["made-up-a", "-o", "out.gif"], "cannot draw out.gif: its name must end in .png, .svg or .html"),
        (["made-up-a", "-o", "out"], "cannot draw out: its name must end"),
        (["-o", "out.svg"], "name models, or give --top or --org"),
        (["made-up-z", "-o", "out.svg"], "no snapshot lists 'made-up-z' on text / overall"),
        (["--org", "Labs", "-o", "out.svg"], "it has those of Made-Up Labs"),
        (["--top", "0", "-o", "out.svg"], "--top"),
        (["made-up-a", "-o", "out.html", "--theme", "dark"], "--theme is for PNG and SVG"),
        (["made-up-a", "-o", "out.svg", "--leaderboard", "search"], "search"),
        ([f"made-up-{number}" for number in range(25)] + ["-o", "out.svg"], "25 models are too many for one chart"),
    ],
)
def test_what_cannot_be_drawn_is_wrong_usage_and_writes_nothing(
    llmhub: Llmhub, tmp_path: Path, words: list[str], said: str
) -> None:
    assert said in error_line(llmhub("arena", "plot", *words), code=2)
    assert files_in(tmp_path / "elsewhere") == set()


def test_without_a_store_there_is_nothing_to_draw(llmhub: Llmhub, tmp_path: Path) -> None:
    run = llmhub("arena", "plot", "--top", "3", "-o", tmp_path / "out.svg")
    assert "has no snapshot yet" in error_line(run, code=2)
    assert not arena_db().exists()


@pytest.fixture(scope="module")
def python_without_extra(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the Python of an environment that has all that this one has but what the extra installs."""
    folder = tmp_path_factory.mktemp("without-extra")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    (site,) = folder.glob("lib/python*/site-packages")
    for package in Path(sysconfig.get_path("purelib")).iterdir():
        if not package.name.startswith(("altair", "vl_convert")):
            (site / package.name).symlink_to(package)
    return folder / "bin" / "python"


@pytest.mark.usefixtures("three")
def test_without_the_extra_the_error_says_how_to_install_it(python_without_extra: Path, tmp_path: Path) -> None:
    def llmhub(*words: str) -> Run:
        command = [str(python_without_extra), "-m", "llmhub", "arena", *words]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    run = llmhub("plot", "made-up-a", "-o", "out.svg")
    why, _, advice = error_line(run).partition("): ")
    assert why == "charts need the extra `charts` (No module named 'altair'"
    assert advice.startswith(f"{python_without_extra} -m pip install ")
    assert advice.endswith('[charts]"')
    assert not (tmp_path / "out.svg").exists()
    assert "made-up-a" in output(llmhub("history", "made-up-a"))


@pytest.mark.usefixtures("three")
def test_an_extra_that_cannot_be_imported_is_said_in_its_own_words(
    llmhub: Llmhub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "vl_convert.py").write_text("raise ImportError('no version of it fits this machine')\n", encoding="utf-8")
    run = llmhub("arena", "plot", "made-up-a", "-o", tmp_path / "out.svg", PYTHONPATH=str(broken))
    monkeypatch.chdir(tmp_path)
    assert f"(no version of it fits this machine): {install_line('charts')}" in error_line(run)

"""The page around a chart: whole in itself, and harmless whatever names stand in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from llmhub.charts.page import page
from llmhub.charts.theme import THEMES, ThemeName
from tests.charts.images import read_page

HOSTILE = "</script><script>window.harmed = 1</script><!--"


def specs(title: str, **tables: list[dict[str, str]]) -> dict[str, dict[ThemeName, dict[str, Any]]]:
    return {
        shape: {
            theme: {"title": title, "background": f"{shape} {theme}", "datasets": {**tables, "labels": [shape]}}
            for theme in THEMES
        }
        for shape in ("wide", "narrow")
    }


def test_names_stay_text_and_scripts_whole_whatever_stands_in_them(tmp_path: Path) -> None:
    dots = [{"model": HOSTILE}]
    libraries = 'const before = "</script>"; const comment = "<!-- "; run(before);'
    file = tmp_path / "page.html"
    text = page(HOSTILE, specs(HOSTILE, dots=dots), libraries, "<svg></svg>", [HOSTILE])
    file.write_text(text, encoding="utf-8")
    found = read_page(file)
    assert [dict(attributes).get("type") for tag, attributes in found.elements if tag == "script"] == [
        "application/json",
        "module",
    ]
    assert found.title == HOSTILE
    assert found.data["datasets"] == {"dots": dots}
    assert found.data["narrow"]["dark"]["title"] == HOSTILE
    assert found.scripts[1].startswith('const before = "<\\/script>"; const comment = "\\x3c!-- "; run(before);\n')
    assert "<li>" in text
    assert text.count("</script>") == 2


def test_rows_that_all_share_are_in_the_page_once_and_the_others_once_for_each_shape(tmp_path: Path) -> None:
    text = page("a title", specs("a title", dots=[{"model": "made-up"}]), "", "")
    assert text.count('"made-up"') == 1
    file = tmp_path / "page.html"
    file.write_text(text, encoding="utf-8")
    data = read_page(file).data
    for shape in ("wide", "narrow"):
        assert data[shape]["datasets"] == {"labels": [shape]}
        assert {name: data[shape][name]["background"] for name in ("light", "dark")} == {
            "light": f"{shape} light",
            "dark": f"{shape} dark",
        }


def test_the_key_has_each_lines_number_and_name_in_its_colour_and_dashes() -> None:
    text = page("a title", specs("a title"), "", "", [f"made-up-{number}" for number in range(9)])
    assert "</svg> 1 made-up-0</li>" in text
    assert '<line class="line-8" x1="0" y1="5" x2="28" y2="5" stroke-dasharray="6 3"/></svg> 9 made-up-8' in text
    # The ninth line has the first one's colour again, in both themes.
    assert text.count(".line-8 { stroke: #0149dc; }") == text.count(".line-8 { stroke: #267ef5; }") == 1
    assert 'id="key"' not in page("a title", specs("a title"), "", "")

"""The page around a chart: whole in itself, and harmless whatever names stand in it."""

from __future__ import annotations

from pathlib import Path

from llmhub.charts.page import page
from tests.charts.images import read_page

HOSTILE = "</script><script>window.harmed = 1</script><!--"


def test_names_stay_text_and_scripts_whole_whatever_stands_in_them(tmp_path: Path) -> None:
    spec = {"title": HOSTILE, "datasets": {"dots": [{"model": HOSTILE}]}}
    libraries = 'const before = "</script>"; const comment = "<!-- "; run(before);'
    file = tmp_path / "page.html"
    file.write_text(page(HOSTILE, {"light": spec, "dark": spec}, libraries, "<svg></svg>"), encoding="utf-8")
    found = read_page(file)
    assert [dict(attributes).get("type") for tag, attributes in found.elements if tag == "script"] == [
        "application/json",
        "module",
    ]
    assert found.title == HOSTILE
    assert found.data["datasets"] == spec["datasets"]
    assert found.data["dark"]["title"] == HOSTILE
    assert found.scripts[1].startswith('const before = "<\\/script>"; const comment = "\\x3c!-- "; run(before);\n')


def test_rows_are_in_the_page_once_and_both_themes_draw_them(tmp_path: Path) -> None:
    specs = {name: {"background": name, "datasets": {"dots": [{"model": "made-up"}]}} for name in ("light", "dark")}
    text = page("a title", specs, "", "")
    assert text.count('"made-up"') == 1
    file = tmp_path / "page.html"
    file.write_text(text, encoding="utf-8")
    data = read_page(file).data
    assert {name: data[name]["background"] for name in ("light", "dark")} == {"light": "light", "dark": "dark"}

"""An HTML page with a chart, complete in one file: no server, no network, no other file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from llmhub.charts.theme import DARK, LIGHT, Theme, ThemeName, line_style

Specs = Mapping[str, Mapping[ThemeName, Mapping[str, Any]]]
"""A Vega-Lite spec by shape and by theme."""

# The policy also tells the browser to load nothing, whatever a script or a name in the page says.
_POLICY = "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data:"

# Pixels that the wide chart takes in any case.
_LEAST_WIDE = 720
# The wide chart is as wide as its names take: it is drawn and measured, and where the window has less room the narrow
# one is drawn in its place, which scales with the window.
_DRAWING = """{
const chart = JSON.parse(document.getElementById("chart-data").textContent);
const dark = window.matchMedia("(prefers-color-scheme: dark)");
let needed = chart.least;
let shape;
let shown = Promise.resolve();
const room = () => document.documentElement.clientWidth;
async function embed(before) {
  before?.finalize();
  shape = room() < needed ? "narrow" : "wide";
  const theme = dark.matches ? "dark" : "light";
  const {[theme]: layers, datasets} = chart[shape];
  document.body.className = shape;
  const spec = {...layers, datasets: {...chart.datasets, ...datasets}};
  return vegaEmbed("#chart", spec, {actions: false, renderer: "svg", tooltip: {theme}});
}
function draw() {
  shown = shown.then(embed).then((drawn) => {
    const width = document.querySelector("#chart svg").getBoundingClientRect().width;
    if (shape === "narrow" || width <= room()) return drawn;
    needed = width;
    return embed(drawn);
  });
}
dark.addEventListener("change", draw);
window.addEventListener("resize", () => { if (shape && (room() < needed) !== (shape === "narrow")) draw(); });
draw();
}
"""

# A still chart, for readers who allow no script, stays as large as it is drawn.
_STYLE = """main { width: fit-content; max-width: 100%; margin: auto; overflow-x: auto; }
.narrow main { width: auto; max-width: 560px; }
.narrow #chart { display: block; }
.narrow #chart svg { display: block; width: 100%; height: auto; }
#key { display: none; margin: 0; padding: 4px 16px 24px; list-style: none; font: 14px/1.4 system-ui, sans-serif; }
.narrow #key { display: block; }
#key li { display: flex; align-items: baseline; gap: 8px; padding: 3px 0; overflow-wrap: anywhere; }
#key svg { flex: none; width: 28px; height: 10px; }
#key line { stroke-width: 2.5; }"""


def page(title: str, specs: Specs, libraries: str, still: str, key: Sequence[str] = ()) -> str:
    """Return an HTML page that draws a chart, light or dark as its reader's system is set, and narrow on a phone.

    Args:
        title: the page's title, as plain text.
        specs: the Vega-Lite specs for `light` and `dark` in the shapes `wide` and `narrow`.
        libraries: JavaScript that defines `vegaEmbed`.
        still: the chart as SVG, for readers who allow no script.
        key: the names of the lines, which the narrow chart only numbers.
    """
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escape(title)}</title>
<style>
:root {{ color-scheme: light dark; }}
{_colours(LIGHT, len(key))}
@media (prefers-color-scheme: dark) {{ {_colours(DARK, len(key))} }}
{_STYLE}
</style>
</head>
<body>
<main><div id="chart"></div>{_key(key)}<noscript>{still}</noscript></main>
<script type="application/json" id="chart-data">{_embedded(specs)}</script>
<script type="module">{_script(libraries)}
{_DRAWING}</script>
</body>
</html>
"""


def _colours(theme: Theme, lines: int) -> str:
    strokes = (f".line-{number} {{ stroke: {line_style(theme, number)[0]}; }}" for number in range(lines))
    return " ".join((f"body {{ margin: 0; background: {theme.ground}; color: {theme.ink}; }}", *strokes))


def _key(names: Sequence[str]) -> str:
    """Return the names of the lines, each with its number and a piece of its line."""
    rows = []
    for number, name in enumerate(names):
        dashes = " ".join(map(str, line_style(LIGHT, number)[1]))
        line = f'<line class="line-{number}" x1="0" y1="5" x2="28" y2="5" stroke-dasharray="{dashes}"/>'
        rows.append(f'<li><svg aria-hidden="true" viewBox="0 0 28 10">{line}</svg> {number + 1} {escape(name)}</li>')
    return f'<ol id="key">{"".join(rows)}</ol>' if rows else ""


def _embedded(specs: Specs) -> str:
    """Return the specs, with what they share once, as JSON in which no name can end the enclosing script."""
    tables = {shape: themes["light"]["datasets"] for shape, themes in specs.items()}
    shared = {name: rows for name, rows in tables["wide"].items() if all(one[name] == rows for one in tables.values())}
    document: dict[str, Any] = {
        shape: {
            **{theme: {**spec, "datasets": None} for theme, spec in themes.items()},
            "datasets": {name: rows for name, rows in tables[shape].items() if name not in shared},
        }
        for shape, themes in specs.items()
    }
    document |= {"datasets": shared, "least": _LEAST_WIDE}
    return json.dumps(document, separators=(",", ":")).replace("<", "\\u003c")


def _script(code: str) -> str:
    r"""Return JavaScript that is safe inside HTML; in a string or a regular expression `<\/` means `</`."""
    return code.replace("</script", r"<\/script").replace("<!--", r"\x3c!--")

"""An HTML page with a chart, complete in one file: no server, no network, no other file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from typing import Any

from llmhub.charts.theme import DARK, LIGHT, Theme

# The policy also tells the browser to load nothing, whatever a script or a name in the page says.
_POLICY = "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data:"

_DRAWING = """{
const chart = JSON.parse(document.getElementById("chart-data").textContent);
const dark = window.matchMedia("(prefers-color-scheme: dark)");
let shown = Promise.resolve();
function draw() {
  shown = shown
    .then((before) => before && before.finalize())
    .then(() => {
      const spec = {...(dark.matches ? chart.dark : chart.light), datasets: chart.datasets};
      const tooltip = {theme: dark.matches ? "dark" : "light"};
      return vegaEmbed("#chart", spec, {actions: false, renderer: "svg", tooltip});
    });
}
dark.addEventListener("change", draw);
draw();
}
"""


def page(title: str, specs: Mapping[str, Mapping[str, Any]], libraries: str, still: str) -> str:
    """Return an HTML page that draws a chart, light or dark as its reader's system is set.

    Args:
        title: the page's title, as plain text.
        specs: the Vega-Lite spec for `light` and the one for `dark`.
        libraries: JavaScript that defines `vegaEmbed`.
        still: the chart as SVG, for readers who allow no script.
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
{_colours(LIGHT)}
@media (prefers-color-scheme: dark) {{ {_colours(DARK)} }}
main {{ width: fit-content; max-width: 100%; margin: auto; overflow-x: auto; }}
</style>
</head>
<body>
<main><div id="chart"></div><noscript>{still}</noscript></main>
<script type="application/json" id="chart-data">{_embedded(specs)}</script>
<script type="module">{_script(libraries)}
{_DRAWING}</script>
</body>
</html>
"""


def _colours(theme: Theme) -> str:
    return f"body {{ margin: 0; background: {theme.ground}; color: {theme.ink}; }}"


def _embedded(specs: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the specs, with their shared data once, as JSON in which no name can end the enclosing script."""
    document = {theme: {**spec, "datasets": None} for theme, spec in specs.items()}
    document["datasets"] = specs["light"]["datasets"]
    return json.dumps(document, separators=(",", ":")).replace("<", "\\u003c")


def _script(code: str) -> str:
    r"""Return JavaScript that is safe inside HTML; in a string or a regular expression `<\/` means `</`."""
    return code.replace("</script", r"<\/script").replace("<!--", r"\x3c!--")

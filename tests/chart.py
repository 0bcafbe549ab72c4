"""A chart of the demonstration's made-up data, for the documentation.

python -m tests.chart docs/chart.svg [light|dark]
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from llmhub.arena import SnapshotStore
from llmhub.charts.drawing import draw
from llmhub.charts.series import picture
from llmhub.charts.theme import ThemeName
from llmhub.demo import demonstration

MADE_UP = "Models, ratings and votes are made up: `llmhub demo`"


def draw_demo(target: Path, theme: ThemeName = "light") -> None:
    """Draw all models of the demonstration's newest board into a file, over one that is there; its ending counts."""
    with tempfile.TemporaryDirectory() as home, demonstration(Path(home)) as refreshes:
        list(refreshes)
        with SnapshotStore.open() as store:
            histories = [store.history(model) for model in store.scores()]
            drawn = picture(histories, store.timeline())
        draw(replace(drawn, attribution=MADE_UP), target, theme=theme, force=True)


if __name__ == "__main__":
    draw_demo(Path(sys.argv[1]).absolute(), "dark" if "dark" in sys.argv[2:] else "light")

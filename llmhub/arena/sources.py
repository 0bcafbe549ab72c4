"""Where snapshots of boards come from, and which source counts where two have one of the same moment."""

from __future__ import annotations

from typing import Literal, get_args

Source = Literal["script", "dataset", "arena-catalog"]
"""Where a snapshot came from: a run of the update script, imported Parquet, or imported upstream JSON."""

SOURCES: tuple[str, ...] = get_args(Source)
"""The sources in the order of their precedence: at one moment the first one's snapshot counts."""

_PRECEDENCE = {source: place for place, source in enumerate(SOURCES)}


def precedence(source: str) -> int:
    """Return a source's place in the order of precedence, the first one's being 0; other sources come last."""
    return _PRECEDENCE.get(source, len(SOURCES))

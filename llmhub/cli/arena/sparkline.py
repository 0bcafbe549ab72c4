"""Sparklines: numbers as one line of rising blocks, for terminals."""

from __future__ import annotations

import sys
from collections.abc import Sequence

_BLOCKS = "▁▂▃▄▅▆▇█"
_ASCII = "12345678"
_WIDTH = 60


def sparkline(values: Sequence[float], *, width: int = _WIDTH, levels: str | None = None) -> str:
    """Return numbers as one line of at most `width` characters, the lowest level for the least.

    If more numbers come than fit, each character shows the last number of its share.

    Args:
        values: the numbers, oldest first.
        width: the most characters.
        levels: the characters to draw with, lowest first; by default blocks, or the digits 1 to 8 where stdout's
            encoding has no blocks.

    Examples:
        >>> sparkline([1.0, 2.0, 8.0], levels="12345678")
        '128'
    """
    drawn = levels or (_BLOCKS if _can_show(_BLOCKS) else _ASCII)
    if len(values) > width:
        values = [values[(number + 1) * len(values) // width - 1] for number in range(width)]
    least, most = min(values, default=0.0), max(values, default=0.0)
    if least == most:
        return drawn[len(drawn) // 2] * len(values)
    scale = (len(drawn) - 1) / (most - least)
    return "".join(drawn[round((value - least) * scale)] for value in values)


def _can_show(text: str) -> bool:
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True

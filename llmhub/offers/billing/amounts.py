"""Read numbers of tokens as people write them. Pure."""

from __future__ import annotations

import re
from decimal import Decimal

MOST_TOKENS = 10**15
_TOKENS = re.compile(r"(\d+(?:\.\d+)?)([kmb]?)", re.ASCII | re.IGNORECASE)
_TIMES = {"": 1, "k": 10**3, "m": 10**6, "b": 10**9}


def tokens_of(text: str) -> int:
    """Return a number of tokens, such as 250000, 250,000, 250k or 1.5M.

    Examples:
        >>> tokens_of("1.5M"), tokens_of("250,000")
        (1500000, 250000)

    Raises:
        ValueError: the text is not such a number.
    """
    found = _TOKENS.fullmatch(text.strip().replace(",", "").replace("_", ""))
    number = found and Decimal(found[1]) * _TIMES[found[2].lower()]
    if number is None or number > MOST_TOKENS or number != int(number):
        raise ValueError(f"{text!r} is not a number of tokens up to 10^15: write 250000, 250k or 1.5M")
    return int(number)

"""Suggest existing names close to a misspelled one; never apply them."""

from __future__ import annotations

from collections.abc import Iterable

MOST = 3
"""How many names are suggested at most."""

_LONGEST = 100
_SHORTEST_PART = 3


def nearest(wanted: str, names: Iterable[str], most: int = MOST) -> list[str]:
    """Return the names spelled most like `wanted`, the likeliest first; an empty list if none is similar.

    Case does not count. First come names that contain `wanted`: those that begin with it, then shorter before longer.
    Then come names that `wanted` contains, then names that differ in few letters. Anything longer than 100 characters
    is similar to nothing.

    Examples:
        >>> nearest("gpt-4", ["claude-2", "gpt-4o-mini", "gpt-4o"])
        ['gpt-4o', 'gpt-4o-mini']
        >>> nearest("Overal", ["coding", "overall"])
        ['overall']
    """
    asked = wanted.strip().casefold()
    if not asked or len(asked) > _LONGEST:
        return []
    spelled: dict[str, str] = {}
    for name in names:
        if 0 < len(name) <= _LONGEST:
            spelled.setdefault(name.casefold(), name)
    within = [one for one in spelled if _is_part(asked, one) or _is_part(one, asked)]
    within.sort(key=lambda one: (one != asked, asked not in one, not one.startswith(asked), len(one), one))
    if len(within) < most:
        from difflib import get_close_matches

        others = [one for one in spelled if one not in within]
        within += get_close_matches(asked, others, n=most)
    return [spelled[one] for one in within[:most]]


def did_you_mean(wanted: str, names: Iterable[str]) -> str:
    """Return what to append to an unknown name, ` (did you mean gpt-4o?)`; an empty text if no name is similar.

    Examples:
        >>> did_you_mean("latst", ["latest", "previous"])
        ' (did you mean latest?)'
    """
    found = nearest(wanted, names)
    return f" (did you mean {listed(found)}?)" if found else ""


def listed(names: list[str], last: str = "or") -> str:
    """Return names as a choice, `a`, `a or b`, `a, b or c`; with `last` as another word before the last one.

    Examples:
        >>> listed(["a", "b", "c"])
        'a, b or c'
        >>> listed(["a", "b"], "and")
        'a and b'
    """
    return f" {last} ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def first_few(names: list[str]) -> str:
    """Return the first names and how many follow, in the order given.

    Examples:
        >>> first_few(["d", "c", "b", "a", "e"])
        'd, c, b and 2 more'
        >>> first_few(["b", "a"])
        'b, a'
    """
    more = len(names) - MOST
    return ", ".join(names[:MOST]) + (f" and {more:,} more" if more > 0 else "")


def shortened(text: str) -> str:
    """Return a text as a message shows it: cut off if it is long."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _is_part(part: str, whole: str) -> bool:
    return len(part) >= _SHORTEST_PART and part in whole

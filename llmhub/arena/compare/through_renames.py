"""Following one model through its renames, from moment to moment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

Line = TypeVar("Line")

Lines = Sequence[Line | None]
"""What stands under one name at each moment, the oldest first; None where the name is not listed."""

Partner = Callable[[str, int, int], str | None]
"""Says what the model listed under a name at one moment is called at a neighbouring one, if it was renamed."""


def follow(model: str, lines_of: Callable[[str], Lines[Line]], partner: Partner) -> list[tuple[str, Line] | None]:
    """Return for each moment the name that a model is listed under and its line; None where it is not listed.

    Where the name that was asked for is listed, that is the one. Where it is not, the model is looked for under the
    name that it got when it went (later moments first), or that it had before it came, and so on from there.

    Args:
        model: the name that is asked for.
        lines_of: gives the lines of a name; is called once for each name on the way.
        partner: is asked only where a name is listed at the first moment and not at the second.
    """
    known = {model: lines_of(model)}
    found = [None if line is None else (model, line) for line in known[model]]

    def line_at(name: str, moment: int) -> Line | None:
        if name not in known:
            known[name] = lines_of(name)
        return known[name][moment]

    def fill(moments: Iterable[int], step: int) -> None:
        name = model
        for moment in moments:
            here, before = found[moment], moment - step
            if here is None:
                line = line_at(name, moment)
                listed_before = 0 <= before < len(found) and found[before] is not None
                if line is None and listed_before and (other := partner(name, before, moment)) is not None:
                    name, line = other, line_at(other, moment)
                if line is not None:
                    found[moment] = (name, line)
            else:
                name = here[0]

    fill(range(len(found)), 1)
    fill(reversed(range(len(found))), -1)
    return found

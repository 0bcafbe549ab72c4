"""Find the rated model that an unrated one follows: the newest earlier one of the same line and size class; pure.

`claude-sonnet-5` follows `claude-sonnet-4-5-20250929` and no model of the opus or haiku lines; `gpt-5.5-mini` does not
follow `gpt-5`. A line is everything in an id except version, date and serving words. If two models may not be of one
line, or it is unclear which came first, there is no predecessor: a misleading guess is worse than none.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from llmhub.catalog.arena_model import ArenaModel
from llmhub.catalog.matching.dates import Day, days, parse_day
from llmhub.catalog.matching.grammar import Grammar, Parts
from llmhub.catalog.schema import ModelsDevModel

_VERSION = re.compile(r"([a-z]{0,2})(\d{1,2}(?:\.\d{1,2})?)")
_SIZE = re.compile(r"(\d+x|[a-z])?(\d+(?:\.\d+)?)([bte])")
# 27b follows 24b and 70b follows 72b; 8b and 14b are two classes.
_SAME_SIZE_WITHIN = 1.5
# A lab's date of a model and models.dev's release date can differ by some days.
_SLACK_DAYS = 31
# A model more than a year older says little about what labs can do now.
_TOO_LONG_DAYS = 410
# Words in the names of several labs' models: alone they do not identify a line.
_COMMON = frozenset(
    {"air", "chat", "code", "coder", "fast", "flash", "instruct", "large", "lite", "max", "medium", "mini", "nano"}
    | {"next", "plus", "pro", "small", "tiny", "turbo", "ultra", "vision", "vl"}
)
_SILENT = frozenset({None, "off"})


class RatedModel(NamedTuple):
    """A model of the leaderboard, with facts from models.dev.

    Attributes:
        arena: its rating.
        lab: who made it; None if unknown.
        released: the day or month in which it came out; None if unknown.
    """

    arena: ArenaModel
    lab: str | None = None
    released: str | None = None


class _Place(NamedTuple):
    """A model's position in its line."""

    line: tuple[str, ...]
    version: tuple[float, ...]
    parts: Parts
    lab: str | None
    day: Day | None


class Predecessors:
    """Finds the predecessors of unrated models among the rated ones."""

    def __init__(self, grammar: Grammar, rated: Iterable[RatedModel]) -> None:
        self._grammar = grammar
        self._lines: defaultdict[tuple[str, ...], list[tuple[_Place, ArenaModel]]] = defaultdict(list)
        for model in rated:
            parts = grammar.parse(model.arena.arena_id)
            place = _placed(parts, model.lab or parts.lab, _with_year(parts.date) or parse_day(model.released))
            if parts.tune != "base":
                self._lines[place.line].append((place, model.arena))

    def find(self, model_id: str, offer: ModelsDevModel, lab: str | None) -> ArenaModel | None:
        """Return the newest rated predecessor of a model; None if there is none, or it cannot be determined.

        Args:
            model_id: the id as its provider lists it.
            offer: its models.dev entry.
            lab: who made it.
        """
        own = self._grammar.parse(model_id)
        day = _with_year(own.date) or parse_day(offer.last_updated if own.floating else offer.release_date)
        for text in (offer.canonical_model_id, model_id, offer.display_name):
            if text is None:
                continue
            parts = self._grammar.parse(text)
            if "base" in {parts.tune, own.tune}:
                return None
            place = _placed(parts, lab or parts.lab, _with_year(parts.date) or day)
            if text == offer.display_name and not set(_placed(own, None, None).line) <= set(place.line):
                # A name that omits a word of the id, such as pro.
                continue
            if found := self._newest(place, offer):
                return found
        return None

    def _newest(self, own: _Place, offer: ModelsDevModel) -> ArenaModel | None:
        silent = offer.supports_reasoning is False or own.parts.mode == "off"
        before = [
            (place, arena)
            for place, arena in self._lines.get(own.line, ())
            if _of_one_lab(place, own)
            and _of_one_size(place.parts.sizes, own.parts.sizes)
            and (not silent or place.parts.mode in _SILENT)
            and (place.parts.tune == own.parts.tune or own.parts.sizes or offer.open_weights)
            and _came_before(place, own)
        ]
        if not before:
            return None

        def newness(candidate: tuple[_Place, ArenaModel]) -> tuple[object, ...]:
            place, arena = candidate
            when = -1 if place.day is None else days(place.day)
            mode = 2 * (place.parts.mode == own.parts.mode) + (place.parts.mode is None)
            # Of one model at several settings the lowest rating: a guess must not flatter.
            return place.version, when, mode, -arena.rating, arena.arena_id

        return max(before, key=newness)[1]


def _placed(parts: Parts, lab: str | None, day: Day | None) -> _Place:
    line: list[str] = []
    version: list[float] = []
    for word in parts.words:
        if found := _VERSION.fullmatch(word):
            version.append(float(found[2]))
            line.extend([found[1]] if found[1] else [])
        else:
            line.append(word)
    return _Place(tuple(sorted(line)), tuple(sorted(version)), parts, lab, day)


def _with_year(day: Day | None) -> Day | None:
    """Return a date with a year so that it can be compared: 0125 may be of any year."""
    return None if day is None or day.year is None else day


def _of_one_lab(one: _Place, other: _Place) -> bool:
    if one.lab is not None and other.lab is not None:
        return one.lab == other.lab
    return any(len(word) > 1 and word not in _COMMON for word in one.line)


def _came_before(place: _Place, own: _Place) -> bool:
    """Say whether a rated model came before another of its line, by at most a year, or is the same one at a setting."""
    apart = days(place.day) - days(own.day) if place.day and own.day else None
    if apart is not None and not -_TOO_LONG_DAYS <= apart <= _SLACK_DAYS:
        return False
    if place.version == own.version:
        return _is_older_snapshot(place, own, apart)
    if not own.version:
        return own.parts.floating and apart is not None
    if len(place.version) != len(own.version):
        return not place.version and apart is not None and apart < 0
    if apart is None and int(place.version[0]) != int(own.version[0]):
        # Without dates, two major versions may be years apart.
        return False
    return all(older <= newer for older, newer in zip(place.version, own.version, strict=True))


def _is_older_snapshot(place: _Place, own: _Place, apart: int | None) -> bool:
    """Say whether a rated model of the same version is an older snapshot, or the same model at another setting."""
    if apart is None and own.day and place.parts.date and own.parts.date in {None, own.day}:
        # In one version 0617 is of the same year, unless that day would be in the future.
        date = place.parts.date._replace(year=own.day.year)
        if (apart := days(date) - days(own.day)) > 0:
            return False
    if apart is not None and apart < -_SLACK_DAYS:
        return True
    same = place.parts.words == own.parts.words and place.parts.sizes == own.parts.sizes
    return same and (place.parts.mode, place.parts.preview) != (own.parts.mode, own.parts.preview)


def _of_one_size(one: frozenset[str], other: frozenset[str]) -> bool:
    if one == other:
        return True
    first, second = _sizes(one), _sizes(other)
    return first.keys() == second.keys() and all(
        max(first[kind], second[kind]) <= _SAME_SIZE_WITHIN * min(first[kind], second[kind]) for kind in first
    )


def _sizes(texts: Iterable[str]) -> dict[str, float]:
    """Return parameter counts by kind: total, active, or number of experts."""
    sizes: dict[str, float] = {}
    for text in texts:
        if found := _SIZE.fullmatch(text):
            times = float(found[1][:-1]) if found[1] and found[1].endswith("x") else 1.0
            unit = 1000.0 if found[3] == "t" else 1.0
            kind = "experts" if found[3] == "e" else "all" if not found[1] or times > 1 else found[1]
            sizes[kind] = times * unit * float(found[2])
        else:
            sizes[text] = 1.0
    return sizes

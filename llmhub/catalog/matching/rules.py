"""The rules that narrow a leaderboard's entries down to the one that an id means; pure.

Each rule takes the remaining entries and returns those that may still be meant, or stops with the reason why none is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import NamedTuple

from llmhub.catalog.matching.dates import same_day
from llmhub.catalog.matching.grammar import FIRST_REVISIONS, Parts
from llmhub.catalog.matching.offers import Offers
from llmhub.catalog.matching.readings import labs_agree
from llmhub.catalog.schema import ModelsDevModel

_ALL_PARAMETERS = re.compile(r"\d+(?:\.\d+)?[bt]")


class Entry(NamedTuple):
    """A leaderboard's name for a model, its parts, and the sizes that the name omits."""

    name: str
    parts: Parts
    left_out: frozenset[str] = frozenset()


class Stop(Exception):  # noqa: N818 -- not an error: a rule that leaves no entry
    """No entry is left; carries the reason and the entries before it."""

    def __init__(self, reason: str, pool: Iterable[Entry]) -> None:
        super().__init__(reason)
        self.reason = reason
        self.looked_at = tuple(entry.name for entry in pool)


def may_be(entry: Parts, reading: Parts) -> bool:
    """Say whether an entry's lab is compatible with the id.

    A lab in the entry's own name is part of it: `deepseek-llm-67b-chat` is not any llm.
    """
    if entry.lab is not None and reading.lab is None:
        return sum(word[0].isalpha() for word in entry.words) > 1
    return labs_agree(entry, reading)


def of_size(pool: list[Entry], reading: Parts, offers: Offers) -> list[Entry]:
    """Keep the entries of this size; a size stated on one side only counts if no other size is known."""
    asked = reading.sizes
    if same := [entry for entry in pool if entry.parts.sizes == asked or _leaves_out(entry, asked)]:
        if len(same) == len(pool) or asked or not _sizes(pool):
            return same
        # An entry without a size differs from those with one: deepseek-r1 beside a distilled deepseek-r1-70b.
        pool = same
    if asked:
        pool = [entry for entry in pool if not entry.left_out]
    listed = offers.sizes(reading)
    known = (listed | _sizes(pool) | {asked}) - {frozenset()}
    alike = [sizes for sizes in known if not asked or _same_size(sizes, asked)]
    kept = [entry for entry in pool if not entry.parts.sizes or entry.parts.sizes in alike]
    # A size stated on one side only must be the model's only size.
    bare = any(not entry.parts.sizes for entry in kept)
    if kept and _is_chain(known if bare else alike) and (asked in listed or not bare or not asked):
        if asked or listed or bare or any(same_day(entry.parts.date, reading.date) for entry in kept):
            return kept
        # falcon, which may be one of 7b as well as the rated one of 180b.
        raise Stop("the id says no size, and nothing says that the rated one is its only size", pool)
    others = ", ".join(sorted(" ".join(sorted(sizes)) for sizes in known - {asked}))
    if not asked:
        raise Stop(f"it comes in several sizes ({others}), and the id does not say which", pool)
    said = f"the id says {' '.join(sorted(asked))}"
    if others:
        raise Stop(f"{said}, and other sizes were rated or are listed ({others})", pool)
    raise Stop(f"{said}, and nothing says that the rated model has that size", pool)


def _leaves_out(entry: Entry, asked: frozenset[str]) -> bool:
    return bool(asked) and not entry.parts.sizes and asked <= entry.left_out


def _same_size(one: frozenset[str], other: frozenset[str]) -> bool:
    """Say whether two sizes may be one in more or less detail: 17b and 17b 128e, but not 70b and 70b 1b."""
    more = one ^ other
    return (one <= other or other <= one) and bool(one & other) and not any(map(_ALL_PARAMETERS.fullmatch, more))


def _is_chain(sizes: Iterable[frozenset[str]]) -> bool:
    """Say whether each set is part of the next larger one: 17b of 17b 128e."""
    ordered = sorted(sizes, key=len)
    return all(one <= two for one, two in pairwise(ordered))


def _sizes(pool: Iterable[Entry]) -> set[frozenset[str]]:
    return {entry.parts.sizes for entry in pool if entry.parts.sizes}


def of_preview(pool: list[Entry], reading: Parts, offers: Offers) -> list[Entry]:
    """Keep previews for previews: a preview counts as the released model only until its lab releases one."""
    same = [entry for entry in pool if entry.parts.preview == reading.preview]
    if not reading.preview:
        same += [e for e in pool if e.parts.preview and same_day(e.parts.date, reading.date)]
    if same:
        return same
    released = offers.released_without_preview(reading)
    if released is None:
        return pool
    if reading.preview:
        raise Stop(f"it is a preview, and {released} is another model", pool)
    raise Stop("only a preview of it was rated", pool)


def of_tune(pool: list[Entry], reading: Parts, offers: Offers, closed: frozenset[str]) -> list[Entry]:
    """Keep the entries with the same training: to follow instructions, or not."""
    if reading.tune == "base":
        kept = [entry for entry in pool if entry.parts.tune == "base"]
        reason = "it is the base model, and the one that follows instructions was rated"
    elif reading.tune == "instruct":
        if same := [entry for entry in pool if entry.parts.tune == "instruct"]:
            return same
        # For a closed model `instruct` names a variant: gpt-3.5-turbo-instruct completes text.
        is_open = bool(reading.sizes) or offers.has_open_weights(reading)
        if is_open is None:
            is_open = closed.isdisjoint(reading.words)
        kept = [entry for entry in pool if entry.parts.tune is None and is_open]
        reason = "the id says instruct, and the entry does not"
    else:
        kept = pool
        if reading.bare_weights and reading.sizes:
            tuned = any(entry.parts.tune for entry in pool)
            kept = [entry for entry in pool if entry.parts.tune is None and not (tuned and entry.parts.mode)]
        reason = "a size and no word of tuning name the base weights, and the model that follows instructions was rated"
    if not kept:
        raise Stop(reason, pool)
    return kept


def of_named_mode(pool: list[Entry], reading: Parts) -> list[Entry]:
    """Keep the entries of the mode that the id names, if it names one."""
    if reading.mode is None:
        return pool
    same = [entry for entry in pool if entry.parts.mode == reading.mode]
    if not same:
        raise Stop(f"the id says {_mode_text(reading.mode)}, and that was not rated", pool)
    if reading.budget is None:
        return same
    alike = [entry for entry in same if entry.parts.budget in {None, reading.budget}]
    if not alike:
        raise Stop(f"the id says a budget of {reading.budget} tokens for thinking, and that was not rated", same)
    return alike


def of_default_mode(
    pool: list[Entry], reading: Parts, offer: ModelsDevModel | None, offers: Offers
) -> tuple[list[Entry], str | None]:
    """Keep the entries of the default setting, or of the only rated setting, and note that case."""
    if reading.mode is not None:
        return pool, None
    thinks = offer.supports_reasoning if offer else None
    plain = [entry for entry in pool if entry.parts.mode is None]
    others = [entry for entry in pool if entry.parts.mode is not None]
    if plain:
        if others and reading.tune is None and thinks is not False and all(e.parts.tune for e in plain):
            raise Stop("instruct and thinking are two models here, and the id does not say which", pool)
        return plain, None
    if thinks is False or (thinks is None and offers.never_thinks(reading)):
        others = [entry for entry in others if entry.parts.mode == "off"]
        if not others:
            raise Stop("it was rated while thinking, which this one does not", pool)
    modes = {(entry.parts.mode, entry.parts.budget) for entry in others}
    if len(modes) > 1:
        raise Stop("it was rated at several settings, none of them the default", pool)
    mode, _ = modes.pop()
    return others, f"rated with {_mode_text(mode or '')} only: the same model at that setting"


def of_revision(pool: list[Entry], reading: Parts, offer: ModelsDevModel | None) -> list[Entry]:
    """Keep the entries of this revision; without one in the id, the only one, or the first if the id never moved."""
    if reading.revision is not None:
        same = [
            entry
            for entry in pool
            if entry.parts.revision == reading.revision or {entry.parts.revision, reading.revision} <= FIRST_REVISIONS
        ]
        if not same:
            raise Stop(f"another revision was rated, not {reading.revision}", pool)
        return same
    revisions = {entry.parts.revision for entry in pool}
    if len(revisions) == 1:
        return pool
    numbered = sorted(revision for revision in revisions if revision is not None)
    if len(numbered) == len(revisions) and offer and offer.release_date and offer.release_date == offer.last_updated:
        return [entry for entry in pool if entry.parts.revision == numbered[0]]
    raise Stop(f"several revisions were rated ({', '.join(numbered)}), and the id does not say which", pool)


def only_one(pool: list[Entry], reading: Parts) -> Entry:
    """Return the entry; of several that differ only in serving, the one served alike, or the first."""
    if len({entry.parts._replace(serving=frozenset()) for entry in pool}) > 1:
        raise Stop("two entries fit", pool)
    alike = prefer(pool, lambda entry: bool(entry.parts.serving & reading.serving))
    return min(alike, key=lambda entry: entry.name)


def prefer(pool: list[Entry], wanted: Callable[[Entry], bool]) -> list[Entry]:
    """Return the entries that satisfy a condition, or all if none does."""
    return [entry for entry in pool if wanted(entry)] or pool


def have_siblings(undated: list[Entry], pool: list[Entry]) -> bool:
    """Say whether dated snapshots of an undated entry were rated."""
    return any(entry.parts.date is not None and trained_alike(entry, undated) for entry in pool)


def trained_alike(entry: Entry, others: list[Entry]) -> bool:
    """Say whether an entry has the tuning and mode of one of the others."""
    return any((entry.parts.tune, entry.parts.mode) == (other.parts.tune, other.parts.mode) for other in others)


def _mode_text(mode: str) -> str:
    return {"off": "thinking off", "thinking": "thinking"}.get(mode, f"effort {mode}")

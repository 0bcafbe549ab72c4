"""Tell an offer's life over time: since when a source lists it, and when it said what of its end. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from llmhub.offers.fields import Moment

if TYPE_CHECKING:
    from llmhub.offers.history import Change
    from llmhub.offers.values import Offer

_NOTHING = (None, None, None, None)


class Step(NamedTuple):
    """What a source said of an offer's life from a moment on; None if it says nothing.

    Attributes:
        at: the moment of the snapshot that first said so.
        status: its word for the offer's life.
        retires_on: the day on which it ends.
        retires_earliest: the day before which it does not end.
        replacement: its successor.
        citation: the page that the source cites.
    """

    at: Moment
    status: str | None
    retires_on: str | None
    retires_earliest: str | None
    replacement: str | None
    citation: str | None


class Story(NamedTuple):
    """What one source said of an offer's life over time.

    Attributes:
        source: the source.
        since: the moment of the first snapshot that lists the offer.
        went: the moment of the first snapshot that no longer lists it; None while it is listed.
        steps: what the source said of its life, oldest first; empty if it never said anything.
    """

    source: str
    since: Moment
    went: Moment | None
    steps: tuple[Step, ...]


def story_of(source: str, changes: Sequence[Change]) -> Story | None:
    """Return what a source said of an offer's life; None if it never listed the offer.

    Args:
        source: the source.
        changes: how the offer changed there, oldest first.
    """
    listed = [(change.recorded.taken_at, change.offer) for change in changes if change.offer is not None]
    if not listed:
        return None
    steps: list[Step] = []
    for at, offer in listed:
        said = _said(at, offer)
        before = steps[-1][1:5] if steps else _NOTHING
        if said[1:5] != before:
            steps.append(said)
    went = changes[-1].recorded.taken_at if changes[-1].offer is None else None
    return Story(source, listed[0][0], went, tuple(steps))


def _said(at: Moment, offer: Offer) -> Step:
    return Step(at, offer.status, offer.retires_on, offer.retires_earliest, offer.replacement, offer.retires_source)

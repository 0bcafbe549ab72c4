"""The pages of boards: their names, and what a row of a board can be filtered by; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from llmhub.arena.boards import OVERALL
from llmhub.report import words
from llmhub.report.offers import price_in
from llmhub.report.slugs import slug

if TYPE_CHECKING:
    from llmhub.catalog.schema import CanonicalModel
    from llmhub.report.data import Board
    from llmhub.report.over_time.days import OffersOverTime

OWN_PAGE = "index.html"

_CAN = ("tools", "vision")
_ENDED = ("retired", "deprecated")


def paths_of(boards: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Return the path of each board's page, by its leaderboard and category; the first one has the site's first page.

    Examples:
        >>> paths_of([("text", "overall"), ("text", "creative_writing")])[("text", "creative_writing")]
        'board-text.creative-writing.html'
    """
    paths: dict[tuple[str, str], str] = {}
    for number, board in enumerate(boards):
        # An underscore is written as a hyphen unless that makes two names one; then a digest tells them apart.
        plain = ".".join(slug(name.replace("_", "-")) for name in board)
        path = f"board-{plain}.html"
        if path in paths.values():
            path = f"board-{slug('/'.join(board))}.html"
        paths[board] = path if number else OWN_PAGE
    return paths


class BoardLink(NamedTuple):
    """A link to a board's page; `here` says that it is the page that shows it."""

    text: str
    path: str
    here: bool


class BoardLinks(NamedTuple):
    """The links from one board to the other leaderboards, and to the other categories of its own."""

    leaderboards: tuple[BoardLink, ...]
    categories: tuple[BoardLink, ...]


def links_from(board: Board, boards: Sequence[Board]) -> BoardLinks:
    """Return the links from a board: to each leaderboard in the same category, if it has that, and to each category."""
    by_leaderboard: dict[str, list[Board]] = {}
    for other in boards:
        by_leaderboard.setdefault(other.leaderboard, []).append(other)
    leaderboards = []
    for name, inside in sorted(by_leaderboard.items()):
        wanted = (board.category, OVERALL)
        best = min(inside, key=lambda one: wanted.index(one.category) if one.category in wanted else len(wanted))
        leaderboards.append(BoardLink(name, best.path, name == board.leaderboard))
    inside = sorted(by_leaderboard[board.leaderboard], key=lambda one: (one.category != OVERALL, one.category))
    categories = tuple(BoardLink(one.category, one.path, one is board) for one in inside)
    return BoardLinks(tuple(leaderboards), categories)


def filters_of(
    offers: Sequence[CanonicalModel],
    lab: str | None,
    model: str,
    recorded: OffersOverTime,
    *,
    can_be_called: bool = True,
) -> Mapping[str, str]:
    """Return what a model's row can be filtered by; what is unknown is left out.

    `call` says whether it can be called (1 or 0); `lab`, who made it; `open`, whether its weights are (1 or 0); `can`,
    whether it has tools and vision; `price`, blended; `free`, that an offer of it costs nothing; `life`, that every
    known offer of it is deprecated or retired.
    """
    found: dict[str, str] = {}
    if offers:
        found["call"] = str(int(can_be_called))
    if lab:
        found["lab"] = words.short(lab)
    weights = [offer.open_weights for offer in offers if offer.open_weights is not None]
    if weights:
        found["open"] = str(int(any(weights)))
    if can := [name for name in _CAN if any(name in offer.tags for offer in offers)]:
        found["can"] = " ".join(can)
    price = price_in(tuple(offers))
    if price.blended is not None or price.kind == "free":
        found["price"] = f"{price.blended or 0:g}"
    if any(_is_free(offer) for offer in offers):
        found["free"] = "1"
    if life := _life(recorded.lives.get(model, ())):
        found["life"] = life
    return found


def free_offers(offers: Iterable[CanonicalModel]) -> list[CanonicalModel]:
    """Return the offers that cost nothing."""
    return [offer for offer in offers if _is_free(offer)]


def _is_free(offer: CanonicalModel) -> bool:
    return offer.price_input_per_million == 0 and offer.price_output_per_million == 0


def _life(statuses: Iterable[str]) -> str | None:
    """Return the earliest stage of life of a model's offers, if none of them is still active."""
    known = set(statuses)
    return next((stage for stage in reversed(_ENDED) if stage in known), None) if known and known <= {*_ENDED} else None

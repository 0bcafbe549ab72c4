"""Rows of tables that can be thousands: built here, since a template takes fifteen times as long; pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from markupsafe import Markup, escape

from llmhub.arena.boards import RankedEntry, Score
from llmhub.arena.compare.history import HistoryPoint
from llmhub.arena.compare.ranks import worst_ranks
from llmhub.catalog.choosing.selection import price_of
from llmhub.report import words
from llmhub.report.data import Board, Place
from llmhub.report.drawing.pictures import Interval, Intervals
from llmhub.report.over_time.days import OfferRow

if TYPE_CHECKING:
    from llmhub.catalog.schema import CanonicalModel

# The same markup as the templates' macro of that name.
_UNKNOWN_TEXT = (
    '<span class="unknown"><span aria-hidden="true">\N{EN DASH}</span><span class="sr">unknown</span></span>'
)
_UNKNOWN = f'<td class="n">{_UNKNOWN_TEXT}</td>'


def attributes(filters: Mapping[str, str]) -> Markup:
    """Return a row's attributes, by which the script filters."""
    # `Markup.format` would take five times as long, for each row of each board.
    return Markup("".join(f' data-{name}="{escape(value)}"' for name, value in filters.items()))  # noqa: S704 -- escaped


def rank_cell(score: RankedEntry, worst: int | None) -> Markup:
    """Return the cell with a model's rank, and below it the ranks that the intervals allow."""
    spread = ""
    if score.rank_ub is not None and worst is not None and score.rank_ub != worst:
        spread = f'<small><span class="sr"> possibly </span>{score.rank_ub}\N{EN DASH}{worst}</small>'
    return Markup(f'<td class="n rank" data-v="{score.rank}">{score.rank}{spread}</td>')  # noqa: S704 -- numbers alone


def interval_cell(score: RankedEntry, at: Interval, width: float) -> Markup:
    """Return the cell with a model's interval on the board's scale, and the numbers to draw it on another one."""
    told = words.span(score.lower, score.upper)
    bounds = [score.rating if bound is None else bound for bound in (score.lower, score.upper)]
    if at.middle is None:
        drawn = '<path class="off" d="M1 11l6-4v8z"/>'
    else:
        drawn = f'<path class="range" d="M{at.low:.1f} 11H{at.high:.1f}"/><path class="at" d="M{at.middle:.1f} 6v10"/>'
    by_width = f' data-v="{score.upper - score.lower}"' if score.lower is not None and score.upper is not None else ""
    return Markup(  # noqa: S704 -- numbers alone
        f'<td class="iv"{by_width} data-i="{bounds[0]:g} {score.rating:g} {bounds[1]:g}">'
        f'<svg width="{width:.0f}" height="22" viewBox="0 0 {width:.0f} 22" role="img" aria-label="{told}">'
        f'<title>{told}</title><use href="#grid"/>{drawn}</svg></td>'
    )


class ChangeColumns(NamedTuple):
    """Which columns of a table of changes have anything: the values, their ratio, and a note."""

    values: bool
    ratio: bool
    note: bool


def filled_columns(rows: Iterable[OfferRow]) -> ChangeColumns:
    """Return which columns of a table of changes have anything."""
    rows = list(rows)
    return ChangeColumns(
        values=not all(row.is_whole for row in rows),
        ratio=any(row.ratio is not None for row in rows),
        note=any(row.note for row in rows),
    )


def has_votes(scores: Iterable[Score | RankedEntry]) -> bool:
    """Say whether the votes of any of the scores are known: a column without any is left out."""
    return any(score.votes is not None for score in scores)


def has_notes(points: Iterable[HistoryPoint], model: str) -> bool:
    """Say whether any row of a history has a note."""
    return any(True for point in points for _ in _notes(point, model))


def board_rows(
    board: Board,
    intervals: Intervals,
    pages: Mapping[str, str],
    filters: Callable[[RankedEntry], Mapping[str, str]],
    prices: Callable[[str], tuple[float | None, float | None]] | None,
) -> Markup:
    """Return the rows of a board without changes and tiers.

    Args:
        board: the board.
        intervals: of its scores.
        pages: the page of each model that has one.
        filters: what a model's row can be filtered by.
        prices: a model's price in and out, None if unknown; None to leave the columns out.
    """
    rows, worst = [], worst_ranks(board.scores)
    named, voted = any(score.organization for score in board.scores), has_votes(board.scores)
    for score in board.scores:
        name = escape(words.short(score.model))
        link = f'<a href="{pages[score.model]}">{name}</a>' if score.model in pages else name
        priced = "" if prices is None else "".join(_known_cell(one, words.dollars) for one in prices(score.model))
        organization = escape(words.short(score.organization)) if score.organization else _UNKNOWN_TEXT
        organization_cell = f'<td class="s org">{organization}</td>' if named else ""
        rows.append(
            f"<tr{attributes(filters(score))}>{rank_cell(score, worst.get(score.model))}"
            f'<th scope="row" class="model s">{link}</th>{organization_cell}'
            f"{_cell(score.rating, words.points(score.rating))}"
            f"{interval_cell(score, intervals.of[score.model], intervals.width)}"
            f"{_known_cell(score.votes, words.whole) if voted else ''}{priced}</tr>"
        )
    return Markup("\n".join(rows))  # noqa: S704 -- numbers, and outside text is escaped


def place_rows(places: Sequence[Place], paths: Mapping[tuple[str, str], str], home: str) -> Markup:
    """Return the rows of the table of a model's boards, each with a link to the board's page."""
    rows, voted = [], has_votes(place.score for place in places)
    for place in places:
        # Without underscores, at which no browser breaks a line; as in the links to the boards.
        score, category = place.score, words.short(place.category).replace("_", " ")
        board = f"{words.short(place.leaderboard)} / {category}"
        day = place.snapshot.leaderboards[place.leaderboard] or place.snapshot.taken_at.date()
        link = f'<a href="{home}{paths[place.leaderboard, place.category]}">{escape(board)}</a>'
        rows.append(
            f'<tr><th scope="row" class="model">{link}</th>{_cell(score.rank, str(score.rank))}'
            f"{_cell(place.models, str(place.models))}{_cell(score.rating, words.points(score.rating))}"
            f'<td class="n">{words.span(score.lower, score.upper)}</td>'
            f"{_known_cell(score.votes, words.whole) if voted else ''}"
            f'<td class="n">{day}</td></tr>'
        )
    return Markup("\n".join(rows))  # noqa: S704 -- numbers and paths, and outside text is escaped


def offer_rows(offers: Sequence[CanonicalModel], within_reach: Collection[str]) -> Markup:
    """Return the rows of the table of offers that no key of this machine calls.

    Args:
        offers: the offers.
        within_reach: the providers that llmhub can call, given a key.
    """
    rows = []
    for offer in offers:
        tags = [*(["its lab's own"] if offer.first_party else []), *([offer.status] if offer.status else [])]
        reached = offer.provider in within_reach
        beside = f' <small class="muted">{escape(", ".join(tags))}</small>' if tags else ""
        rows.append(
            f'<tr><th scope="row" class="model">{words.parted(offer.canonical_id)}{beside}</th>'
            f"{_known_cell(offer.price_input_per_million, words.dollars)}"
            f"{_known_cell(offer.price_output_per_million, words.dollars)}"
            f"{_known_cell(price_of(offer), words.blended)}{_known_cell(offer.context_tokens, words.whole)}"
            f"{_known_cell(offer.max_output_tokens, words.whole)}"
            f'<td data-v="{int(not reached)}">{"yes" if reached else "no"}</td></tr>'
        )
    return Markup("\n".join(rows))  # noqa: S704 -- numbers, and outside text is escaped


def history_rows(points: tuple[HistoryPoint, ...], model: str) -> Markup:
    """Return the rows of a history's table, newest first, each with the change since the earlier one.

    They are built here because the template takes fifteen times as long, and a page can have thousands.
    """
    changes = [None, *(point.score.rating - before.score.rating for before, point in pairwise(points))]
    voted, noted = has_votes(point.score for point in points), has_notes(points, model)
    rows = [_row(point, change, model, voted=voted, noted=noted) for point, change in zip(points, changes, strict=True)]
    return Markup("\n".join(reversed(rows)))  # noqa: S704 -- numbers and dates; outside text is escaped


def _row(point: HistoryPoint, change: float | None, model: str, *, voted: bool, noted: bool) -> str:
    rating, lower, upper, votes = point.score
    day = point.moment.date()
    changed = '<td class="n"></td>' if change is None else _cell(change, words.signed(change))
    notes = " ".join(_notes(point, model))
    return (
        f'<tr><th scope="row" data-v="{point.moment.isoformat()}"><time datetime="{day}">{day}</time></th>'
        f'{_cell(rating, words.points(rating))}{changed}<td class="n">{words.span(lower, upper)}</td>'
        f"{_cell(point.rank, str(point.rank))}{_known_cell(votes, words.whole) if voted else ''}"
        f"{_note_cell(notes) if noted else ''}</tr>"
    )


def _notes(point: HistoryPoint, model: str) -> Iterator[str]:
    if point.scale_break is not None:
        yield f"scale re-anchored by {words.signed(point.scale_break)}"
    if point.listed_as != model:
        yield f"listed as {escape(words.short(point.listed_as))}"


def _note_cell(notes: str) -> str:
    return f'<td class="note">{notes}</td>' if notes else "<td></td>"


def _cell(value: float, text: str) -> str:
    """Return a cell of a number as the templates' macro does: the value to sort by, and the text."""
    return f'<td class="n" data-v="{value}">{text}</td>'


def _known_cell(value: float | None, text: Callable[[Any], str]) -> str:
    return _UNKNOWN if value is None else _cell(value, text(value))

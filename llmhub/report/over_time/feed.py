"""The feed of a site: an entry for each day on which something changed, as an Atom document (RFC 4287); pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import quote, urlsplit
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from markupsafe import Markup

from llmhub.arena.compare.diff import BoardDiff
from llmhub.catalog.offer_text import value_text
from llmhub.offers.history import CAME, WENT
from llmhub.report import words
from llmhub.report.over_time.days import RENAMED, Day, ListingRow, OfferRow

FEED_PAGE = "changes.atom"
CHANGES_PAGE = "changes.html"
MEDIA_TYPE = "application/atom+xml"

_ATOM = "http://www.w3.org/2005/Atom"
# A reserved name: without the site's address, the authority of a tag URI (RFC 4151) is unknown.
_NO_AUTHORITY = "llmhub.invalid"
_MINTED_IN = "2026"
_MOST_NAMED = 40


class Feed(NamedTuple):
    """What a feed says about itself as a whole.

    Attributes:
        leaderboard: the leaderboard of the board whose ratings it has.
        category: that board's category.
        rights: whom to name for the data.
        version: llmhub's version.
        updated: when the data changed last, for a feed without entries.
        url: the site's address, which ends in a slash; None if unknown.
        made_up: whether all data is made up.
    """

    leaderboard: str
    category: str
    rights: str
    version: str
    updated: datetime
    url: str | None = None
    made_up: bool = False

    @property
    def id(self) -> str:
        """Return the feed's own id, which stays the same whenever and wherever the site is made."""
        authority = (urlsplit(self.url).hostname if self.url else None) or _NO_AUTHORITY
        board = "/".join(quote(name, safe="") for name in (self.leaderboard, self.category))
        path = urlsplit(self.url).path.strip("/") if self.url else ""
        return f"tag:{authority},{_MINTED_IN}:{f'{quote(path)}/' if path else ''}changes/{board}"


def day_anchor(day: Day) -> str:
    """Return the id of a day's section on the page of changes."""
    return f"day-{day.day.isoformat()}"


def feed_text(feed: Feed, days: Sequence[Day]) -> str:
    """Return the Atom document of these days, newest first."""
    root = Element("feed", {"xmlns": _ATOM, "{http://www.w3.org/XML/1998/namespace}lang": "en"})
    _add(root, "id", feed.id)
    board = words.short(f"{feed.leaderboard} / {feed.category}")
    _add(root, "title", f"{'MADE UP: ' if feed.made_up else ''}llmhub: what changed, {board}")
    _add(root, "updated", _moment(max((day.moment for day in days), default=feed.updated)))
    _add(_add(root, "author"), "name", "llmhub")
    _add(root, "link", rel="self", type=MEDIA_TYPE, href=f"{feed.url or ''}{FEED_PAGE}")
    _add(root, "link", rel="alternate", type="text/html", href=f"{feed.url or ''}{CHANGES_PAGE}")
    _add(root, "generator", "llmhub", version=feed.version)
    _add(root, "rights", words.name(feed.rights))
    for day in days:
        entry = _add(root, "entry")
        _add(entry, "id", f"{feed.id}/{day.day.isoformat()}")
        _add(entry, "title", f"{day.day.isoformat()}: {day.headline}")
        _add(entry, "updated", _moment(day.moment))
        where = f"{feed.url or ''}{CHANGES_PAGE}#{day_anchor(day)}"
        _add(entry, "link", rel="alternate", type="text/html", href=where)
        _add(entry, "content", str(_content(day)), type="html")
    indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{tostring(root, encoding="unicode")}\n'


def _add(parent: Element, name: str, text: str | None = None, **attributes: str) -> Element:
    child = SubElement(parent, name, attributes)
    child.text = text
    return child


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _content(day: Day) -> Markup:
    """Return a day's changes as HTML."""
    return Markup("").join(
        (
            _list("Prices, limits and status, as models.dev recorded them", map(_offer_text, day.offers)),
            _list("Listed by providers", (text for row in day.listings for text in _listing_texts(row))),
            _list("Ratings", _rating_texts(day.ratings) if day.ratings else ()),
            Markup("<p>and {} further changes of offers</p>").format(day.more) if day.more else Markup(""),
        )
    )


def _list(title: str, texts: Iterable[str]) -> Markup:
    items = Markup("").join(Markup("<li>{}</li>").format(text) for text in texts)
    return Markup("<p>{}</p><ul>{}</ul>").format(title, items) if items else Markup("")


def _offer_text(row: OfferRow) -> str:
    model = words.short(row.model)
    if row.field == RENAMED:
        return f"{model}: renamed to {words.short(str(row.new))}"
    if row.field in {CAME, WENT}:
        return f"{model}: {row.field}"
    old, new = (words.name(value_text(row.field, value)) for value in (row.old, row.new))
    change = f" ({words.percent(row.ratio)})" if row.ratio is not None else ""
    note = f"; likely a correction: {words.name(row.note)}" if row.note else ""
    return f"{model}: {row.field} from {old} to {new}{change}{note}"


def _listing_texts(row: ListingRow) -> Iterator[str]:
    for ids, what in ((row.came, "lists"), (row.went, "no longer lists")):
        if ids:
            more = f" and {len(ids) - _MOST_NAMED} more" if len(ids) > _MOST_NAMED else ""
            yield f"{words.name(row.provider)} {what} {', '.join(map(words.short, ids[:_MOST_NAMED]))}{more}"


def _rating_texts(diff: BoardDiff) -> Iterator[str]:
    for one in diff.added:
        yield f"{words.short(one.model)}: came at rank {one.rank} with {words.points(one.rating)}"
    for one in diff.removed:
        yield f"{words.short(one.model)}: went, was at rank {one.rank}"
    for pair in diff.renamed:
        yield f"{words.short(pair.old)}: renamed to {words.short(pair.new)}"
    shift = diff.scale_shift or 0.0
    for change in diff.changed:
        if change.significant:
            yield (
                f"{words.short(change.model)}: {words.signed(change.delta - shift)} points less the scale shift, "
                f"now {words.points(change.rating_to)}"
            )
    yield f"scale shift {words.signed(diff.scale_shift)}"

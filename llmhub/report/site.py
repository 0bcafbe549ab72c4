"""A report as files: the path of each below the site's folder, and its text."""

from __future__ import annotations

from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from jinja2 import BytecodeCache, Environment, PackageLoader, StrictUndefined
from jinja2.bccache import Bucket
from markupsafe import Markup

from llmhub.arena.boards import RankedEntry
from llmhub.arena.compare.ranks import worst_ranks
from llmhub.catalog.choosing.selection import price_of
from llmhub.catalog.explanation import match_text, reasons
from llmhub.catalog.offer_text import value_text
from llmhub.catalog.stored.format import TIER_NAMES
from llmhub.errors import counted
from llmhub.report import words
from llmhub.report.boards import OWN_PAGE, filters_of, free_offers, links_from
from llmhub.report.data import Line, Report
from llmhub.report.drawing.pictures import Size, history_picture, intervals, price_picture
from llmhub.report.frontier import Priced, callable_or_all, frontier
from llmhub.report.offers import Kind, lab_of, price_in
from llmhub.report.over_time.days import OfferRow
from llmhub.report.over_time.feed import CHANGES_PAGE, FEED_PAGE, Feed, day_anchor, feed_text
from llmhub.report.over_time.frontiers import budgets_of, frontier_pictures
from llmhub.report.over_time.model_prices import model_prices
from llmhub.report.table_rows import (
    attributes,
    board_rows,
    filled_columns,
    has_notes,
    has_votes,
    history_rows,
    interval_cell,
    offer_rows,
    place_rows,
    rank_cell,
)

if TYPE_CHECKING:
    from types import CodeType

    from llmhub.catalog.schema import Catalog

FIRST_PAGE = OWN_PAGE


def value(row: OfferRow, side: str) -> str:
    """Return a changed field's value before or after, as people read it."""
    return words.short(value_text(row.field, getattr(row, side)))


_WIDE = Size(width=1216, height=340, left=48, right=60, top=26, bottom=30, across=10, up=6)
_NARROW = Size(width=340, height=250, left=38, right=52, top=24, bottom=26, across=3, up=5)
# Prices stand at the ends of their lines, and prices below a cent at the axis.
_WIDE_LINES = _WIDE._replace(left=54, right=92, top=18)
_NARROW_LINES = _NARROW._replace(left=48, right=84, top=18)
_WIDE_PRICES = Size(width=1216, height=620, left=48, right=16, top=40, bottom=46, across=12, up=8)
# One for each lab of a picture, about its middle: circle, square, triangles, diamond, cross, bars, and a small circle.
SHAPES = (
    "M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0z",
    "M-4 -4h8v8h-8z",
    "M0 -5.2L5 3.8H-5z",
    "M0 -5.6L5.6 0L0 5.6L-5.6 0z",
    "M0 5.2L5 -3.8H-5z",
    "M-1.7 -5h3.4v3.3h3.3v3.4h-3.3v3.3h-3.4v-3.3h-3.3v-3.4h3.3z",
    "M-5 -2.2h10v4.4h-10z",
    "M-2.8 0a2.8 2.8 0 1 0 5.6 0a2.8 2.8 0 1 0 -5.6 0z",
)
_SMALL = Size(width=300, height=230, left=40, right=8, top=10, bottom=24, across=4, up=4)
_NARROW_PRICES = Size(width=340, height=440, left=38, right=8, top=30, bottom=40, across=5, up=7)

_FILTERS = (
    words.name,
    words.short,
    words.parted,
    words.coded,
    words.points,
    words.signed,
    words.whole,
    words.dollars,
    words.blended,
    words.day,
    words.moment,
    words.listed,
    words.percent,
    words.share,
    value,
)


def render(report: Report) -> Iterator[tuple[str, str]]:
    """Yield each page's path below the site's folder, with slashes, and its text; the first page comes last.

    Every page is complete in itself: it contains its style and script, its policy allows only these two by their
    digests, and it loads no address.
    """
    page = _Pages(report)
    yield from page.models()
    yield page.page("prices.html", "prices.html", **_prices(report))
    yield page.page(CHANGES_PAGE, "changes.html", diff=report.diff, day_anchor=day_anchor)
    yield FEED_PAGE, feed_text(_feed(report), report.days)
    yield page.page("about.html", "about.html", other_ratings=_catalog_has_other_ratings(report))
    yield from page.boards()
    yield page.first_page()


class _CompiledTemplates(BytecodeCache):
    """The code of each template, for the next report of this process: compiling takes longer than many a report."""

    def __init__(self) -> None:
        self._compiled: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._compiled.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._compiled[bucket.key, bucket.checksum] = bucket.code


_COMPILED = _CompiledTemplates()


def environment() -> Environment:
    """Return the templates with what they need for any report."""
    templates = Environment(
        loader=PackageLoader("llmhub.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        bytecode_cache=_COMPILED,
    )
    templates.filters.update({one.__name__: one for one in _FILTERS})
    return templates


class _Pages:
    """The templates, with the values that all of them show."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._filters = {
            line.score.model: filters_of(
                line.counted,
                _lab(line),
                line.score.model,
                report.offers,
                can_be_called=bool(line.offers),
            )
            for line in report.lines
        }
        style, script = (_shipped(name) for name in ("report.css", "report.js"))
        self._templates = environment()
        self._templates.globals.update(
            report=report,
            pages={line.score.model: f"models/{line.slug}.html" for line in report.lines},
            style=Markup(style),  # noqa: S704 -- shipped with llmhub; contains nothing from outside
            script=Markup(script),  # noqa: S704 -- the same
            policy=_policy(style, script),
            span=words.span,
            counted=counted,
            price_of=price_of,
            match_text=match_text,
            reasons=reasons,
            tier_names=TIER_NAMES,
            price_in=price_in,
            stats=_stats(report),
            shows=_columns_with_values(report),
            filters=self._filters,
            attributes=attributes,
            filled_columns=filled_columns,
            has_notes=has_notes,
            has_votes=has_votes,
            interval_cell=interval_cell,
            rank_cell=rank_cell,
            free_offers=free_offers,
        )

    def page(self, path: str, template: str, **shown: Any) -> tuple[str, str]:
        """Return a page's path and text."""
        home = "../" * path.count("/")
        return path, self._templates.get_template(template).render(home=home, path=path, **shown)

    def first_page(self) -> tuple[str, str]:
        """Return the page of the report's own board."""
        report = self._report
        return self.page(
            OWN_PAGE,
            "index.html",
            intervals=intervals([line.score for line in report.lines]),
            worst=worst_ranks([line.score for line in report.lines]),
            links=links_from(report.boards[0], report.boards),
            shown_filters=_shown_filters(self._filters[line.score.model] for line in report.lines),
        )

    def boards(self) -> Iterator[tuple[str, str]]:
        """Yield the page of each other board."""
        report = self._report
        pages = {line.score.model: f"models/{line.slug}.html" for line in report.lines}
        offers = {line.score.model: line.counted for line in report.lines}

        def filters(score: RankedEntry) -> Mapping[str, str]:
            known = self._filters.get(score.model)
            return known or filters_of((), score.organization, score.model, report.offers)

        def prices(model: str) -> tuple[float | None, float | None]:
            first = next(iter(offers.get(model, ())), None)
            return (first.price_input_per_million, first.price_output_per_million) if first else (None, None)

        for board in report.boards[1:]:
            drawn = intervals(board.scores)
            priced = any(prices(score.model) != (None, None) for score in board.scores)
            yield self.page(
                board.path,
                "board.html",
                board=board,
                intervals=drawn,
                rows=board_rows(board, drawn, pages, filters, prices if priced else None),
                named=any(score.organization for score in board.scores),
                priced=priced,
                links=links_from(board, report.boards),
                shown_filters=_shown_filters(map(filters, board.scores)),
            )

    def models(self) -> Iterator[tuple[str, str]]:
        """Yield the page of each model on the board."""
        lines = self._report.lines
        paths = {(one.leaderboard, one.category): one.path for one in self._report.boards}
        for number, line in enumerate(lines):
            facts = self._report.facts[line.score.model]
            pictures = [history_picture(facts.history.points, size) for size in (_WIDE, _NARROW)]
            yield self.page(
                f"models/{line.slug}.html",
                "model.html",
                line=line,
                facts=facts,
                rows=history_rows(facts.history.points, line.score.model),
                pictures=pictures,
                prices=model_prices(line.counted, self._report.offers, (_WIDE_LINES, _NARROW_LINES)),
                other_offers=offer_rows(line.elsewhere, self._report.within_reach),
                boards=place_rows(facts.places, paths, "../"),
                better=lines[number - 1] if number else None,
                worse=lines[number + 1] if number + 1 < len(lines) else None,
            )


def _shown_filters(each: Iterable[Mapping[str, str]]) -> frozenset[str]:
    """Return the names of the filters that can tell the rows of a board apart."""
    return frozenset(name for filters in each for name in (*filters, *filters.get("can", "").split()))


def _feed(report: Report) -> Feed:
    return Feed(
        leaderboard=report.leaderboard,
        category=report.category,
        rights=report.attribution,
        version=report.version,
        updated=report.snapshot.taken_at,
        url=report.url,
        made_up=report.made_up,
    )


def _shipped(name: str) -> str:
    return files("llmhub.report").joinpath("templates", name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    """Return the Content-Security-Policy that lets a page run its own style and script and load nothing."""
    digests = [b64encode(sha256(text.encode()).digest()).decode() for text in (style, script)]
    return (
        f"default-src 'none'; style-src 'sha256-{digests[0]}'; script-src 'sha256-{digests[1]}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _columns_with_values(report: Report) -> dict[str, bool]:
    """Return which columns have any value."""
    scores = [line.score for line in report.lines]
    return {
        "organization": any(score.organization for score in scores),
        "votes": any(score.votes is not None for score in scores),
        "offers": any(line.counted for line in report.lines),
        "callable": any(line.offers for line in report.lines),
        "elsewhere": any(line.elsewhere for line in report.lines),
    }


def _catalog_has_other_ratings(report: Report) -> bool:
    """Say whether the catalog's ratings are of another publication than the report's board."""
    rated = report.catalog and report.catalog.arena_snapshot
    if not rated:
        return False
    published = report.snapshot.published_on
    if rated.published_on is not None and published is not None:
        return rated.published_on != published.isoformat()
    return rated.snapshot_id != report.snapshot.id


def _stats(report: Report) -> dict[str, Any]:
    diff, priced = report.diff, callable_or_all(_priced(report))
    votes = [line.score.votes for line in report.lines if line.score.votes is not None]
    return {
        "callable": sum(bool(line.offers) for line in report.lines),
        "priced": len(priced),
        "frontier": frontier(priced),
        "votes": sum(votes) if votes else None,
        "significant": Counter(one.significant for one in diff.changed) if diff else Counter(),
        "asked": report.catalog is not None and _has_asked(report.catalog),
    }


def _has_asked(catalog: Catalog) -> bool:
    """Say whether it is known what the keys of the machine can call."""
    return all(one.status not in {"failed", "skipped"} for one in catalog.sources if one.source == "anyllm")


def _priced(report: Report) -> list[Priced]:
    """Return the models of a report with a known price that is not 0, best first."""
    return [
        Priced(
            line.score.model,
            price.blended,
            line.score.rating,
            line.score.lower,
            line.score.upper,
            _lab(line),
            callable=bool(line.offers),
        )
        for line in report.lines
        if (price := price_in(line.counted)).blended is not None
    ]


def _lab(line: Line) -> str | None:
    return line.score.organization or lab_of((*line.offers, *line.elsewhere))


def _prices(report: Report) -> dict[str, Any]:
    """Return the data of the page of prices: the plotted models, and the others by the reason why not."""
    kinds: dict[Kind, list[Line]] = {"priced": [], "free": [], "unknown": [], "not offered": []}
    for line in report.lines:
        kinds[price_in(line.counted).kind].append(line)
    priced = _priced(report)
    yours = callable_or_all(priced)
    best, every = frontier(yours), frontier(priced)
    pictures = (
        [price_picture(priced, _WIDE_PRICES), price_picture(priced, _NARROW_PRICES, numbered=True)] if priced else []
    )
    return {
        "kinds": {**kinds, "free too": [line for line in kinds["priced"] if free_offers(line.counted)]},
        "frontier": best,
        "best": {one.name for one in best},
        "beyond": {one.name for one in every} - {one.name for one in best},
        "weights": len({offer.open_weights for line in kinds["priced"] for offer in line.counted} - {None}) > 1,
        "mixed": len(yours) < len(priced),
        "labs": {one.name: one.lab for one in priced},
        "shapes": SHAPES,
        "pictures": pictures,
        "budgets": budgets_of(report.frontiers),
        "over_time": frontier_pictures(report.frontiers, _SMALL) if report.frontiers else [],
    }

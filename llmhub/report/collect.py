"""Read the store and combine it with the catalog."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from llmhub.arena.boards import Entry, RankedEntry, Snapshot
from llmhub.arena.compare.diff import BoardDiff
from llmhub.arena.compare.history import BoardPoint, HistoryPoint, ModelHistory
from llmhub.arena.compare.pairing import apart
from llmhub.arena.compare.ranks import ranked
from llmhub.arena.exchange.attribution import attribution
from llmhub.errors import SnapshotNotFound
from llmhub.report.boards import paths_of
from llmhub.report.data import Board, Change, Line, ModelFacts, Place, Report, Since
from llmhub.report.elsewhere import read_elsewhere
from llmhub.report.offers import by_arena_name
from llmhub.report.over_time.frontiers import frontiers
from llmhub.report.over_time.recorded import read_days, read_offers
from llmhub.report.slugs import slug
from llmhub.store import SnapshotStore

if TYPE_CHECKING:
    from llmhub.catalog.schema import CanonicalModel, Catalog

_AGES = (("7 days", timedelta(days=7)), ("30 days", timedelta(days=30)))
# A board further back is no measure of the change within a column's time.
_AT_MOST = 2


def collect(
    store: SnapshotStore,
    catalog: Catalog | None,
    *,
    leaderboard: str,
    category: str,
    now: datetime,
    version: str,
    made_up: bool = False,
    url: str | None = None,
) -> Report:
    """Return all data that a report of the newest board shows.

    Args:
        store: the store of the boards.
        catalog: the last built one; None if there is none.
        leaderboard: the leaderboard's name.
        category: the board's category.
        now: the moment from which ages are counted, timezone-aware.
        version: llmhub's version.
        made_up: whether the data is made up, so that the site must say so.
        url: the address that the site will have, which ends in a slash; None if unknown.

    Raises:
        NotFoundError: the store is empty, or no snapshot has the board.
        StoreError: the store cannot be read; see its subclasses.
    """
    snapshot, entries = store.board("latest", leaderboard, category, now=now)
    scores = ranked(entries)
    # The same rule as for the snapshot: one dated in the future is the newest only if there is no other.
    found = store.over_time(
        *(score.model for score in scores), leaderboard=leaderboard, category=category, until=snapshot.taken_at
    )
    number = next(number for number, point in enumerate(found.timeline) if point.newest_id == snapshot.id)
    shown, past = found.timeline[number], found.timeline[:number]
    histories = {one.model: one.between(None, shown.moment) for one in found.histories}
    comparisons = _comparisons(store, snapshot, shown, past, (leaderboard, category))
    boards = tuple(_boards(store, (leaderboard, category), now))
    elsewhere = read_elsewhere(catalog, today=f"{now:%Y-%m-%d}")
    lines = _lines(scores, catalog, histories, comparisons.since, elsewhere.offers)
    offers = read_offers(store, catalog, lines, elsewhere.within_reach, now=now)
    return Report(
        snapshot=snapshot,
        shown=shown,
        leaderboard=leaderboard,
        category=category,
        lines=lines,
        facts=_facts(histories, boards),
        boards=boards,
        **comparisons._asdict(),
        offers=offers,
        days=read_days(store, offers, (*past, shown), (leaderboard, category)),
        frontiers=frontiers(histories, (*past, shown), offers.watched, offers.rated, offers.span),
        catalog=catalog,
        within_reach=elsewhere.within_reach,
        attribution=attribution(snapshot, made_up=made_up),
        built_at=now,
        version=version,
        made_up=made_up,
        url=url,
    )


class _Comparisons(NamedTuple):
    """What the report compares with its board; see the fields of `Report` of these names."""

    since: tuple[Since, ...]
    not_since: tuple[str, ...]
    diff: BoardDiff | None
    changed_since: BoardPoint | None
    why_no_diff: str | None


def _comparisons(
    store: SnapshotStore, snapshot: Snapshot, shown: BoardPoint, past: Sequence[BoardPoint], board: tuple[str, str]
) -> _Comparisons:
    diff, why_no_diff = _last_change(store, snapshot, *board)
    changed_since = next((point for point in past if diff and point.newest_id == diff.before.id), None)
    since, not_since = _earlier(store, snapshot, shown, past, board)
    if not since and diff is not None and changed_since is not None:
        since = (Since(f"since {_day(changed_since)}", changed_since, diff.scale_shift),)
    return _Comparisons(since, not_since, diff, changed_since, why_no_diff)


def _lines(
    scores: Sequence[RankedEntry],
    catalog: Catalog | None,
    histories: Mapping[str, ModelHistory],
    since: Sequence[Since],
    elsewhere: Mapping[str, tuple[CanonicalModel, ...]],
) -> tuple[Line, ...]:
    """Return a line for each model of the board, with its offers and how it changed."""
    offers = by_arena_name(catalog.models if catalog else ())
    return tuple(
        Line(
            score,
            slug(score.model),
            offers.get(score.model, ()),
            elsewhere.get(score.model, ()),
            tuple(_change(score, histories[score.model], one) for one in since),
        )
        for score in scores
    )


def _earlier(
    store: SnapshotStore, snapshot: Snapshot, shown: BoardPoint, past: Sequence[BoardPoint], board: tuple[str, str]
) -> tuple[tuple[Since, ...], tuple[str, ...]]:
    """Return the publications of a week and of a month before the shown one, and why one of them is missing."""
    since = []
    why_not: defaultdict[str, list[str]] = defaultdict(list)
    for label, age in _AGES:
        point = next((one for one in reversed(past) if shown.moment - one.moment >= age), None)
        if point is None:
            why_not["since the store has no board that old"].append(label)
        elif shown.moment - point.moment > _AT_MOST * age:
            why_not["since the store has no board of about that time"].append(label)
        else:
            diff = store.diff(str(point.snapshot_id), str(snapshot.id), *board)
            if diff.same:
                why_not["since no other board has come in the meantime"].append(label)
            else:
                since.append(Since(f"in {label}", point, diff.scale_shift))
    return tuple(since), tuple(f"Change in {' and '.join(labels)}, {reason}" for reason, labels in why_not.items())


def _day(point: BoardPoint) -> str:
    return f"{point.moment.day} {point.moment:%b %Y}".replace(" ", "\N{NO-BREAK SPACE}")


def _last_change(
    store: SnapshotStore, snapshot: Snapshot, leaderboard: str, category: str
) -> tuple[BoardDiff | None, str | None]:
    # The same rule as for the snapshot: one dated in the future is the newest if there is no other.
    try:
        return store.diff("previous", str(snapshot.id), leaderboard, category, now=snapshot.taken_at), None
    except SnapshotNotFound as error:
        return None, str(error)


def _change(score: RankedEntry, history: ModelHistory, since: Since) -> Change | None:
    """Return how a model moved, through its renames; None if it was not on the earlier board."""
    then = next((point for point in history.points if point.snapshot_id == since.point.snapshot_id), None)
    if then is None:
        return None
    shift = since.shift or 0.0
    delta = score.rating - then.score.rating
    return Change(delta, delta - shift, apart(_entry_then(then), _entry_now(score), shift))


def _entry_then(point: HistoryPoint) -> Entry:
    return Entry(point.listed_as, *point.score, None)


def _entry_now(score: RankedEntry) -> Entry:
    return Entry(*score[2:])


def _facts(histories: Mapping[str, ModelHistory], boards: Sequence[Board]) -> Mapping[str, ModelFacts]:
    places = _places(boards)
    return {name: ModelFacts(history, tuple(places.get(name, ()))) for name, history in histories.items()}


def _places(boards: Sequence[Board]) -> Mapping[str, list[Place]]:
    """Return all boards of each model, in the order of the boards."""
    found: defaultdict[str, list[Place]] = defaultdict(list)
    for board in boards:
        for score in board.scores:
            place = Place(board.leaderboard, board.category, board.snapshot, score, len(board.scores))
            found[score.model].append(place)
    return found


def _boards(store: SnapshotStore, own: tuple[str, str], now: datetime) -> Iterator[Board]:
    """Yield all boards as they are newest: first those of the report's leaderboard, starting with its own board."""
    names = sorted(store.rankings(), key=lambda one: (one != own, one[0] != own[0], one))
    for (leaderboard, category), path in paths_of(names).items():
        snapshot, entries = store.board("latest", leaderboard, category, now=now)
        yield Board(leaderboard, category, path, snapshot, tuple(ranked(entries)))

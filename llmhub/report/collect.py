"""Reads the store, and puts what it says together with the catalog."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from llmhub.arena.attribution import attribution
from llmhub.arena.diff import BoardDiff, apart
from llmhub.arena.history import HistoryPoint, ModelHistory
from llmhub.arena.ranks import ranked
from llmhub.arena.schema import Entry, RankedEntry, Snapshot
from llmhub.arena.store import SnapshotStore
from llmhub.catalog.schema import Catalog
from llmhub.errors import SnapshotNotFound
from llmhub.report.data import Change, Line, ModelFacts, Place, Report, Since
from llmhub.report.offers import by_arena_name
from llmhub.report.slugs import slug

_AGES = (("7 days", timedelta(days=7)), ("30 days", timedelta(days=30)))
# A board that is further back than that is no measure of what moved in the time that a column names.
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
) -> Report:
    """Return all that a report of the newest board shows.

    Args:
        store: where the boards are.
        catalog: the last built one; None where there is none.
        leaderboard: which.
        category: of which the board is.
        now: the moment that ages are counted from, timezone-aware.
        version: of llmhub.
        made_up: whether all of it is made up, and the site must say so.

    Raises:
        NotFoundError: the store is empty, or no snapshot has the board.
        StoreError: the store cannot be read; see its children.
    """
    snapshot, entries = store.board("latest", leaderboard, category, now=now)
    scores = ranked(entries)
    histories = {
        score.model: store.history(score.model, leaderboard, category).between(None, snapshot.taken_at)
        for score in scores
    }
    breaks = dict(zip(histories, store.all_scale_breaks(histories.values()), strict=True))
    since, not_since = _earlier(store, snapshot, leaderboard, category)
    diff, why_no_diff = _last_change(store, snapshot, leaderboard, category)
    if not since and diff is not None:
        since = (Since(f"since {_day(diff.before, leaderboard)}", diff.before, diff.scale_shift),)
    offers = by_arena_name(catalog.models if catalog else ())
    places = _places(store, (leaderboard, category), now)
    return Report(
        snapshot=snapshot,
        leaderboard=leaderboard,
        category=category,
        lines=tuple(
            Line(
                score,
                slug(score.model),
                offers.get(score.model, ()),
                tuple(_change(score, histories[score.model], one) for one in since),
            )
            for score in scores
        ),
        facts={
            name: ModelFacts(history, breaks[name], tuple(places.get(name, ()))) for name, history in histories.items()
        },
        since=since,
        not_since=not_since,
        diff=diff,
        why_no_diff=why_no_diff,
        catalog=catalog,
        attribution=attribution(snapshot, made_up=made_up),
        built_at=now,
        version=version,
        made_up=made_up,
    )


def _earlier(
    store: SnapshotStore, snapshot: Snapshot, leaderboard: str, category: str
) -> tuple[tuple[Since, ...], tuple[str, ...]]:
    """Return the boards of a week and of a month before this one, and why one of them is missing."""
    since = []
    why_not: defaultdict[str, list[str]] = defaultdict(list)
    for label, age in _AGES:
        try:
            diff = store.diff(f"{age.days}d", str(snapshot.id), leaderboard, category, now=snapshot.taken_at)
        except SnapshotNotFound:
            why_not["since the store has no board that is as old"].append(label)
            continue
        if snapshot.taken_at - diff.before.taken_at > _AT_MOST * age:
            why_not["since the store has no board of about that time"].append(label)
        elif diff.same:
            why_not["since no other board has come meanwhile"].append(label)
        else:
            since.append(Since(f"in {label}", diff.before, diff.scale_shift))
    return tuple(since), tuple(f"Change in {' and '.join(labels)}, {reason}" for reason, labels in why_not.items())


def _day(snapshot: Snapshot, leaderboard: str) -> str:
    day = snapshot.leaderboards.get(leaderboard) or snapshot.taken_at
    return f"{day.day} {day:%b %Y}".replace(" ", "\N{NO-BREAK SPACE}")


def _last_change(
    store: SnapshotStore, snapshot: Snapshot, leaderboard: str, category: str
) -> tuple[BoardDiff | None, str | None]:
    # As of the snapshot itself: one that is dated in the future is the newest where there is no other.
    try:
        return store.diff("previous", str(snapshot.id), leaderboard, category, now=snapshot.taken_at), None
    except SnapshotNotFound as error:
        return None, str(error)


def _change(score: RankedEntry, history: ModelHistory, since: Since) -> Change | None:
    """Return how a model moved, through its renames; None if it was not on the earlier board."""
    then = next((point for point in history.points if point.snapshot_id == since.snapshot.id), None)
    if then is None:
        return None
    shift = since.shift or 0.0
    delta = score.rating - then.score.rating
    return Change(delta, delta - shift, apart(_entry_then(then), _entry_now(score), shift))


def _entry_then(point: HistoryPoint) -> Entry:
    return Entry(point.listed_as, *point.score, None)


def _entry_now(score: RankedEntry) -> Entry:
    return Entry(*score[2:])


def _places(store: SnapshotStore, own: tuple[str, str], now: datetime) -> Mapping[str, list[Place]]:
    """Return for each model every board that it is on now: those of the report's leaderboard first, its own ahead."""
    found: defaultdict[str, list[Place]] = defaultdict(list)
    for leaderboard, category in sorted(store.rankings(), key=lambda one: (one != own, one[0] != own[0], one)):
        for place in _on(store, leaderboard, category, now):
            found[place.score.model].append(place)
    return found


def _on(store: SnapshotStore, leaderboard: str, category: str, now: datetime) -> Iterator[Place]:
    snapshot, entries = store.board("latest", leaderboard, category, now=now)
    return (Place(leaderboard, category, snapshot, score, len(entries)) for score in ranked(entries))

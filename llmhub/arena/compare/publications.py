"""Groups the snapshots of a board by the publication that they brought; pure.

A publication is what LMArena published on a day. A daily run mostly brings the same publication as the run before, and
an import or a back-fill brings it once more. A history shows each publication once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

_MIDNIGHT = " 00:00:00.000000"
_DAY = len("2026-01-01")

Same = Callable[[int, int], bool]
"""Returns whether two boards, given by their ids, list the same models with the same ratings and intervals."""

Keys = Callable[[], Mapping[int, Hashable]]
"""Returns for each board's id a key; equal boards have equal keys."""


class Seen(NamedTuple):
    """A snapshot that has the board. Moment and day are texts in the store's own format, which sorts by time."""

    snapshot_id: int
    taken_at: str
    source: str
    revision: str | None
    published_on: str | None
    board_id: int


class Publication(NamedTuple):
    """One publication of a board, and the snapshots that brought it.

    Attributes:
        moment: the start of the day of publication or, if that is unknown, the moment of the first snapshot that
            brought it.
        published_on: that day; None if no snapshot knows it.
        first: the first snapshot with the board that counts.
        newest: the newest snapshot of the publication.
        boards: every board that a snapshot has of it; the last one counts. They differ in votes, or because sources
            round numbers or name models differently.
    """

    moment: str
    published_on: str | None
    first: Seen
    newest: Seen
    boards: tuple[int, ...]

    @property
    def board_id(self) -> int:
        """Return the board that counts."""
        return self.boards[-1]


def each_moment(seen: Iterable[Seen]) -> list[Publication]:
    """Return every snapshot as a publication of its own, oldest first.

    Args:
        seen: oldest first; of several at one moment only the last counts, whose source has precedence.
    """
    one_a_moment = {snapshot.taken_at: snapshot for snapshot in seen}.values()
    return [Publication(one.taken_at, one.published_on, one, one, (one.board_id,)) for one in one_a_moment]


def publications(seen: Sequence[Seen], same: Same, keys: Keys) -> list[Publication]:
    """Return the publications of a board, oldest first.

    Snapshots with the same day of publication brought the same publication. A snapshot without a day belongs to the
    first of these that exists:

    - the publication of another source's snapshot of the same moment;
    - that of the previous snapshot of its source, if the boards are the same;
    - the newest publication of a known day with the same board;
    - that of the snapshot before it, if the boards are the same;
    - a new publication.

    If several sources brought a publication, the source of the newest snapshot counts. If that source brought several
    boards for one day, the publication was amended: each board is a publication, in the order in which they came.

    Args:
        seen: the snapshots that have the board, oldest first; at one moment the source with precedence comes last.
        same: compares two boards.
        keys: finds boards that may be the same; called only if some days are known and others are not.
    """
    groups: defaultdict[str, list[Seen]] = defaultdict(list)
    for group, snapshot in _grouped(seen, same, keys):
        groups[group].append(snapshot)
    found = [one for members in groups.values() for one in _of_one_day(members, same)]
    # The sort is stable: amended publications of one day keep their order.
    return sorted(found, key=lambda one: one.moment)


def _grouped(seen: Sequence[Seen], same: Same, keys: Keys) -> Iterator[tuple[str, Seen]]:
    """Yield each snapshot with the key of its publication: a day, or the moment of a snapshot without a day."""
    day_at = {one.taken_at: one.published_on for one in seen if one.published_on is not None}
    dated = _Dated(seen, same, keys)
    last_of: dict[str, tuple[str, Seen]] = {}
    before: tuple[str, Seen] | None = None
    for snapshot in seen:
        group = snapshot.published_on or day_at.get(snapshot.taken_at)
        if group is None:
            group = _undated(snapshot, last_of.get(snapshot.source), before, dated, same)
        before = last_of[snapshot.source] = (group, snapshot)
        yield before


def _undated(
    snapshot: Seen, same_source: tuple[str, Seen] | None, before: tuple[str, Seen] | None, dated: _Dated, same: Same
) -> str:
    """Return the key of the publication that a snapshot without a day belongs to; see `publications` for the order."""
    if before is not None and before[1].taken_at == snapshot.taken_at:
        return before[0]
    if same_source is not None and same(same_source[1].board_id, snapshot.board_id):
        return same_source[0]
    if (day := dated.newest_like(snapshot)) is not None:
        return day
    if before is not None and same(before[1].board_id, snapshot.board_id):
        return before[0]
    return f"{snapshot.taken_at} {snapshot.snapshot_id}"


class _Dated:
    """Finds a board with a known day by its content."""

    def __init__(self, seen: Sequence[Seen], same: Same, keys: Keys) -> None:
        self._days = {(one.published_on, one.board_id) for one in seen if one.published_on is not None}
        self._same, self._keys = same, keys
        self._by_key: dict[Hashable, list[tuple[str, int]]] | None = None
        self._key_of: Mapping[int, Hashable] = {}

    def newest_like(self, snapshot: Seen) -> str | None:
        """Return the newest day, not after the snapshot's own, with the same board as the snapshot; None if none."""
        if not self._days:
            return None
        if self._by_key is None:
            self._key_of = self._keys()
            self._by_key = {}
            for day, board in sorted(self._days, reverse=True):
                self._by_key.setdefault(self._key_of.get(board), []).append((day, board))
        for day, board in self._by_key.get(self._key_of.get(snapshot.board_id), ()):
            if day <= snapshot.taken_at[:_DAY] and self._same(board, snapshot.board_id):
                return day
        return None


def _of_one_day(members: list[Seen], same: Same) -> Iterator[Publication]:
    """Yield the publication that these snapshots brought; several, oldest first, if it was amended."""
    published_on = next((one.published_on for one in members if one.published_on is not None), None)
    moment = members[0].taken_at if published_on is None else published_on + _MIDNIGHT
    source_that_counts = members[-1].source
    versions: list[list[Seen]] = []
    for one in members:
        if one.source == source_that_counts:
            if versions and same(versions[-1][-1].board_id, one.board_id):
                versions[-1].append(one)
            else:
                versions.append([one])
    others = [one for one in members if one.source != source_that_counts]
    for number, version in enumerate(versions):
        is_last = number == len(versions) - 1
        board = version[-1].board_id
        first = next(one for one in version if one.board_id == board)
        # The boards of other sources belong to the day's last version.
        boards = dict.fromkeys(one.board_id for one in ([*others, *version] if is_last else version))
        boards.pop(board)
        yield Publication(moment, published_on, first, version[-1], (*boards, board))

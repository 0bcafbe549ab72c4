"""The parts of a snapshot of boards that are taken over, from any remote."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from llmhub.arena.boards import Board, Leaderboard
from llmhub.errors import LlmhubError, UnprovenError
from llmhub.remote.kinds import DigestLookup
from llmhub.remote.snapshots import Wanted, groups

BoardsBundle = Mapping[str, Leaderboard]
"""Leaderboard to those of its boards that the destination lacks."""

Boards = Mapping[bytes, "Board | LlmhubError"]
"""Boards by their digests, or why one cannot be had."""

Dates = Mapping[tuple[int, str], object]
"""When leaderboards were published, by snapshot and name."""

# A board has some hundred lines: together a few megabytes at a time.
_BOARDS_AT_ONCE = 150


def bundles(
    wanted: Sequence[Wanted],
    present: DigestLookup,
    read: Callable[[Mapping[bytes, tuple[str, str]]], Boards],
    dates: Callable[[Collection[int]], Dates],
) -> Iterator[BoardsBundle | LlmhubError]:
    """Yield for each snapshot the boards that the destination lacks, each board once.

    Args:
        wanted: the snapshots and their parts, which are leaderboards.
        present: see `llmhub.remote.kinds.DigestLookup`.
        read: reads boards by their digests, given where each belongs.
        dates: reads when the leaderboards of some snapshots were published.
    """
    digests = {digest for each in wanted for boards in each.parts.values() for digest in boards.values()}
    lacking = digests - present(digests)
    for group in groups(wanted, lacking, _BOARDS_AT_ONCE):
        places = {
            digest: (name, category)
            for each in group
            for name, boards in each.parts.items()
            for category, digest in boards.items()
            if digest in lacking
        }
        found = read(places) if places else {}
        published = dates([each.snapshot.id for each in group])
        for each in group:
            yield _bundle(each, found, lacking, published)


def _bundle(wanted: Wanted, found: Boards, lacking: set[bytes], dates: Dates) -> BoardsBundle | LlmhubError:
    leaderboards = {}
    for name, places in wanted.parts.items():
        boards: dict[str, Board] = {}
        for category, digest in places.items():
            if digest not in lacking:
                continue
            board = found.get(digest)
            if board is None:
                return UnprovenError(f"{name} / {category} is missing there")
            if isinstance(board, LlmhubError):
                return board
            boards[category] = board
        day = dates.get((wanted.snapshot.id, name))
        leaderboards[name] = Leaderboard(boards, {}, day)  # type: ignore[arg-type]  # checked where it is stored
    # Once it is stored, the next snapshot with the same board need not bring it again.
    lacking.difference_update(
        digest for name, lb in leaderboards.items() for c, digest in wanted.parts[name].items() if c in lb.boards
    )
    return leaderboards

"""Boards that this process has proven by their digests, kept while the store's file stays as it is.

What a digest proved once needs no second proof. The file's stamp is part of the key, since the digest does not cover
organizations and licences.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from llmhub.arena.boards import Entry
from llmhub.storage.stamps import Stamp

Key = tuple[Stamp, str, str, bytes]
"""The file, the leaderboard, the category and the digest of a board."""


class Proofs:
    """A bounded memory of proven boards; threads may share it."""

    def __init__(self, most: int) -> None:
        """Keep at most this many boards, the last ones that were asked for."""
        self._most = most
        self._lock = Lock()
        self._kept: dict[Key, tuple[Entry, ...]] = {}

    def get(self, key: Key | None, prove: Callable[[], list[Entry]]) -> list[Entry]:
        """Return the lines of a board, best first: those that are kept, or those that `prove` returns.

        Args:
            key: which board; None if the file has no stamp, so that nothing is kept.
            prove: reads and proves the board.
        """
        if key is None:
            return prove()
        with self._lock:
            kept = self._kept.pop(key, None)
            if kept is not None:
                # A dict keeps the order of insertion: the first one is the one that was not asked for the longest.
                self._kept[key] = kept
                return list(kept)
        entries = prove()
        with self._lock:
            self._kept[key] = tuple(entries)
            while len(self._kept) > self._most:
                del self._kept[next(iter(self._kept))]
        return entries

    def forget(self) -> None:
        """Keep nothing of what was proven so far."""
        with self._lock:
            self._kept.clear()


PROOFS = Proofs(most=32)
"""Those of this process."""

"""Decides which snapshots `llmhub arena prune` keeps; pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from llmhub.arena.boards import Snapshot
from llmhub.arena.sources import SOURCES


@dataclass(frozen=True, slots=True)
class Policy:
    """What to keep of each source; None keeps nothing by that rule.

    Attributes:
        last: the newest so many snapshots.
        within: the snapshots that are at most this much older than the newest one.
        daily: the newest snapshot of each of the newest so many days (UTC) that have one.
        weekly: the same for ISO weeks.
        monthly: the same for months.
    """

    last: int | None = None
    within: timedelta | None = None
    daily: int | None = None
    weekly: int | None = None
    monthly: int | None = None

    @property
    def empty(self) -> bool:
        """Return whether the policy keeps nothing."""
        return not any((self.last, self.within, self.daily, self.weekly, self.monthly))


class Verdict(NamedTuple):
    """A snapshot and the reasons why it is kept; without a reason it is removed."""

    snapshot: Snapshot
    reasons: tuple[str, ...]


def judge(
    snapshots: Sequence[Snapshot], policy: Policy, *, now: datetime, sources: Collection[str] = SOURCES
) -> list[Verdict]:
    """Decide which snapshots to keep, each source by itself.

    These stay whatever the policy says: the newest snapshot of each source, the newest one with each leaderboard, and
    those that are dated after `now`; the policy does not count the latter.

    Args:
        snapshots: all snapshots of the store, newest first.
        policy: what to keep.
        now: the current moment, timezone-aware.
        sources: only snapshots of these are judged; all others stay.

    Returns:
        A verdict on each snapshot of these sources, newest first.
    """
    reasons: defaultdict[int, list[str]] = defaultdict(list)
    past = [snapshot for snapshot in snapshots if snapshot.taken_at <= now]
    for source in SOURCES:
        of_source = [snapshot for snapshot in past if snapshot.source == source]
        for snapshot in of_source[:1]:
            reasons[snapshot.id].append(f"newest of {source}")
        for snapshot, reason in _kept_by(policy, of_source):
            reasons[snapshot.id].append(reason)
    seen: set[str] = set()
    for snapshot in past:
        new = [name for name in snapshot.leaderboards if name not in seen]
        seen.update(new)
        if new and not reasons[snapshot.id]:
            reasons[snapshot.id].append(f"newest with {', '.join(new)}")
    for snapshot in snapshots:
        if snapshot.taken_at > now:
            reasons[snapshot.id].append("dated in the future")
    return [Verdict(one, tuple(reasons[one.id])) for one in snapshots if one.source in sources]


def _kept_by(policy: Policy, snapshots: Sequence[Snapshot]) -> list[tuple[Snapshot, str]]:
    """Return the snapshots of one source that a policy keeps, each with the rule that keeps it."""
    kept = [(snapshot, f"last {number}") for number, snapshot in enumerate(snapshots[: policy.last or 0], start=1)]
    if policy.within:
        length = _length_text(policy.within)
        young = [one for one in snapshots if snapshots[0].taken_at - one.taken_at <= policy.within]
        kept += [(snapshot, f"within {length}") for snapshot in young]
    periods: tuple[tuple[str, int | None, Callable[[datetime], str]], ...] = (
        ("day", policy.daily, lambda moment: f"{moment:%Y-%m-%d}"),
        ("week", policy.weekly, lambda moment: "{}-W{:02}".format(*moment.isocalendar())),
        ("month", policy.monthly, lambda moment: f"{moment:%Y-%m}"),
    )
    for kind, number, period_of in periods:
        newest: dict[str, Snapshot] = {}
        for snapshot in snapshots:
            newest.setdefault(period_of(snapshot.taken_at), snapshot)
        kept += [(snapshot, f"{kind} {period}") for period, snapshot in list(newest.items())[: number or 0]]
    return kept


def _length_text(length: timedelta) -> str:
    whole_days = length % timedelta(days=1) == timedelta()
    return f"{length.days}d" if whole_days else f"{length / timedelta(hours=1):g}h"

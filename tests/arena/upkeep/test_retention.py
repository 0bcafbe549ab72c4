from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmhub.arena.boards import Snapshot
from llmhub.arena.sources import SOURCES
from llmhub.arena.upkeep.retention import Policy, judge
from tests.support.made_up.boards import DAY, HOUR, NOW


def run(number: int, taken_at: datetime, source: str = "script", leaderboards: Sequence[str] = ("text",)) -> Snapshot:
    return Snapshot(number, source, taken_at, dict.fromkeys(leaderboards), 1, 1)


def kept(
    snapshots: Sequence[Snapshot], policy: Policy, sources: Collection[str] = SOURCES
) -> dict[int, tuple[str, ...]]:
    """Return why each snapshot that a policy keeps is kept; there is a verdict on each one of the sources."""
    verdicts = judge(snapshots, policy, now=NOW, sources=sources)
    assert [verdict.snapshot for verdict in verdicts] == [one for one in snapshots if one.source in sources]
    return {verdict.snapshot.id: verdict.reasons for verdict in verdicts if verdict.reasons}


# Noon of Saturday 2026-01-10 and every twelve hours before: ids 20 down to 1, the last at midnight of 2026-01-01.
TWICE_A_DAY = [run(20 - back, NOW - back * 12 * HOUR) for back in range(20)]


def test_the_last_are_kept_and_each_says_which_it_is() -> None:
    assert kept(TWICE_A_DAY, Policy(last=2)) == {20: ("newest of script", "last 1"), 19: ("last 2",)}
    assert set(kept(TWICE_A_DAY, Policy(last=99))) == set(range(1, 21))


@pytest.mark.parametrize(
    ("within", "ids", "said"),
    [(DAY, {20, 19, 18}, "1d"), (12 * HOUR, {20, 19}, "12h"), (36 * HOUR, {20, 19, 18, 17}, "36h")],
)
def test_within_counts_from_the_newest_and_takes_in_its_end(within: timedelta, ids: set[int], said: str) -> None:
    found = kept(TWICE_A_DAY, Policy(within=within))
    assert set(found) == ids
    assert all(f"within {said}" in reasons for reasons in found.values())
    older = [run(one.id, one.taken_at - 400 * DAY) for one in TWICE_A_DAY]
    assert set(kept(older, Policy(within=within))) == ids


def test_of_each_day_week_and_month_the_newest_is_kept() -> None:
    assert kept(TWICE_A_DAY, Policy(daily=3)) == {
        20: ("newest of script", "day 2026-01-10"),
        18: ("day 2026-01-09",),
        16: ("day 2026-01-08",),
    }
    # Sunday, 4 January, ends the first ISO week.
    assert kept(TWICE_A_DAY, Policy(weekly=2)) == {
        20: ("newest of script", "week 2026-W02"),
        8: ("week 2026-W01",),
    }
    months = [run(3 - back, NOW - back * 31 * DAY) for back in range(3)]
    assert kept(months, Policy(monthly=2)) == {
        3: ("newest of script", "month 2026-01"),
        2: ("month 2025-12",),
    }


def test_a_day_is_one_of_utc_and_days_without_a_snapshot_do_not_count() -> None:
    midnight = NOW.replace(hour=0)
    listed = [run(3, midnight), run(2, midnight - timedelta(microseconds=1)), run(1, midnight - 90 * DAY)]
    assert set(kept(listed, Policy(daily=3))) == {3, 2, 1}


def test_a_snapshot_says_every_rule_that_keeps_it() -> None:
    policy = Policy(last=1, within=DAY, daily=1, weekly=1, monthly=1)
    assert kept(TWICE_A_DAY, policy)[20] == (
        "newest of script",
        "last 1",
        "within 1d",
        "day 2026-01-10",
        "week 2026-W02",
        "month 2026-01",
    )


def test_each_source_is_judged_by_itself() -> None:
    listed = [run(4, NOW), run(3, NOW - DAY), run(2, NOW - 2 * DAY, "dataset"), run(1, NOW - 3 * DAY, "dataset")]
    assert set(kept(listed, Policy(last=1))) == {4, 2}
    assert set(kept(listed, Policy(last=1), sources={"dataset"})) == {2}


def test_the_newest_of_each_leaderboard_stays() -> None:
    listed = [run(3, NOW), run(2, NOW - DAY, leaderboards=("text", "vision")), run(1, NOW - 2 * DAY)]
    assert kept(listed, Policy(last=1)) == {3: ("newest of script", "last 1"), 2: ("newest with vision",)}
    imported = run(4, NOW - HOUR, "dataset", ("vision",))
    assert set(kept([listed[0], imported, *listed[1:]], Policy(last=1))) == {3, 4}


def test_what_is_dated_in_the_future_stays_and_counts_for_nothing() -> None:
    listed = [run(3, NOW + DAY), run(2, NOW), run(1, NOW - DAY)]
    assert kept(listed, Policy(last=1)) == {3: ("dated in the future",), 2: ("newest of script", "last 1")}


def test_a_policy_that_asks_for_nothing_is_empty() -> None:
    assert Policy().empty
    assert Policy(last=0, within=timedelta(0)).empty
    assert not any(
        policy.empty
        for policy in (Policy(last=1), Policy(within=HOUR), Policy(daily=1), Policy(weekly=1), Policy(monthly=1))
    )


_numbers = st.none() | st.integers(1, 5)
_policies = st.builds(
    Policy, _numbers, st.none() | st.integers(1, 100).map(lambda hours: hours * HOUR), _numbers, _numbers, _numbers
)


@st.composite
def _stores(draw: st.DrawFn) -> list[Snapshot]:
    """Draw snapshots of all sources, newest first; some are dated in the future."""
    identities = draw(st.sets(st.tuples(st.integers(-20, 2000), st.sampled_from(SOURCES)), max_size=25))
    names = st.sets(st.sampled_from(["text", "vision", "webdev"]), min_size=1)
    return [
        run(number, NOW - hours * HOUR, source, sorted(draw(names)))
        for number, (hours, source) in enumerate(sorted(identities))
    ]


@given(_stores(), _policies)
def test_the_newest_always_stays_and_a_greater_policy_keeps_more(store: list[Snapshot], policy: Policy) -> None:
    found = kept(store, policy)
    past = [one for one in store if one.taken_at <= NOW]
    for source in SOURCES:
        assert all(one.id in found for one in [one for one in past if one.source == source][:1])
    for name in ("text", "vision", "webdev"):
        assert all(one.id in found for one in [one for one in past if name in one.leaderboards][:1])
    assert all(one.id in found for one in store if one.taken_at > NOW)
    more = Policy(
        (policy.last or 0) + 1, policy.within, (policy.daily or 0) + 1, policy.weekly, (policy.monthly or 0) + 1
    )
    assert found.keys() <= kept(store, more).keys()


@given(_stores(), _policies)
def test_pruning_again_removes_nothing_more(store: list[Snapshot], policy: Policy) -> None:
    found = kept(store, policy)
    assert kept([one for one in store if one.id in found], policy).keys() == found.keys()

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from random import Random

from llmhub.arena import SnapshotStore
from llmhub.offers.sql.price_timelines import changes_of_many
from llmhub.offers.sql.storing import offer_writer
from llmhub.offers.values import Offer
from tests.offers.offers import DAY, NOW, offer

_KEYS = tuple(f"{provider}/m{number}" for provider in ("acme", "other", "third") for number in range(12))
_PRICES = (None, 0.0, 1.0, 1.5, 3.0, 20.0)


def _some_offers(random: Random) -> dict[str, Offer]:
    """Return some of the offers; of one provider sometimes none."""
    gone = random.choice(("acme", "other", "third", "nobody", "nobody"))
    return {
        key: offer(
            key,
            price_input_per_million=random.choice(_PRICES),
            price_cache_read_per_million=random.choice(_PRICES),
            status=random.choice((None, None, "beta")),
            open_weights=random.choice((None, False, True)),
            release_date=random.choice((None, "2024-01-01", "2025-12")),
        )
        for key in _KEYS
        if random.random() < 0.8 and not key.startswith(gone)
    }


def test_a_diff_has_the_notes_of_the_history_and_many_histories_are_those_of_each_alone(tmp_path: Path) -> None:
    random = Random(15)  # noqa: S311 -- no secret
    path = tmp_path / "arena.db"
    days = sorted(random.sample(range(90), 16))
    with offer_writer(path) as writer, writer.transaction():
        for day in days:
            writer.add_offers(_some_offers(random) | {"acme/stays": offer("acme/stays")}, taken_at=NOW + day * DAY)
    later = NOW + 999 * DAY
    with SnapshotStore.open(path) as store:
        with store.reading() as connection:
            many = changes_of_many(connection, _KEYS, until=later)
        each = {key: store.price_history(key, now=later)[key] for key in _KEYS}
        noted = 0
        for number, (before, after) in enumerate(pairwise(range(1, len(days) + 1)), 1):
            moment = NOW + days[number] * DAY
            for changed in store.offers_diff(str(before), str(after), now=later).changed:
                notes = next(one.notes for one in many[changed.model] if one.recorded.taken_at == moment)
                assert changed.note == notes.get(changed.field)
                noted += changed.note is not None
    assert noted > 100
    for key, rows in each.items():
        assert [(row.taken_at, row.changed, row.note) for row in rows] == [
            (one.recorded.taken_at, one.changed, one.note) for one in many[key]
        ]

from __future__ import annotations

from pathlib import Path

import pytest

from llmhub.arena import SnapshotStore
from llmhub.errors import InvalidReferenceError, ModelNotFoundError, SnapshotNotFound
from llmhub.offers.comparing import Changed
from llmhub.offers.history import differing
from llmhub.offers.plain_offer import plain_offer
from tests.offers.offers import DAY, NOW, offer, offers
from tests.support.made_up.stored_offers import store_offers

LATER = NOW + 99 * DAY


@pytest.fixture
def store(tmp_path: Path) -> SnapshotStore:
    """Return a store in which acme/a changed, went and came back, and acme/b came and stayed."""
    path = tmp_path / "arena.db"
    store_offers(path, offers("acme/a"), taken_at=NOW)
    store_offers(path, offers("acme/a"), taken_at=NOW + DAY)
    store_offers(path, offers(acme_a=3.0) | offers("acme/b"), taken_at=NOW + 2 * DAY)
    store_offers(path, offers("acme/b"), taken_at=NOW + 3 * DAY)
    dearer = offer("acme/a", price_input_per_million=1.0, status="deprecated", max_output_tokens=5)
    store_offers(path, {"acme/a": dearer} | offers("acme/b"), taken_at=NOW + 20 * DAY)
    return SnapshotStore(path)


def test_a_history_has_a_point_for_each_change_and_one_where_the_offer_went(store: SnapshotStore) -> None:
    rows = store.price_history("acme/a", now=LATER)["acme/a"]
    assert [(row.id, row.input, row.output, row.context, row.status, row.changed) for row in rows] == [
        (1, 1.0, 2.0, 1000, None, ()),
        (3, 3.0, 2.0, 1000, None, ("input",)),
        (4, None, None, None, None, ("went",)),
        (5, 1.0, 2.0, 1000, "deprecated", ("came",)),
    ]
    assert {row.source for row in rows} == {"models.dev"}
    assert [row.taken_at for row in rows] == [NOW, NOW + 2 * DAY, NOW + 3 * DAY, NOW + 20 * DAY]
    store.close()


def test_a_price_that_was_taken_back_is_marked_in_the_history_and_in_the_diff(tmp_path: Path) -> None:
    path = tmp_path / "arena.db"
    for day, price in enumerate((1.0, 3.0, 3.0, 1.0)):
        store_offers(path, offers(acme_a=price), taken_at=NOW + day * DAY)
    with SnapshotStore.open(path) as store:
        notes = [row.note for row in store.price_history("acme/a", now=LATER)["acme/a"]]
        assert notes == [
            None,
            "likely a correction: input taken back on 2026-01-13",
            "likely a correction: input takes back the change of 2026-01-11",
        ]
        (changed,) = store.offers_diff("1", "2", now=LATER).changed
        assert changed == Changed("acme/a", "input", 1.0, 3.0, "taken back on 2026-01-13")
        assert store.offers_diff("1", "4", now=LATER).same


def test_a_diff_tells_what_came_went_was_renamed_and_changed(tmp_path: Path) -> None:
    path = tmp_path / "arena.db"
    same = {"release_date": "2025-01-01", "display_name": "One"}
    old = {"acme/one": offer("acme/one", **same), "acme/gone": offer("acme/gone"), "acme/kept": offer("acme/kept")}
    new = {
        "acme/one-2": offer("acme/one-2", **same | {"display_name": "One 2"}),
        "acme/kept": offer("acme/kept", price_output_per_million=None, input_modalities=("text", "image")),
        "other/new": offer("other/new"),
    }
    still = offers("still/there", "still/here")
    store_offers(path, old | still, taken_at=NOW)
    store_offers(path, new | still, taken_at=NOW + DAY)
    with SnapshotStore.open(path) as store:
        found = store.offers_diff(now=LATER)
        assert (found.before.id, found.after.id) == (1, 2)
        assert (found.added, found.removed) == (("other/new",), ("acme/gone",))
        assert found.renamed == (("acme/one", "acme/one-2"),)
        assert found.changed == (
            Changed("acme/kept", "output", 2.0, None),
            Changed("acme/kept", "input_modalities", None, ["text", "image"]),
        )
        assert found.unchanged == 2
        assert [row.what for row in found.rows] == ["added", "removed", "renamed", "changed", "changed"]
        of_still = found.of_models(lambda model: model.startswith("still/"))
        assert (of_still.same, of_still.unchanged) == (True, 2)
        assert found.of_models(lambda model: model.startswith("acme/")).unchanged == 0
        assert found.providers == {"acme", "other", "still"}
        back = store.offers_diff("latest", "1", now=LATER)
        assert (back.added, back.removed) == (("acme/gone",), ("other/new",))


def test_a_base_model_that_only_one_of_two_documents_names_is_no_difference() -> None:
    one, other = (plain_offer({"canonical_model_id": base}) for base in ("acme/one", "acme/other"))
    assert differing(one, plain_offer({})) == differing(plain_offer({}), one) == ()
    assert differing(one, other) == ("base_model",)


def test_references_count_the_snapshots_of_the_source_alone(store: SnapshotStore) -> None:
    store_offers(store.path, offers("acme/z"), taken_at=NOW + 30 * DAY, source="litellm")
    assert store.offers("latest", now=LATER).keys() == {"acme/a", "acme/b"}
    assert store.offers("latest", source="litellm", now=LATER).keys() == {"acme/z"}
    assert store.offers("latest~4", now=LATER) == offers("acme/a")
    assert store.offers("2026-01-12", now=LATER)["acme/a"].price_input_per_million == 3.0
    assert store.offers("2", now=LATER) == offers("acme/a")
    assert store.offers("7d", now=NOW + 9 * DAY) == offers(acme_a=3.0) | offers("acme/b")
    for reference in ("6", "2026-01-01", "latest~5"):
        with pytest.raises(SnapshotNotFound, match=r"there are 5, the oldest of 2026-01-10, with ids from 1 to 5"):
            store.offers(reference, now=LATER)
    with pytest.raises(InvalidReferenceError):
        store.offers("yesterday", now=LATER)
    store.close()


def test_what_is_dated_in_the_future_counts_only_where_there_is_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "arena.db"
    store_offers(path, offers("acme/a"), taken_at=NOW + DAY)
    with SnapshotStore.open(path) as store:
        assert store.offers(now=NOW) == offers("acme/a")
        store_offers(path, offers("acme/b"), taken_at=NOW)
        assert store.offers(now=NOW) == offers("acme/b")


def test_the_previous_is_the_last_real_change(store: SnapshotStore) -> None:
    assert store.offers_diff("previous", "latest", now=NOW + 2.5 * DAY).before.id == 2
    with pytest.raises(SnapshotNotFound, match="no earlier snapshot has others"):
        store.offers_diff(now=NOW + DAY)
    store.close()


def test_where_there_is_nothing_that_is_said_with_what_to_do(tmp_path: Path, store: SnapshotStore) -> None:
    with SnapshotStore.open(tmp_path / "none.db") as empty:
        with pytest.raises(SnapshotNotFound, match=r"no prices of models.dev yet: `llmhub catalog refresh` stores"):
            empty.offers()
        with pytest.raises(ModelNotFoundError, match=r"no prices of models\.dev yet"):
            empty.price_history("acme/a")
    with pytest.raises(ModelNotFoundError, match=r"no snapshot of models.dev lists 'b': it is offered as acme/b"):
        store.price_history("b", now=LATER)
    with pytest.raises(ModelNotFoundError, match=r"did you mean acme/a"):
        store.price_history("acm/a", now=LATER)
    store.close()

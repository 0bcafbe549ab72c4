"""Reading many offers over time."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from llmhub.arena.database import database
from llmhub.offers.fields import LITELLM, MODELS_DEV
from llmhub.offers.sql.price_timelines import changes_of_many, changes_of_one, last_states
from llmhub.offers.sql.storing import offer_writer
from tests.offers.offers import DAY, NOW, offer
from tests.support.effort import by_profile

_MODELS = ("acme/a", "acme/b", "other/a", "other/c")


@settings(max_examples=by_profile(ci=8, nightly=400), deadline=None)
@given(chance=st.randoms(use_true_random=False))
def test_the_last_state_of_an_offer_is_that_of_its_last_change(chance: Random) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "arena.db"
        with offer_writer(path) as writer:
            for number in range(6):
                kept = [key for key in _MODELS if chance.random() < 0.8] or ["acme/never-asked-for"]
                # Another base model alone is a row of its own and no change.
                offers = {
                    key: offer(
                        key,
                        price_input_per_million=chance.choice((1.0, 1.0, 2.0)),
                        canonical_model_id=chance.choice((None, "lab/base")),
                    )
                    for key in kept
                }
                writer.add_offers(offers, taken_at=NOW + number * DAY, source=chance.choice((MODELS_DEV, LITELLM)))
        reader = database.open_for_reading(path)
        assert reader is not None
        with closing(reader) as connection:
            for source, until in ((MODELS_DEV, NOW + 9 * DAY), (MODELS_DEV, NOW + 3 * DAY), (LITELLM, NOW + 9 * DAY)):
                changes = changes_of_many(connection, _MODELS, until=until, source=source)
                states = last_states(connection, [*_MODELS, "acme/none"], until=until, source=source)
                assert states == {key: (each[-1].recorded, each[-1].offer) for key, each in changes.items()}
                one = {key: changes_of_one(connection, key, until=until, source=source) for key in _MODELS}
                assert {key: each for key, each in one.items() if each} == changes

"""The sentences that say what each tier rests on, and how a model was matched."""

from __future__ import annotations

from typing import Any

from llmhub.catalog.explanation import match_text, reasons
from llmhub.catalog.schema import CanonicalModel, Match
from tests.support.made_up.models import line

TEXT: dict[str, Any] = {"input_modalities": ("text",), "output_modalities": ("text",)}


def based(basis: str, **fields: Any) -> CanonicalModel:
    bases = {f"{name}_basis": basis for name in ("quality", "reasoning", "creative")}
    return line("lab/made-up", **{**TEXT, **bases, **fields})


def test_a_rated_tier_names_the_boards_that_it_was_measured_on() -> None:
    boards = ("overall", "math", "hard_prompts", "creative_writing")
    because = reasons(based("rated", arena_score=1400.04, rated_on=boards))
    assert because["quality"] == "measured: its rating of 1400.0 among all models of text / overall"
    assert because["reasoning"].endswith(
        "the mean of its tiers among all models of text / math and text / hard_prompts"
    )
    assert because["creative"].endswith("among all models of text / creative_writing")
    fewer = reasons(based("rated", arena_score=1400.0, rated_on=("overall", "math")))
    assert fewer["reasoning"] == "measured: its rating among all models of text / math"
    assert fewer["creative"] == "measured: as its quality, since it is not on the boards for this"


def test_a_guess_says_that_it_is_one_and_from_which_model() -> None:
    because = reasons(based("predecessor", predecessor_id="made-up-1", supports_reasoning=True))
    assert because["quality"] == (
        "a guess: it has no rating, so that of made-up-1, the newest rated model that it follows"
    )
    assert because["reasoning"] == because["creative"] == because["quality"]


def test_a_catalog_of_the_first_version_still_says_where_its_guesses_are_from() -> None:
    because = reasons(based("family", family="made-up-line"))
    assert because["quality"].endswith("the rated models of its family made-up-line")
    assert reasons(based("provider", lab="Made-Up Labs"))["creative"].endswith("the rated models of Made-Up Labs")


def test_a_rating_of_another_setting_says_of_which() -> None:
    because = reasons(based("rated", arena_score=1400.0, rated_on=("overall",), arena_setting="high"))
    assert because["quality"].startswith("measured: its rating of 1400.0 at effort high among all models of ")
    made = Match(kind="variant", target="made-up-thinking", reason="that alone was rated", setting="thinking")
    assert match_text(made, "the leaderboard").endswith("; the rating is of thinking")


def test_an_unknown_tier_says_why_nothing_is_known() -> None:
    assert reasons(based("unknown"))["quality"].endswith("no rated model of its line and size came shortly before it")
    assert "does not say what it puts out" in reasons(line("lab/made-up"))["quality"]
    for because in reasons(based("unknown", type="speech", supports_reasoning=True)).values():
        assert because.startswith(
            "there is none: it is of kind speech, and only models that answer in text are compared"
        )


def test_a_cost_shows_how_it_is_computed() -> None:
    priced = based("unknown", cost_basis="priced", price_input_per_million=0.25, price_output_per_million=2.0)
    assert "(3 x $0.25 + $2) / 4 = $0.6875 per million tokens" in reasons(priced)["cost"]
    assert reasons(based("unknown"))["cost"] == "nothing is known: models.dev has no price for it"


def test_a_match_says_how_it_was_made_or_why_there_is_none() -> None:
    made = Match(kind="variant", target="made-up-high", reason="it was rated at another effort")
    assert match_text(made, "the leaderboard") == "made-up-high (variant): it was rated at another effort"
    none = Match(kind="none", reason="two entries fit", candidates=("a", "b"))
    assert match_text(none, "models.dev") == "not matched to an entry of models.dev: two entries fit"
    assert match_text(None, "models.dev") == "nothing is recorded"

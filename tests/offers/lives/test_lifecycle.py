"""The life of an offer, of what several witnesses say."""

from __future__ import annotations

from datetime import UTC, date, datetime

from llmhub.offers.fields import ANY_LLM, DEPRECATIONS_INFO, LITELLM, MODEL_DEPRECATIONS, MODELS_DEV
from llmhub.offers.lives.lifecycle import ACTIVE, Said, lifecycle_of

TODAY = date(2026, 7, 1)
RECORDED = datetime(2026, 6, 30, tzinfo=UTC)
SOON, PAST = date(2026, 8, 1), date(2026, 6, 1)
PAGE = "https://example.com/deprecations"


def said(source: str = LITELLM, **fields: object) -> Said:
    return Said(source, RECORDED, **fields)  # type: ignore[arg-type]


def test_an_offer_of_which_nobody_says_anything_is_active() -> None:
    assert lifecycle_of([], TODAY) == ACTIVE
    assert lifecycle_of([said(MODELS_DEV)], TODAY)[:7] == ACTIVE[:7]


def test_a_day_that_has_passed_makes_an_offer_retired_and_the_day_itself_does_not() -> None:
    on = said(retires_on=TODAY)
    assert lifecycle_of([on], TODAY).status == "active"
    assert lifecycle_of([on], TODAY).retires_within(0, TODAY)
    assert lifecycle_of([on], date(2026, 7, 2)).status == "retired"
    assert not lifecycle_of([on], date(2026, 7, 2)).retires_within(90, date(2026, 7, 2))
    assert lifecycle_of([said(retires_on=SOON)], TODAY).retires_within(31, TODAY)
    assert not lifecycle_of([said(retires_on=SOON)], TODAY).retires_within(30, TODAY)


def test_the_witness_with_a_citation_goes_before_one_without_and_both_days_make_a_dispute() -> None:
    life = lifecycle_of(
        [said(LITELLM, retires_on=PAST), said(DEPRECATIONS_INFO, retires_on=SOON, citation=PAGE, replacement="b")],
        TODAY,
    )
    assert (life.status, life.retires_on, life.source, life.citation) == ("active", SOON, DEPRECATIONS_INFO, PAGE)
    assert life.disputed
    assert life.replacement == "b"
    assert [one.source for one in life.said] == [DEPRECATIONS_INFO, LITELLM]


def test_among_witnesses_with_citations_litellm_goes_first_and_the_others_fill_what_it_leaves_open() -> None:
    life = lifecycle_of(
        [
            said(MODEL_DEPRECATIONS, retires_on=SOON, citation="other", replacement="b", status="deprecated"),
            said(LITELLM, retires_on=SOON, citation=PAGE),
        ],
        TODAY,
    )
    assert (life.source, life.citation, life.replacement) == (LITELLM, PAGE, "b")
    assert (life.status, life.disputed) == ("deprecated", False)


def test_a_witness_that_cites_nothing_borrows_the_citation_of_the_same_day_alone() -> None:
    cited = said(MODEL_DEPRECATIONS, status="active", citation=PAGE)
    assert lifecycle_of([said(LITELLM, retires_on=SOON), cited], TODAY).citation is None


def test_a_word_counts_where_there_is_no_day() -> None:
    assert lifecycle_of([said(MODELS_DEV, status="deprecated")], TODAY)[:1] == ("deprecated",)
    assert lifecycle_of([said(MODELS_DEV, status="beta")], TODAY).status == "beta"
    assert lifecycle_of([said(MODEL_DEPRECATIONS, status="retired")], TODAY).status == "retired"


def test_a_source_that_says_retired_before_another_ones_day_is_a_dispute_and_the_day_decides() -> None:
    life = lifecycle_of(
        [said(LITELLM, retires_on=SOON), said(MODELS_DEV, status="retired")],
        TODAY,
    )
    assert (life.status, life.retires_on, life.disputed) == ("deprecated", SOON, True)


def test_what_went_from_the_listings_is_retired_whatever_the_day() -> None:
    gone = said(ANY_LLM, status="retired")
    assert (lifecycle_of([gone], TODAY).status, lifecycle_of([gone], TODAY).source) == ("retired", ANY_LLM)
    early = lifecycle_of([gone, said(LITELLM, retires_on=SOON)], TODAY)
    assert (early.status, early.source, early.retires_on, early.disputed) == ("retired", ANY_LLM, SOON, True)
    agreed = lifecycle_of([gone, said(LITELLM, retires_on=PAST)], TODAY)
    assert (agreed.status, agreed.source, agreed.disputed) == ("retired", LITELLM, False)


def test_a_provider_that_still_lists_a_model_after_its_day_disputes_the_day() -> None:
    listed = said(ANY_LLM, status="active")
    assert lifecycle_of([listed, said(LITELLM, retires_on=PAST)], TODAY)[:7] == (
        "retired", PAST, None, None, LITELLM, None, True,
    )  # fmt: skip
    assert not lifecycle_of([listed, said(LITELLM, retires_on=SOON)], TODAY).disputed
    assert not lifecycle_of([listed, said(MODELS_DEV, status="deprecated")], TODAY).disputed


def test_a_promise_of_not_before_is_kept_beside_the_day_and_disputes_an_earlier_one() -> None:
    promise = said(MODEL_DEPRECATIONS, status="active", retires_earliest=SOON)
    assert lifecycle_of([promise], TODAY).retires_earliest == SOON
    assert lifecycle_of([promise], TODAY).status == "active"
    assert not lifecycle_of([promise, said(LITELLM, retires_on=SOON)], TODAY).disputed
    assert lifecycle_of([promise, said(LITELLM, retires_on=date(2026, 7, 15))], TODAY).disputed


def test_a_promise_of_not_before_is_told_apart_from_a_day_that_litellm_writes_alike() -> None:
    born, birthday = date(2025, 6, 15), date(2026, 6, 15)
    alone = said(LITELLM, retires_on=birthday)
    promise = lifecycle_of([alone], TODAY, released=[born])
    assert (promise.status, promise.retires_on, promise.retires_earliest) == ("active", None, birthday)
    assert not promise.disputed
    for more in (said(MODELS_DEV, status="deprecated"), said(DEPRECATIONS_INFO, retires_on=birthday, citation=PAGE)):
        real = lifecycle_of([alone, more], TODAY, released=[born])
        assert (real.status, real.retires_on, real.retires_earliest) == ("retired", birthday, None)
    assert lifecycle_of([said(LITELLM, retires_on=PAST)], TODAY, released=[born]).status == "retired"
    told = said(MODEL_DEPRECATIONS, status="active", retires_earliest=birthday, citation=PAGE)
    cited = said(DEPRECATIONS_INFO, retires_on=birthday, citation=PAGE)
    agreed = lifecycle_of([alone, told, cited], TODAY)
    assert (agreed.status, agreed.retires_on, agreed.retires_earliest) == ("active", None, birthday)
    assert not agreed.disputed

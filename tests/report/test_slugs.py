from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from llmhub.report.slugs import slug
from tests.support.processes.commands import HOSTILE

# What the store takes for a name: any text that has UTF-8.
NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=300)
LIKE_NAMES = st.from_regex(r"[a-zA-Z0-9./_-]{1,12}", fullmatch=True)


@given(NAMES | LIKE_NAMES)
@example("../../etc/passwd")
@example("x" * 1024)
@example("CON")
@example("...")
def test_a_slug_is_a_safe_name_of_a_file(name: str) -> None:
    made = slug(name)
    assert re.fullmatch(r"[a-z0-9][a-z0-9.-]*", made, re.ASCII)
    assert ".." not in made
    assert not made.endswith((".", "-"))
    assert len(made) <= 80


@given(st.sets(NAMES | LIKE_NAMES, min_size=2, max_size=8))
@example({"GPT-4", "gpt-4", "gpt/4", "gpt 4", "Gpt-4", "gpt_4"})
@example({*HOSTILE, *(name.upper() for name in HOSTILE)})
def test_no_two_models_share_a_page_on_any_file_system(names: set[str]) -> None:
    assert len({slug(name).casefold() for name in names}) == len(names)


def test_the_page_of_a_name_with_a_digest_cannot_be_claimed_by_a_plain_name() -> None:
    made = slug("GPT-4")
    assert slug(made) != made


@pytest.mark.parametrize("name", ["gpt-4.1-mini-2025-04-14", "o3", "qwen3-235b-a22b"])
def test_a_plain_name_is_its_own_slug(name: str) -> None:
    assert slug(name) == name


@pytest.mark.parametrize("name", ["con", "aux.json", "lpt1", "-a", "a-", ".a", "a--b", "a..b", "é", "", "n" * 81])
def test_what_some_system_takes_for_something_else_gets_a_digest(name: str) -> None:
    assert re.search(r"--[0-9a-f]{12}$", slug(name))

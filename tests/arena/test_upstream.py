from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmhub.arena.boards import Leaderboard
from llmhub.arena.upstream import (
    LEADERBOARD_FILES,
    META_FILE,
    canonical_category,
    category_key,
    file_name,
    plain_name,
    upstream_shape,
)
from tests.support.made_up.boards import board

_names = st.text(min_size=1, max_size=80)


@pytest.mark.parametrize("name", sorted(set(LEADERBOARD_FILES.values())))
def test_a_leaderboard_that_upstream_has_gets_upstreams_file(name: str) -> None:
    assert LEADERBOARD_FILES[file_name(name)] == name
    assert file_name("text-to-image") == "leaderboard-image.json"


@pytest.mark.parametrize("name", ["webdev", "image-edit", "search", "a1-b2"])
def test_a_plain_name_is_its_own(name: str) -> None:
    assert file_name(name) == f"leaderboard-{name}.json"
    assert plain_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "../x",
        "/etc/passwd",
        "..",
        ".",
        "a/b",
        "a\\b",
        "C:x",
        "a\0b",
        "a b",
        "A",
        "ä",
        "-a",
        "a-",
        "a--b",
        "x" * 300,
        "a_b",
        "x--0",
        "",
        "\n",
    ],
)
def test_a_name_that_could_be_something_else_in_a_path_is_a_digest_of_it(name: str) -> None:
    assert plain_name(name).startswith("x--")
    assert len(plain_name(name)) == 19


@pytest.mark.parametrize("name", ["image", "meta"])
def test_no_leaderboard_takes_the_name_of_another_ones_file_or_of_the_meta_file(name: str) -> None:
    assert file_name(name) == f"leaderboard-x--{name}.json"


@given(_names)
def test_a_file_name_is_one_plain_part_of_a_path(name: str) -> None:
    try:
        name.encode()
    except UnicodeEncodeError:
        return
    found = file_name(name)
    assert found == PurePosixPath(found).name
    assert found.isascii()
    assert found == found.lower()
    assert found != META_FILE
    assert LEADERBOARD_FILES.get(found, name) == name


@given(st.lists(_names | st.sampled_from(["image", "text-to-image", "meta", "x--image"]), unique=True))
def test_no_two_leaderboards_share_a_file(names: list[str]) -> None:
    encodable = [name for name in names if not any("\ud800" <= c <= "\udfff" for c in name)]
    assert len({file_name(name) for name in encodable}) == len(encodable)


@given(st.text(min_size=1) | st.sampled_from(["overall", "full", "hard_6", "hard_prompts", "if"]))
def test_a_category_key_is_read_back_as_its_category(category: str) -> None:
    key = category_key(category)
    assert key is None or canonical_category(key) == category


def test_a_shape_is_sorted_and_a_category_without_a_key_is_refused() -> None:
    shape = upstream_shape(Leaderboard({"overall": board(b=1.0, a=1.0, c=2.0), "coding": board(a=1.0)}))
    assert list(shape) == ["coding", "full"]
    assert list(shape["full"]) == ["c", "a", "b"]
    assert shape["full"]["c"] == {
        "rating": 2.0,
        "rating_q975": 7.0,
        "rating_q025": -3.0,
        "vote_count": 1000,
        "organization": None,
        "license": None,
    }
    with pytest.raises(ValueError, match=r"^full$"):
        upstream_shape(Leaderboard({"full": board(a=1.0)}))

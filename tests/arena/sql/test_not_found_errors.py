"""What is said of a board that no snapshot has."""

from __future__ import annotations

import pytest

from llmhub.arena.sql.not_found_errors import no_such_board
from llmhub.arena.upstream import LEADERBOARD_FILES, canonical_category, category_key

OURS = ("overall", "hard_prompts", "hard_prompts_english", "instruction_following", "longer_query", "multi_turn")
KEYS = [key for category in (*OURS, "exclude_ties") if (key := category_key(category)) is not None]


@pytest.mark.parametrize("key", KEYS)
def test_each_of_upstreams_category_keys_is_answered_with_our_name(key: str) -> None:
    category = canonical_category(key)
    assert key != category
    said = str(no_such_board([("text", category), ("text", "zz")], "text", key))
    assert said.startswith(f"no snapshot has text / {key} (upstream's {key} is called {category} here); there are")
    # Not where that board is not there either.
    assert "upstream's" not in str(no_such_board([("text", "zz")], "text", key))


@pytest.mark.parametrize("name", ["image", "leaderboard-image.json", "text_to_image", *LEADERBOARD_FILES])
def test_upstreams_name_of_a_leaderboard_is_answered_with_ours(name: str) -> None:
    ours = LEADERBOARD_FILES.get(name, "text-to-image")
    said = str(no_such_board([(ours, "overall")], name, "overall"))
    assert f"'{name}' (upstream's {name} is called {ours} here); there are {ours}" in said

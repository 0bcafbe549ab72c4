"""Upstream's names for files and categories, and the shape of a leaderboard in its files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256

from llmhub.arena.boards import OVERALL, TEXT, Leaderboard, ModelFacts

LEADERBOARD_FILES: Mapping[str, str] = {
    "leaderboard-text.json": TEXT,
    "leaderboard-text-style-control.json": "text-style-control",
    "leaderboard-vision.json": "vision",
    "leaderboard-vision-style-control.json": "vision-style-control",
    "leaderboard-image.json": "text-to-image",
    "leaderboard-text-to-image.json": "text-to-image",
}
"""The known files, and the leaderboard in each; if two hold the same one, upstream's own comes first."""

META_FILE = "leaderboard-meta.json"

# Upstream's category keys, and the published dataset's names for the same boards.
_CANONICAL: Mapping[str, str] = {
    "full": OVERALL,
    "hard_6": "hard_prompts",
    "hard_english_6": "hard_prompts_english",
    "if": "instruction_following",
    "long_user": "longer_query",
    "multiturn": "multi_turn",
    "no_tie": "exclude_ties",
}
_KEY_OF: Mapping[str, str] = {category: key for key, category in _CANONICAL.items()}
_PLAIN = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
_LONGEST_PLAIN = 60

Row = dict[str, float | str | None]
"""One model's line in a file: upstream's three keys, and those that llmhub adds."""


def canonical_category(key: str) -> str:
    """Return the published dataset's name for an upstream category key; an unknown key is its own name."""
    return _CANONICAL.get(key, key)


def canonical_leaderboard(name: str) -> str:
    """Return llmhub's name for a leaderboard, given its file's name, a part of it, or the dataset's subset.

    Examples:
        >>> names = ("image", "leaderboard-vision.json", "text_style_control", "webdev")
        >>> [canonical_leaderboard(name) for name in names]
        ['text-to-image', 'vision', 'text-style-control', 'webdev']
    """
    stem = name.removesuffix(".gz").removesuffix(".json").removeprefix("leaderboard-")
    return LEADERBOARD_FILES.get(f"leaderboard-{stem}.json", stem.replace("_", "-"))


def category_key(category: str) -> str | None:
    """Return upstream's key for a category; None if that key would be read as another category.

    Examples:
        >>> category_key("overall"), category_key("coding"), category_key("full")
        ('full', 'coding', None)
    """
    key = _KEY_OF.get(category, category)
    return key if canonical_category(key) == category else None


def plain_name(leaderboard: str) -> str:
    """Return a leaderboard's name in a form that is safe in a file's name; sources may use any text.

    A name of lower-case letters, digits and single hyphens stays as it is. Any other name becomes a digest: it is
    never a path or a device, and no file system takes two of them for one.
    """
    if len(leaderboard) <= _LONGEST_PLAIN and _PLAIN.fullmatch(leaderboard):
        return leaderboard
    return f"x--{sha256(leaderboard.encode()).hexdigest()[:16]}"


def file_name(leaderboard: str) -> str:
    """Return the name of the file for a leaderboard: upstream's, if upstream has one."""
    for name, held in LEADERBOARD_FILES.items():
        if held == leaderboard:
            return name
    name = f"leaderboard-{plain_name(leaderboard)}.json"
    taken = name in LEADERBOARD_FILES or name == META_FILE
    return f"leaderboard-x--{plain_name(leaderboard)}.json" if taken else name


def upstream_shape(leaderboard: Leaderboard) -> dict[str, dict[str, Row]]:
    """Return a leaderboard in the shape of upstream's files: categories by key, models best first.

    Raises:
        ValueError: a category has no key of its own; its argument is that category.
    """
    shape: dict[str, dict[str, Row]] = {}
    for category, board in leaderboard.boards.items():
        if (key := category_key(category)) is None:
            raise ValueError(category)
        shape[key] = {
            model: {
                "rating": rating,
                "rating_q975": upper,
                "rating_q025": lower,
                "vote_count": votes,
                **leaderboard.models.get(model, ModelFacts())._asdict(),
            }
            for model, (rating, lower, upper, votes) in sorted(board.items(), key=lambda line: (-line[1][0], line[0]))
        }
    return dict(sorted(shape.items()))

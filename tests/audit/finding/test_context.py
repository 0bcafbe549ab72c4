"""What stands before a value says whether it is the value of a key that says model."""

from __future__ import annotations

import pytest

from llmhub.audit.finding.context import is_value_of_model


@pytest.mark.parametrize(
    ("before", "says"),
    [
        (b'models: [gpt-4, "', True),
        (b'models: ["a/b", c, ', True),
        (b'{"models": ["gpt-4", "', True),
        (b'{"models": ["gpt-4"], "words": ["a", "', False),
        (b'words: ["a", "', False),
        (b"SELECT * FROM runs WHERE model IN ('", True),
        (b"WHERE r.model_id NOT IN ('a', '", True),
        (b"WHERE word IN ('a', '", False),
        (b"df[df.model.isin(['a', '", True),
        (b"df[df['model'].isin(['", True),
        (b"df[df.word.isin(['a', '", False),
        (b'if model in ("a", "', True),
        (b'if word in ("a", "', False),
        (b"model is used in ('", False),
        (b'{"model": {"words": ["a", "', False),
    ],
)
def test_each_item_of_a_list_on_one_line_belongs_to_the_lists_key(before: bytes, *, says: bool) -> None:
    assert is_value_of_model(before + b"sonar", len(before)) is says


@pytest.mark.parametrize(
    ("above", "says"),
    [
        (b"models = [\n    # the small ones\n    'a', // it's\n    ", True),
        (b"models:\n  - name: x!\n\n  - ", True),
        # Each of the others would take minutes if its line were read again from each of its characters.
        (b"models: [\n" + b" " * 10_000 + b"!\n", False),
        (b"models: [\n!a" + b" " * 10_000 + b"!\n", False),
        (b"models: [\n" + b"a-" * 50_000 + b",.!(\n", False),
        (b"x" * 100_000 + b'", models: [\n', True),
    ],
)
def test_an_item_alone_on_its_line_belongs_to_the_head_above_however_long_the_lines_are(
    above: bytes, *, says: bool
) -> None:
    assert is_value_of_model(above + b"sonar\n", len(above)) is says

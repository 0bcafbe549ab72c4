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
        (b'{"model": {"words": ["a", "', False),
    ],
)
def test_each_item_of_a_list_on_one_line_belongs_to_the_lists_key(before: bytes, *, says: bool) -> None:
    assert is_value_of_model(before + b"sonar", len(before)) is says

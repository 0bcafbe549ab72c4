"""JSON over many lines: the text is the json module's own."""

from __future__ import annotations

import json
from collections import OrderedDict
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmhub.pretty_json import pretty

_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4) | st.tuples(inner, inner)
    ),
    max_leaves=12,
)


@given(_VALUES)
def test_the_text_is_that_of_the_json_module(document: Any) -> None:
    assert pretty(document) == json.dumps(document, indent=2, allow_nan=False)


class _Pair(NamedTuple):
    one: int
    other: list[int]


@pytest.mark.parametrize(
    "value", [_Pair(1, [2]), OrderedDict(a=[1, {}]), [[], {}, ()], True, {1: "a", None: 2, 1.5: [3]}]
)
def test_children_of_the_types_and_empty_ones_come_out_as_in_the_json_module(value: object) -> None:
    document = {"deep": [value]}
    assert pretty(document) == json.dumps(document, indent=2)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_json_lacks_is_refused(number: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        pretty({"a": [number]})


@pytest.mark.parametrize("document", [{"a": object()}, {(1, 2): "a"}])
def test_what_json_lacks_is_refused(document: object) -> None:
    with pytest.raises(TypeError):
        pretty(document)

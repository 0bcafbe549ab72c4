"""models.dev's document, bytes to models: what each key becomes, and what each fault costs."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmhub.catalog.modelsdev import MAX_PROBLEMS, Normalized, RepeatingObject, normalize, parse_document
from llmhub.catalog.schema import ModelsDevModel
from llmhub.errors import SourceError
from tests.catalog.modelsdev_documents import OTHER, SOUND, body, changed, document

KEY, OTHER_KEY = "acme/made-up-2", "acme/other/model:free"
LONGEST_MESSAGE = 700


def model(*path: str, value: Any) -> ModelsDevModel:
    """Return `acme/made-up-2` with one thing replaced, which must be sound."""
    found = normalize(parse_document(body(changed(*path, value=value))))
    assert found.problems == ()
    return found.models[KEY]


def problem_of(data: Any) -> str:
    """Return the one problem of a document in which only `acme/other/model:free` is sound."""
    found = normalize(data)
    assert list(found.models) == [OTHER_KEY]
    assert found.left_out == 1
    (problem,) = found.problems
    assert problem.isprintable()
    assert len(problem) < LONGEST_MESSAGE
    return problem


def test_every_field_comes_from_its_key() -> None:
    assert normalize(document()).models[KEY] == ModelsDevModel(
        canonical_id=KEY,
        provider="acme",
        model_id="made-up-2",
        family="made-up",
        display_name="Made Up 2",
        supports_reasoning=False,
        supports_tool_call=True,
        supports_structured_output=True,
        input_modalities=("text", "image"),
        output_modalities=("text",),
        attachments=True,
        context_tokens=400_000,
        max_input_tokens=272_000,
        max_output_tokens=128_000,
        price_input_per_million=1.25,
        price_output_per_million=10.0,
        price_reasoning_per_million=12.5,
        knowledge_cutoff="2025-05",
        release_date="2025-08-31",
        last_updated="2025-09-01",
        open_weights=False,
    )


def test_what_is_not_there_is_unknown() -> None:
    data = document()
    del data["acme"]["models"]["other/model:free"]["name"]
    assert normalize(data).models[OTHER_KEY] == ModelsDevModel(
        canonical_id=OTHER_KEY, provider="acme", model_id="other/model:free", display_name="other/model:free"
    )


@pytest.mark.parametrize("key", [key for key in SOUND if key != "id"])
def test_null_is_as_good_as_absent(key: str) -> None:
    data = document()
    del data["acme"]["models"]["made-up-2"][key]
    assert normalize(data).models[KEY] == model(key, value=None)


def test_a_price_of_0_is_free_and_a_limit_of_0_unknown() -> None:
    assert model("cost", value={"input": 0, "output": 0.0}).price_input_per_million == 0
    assert model("cost", value={"input": 0, "output": 0.0}).price_output_per_million == 0
    assert model("cost", value={"input": 0}).price_output_per_million is None
    unknown = model("limit", value={"context": 0, "output": 0})
    assert (unknown.context_tokens, unknown.max_input_tokens, unknown.max_output_tokens) == (None, None, None)


@pytest.mark.parametrize("path", [("surprise",), ("cost", "surprise"), ("limit", "surprise"), ("modalities", "x")])
def test_unknown_keys_are_ignored_at_every_level(path: tuple[str, ...]) -> None:
    surprises: list[Any] = ["x", {"deep": [{}]}, RepeatingObject([("a", 1), ("a", 2)])]
    for surprise in surprises:
        data = changed(*path, value=surprise)
        data["acme"]["surprise"] = surprise
        assert normalize(data) == normalize(document())


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("cost", "input"), "1.25", "cost.input: found '1.25', expected a valid number"),
        (("cost", "input"), True, "cost.input: found true, expected a valid number"),
        (("cost", "input"), -0.01, "cost.input: found -0.01, expected greater than or equal to 0"),
        (("cost", "output"), float("nan"), "cost.output: found nan, expected a finite number"),
        (("cost", "output"), float("inf"), "cost.output: found inf, expected a finite number"),
        (("cost", "reasoning"), [], "cost.reasoning: found a list, expected a valid number"),
        (("cost",), [1, 2], "cost: found a list, expected an object"),
        (("cost",), 3, "cost: found 3, expected an object"),
        (("limit",), "128k", "limit: found '128k', expected an object"),
        (("limit", "context"), "128000", "limit.context: found '128000', expected a valid integer"),
        (("limit", "context"), False, "limit.context: found false, expected a valid integer"),
        (("limit", "context"), -1, "limit.context: found -1, expected greater than or equal to 1"),
        (("limit", "output"), 1.5, "limit.output: found 1.5, expected a valid integer"),
        (("limit", "input"), 10**30, "limit.input: found a whole number of over 20 digits, expected less than"),
        (("modalities",), ["text"], "modalities: found a list, expected an object"),
        (("modalities", "input"), "text", "modalities.input: found 'text', expected a list"),
        (("modalities", "input"), ["text", 4], "modalities.input.1: found 4, expected a valid string"),
        (("modalities", "output"), ["x"] * 51, "modalities.output: found a list, expected"),
        (("name",), 5, "name: found 5, expected a valid string"),
        (("name",), False, "name: found false, expected a valid string"),
        (("name",), "n" * 1_000_000, "name: found 'nnn"),
        (("name",), "\ud800", r"name: found '\ud800', expected a valid string"),
        (("family",), ["x"], "family: found a list"),
        (("reasoning",), "yes", "reasoning: found 'yes', expected a valid boolean"),
        (("reasoning",), 1, "reasoning: found 1, expected a valid boolean"),
        (("tool_call",), 0, "tool_call: found 0, expected a valid boolean"),
        (("structured_output",), {}, "structured_output: found an object"),
        (("attachment",), "", "attachment: found ''"),
        (("open_weights",), "false", "open_weights: found 'false'"),
        (("knowledge",), 2025, "knowledge: found 2025, expected a valid string"),
        (("release_date",), {}, "release_date: found an object"),
        (("last_updated",), True, "last_updated: found true"),
        (("id",), "another", "id: found 'another', expected the key that it stands under"),
        ((), None, "entry: found nothing, expected an object"),
        ((), [], "entry: found a list, expected an object"),
    ],
)
def test_a_wrong_value_names_provider_model_and_key_and_costs_that_model_alone(
    path: tuple[str, ...], value: Any, said: str
) -> None:
    problem = problem_of(changed(*path, value=value))
    assert problem.startswith(f"models.dev: acme/made-up-2: {said}")
    assert problem.endswith("; the model is left out")


@pytest.mark.parametrize("path", [("cost", "input"), ("limit", "context"), ("name",), ("knowledge",)])
def test_a_whole_number_that_python_will_not_print_is_a_fault_like_another(path: tuple[str, ...]) -> None:
    assert f"{'.'.join(path)}: found a whole number of over 20 digits" in problem_of(changed(*path, value=10**5000))


@pytest.mark.parametrize("written", ["1e400", "NaN", "Infinity", "-Infinity", "9" * 5000, "[" * 300 + "]" * 300])
def test_a_number_that_none_can_be_is_told_from_the_text_of_the_document(written: str) -> None:
    text = body(changed("cost", "input", value="HERE")).replace(b'"HERE"', written.encode())
    assert "cost.input: found " in problem_of(parse_document(text))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"input": 1.25,', '"input": 1.25, "input": 125,', "acme/made-up-2: cost.input: found the key twice"),
        ('"context": 400000,', '"context": 4, "context": 5,', "acme/made-up-2: limit.context: found the key twice"),
        ('"cost": {', '"cost": null, "cost": {', "acme/made-up-2: cost: found the key twice"),
        ('"made-up-2": {', '"made-up-2": {}, "made-up-2": {', "acme/made-up-2: id: found the model twice"),
    ],
)
def test_of_a_key_that_stands_twice_neither_value_is_taken(old: str, new: str, said: str) -> None:
    text = body(document()).decode()
    assert text.count(old) == 1
    assert said in problem_of(parse_document(text.replace(old, new).encode()))


@pytest.mark.parametrize(
    ("name", "provider", "said"),
    [
        ("odd", None, "odd: models: found nothing, expected an object"),
        ("odd", "text", "odd: entry: found 'text', expected an object"),
        ("odd", {"id": "odd"}, "odd: models: found nothing, expected an object"),
        ("odd", {"models": []}, "odd: models: found a list, expected an object"),
        ("odd", RepeatingObject([("models", {}), ("models", {})]), "odd: models: found the key twice"),
        ("o/dd", {"models": {"x": {}}}, "o/dd: name: found 'o/dd', expected 1 to 500 characters without a slash"),
        ("", {"models": {"x": {}}}, "name: found ''"),
        ("o" * 1_000_000, {"models": {"x": {}}}, "name: found 'ooo"),
    ],
)
def test_a_provider_that_cannot_be_read_costs_its_own_models(name: str, provider: Any, said: str) -> None:
    found = normalize({name: provider} | document())
    assert found.models == normalize(document()).models
    (problem,) = found.problems
    assert said in problem
    assert problem.endswith("; its models are left out")
    assert len(problem) < LONGEST_MESSAGE


def test_of_a_provider_that_stands_twice_no_model_is_taken() -> None:
    found = normalize(parse_document(b'{"a": {"models": {"x": {}}}, "a": {"models": {"x": {}}}, "b": {"models": {}}}'))
    assert found.models == {}
    assert found.problems == (
        "models.dev: a: name: found the provider twice, expected each once; its models are left out",
    )


@pytest.mark.parametrize("model_id", ["", "m" * 1_000_000, "\ud800"])
def test_an_id_that_none_can_be_costs_that_model(model_id: str) -> None:
    data = document()
    data["acme"]["models"][model_id] = data["acme"]["models"].pop("made-up-2") | {"id": None}
    assert ": id: found " in problem_of(data)


@pytest.mark.parametrize(
    "odd", ["2025-25-11", "2025-02-31", "2025-8", "soon", "", "2025-08-31T00:00", "²025-08", "x" * 10**6]
)
def test_a_date_that_no_calendar_has_is_unknown_and_costs_no_more(odd: str) -> None:
    found = normalize(changed("release_date", value=odd))
    assert found.models[KEY] == normalize(document()).models[KEY].model_copy(update={"release_date": None})
    assert found.problems == ()
    (remark,) = found.remarks
    assert remark.startswith("models.dev: acme/made-up-2: release_date: found ")
    assert len(remark) < LONGEST_MESSAGE


def test_only_so_many_problems_are_told_one_by_one() -> None:
    many = {f"m{number}": 5 for number in range(MAX_PROBLEMS + 1234)}
    found = normalize({"acme": {"models": many}})
    assert found.left_out == len(many)
    assert len(found.problems) == MAX_PROBLEMS + 1
    assert found.problems[-1] == "models.dev: 1,234 more like these"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "not JSON"),
        (b"<!doctype html>", "not JSON"),
        (b'{"acme": {"models": {', "not JSON"),
        (b"[]", "found a list"),
        (b"null", "found nothing"),
        (b'"x"', "found 'x'"),
        (b"1e400", "found inf"),
        (b"\xff\xfe{}", "not UTF-8"),
        (b"[" * 1_000_000, "nested too deeply"),
        (b'{"a":' * 1_000_000, "nested too deeply"),
    ],
)
def test_what_is_no_object_of_providers_says_what_it_is(text: bytes, said: str) -> None:
    with pytest.raises(SourceError, match=said) as caught:
        parse_document(text)
    assert len(str(caught.value)) < LONGEST_MESSAGE


def test_a_byte_order_mark_is_no_fault() -> None:
    assert parse_document(b"\xef\xbb\xbf" + body(document())) == document()


def test_a_document_without_faults_comes_out_as_plain_json() -> None:
    assert json.dumps(parse_document(body(document()))) == json.dumps(document())


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([10**40, -(10**4000), 0, -0.0])
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["\ud800", "\x1b[31m", "2025-08", *SOUND]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(max_size=4) | st.sampled_from([*SOUND, "input", "output", "context"]), inner, max_size=5
        )
        | st.lists(st.tuples(st.sampled_from(["id", "cost", "models", "x"]), inner), max_size=5).map(RepeatingObject)
    ),
    max_leaves=12,
)
PLACES = [
    (key, *inner)
    for key, value in SOUND.items()
    for inner in [(), *([(name,) for name in value] if isinstance(value, dict) else [])]
]


@given(ANYTHING)
def test_any_json_at_the_top_gives_models_or_the_documented_error(data: Any) -> None:
    try:
        found = normalize(data)
    except SourceError:
        assert not isinstance(data, dict)
    else:
        assert bool(found.left_out) == bool(found.problems)


@given(st.dictionaries(st.text(max_size=5), ANYTHING | st.fixed_dictionaries({"models": ANYTHING}), max_size=4))
def test_any_json_as_a_provider_leaves_the_others_as_they_are(providers: dict[str, Any]) -> None:
    found = normalize(providers | document())
    assert normalize(document()).models.items() <= found.models.items()
    assert all(line.isprintable() and len(line) < LONGEST_MESSAGE for line in (*found.problems, *found.remarks))


@given(st.sampled_from(PLACES), ANYTHING)
def test_any_json_anywhere_in_a_model_gives_that_model_or_one_problem_that_names_it(
    place: tuple[str, ...], value: Any
) -> None:
    found = normalize(changed(*place, value=value))
    assert found.models[OTHER_KEY] == normalize(document()).models[OTHER_KEY]
    assert (KEY in found.models) == (found.problems == ())
    for problem in found.problems:
        assert problem.startswith(f"models.dev: acme/made-up-2: {place[0]}")
        assert problem.isprintable()
        assert len(problem) < LONGEST_MESSAGE


@given(st.binary() | st.text().map(str.encode) | ANYTHING.map(lambda data: json.dumps(data, default=str).encode()))
def test_any_bytes_are_a_document_or_the_documented_error(data: bytes) -> None:
    with suppress(SourceError):
        assert isinstance(normalize(parse_document(data)), Normalized)


def test_the_documents_of_these_tests_are_sound() -> None:
    found = normalize(document())
    assert list(found.models) == [KEY, OTHER_KEY]
    assert found.models[OTHER_KEY].display_name == OTHER["name"]
    assert (found.problems, found.left_out, found.remarks) == ((), 0, ())

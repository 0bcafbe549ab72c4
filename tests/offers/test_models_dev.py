"""models.dev's document, bytes to models: what each key becomes, and what each fault costs."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmhub.catalog.schema import ModelsDevModel
from llmhub.errors import SourceError
from llmhub.offers.models_dev import MAX_PROBLEMS, Normalized, RepeatingObject, normalize, parse_document
from llmhub.offers.values import PriceTier
from tests.support.made_up.modelsdev_documents import OTHER, SOUND, body, changed, document

KEY, OTHER_KEY = "acme/made-up-2", "acme/other/model:free"
LONGEST_MESSAGE = 700


def model(*path: str, value: Any) -> ModelsDevModel:
    """Return `acme/made-up-2` with one thing replaced, which must be sound."""
    found = normalize(parse_document(body(changed(*path, value=value))))
    assert found.problems == ()
    return found.models[KEY]


def oddity_of(data: Any) -> tuple[ModelsDevModel, str]:
    """Return `acme/made-up-2` of a document in which one value cannot be used, and the one remark on it."""
    found = normalize(data)
    assert (found.problems, found.left_out, found.odd_values) == ((), 0, 1)
    assert list(found.models) == [KEY, OTHER_KEY]
    (remark,) = found.remarks
    assert remark.isprintable()
    assert len(remark) < LONGEST_MESSAGE
    return found.models[KEY], remark


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
        price_cache_read_per_million=0.125,
        price_cache_write_per_million=1.5,
        price_input_audio_per_million=3.0,
        price_output_audio_per_million=20.5,
        price_tiers=(PriceTier(above_tokens=200_000, price_input_per_million=2.5, price_output_per_million=15.0),),
        knowledge_cutoff="2025-05",
        release_date="2025-08-31",
        last_updated="2025-09-01",
        open_weights=False,
        status="beta",
        type="chat",
        canonical_model_id="acme/made-up-2-base",
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


# Where the odd value stands, the value, the field that is unknown then, and how the remark begins.
ODD: list[tuple[tuple[str, ...], Any, str, str]] = [
    (("cost", "input"), "1.25", "price_input_per_million", "cost.input: found '1.25', expected a valid number"),
    (("cost", "input"), True, "price_input_per_million", "cost.input: found true, expected a valid number"),
    (("cost", "input"), -0.01, "price_input_per_million", "cost.input: found -0.01, expected greater than or equal"),
    (("cost", "output"), float("nan"), "price_output_per_million", "cost.output: found nan, expected a finite number"),
    (("cost", "output"), float("inf"), "price_output_per_million", "cost.output: found inf, expected a finite number"),
    (("cost", "reasoning"), [], "price_reasoning_per_million", "cost.reasoning: found a list, expected a valid number"),
    (("cost", "cache_read"), "free", "price_cache_read_per_million", "cost.cache_read: found 'free'"),
    (("cost", "output_audio"), -1, "price_output_audio_per_million", "cost.output_audio: found -1"),
    (("cost", "tiers"), "some", "price_tiers", "cost.tiers: found 'some', expected prices, each above a number of tok"),
    (("cost", "tiers"), [{"input": 1}], "price_tiers", "cost.tiers: found a list"),
    (("cost", "tiers"), [{"input": -1, "tier": {"size": 5}}], "price_tiers", "cost.tiers: found a list"),
    (("cost", "tiers"), [{"tier": {"size": 5}}, {"tier": {"size": 5}}], "price_tiers", "cost.tiers: found a list"),
    (("cost", "tiers"), [{"tier": {"type": "hour", "size": 5}}], "price_tiers", "cost.tiers: found a list"),
    (("limit", "context"), "128000", "context_tokens", "limit.context: found '128000', expected a valid integer"),
    (("limit", "context"), 128000.0, "context_tokens", "limit.context: found 128000.0, expected a valid integer"),
    (("limit", "context"), False, "context_tokens", "limit.context: found false, expected a valid integer"),
    (("limit", "context"), -1, "context_tokens", "limit.context: found -1, expected greater than or equal to 1"),
    (("limit", "output"), 1.5, "max_output_tokens", "limit.output: found 1.5, expected a valid integer"),
    (("limit", "input"), 10**30, "max_input_tokens", "limit.input: found a whole number of over 20 digits, expected l"),
    (("modalities", "input"), "text", "input_modalities", "modalities.input: found 'text', expected a list"),
    (("modalities", "input"), ["text", 4], "input_modalities", "modalities.input.1: found 4, expected a valid string"),
    (("modalities", "output"), ["x"] * 51, "output_modalities", "modalities.output: found a list, expected"),
    (("family",), ["x"], "family", "family: found a list"),
    (("reasoning",), "yes", "supports_reasoning", "reasoning: found 'yes', expected a valid boolean"),
    (("reasoning",), 1, "supports_reasoning", "reasoning: found 1, expected a valid boolean"),
    (("tool_call",), 0, "supports_tool_call", "tool_call: found 0, expected a valid boolean"),
    (("structured_output",), {}, "supports_structured_output", "structured_output: found an object"),
    (("attachment",), "", "attachments", "attachment: found ''"),
    (("open_weights",), "false", "open_weights", "open_weights: found 'false'"),
    (("knowledge",), 2025, "knowledge_cutoff", "knowledge: found 2025, expected a valid string"),
    (("release_date",), {}, "release_date", "release_date: found an object"),
    (("release_date",), 20250805, "release_date", "release_date: found 20250805, expected a valid string"),
    (("last_updated",), True, "last_updated", "last_updated: found true"),
    (("status",), "sleepy", "status", "status: found 'sleepy', expected one of active, alpha, beta, deprecated, ret"),
    (("status",), 5, "status", "status: found 5"),
    (("type",), ["chat"], "type", "type: found a list"),
    (("canonical_model_id",), "no-lab", "canonical_model_id", "canonical_model_id: found 'no-lab', expected provider"),
    (("canonical_model_id",), {}, "canonical_model_id", "canonical_model_id: found an object"),
]


@pytest.mark.parametrize(("path", "value", "field", "said"), ODD)
def test_an_odd_optional_value_is_unknown_with_a_remark_and_costs_nothing_else(
    path: tuple[str, ...], value: Any, field: str, said: str
) -> None:
    model, remark = oddity_of(changed(*path, value=value))
    assert remark.startswith(f"models.dev: acme/made-up-2: {said}")
    unknown = ModelsDevModel.model_fields[field].default
    assert model == normalize(document()).models[KEY].model_copy(update={field: unknown})


@pytest.mark.parametrize(
    ("key", "value", "unknown"),
    [
        ("cost", [1, 2], [name for name in ModelsDevModel.model_fields if name.startswith("price_")]),
        ("cost", 3, [name for name in ModelsDevModel.model_fields if name.startswith("price_")]),
        ("limit", "128k", ["context_tokens", "max_input_tokens", "max_output_tokens"]),
        ("modalities", ["text"], ["input_modalities", "output_modalities"]),
    ],
)
def test_what_should_hold_several_values_and_does_not_costs_those_alone(
    key: str, value: Any, unknown: list[str]
) -> None:
    model, remark = oddity_of(changed(key, value=value))
    assert remark.startswith(f"models.dev: acme/made-up-2: {key}: found ")
    assert remark.endswith(", expected an object")
    nothing = {name: ModelsDevModel.model_fields[name].default for name in unknown}
    assert model == normalize(document()).models[KEY].model_copy(update=nothing)


@pytest.mark.parametrize("value", [5, False, [], {}, "n" * 1_000_000, "\ud800"])
def test_a_model_without_a_usable_name_is_called_by_its_id(value: Any) -> None:
    model, remark = oddity_of(changed("name", value=value))
    assert model.display_name == "made-up-2"
    assert remark.startswith("models.dev: acme/made-up-2: name: found ")


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("id",), "another", "id: found 'another', expected the key that it stands under"),
        ((), None, "entry: found nothing, expected an object"),
        ((), [], "entry: found a list, expected an object"),
    ],
)
def test_an_entry_that_does_not_say_which_model_it_is_of_is_left_out_alone(
    path: tuple[str, ...], value: Any, said: str
) -> None:
    problem = problem_of(changed(*path, value=value))
    assert problem == f"models.dev: acme/made-up-2: {said}; the model is left out"


@pytest.mark.parametrize("path", [("cost", "input"), ("limit", "context"), ("name",), ("knowledge",)])
def test_a_whole_number_that_python_will_not_print_is_a_fault_like_another(path: tuple[str, ...]) -> None:
    assert f"{'.'.join(path)}: found a whole number of over 20 digits" in oddity_of(changed(*path, value=10**5000))[1]


@pytest.mark.parametrize("written", ["1e400", "NaN", "Infinity", "-Infinity", "9" * 5000, "[" * 300 + "]" * 300])
def test_a_number_that_none_can_be_is_told_from_the_text_of_the_document(written: str) -> None:
    text = body(changed("cost", "input", value="HERE")).replace(b'"HERE"', written.encode())
    model, remark = oddity_of(parse_document(text))
    assert "cost.input: found " in remark
    assert (model.price_input_per_million, model.price_output_per_million) == (None, 10)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"input": 1.25,', '"input": 1.25, "input": 125,', "acme/made-up-2: cost.input: found the key twice"),
        ('"context": 400000,', '"context": 4, "context": 5,', "acme/made-up-2: limit.context: found the key twice"),
        ('"cost": {', '"cost": null, "cost": {', "acme/made-up-2: cost: found the key twice"),
    ],
)
def test_of_a_key_that_stands_twice_neither_value_is_taken(old: str, new: str, said: str) -> None:
    text = body(document()).decode()
    assert text.count(old) == 1
    model, remark = oddity_of(parse_document(text.replace(old, new).encode()))
    assert said in remark
    assert None in {model.price_input_per_million, model.context_tokens}


def test_of_a_model_that_stands_twice_neither_is_taken() -> None:
    text = body(document()).replace(b'"made-up-2": {', b'"made-up-2": {}, "made-up-2": {')
    assert "acme/made-up-2: id: found the model twice" in problem_of(parse_document(text))


# -- the formats of earlier years


def test_the_first_format_is_read_with_its_own_keys() -> None:
    row = {
        "name": "Made Up 2",
        "input_modalities": ["text", "image"],
        "output_modalities": ["text"],
        "cost": {"input": 3, "output": 15, "inputCached": 0.3, "outputCached": 3.75},
    }
    found = normalize({"acme": {"models": {"made-up-2": row}}})
    assert (found.problems, found.remarks) == ((), ())
    model = found.models[KEY]
    assert (model.input_modalities, model.output_modalities) == (("text", "image"), ("text",))
    assert (model.price_cache_read_per_million, model.price_cache_write_per_million) == (0.3, 3.75)


def test_a_flag_that_says_alpha_or_beta_is_a_status() -> None:
    for word in ("alpha", "beta"):
        data = changed(word, value=True)
        del data["acme"]["models"]["made-up-2"]["status"]
        assert normalize(data).models[KEY].status == word
    assert model("alpha", value=False).status == "beta"


def test_a_price_beyond_200k_tokens_without_tiers_is_a_tier() -> None:
    data = document()
    del data["acme"]["models"]["made-up-2"]["cost"]["tiers"]
    assert normalize(data) == normalize(document())


def test_tiers_come_shortest_first() -> None:
    tiers = [{"input": 4, "tier": {"type": "context", "size": 272_000}}, {"input": 2, "tier": {"size": 32_000}}]
    found = model("cost", "tiers", value=tiers).price_tiers
    assert [(tier.above_tokens, tier.price_input_per_million) for tier in found] == [(32_000, 2), (272_000, 4)]


@pytest.mark.needs_shared
def test_every_document_of_two_years_is_read_whole_in_the_format_of_its_time(shared_data: Path) -> None:
    files = sorted((shared_data / "modelsdev").rglob("api-*.json.gz"))
    assert len(files) >= 15
    carried: Counter[str] = Counter()
    for file in files:
        data = parse_document(gzip.decompress(file.read_bytes()))
        found = normalize(data)
        rows = {f"{provider}/{name}": row for provider, of in data.items() for name, row in of["models"].items()}
        assert (found.problems, found.models.keys()) == ((), rows.keys())
        # Impossible dates such as 2025-02-31 it has.
        assert (found.odd_values, found.remark) == (0, None)
        for key, row in rows.items():
            cost, read = row.get("cost") or {}, found.models[key]
            prices = (cost.get(name) for name in ("cache_read", "cache_write", "input_audio", "output_audio"))
            assert tuple(prices) == (
                read.price_cache_read_per_million,
                read.price_cache_write_per_million,
                read.price_input_audio_per_million,
                read.price_output_audio_per_million,
            )
            assert read.status == (
                row.get("status") or ("alpha" if row.get("alpha") else "beta" if row.get("beta") else None)
            )
            assert bool(read.price_tiers) == ("tiers" in cost or "context_over_200k" in cost)
            assert read.output_modalities
            carried += Counter({read.status or "none": 1})
    assert carried["deprecated"] > 100
    assert carried["alpha"] > 1


@pytest.mark.needs_shared
def test_damage_to_values_of_a_real_document_costs_those_values_and_no_model(shared_data: Path) -> None:
    file = shared_data / "modelsdev/history/api-2025-12-11.json.gz"
    data = parse_document(gzip.decompress(file.read_bytes()))
    whole = normalize(data)
    dice = Random(13)  # noqa: S311 -- the same damage each time
    odd = [-1, "x", [], {"a": 1}, True, 128000.5, float("nan"), 10**400]
    damaged = 0
    for entry in data.values():
        for row in entry["models"].values():
            if dice.random() < 0.2:
                inside = dice.choice([row, row["limit"], row.get("cost") or row["limit"], row["modalities"]])
                key = dice.choice([key for key in inside if key not in {"id", "reasoning", "type"}])
                inside[key] = dice.choice(odd)
                damaged += 1
    found = normalize(data)
    assert (found.problems, found.models.keys()) == ((), whole.models.keys())
    same = sum(found.models[key] == model for key, model in whole.models.items())
    assert len(whole.models) - damaged <= same < len(whole.models)
    assert 0 < found.odd_values <= damaged
    assert len(found.remarks) == MAX_PROBLEMS + 1


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
    assert (found.problems, found.odd_values) == ((), 0)
    (remark,) = found.remarks
    assert remark.startswith("models.dev: acme/made-up-2: release_date: found ")
    assert len(remark) < LONGEST_MESSAGE


def test_one_line_sums_up_what_is_unknown() -> None:
    assert normalize(document()).remark is None
    said = "acme/made-up-2: family: found a list, expected a valid string"
    assert normalize(changed("family", value=[])).remark == f"one value is taken as unknown: {said}"
    data = changed("family", value=[])
    data["acme"]["models"]["other/model:free"] |= {"reasoning": 1, "knowledge": 2}
    assert normalize(data).remark == f"3 values are taken as unknown, the first of them: {said}"


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
            st.text(max_size=4) | st.sampled_from([*SOUND, "input", "output", "context", "tier", "size"]),
            inner,
            max_size=5,
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
def test_any_json_anywhere_in_a_model_but_its_id_costs_what_stands_there_and_remarks_name_it(
    place: tuple[str, ...], value: Any
) -> None:
    whole = normalize(document()).models
    found = normalize(changed(*place, value=value))
    assert found.models[OTHER_KEY] == whole[OTHER_KEY]
    assert (KEY in found.models) == (found.problems == ())
    assert place == ("id",) or found.problems == ()
    for line in (*found.problems, *found.remarks):
        assert line.startswith(f"models.dev: acme/made-up-2: {place[0]}")
        assert line.isprintable()
        assert len(line) < LONGEST_MESSAGE
    if KEY in found.models and place[0] not in {"cost", "limit", "modalities"}:
        changes = [name for name, was in whole[KEY] if getattr(found.models[KEY], name) != was]
        assert len(changes) <= 1


@given(st.binary() | st.text().map(str.encode) | ANYTHING.map(lambda data: json.dumps(data, default=str).encode()))
def test_any_bytes_are_a_document_or_the_documented_error(data: bytes) -> None:
    with suppress(SourceError):
        assert isinstance(normalize(parse_document(data)), Normalized)


def test_the_documents_of_these_tests_are_sound() -> None:
    found = normalize(document())
    assert list(found.models) == [KEY, OTHER_KEY]
    assert found.models[OTHER_KEY].display_name == OTHER["name"]
    assert (found.problems, found.left_out, found.remarks) == ((), 0, ())

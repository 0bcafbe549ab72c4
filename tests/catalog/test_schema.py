"""The shape of what the catalog's arena source offers: signatures, and the model that it returns."""

import inspect
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

import llmhub
from llmhub.catalog import arena_source
from llmhub.catalog.arena_model import ArenaModel
from llmhub.catalog.arena_source import (
    _ensure_arena_snapshot,
    _get_arena_cache_path,
    _is_fresh,
    _run_arena_update_script,
    load_arena_models,
    refresh_arena,
)

FIELDS: dict[str, Any] = {
    "arena_id": "made-up",
    "rating": 1400.5,
    "rating_q025": 1390.0,
    "rating_q975": 1410.0,
    "category": "overall",
    "votes": 12,
    "organization": "Made-Up Labs",
}


def signature(function: Callable[..., object]) -> str:
    # Annotations are text in that module; the brackets' quotes would be all that tells.
    return str(inspect.signature(function)).replace("'", "")


def test_load_arena_models_keeps_its_signature() -> None:
    assert signature(load_arena_models) == "(path: str | Path | None = None) -> dict[str, ArenaModel]"


def test_the_helpers_take_what_the_plan_says() -> None:
    assert signature(_get_arena_cache_path) == "() -> Path"
    assert signature(_ensure_arena_snapshot) == "(ttl_hours: float = 24) -> Snapshot | None"
    fresh = inspect.signature(_is_fresh)
    assert list(fresh.parameters)[:2] == ["snapshot", "ttl_hours"]
    assert fresh.parameters["ttl_hours"].default == 24
    run = inspect.signature(_run_arena_update_script)
    assert next(iter(run.parameters)) == "work_dir"
    for function, required in ((fresh, ["snapshot"]), (run, ["work_dir"])):
        without_default = [p.name for p in function.parameters.values() if p.default is inspect.Parameter.empty]
        assert without_default == required


def test_a_refresh_takes_its_arguments_by_name_only_and_needs_none() -> None:
    parameters = inspect.signature(refresh_arena).parameters
    assert list(parameters) == ["max_age", "force", "now"]
    assert {parameter.kind for parameter in parameters.values()} == {inspect.Parameter.KEYWORD_ONLY}
    assert all(parameter.default is not inspect.Parameter.empty for parameter in parameters.values())


def test_the_package_offers_the_same_function_and_model() -> None:
    assert llmhub.load_arena_models is load_arena_models
    assert llmhub.ArenaModel is ArenaModel
    assert {"load_arena_models", "refresh_arena"} <= set(arena_source.__all__)


def test_an_arena_model_has_exactly_the_fields_of_the_plan() -> None:
    assert list(ArenaModel.model_fields) == list(FIELDS)
    assert ArenaModel(**FIELDS).model_dump() == FIELDS


@pytest.mark.parametrize("field", ["rating_q025", "rating_q975", "votes", "organization"])
def test_what_a_publication_need_not_know_may_be_none(field: str) -> None:
    assert ArenaModel(**FIELDS | {field: None}).model_dump()[field] is None


@pytest.mark.parametrize("field", ["arena_id", "rating", "category"])
def test_what_every_model_has_may_not_be_none(field: str) -> None:
    with pytest.raises(ValidationError, match=field):
        ArenaModel(**FIELDS | {field: None})


def test_an_arena_model_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        ArenaModel(**FIELDS).rating = 1.0  # type: ignore[misc]

"""A catalog that llmhub wrote is read as it stands; what anybody else wrote is validated."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

import llmhub
from llmhub.catalog.arena_model import ArenaModel
from llmhub.catalog.cache import load_cached_catalog, save_catalog, stored_catalog
from llmhub.catalog.schema import ArenaProvenance, Catalog, Match, SourceStatus, WholeCatalog
from llmhub.catalog.stored import seal
from llmhub.catalog.stored.record import MOMENTS, NESTED, Record, as_json
from llmhub.catalog.stored.seal import MODELS, sealed, unsealed
from llmhub.offers.values import PriceTier
from tests.support.made_up.models import catalog_of, line
from tests.support.processes.children import start_python

NOW = datetime.now(UTC).replace(microsecond=0)
WHOLE = catalog_of(
    line("made-up/a", price_tiers=(PriceTier(above_tokens=200_000),), tags=("tools", "vision"), arena_score=1400.5),
    line("made-up/b", arena_match=Match(kind="none", reason="nothing like it", candidates=("model-2",))),
    arena_snapshot=ArenaProvenance(snapshot_id=3, taken_at=NOW, published_on="2026-01-05"),
)


def _models(root: type[BaseModel]) -> set[type[BaseModel]]:
    """Return a model and all that its fields hold, directly or not."""
    found, left = set[type[BaseModel]](), [root]
    while left:
        model = left.pop()
        if model not in found:
            found.add(model)
            left += [kind for field in model.model_fields.values() for kind in _types(field.annotation)]
    return found


def _types(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _types(part)


def _holds_moment(annotation: Any) -> bool:
    return (
        annotation is datetime
        or getattr(annotation, "__name__", "") == "AwareDatetime"
        or any(map(_holds_moment, get_args(annotation)))
    )


def test_the_seal_covers_each_module_that_defines_a_field() -> None:
    package = Path(llmhub.__file__).parent
    homes = {f"{model.__module__.removeprefix('llmhub.').replace('.', '/')}.py" for model in _models(Catalog)}
    # The ratings of `FusedRaw` are no part of a catalog; its module is sealed in case they become one.
    assert homes <= set(MODELS)
    assert all((package / name).is_file() for name in MODELS)
    assert f"{ArenaModel.__module__.removeprefix('llmhub.').replace('.', '/')}.py" in MODELS


def test_the_fields_read_as_moments_are_those_that_hold_one() -> None:
    fields = {
        name
        for model in _models(Catalog)
        for name, field in model.model_fields.items()
        if _holds_moment(field.annotation)
    }
    assert fields == MOMENTS


def test_the_fields_read_as_objects_and_lists_are_those_that_hold_one() -> None:
    fields = {
        name
        for model in _models(Catalog) | _models(WholeCatalog)
        for name, field in model.model_fields.items()
        if any(_types(field.annotation)) or "tuple" in str(field.annotation)
    }
    assert fields == NESTED


def test_what_is_stored_reads_as_the_catalog_that_was_saved() -> None:
    save_catalog(WHOLE)
    found = stored_catalog()
    assert isinstance(found, Record)
    assert as_json(found) == WHOLE.model_dump(mode="json") == as_json(WHOLE)
    assert as_json(found, models=found.models[1:]) == as_json(WHOLE, models=WHOLE.models[1:])
    assert [*as_json(found)] == [*WHOLE.model_dump()]
    same(found, WHOLE)
    assert load_cached_catalog() == WHOLE
    assert vars(found)["models"] == [], "they were read when they were asked for"
    with pytest.raises(AttributeError, match="no field 'modles'"):
        _ = found.modles


def same(found: object, expected: object) -> None:
    """Compare each attribute of a record with that of the model that it stands for."""
    if isinstance(expected, BaseModel):
        for name in type(expected).model_fields:
            same(getattr(found, name), getattr(expected, name))
    elif isinstance(expected, tuple):
        assert isinstance(found, tuple)
        for one, other in zip(found, expected, strict=True):
            same(one, other)
    else:
        assert found == expected


def test_a_file_that_was_edited_is_validated(home: Path) -> None:
    save_catalog(WHOLE)
    file = home / "llmhub" / "catalog.json"
    data = file.read_bytes()
    edited = data.replace(b"made-up/a", b"made-up/z")
    file.write_bytes(edited)
    assert unsealed(edited) is None
    found = stored_catalog()
    assert isinstance(found, Catalog)
    assert found.models[0].canonical_id == "made-up/z"
    file.write_bytes(data.replace(b'"quality_tier":3', b'"quality_tier":9'))
    assert stored_catalog() is None


def test_a_file_of_other_models_is_validated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document = WHOLE.model_dump_json().encode()
    before = sealed(document)
    assert unsealed(before) == document
    package = tmp_path / "llmhub"
    for name in MODELS:
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text("# another version\n")
    monkeypatch.setattr("llmhub.catalog.stored.seal.__file__", str(package / "catalog" / "stored" / "seal.py"))
    assert unsealed(before) is None
    assert unsealed(sealed(document)) is not None
    (package / MODELS[0]).unlink()
    assert unsealed(sealed(document)) is not None, "the code of this process is still the one with its sources"
    seal._sources.cache_clear()
    # Without the sources nothing is sealed, and nothing is trusted.
    assert sealed(document) == document
    assert unsealed(before) is None


def test_reading_a_sealed_catalog_imports_no_pydantic() -> None:
    save_catalog(catalog_of(sources=(SourceStatus(source="arena", status="ok"),)))
    code = "import sys; from llmhub.catalog.cache import stored_catalog as load; print(bool(load()), *sys.modules)"
    fresh, *modules = start_python(code).split()
    assert fresh == "True"
    assert {"pydantic", "llmhub.catalog.schema", "sqlite3", "httpx"}.isdisjoint(modules)

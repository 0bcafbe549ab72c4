from __future__ import annotations

from datetime import UTC, datetime

import pytest

from llmhub import settings
from llmhub.catalog import save_catalog
from llmhub.catalog.schema import SourceStatus
from llmhub.doctor import catalog
from llmhub.errors import OverridesError
from tests.support.made_up.models import catalog_of, line


def levels() -> list[str]:
    return [found.level for found in catalog.look()]


def test_a_fresh_catalog_is_well() -> None:
    save_catalog(catalog_of(line("lab/made-up")))
    assert levels() == ["ok"]


def test_a_catalog_that_is_old_or_of_which_a_source_failed_is_a_warning_each() -> None:
    assert levels() == ["warning"]
    save_catalog(catalog_of(built_at=datetime(2026, 1, 1, tzinfo=UTC)))
    assert levels() == ["warning"]
    save_catalog(catalog_of(sources=(SourceStatus(source="arena", status="failed", reason="made up"),)))
    assert levels() == ["ok", "warning"]


@pytest.mark.parametrize("content", ["{", '{"catalog_version": 1, "built_at": "never", "models": []}'])
def test_a_malformed_catalog_is_an_error(content: str) -> None:
    save_catalog(catalog_of())
    settings.catalog_file().write_text(content)
    assert levels() == ["error"]


def test_overrides_are_well_where_there_are_none_and_else_must_be_valid() -> None:
    (found,) = catalog.look_at_overrides()
    assert (found.level, "does not exist" in found.message) == ("ok", True)
    save_catalog(catalog_of())
    settings.overrides_file().write_text("{}")
    (found,) = catalog.look_at_overrides()
    assert (found.level, "is valid" in found.message) == ("ok", True)
    settings.overrides_file().write_text('{"aliasses": {}}')
    with pytest.raises(OverridesError, match="aliasses"):
        list(catalog.look_at_overrides())

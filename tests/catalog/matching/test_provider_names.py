"""The names of providers, read with and without the user's overrides."""

from __future__ import annotations

import json

import pytest

from llmhub import settings
from llmhub.catalog.cache import save_catalog, settings_digest
from llmhub.catalog.matching.overrides import load_overrides
from llmhub.catalog.matching.provider_names import SHIPPED_FILE, names_in, own_overrides, provider_names
from llmhub.errors import OverridesError
from tests.support.made_up.models import catalog_of


def test_the_names_are_those_of_the_overrides_whether_the_user_has_some_or_not() -> None:
    assert not settings.overrides_file().exists()
    shipped = provider_names()
    assert shipped == names_in(load_overrides())
    assert "ollama" in shipped.local, SHIPPED_FILE
    settings.overrides_file().parent.mkdir(parents=True, exist_ok=True)
    settings.overrides_file().write_text('{"providers": {"acme": ["acme-cloud"]}}')
    assert provider_names() == names_in(load_overrides())
    assert provider_names().providers == {**shipped.providers, "acme": ("acme-cloud",)}


def test_malformed_overrides_are_told() -> None:
    settings.overrides_file().parent.mkdir(parents=True, exist_ok=True)
    settings.overrides_file().write_text("{")
    with pytest.raises(OverridesError):
        provider_names()


def test_a_file_that_the_catalog_was_built_with_is_read_as_it_stands_and_validated_after_a_change() -> None:
    file = settings.overrides_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    lab = {"names": ["acme"], "providers": ["acme-cloud"]}
    vocabulary = {"labs": {"acme": lab}, "habits": {"acme": {"local": True}}}
    file.write_text(json.dumps({"providers": {"acme": ["acme-cloud"]}, "vocabulary": vocabulary}))
    assert own_overrides() is None
    save_catalog(catalog_of(settings_digest=settings_digest(())))
    assert own_overrides() == json.loads(file.read_text())
    assert provider_names() == names_in(load_overrides())
    assert "acme-cloud" in provider_names().labs
    assert "acme" in provider_names().local
    file.write_text(json.dumps({"provider": {"acme": ["acme-cloud"]}}))
    assert own_overrides() is None
    with pytest.raises(OverridesError):
        provider_names()

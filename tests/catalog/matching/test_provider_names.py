"""The names of providers, read with and without the user's overrides."""

from __future__ import annotations

import pytest

from llmhub import settings
from llmhub.catalog.matching.overrides import load_overrides
from llmhub.catalog.matching.provider_names import SHIPPED_FILE, names_in, provider_names
from llmhub.errors import OverridesError


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

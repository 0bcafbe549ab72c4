"""How models.dev calls any-llm's providers, and which serve a user's own models: all that reading a life needs.

Where the user has no overrides.json, or the catalog was built with it as it stands, which validated it, both files are
read without pydantic, whose import takes longer than the rest: a test compares.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from llmhub import settings

if TYPE_CHECKING:
    from llmhub.catalog.matching.overrides import Overrides

SHIPPED_FILE = "data/overrides.json"


class HasNames(Protocol):
    """What has models.dev's names of providers: overrides, or the names alone."""

    @property
    def providers(self) -> Mapping[str, tuple[str, ...]]:
        """any-llm's name of a provider to its names in models.dev; the first that has an id counts."""


class ProviderNames(NamedTuple):
    """The names of providers.

    Attributes:
        providers: any-llm's name of a provider to its names in models.dev.
        local: any-llm's names of those that serve a user's own models.
        labs: models.dev's names of those that are labs.
    """

    providers: Mapping[str, tuple[str, ...]]
    local: frozenset[str]
    labs: frozenset[str]


def names_in(overrides: Overrides) -> ProviderNames:
    """Return the names of providers in overrides."""
    vocabulary = overrides.vocabulary
    local = frozenset(name for name, one in vocabulary.habits.items() if one.local)
    return ProviderNames(overrides.providers, local, vocabulary.lab_providers())


def provider_names() -> ProviderNames:
    """Return the shipped names of providers, with the user's own merged over them.

    Raises:
        OverridesError: the user's overrides.json is malformed.
    """
    data, own = _shipped(), own_overrides()
    if data is None or own is None:
        from llmhub.catalog.matching.overrides import load_overrides

        return names_in(load_overrides())
    shipped = json.loads(data)
    habits, labs = (
        {**shipped["vocabulary"][name], **own.get("vocabulary", {}).get(name, {})} for name in ("habits", "labs")
    )
    called = {**shipped["providers"], **own.get("providers", {})}
    return ProviderNames(
        {name: tuple(names) for name, names in called.items()},
        frozenset(name for name, one in habits.items() if one.get("local", False)),
        frozenset(provider for lab in labs.values() for provider in lab.get("providers", ())),
    )


def own_overrides() -> Mapping[str, Any] | None:
    """Return the user's overrides.json as it stands, empty if there is none; None if nobody validated it yet."""
    if not _has_own_file():
        return {}
    from llmhub.catalog.cache import valid_overrides

    return valid_overrides()


def _shipped() -> bytes | None:
    """Return the shipped overrides; None where they are no file, as in a zip: importlib.resources takes 15 ms more."""
    try:
        return (Path(__file__).parents[1] / SHIPPED_FILE).read_bytes()
    except OSError:
        return None


def _has_own_file() -> bool:
    try:
        os.lstat(settings.overrides_file())
    except FileNotFoundError:
        return False
    except OSError:
        # The one that reads it says what is wrong.
        return True
    return True

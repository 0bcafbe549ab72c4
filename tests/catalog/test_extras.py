"""llmhub passes on what any-llm can install for its providers, under the same names."""

from __future__ import annotations

import tomllib
from importlib import metadata

from llmhub.catalog.providers.facts import DISTRIBUTION
from tests.conftest import REPOSITORY
from tests.support.processes.late import any_llm

OURS = {"dev", "all-providers", "charts", "docs", "mcp", "postgres"}


def test_every_provider_that_has_an_extra_in_any_llm_has_the_same_one_here() -> None:
    declared = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    # What any-llm's other extras install serves no provider.
    theirs = set(metadata.metadata(DISTRIBUTION).get_all("Provides-Extra") or ()) & set(
        any_llm.AnyLLM.get_supported_providers()
    )
    expected = {extra: [f"{DISTRIBUTION}[{extra}]"] for extra in theirs}
    assert {extra: requirements for extra, requirements in declared.items() if extra not in OURS} == expected
    assert declared["all-providers"] == [f"{DISTRIBUTION}[all]"]

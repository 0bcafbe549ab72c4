"""Fixtures of the tests of remotes: a database of their own on the shared server, and homes beside the test's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from llmhub.remote.address import Address, parse
from tests.conftest import Llmhub
from tests.support.servers import postgres


@pytest.fixture
def remote_url() -> str:
    """Return the address of a new remote, as `llmhub remote init` makes it."""
    return postgres.new_database()


@pytest.fixture
def address(remote_url: str) -> Address:
    """Return the same, parsed."""
    return parse(remote_url)


@dataclass(frozen=True, slots=True)
class Home:
    """A machine: a home of its own, and the command in it."""

    folder: Path
    llmhub: Llmhub
    variables: dict[str, str | None] = field(default_factory=dict)

    @property
    def store(self) -> Path:
        """Where its store is."""
        return self.folder / "arena/arena.db"

    def run(self, *arguments: str | Path, **variables: str | None) -> CompletedProcess[str]:
        """Run a command of `llmhub` on this machine."""
        return self.llmhub(*arguments, LLMHUB_CONFIG_DIR=str(self.folder), **{**self.variables, **variables})


@pytest.fixture
def homes(tmp_path: Path, llmhub: Llmhub) -> Callable[..., Home]:
    """Return a function that makes a home."""
    return lambda name, **variables: Home(tmp_path / name, llmhub, variables)

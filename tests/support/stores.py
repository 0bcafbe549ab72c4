"""Fixtures for tests that use a store of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from llmhub.arena import SnapshotStore


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the path for this test's store; no file exists yet."""
    return tmp_path / "arena.db"


@pytest.fixture
def store(path: Path) -> Iterator[SnapshotStore]:
    """Return an open store that has no file yet."""
    with SnapshotStore.open(path) as opened:
        yield opened

"""What the arena's tests share: a store of their own, and properties that never depend on the machine's speed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from llmhub.arena import SnapshotStore

settings.register_profile("llmhub", deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("llmhub")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where this test's store may be; nothing is there yet."""
    return tmp_path / "arena.db"


@pytest.fixture
def store(path: Path) -> Iterator[SnapshotStore]:
    """Return an open store that has no file yet."""
    with SnapshotStore.open(path) as opened:
        yield opened

from __future__ import annotations

import sqlite3
from importlib import metadata

import pytest

from llmhub.doctor import versions


def test_everything_that_llmhub_needs_is_looked_at_and_well() -> None:
    found = {one.check: one for one in versions.look()}
    assert {one.level for one in found.values()} == {"ok"}
    assert {"Python", "SQLite", "llmhub", "any-llm-sdk", "httpx", "sqlmodel"} <= set(found)
    assert "pytest" not in found


def test_an_sqlite_that_is_too_old_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 37, 2))
    assert {one.check: one.level for one in versions.look()}["SQLite"] == "error"


def test_a_package_that_is_missing_or_too_old_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    needed = ["no-such-package-made-up>=1", "click>=999", 'pytest>=8; extra == "dev"']
    monkeypatch.setattr(metadata, "requires", lambda _: needed)
    found = {one.check: one for one in versions.look()}
    assert found["no-such-package-made-up"].level == found["click"].level == "error"
    assert ">=999 is needed" in found["click"].message
    assert "pytest" not in found

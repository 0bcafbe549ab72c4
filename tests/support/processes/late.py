"""Libraries that take long to import and that few tests need, imported when one of their names is first used.

Every worker imports every test module, even if another worker runs its tests.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any


class _Late:
    """Stands for a module until it is used."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        # pytest asks every object in a test module for such names; that must not import the library.
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(import_module(self._name), name)


any_llm: Any = _Late("any_llm")
mcp: Any = _Late("mcp")
pandas: Any = _Late("pandas")
polars: Any = _Late("polars")

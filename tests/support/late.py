"""Libraries that take long to import and that a few tests need: each is imported when one of its names is first used.

Every worker imports every test module, also those whose tests another one runs.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any


class _Late:
    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        # For such names pytest asks each object that it finds in a module of tests.
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(import_module(self._name), name)


any_llm: Any = _Late("any_llm")
mcp: Any = _Late("mcp")
pandas: Any = _Late("pandas")
polars: Any = _Late("polars")

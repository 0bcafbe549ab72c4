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
        return getattr(import_module(self._name), name)


pandas: Any = _Late("pandas")
any_llm: Any = _Late("any_llm")

"""Import a package's names on first use, so that using one of them does not import all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


def lazily(package: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """Return a `__getattr__` for a package, which imports each name from the module that defines it.

    Hide it from type checkers: they take a module with a `__getattr__` to have every name.
    """

    def get(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        from importlib import import_module

        return getattr(import_module(homes[name]), name)

    return get

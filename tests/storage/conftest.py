"""Each of these tests has a store of its own."""

from tests.support.stores import path, store

__all__ = ["path", "store"]

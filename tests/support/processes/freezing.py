"""Make freezegun stop the clock in a tenth of the time.

Each time it stops the clock, freezegun checks whether a module has other names than at the last time. To find out, it
sorts the names of each of the thousands of modules that tests import. Here it compares only how many names there are.
"""

from __future__ import annotations

from types import ModuleType

import freezegun.api


def _names(module: ModuleType) -> str:
    return f"{id(module)}-{len(module.__dict__)}"


def quicken() -> None:
    """Make freezegun in this process compare numbers of names from now on."""
    freezegun.api._get_module_attributes_hash = _names

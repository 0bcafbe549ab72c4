"""Have freezegun stop the clock in a tenth of the time.

Whenever a clock is stopped, freezegun looks whether any module has other names than when it looked last: it lists and
sorts the names of all of the thousands that tests import. Here their number tells it.
"""

from __future__ import annotations

from types import ModuleType

import freezegun.api


def _names(module: ModuleType) -> str:
    return f"{id(module)}-{len(module.__dict__)}"


def quicken() -> None:
    """Do so in this process from now on."""
    freezegun.api._get_module_attributes_hash = _names

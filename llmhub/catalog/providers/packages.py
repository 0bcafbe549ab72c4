"""Say which packages the providers need that this environment lacks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from llmhub.installation import install_line

if TYPE_CHECKING:
    from llmhub.catalog.schema import ProviderStatus


def pip_line(providers: Iterable[ProviderStatus], *, unconfigured: bool = False) -> str | None:
    """Return the command that installs what providers need, such as `pip install ".[gemini]"`.

    Args:
        providers: as `Listing` or `Catalog` has them.
        unconfigured: also count providers for which the user set no key or address.

    Returns:
        None if nothing is missing.
    """
    extras = sorted(
        status.needs_extra for status in providers if status.needs_extra and (unconfigured or status.configured)
    )
    return install_line(*extras) if extras else None

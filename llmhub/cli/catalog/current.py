"""Get the catalog that a command shows, and warn if it is empty or incomplete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmhub.cli import progress, render
from llmhub.cli.catalog.texts import SOURCES
from llmhub.cli.verbosity import errors_as_warnings

if TYPE_CHECKING:
    from llmhub.catalog.schema import Catalog


def current() -> Catalog:
    """Return the stored catalog, or build one; warn on stderr of each source that failed.

    Use its attributes only: see `llmhub.catalog.cache.stored_catalog`.
    """
    from llmhub.catalog.cache import stored_catalog

    cached = stored_catalog()
    if cached is None:
        from llmhub.catalog.pipeline import build_catalog

        with progress.building(), errors_as_warnings():
            return build_catalog(force_refresh=True)
    for status in cached.sources:
        # A refresh says that the second witness failed; the catalog is whole without it.
        if status.status != "ok" and status.source != "litellm":
            render.warn(f"warning: {SOURCES[status.source]}: {status.status}: {status.reason or render.UNKNOWN}")
    return cached


def say_if_empty(built: Catalog) -> None:
    """Print why a catalog has no callable model, and what to do."""
    if built.models:
        return
    state = next((status for status in built.sources if status.source == "anyllm"), None)
    if state is not None and state.status == "skipped":
        why = "providers are not asked while LLMHUB_OFFLINE is set: unset it, and run `llmhub catalog refresh`"
    elif state is not None and state.status == "failed" and not built.providers:
        why = state.reason or render.UNKNOWN
    elif any(provider.configured for provider in built.providers):
        why = "no provider that has a key or an address here listed one; `llmhub catalog providers` says why"
    else:
        named = sorted(built.providers, key=lambda provider: provider.provider != "openai")
        key = next((provider.key_variables[0] for provider in named if provider.key_variables), "OPENAI_API_KEY")
        why = (
            f"set a provider's key, such as {key}, or start a local server; "
            "`llmhub catalog providers` says what each provider needs"
        )
    render.note(f"no model can be called: {why}")


def say_what_to_install(built: Catalog, *, unconfigured: bool = False) -> None:
    """Print the pip lines of the packages that the configured providers lack; with `unconfigured` those of all."""
    from llmhub.catalog.providers.packages import pip_line
    from llmhub.installation import install_line

    if configured := pip_line(built.providers):
        render.line(f"to install what the configured providers need: {configured}")
    if unconfigured and pip_line(built.providers, unconfigured=True) not in {None, configured}:
        render.line(f"to install what all providers need: {install_line('all-providers')}")

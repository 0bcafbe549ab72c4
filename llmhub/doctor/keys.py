"""Check the providers: which have a key here, and whether their packages are installed. Keys are never shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from llmhub import settings
from llmhub.catalog.anyllm_source import chosen, has_key, is_configured
from llmhub.catalog.cache import set_variables
from llmhub.doctor.findings import Finding, Findings
from llmhub.errors import SettingsError
from llmhub.installation import install_line

if TYPE_CHECKING:
    from llmhub.catalog.providers.facts import Provider


def look() -> Findings:
    """Check each provider that any-llm knows and LLMHUB_PROVIDERS allows."""
    try:
        from llmhub.catalog.providers.facts import supported_providers  # any-llm takes over a second

        supported = supported_providers()
    except ImportError as error:
        what = f"any-llm cannot be imported ({type(error).__name__})"
        yield Finding("error", "any-llm", what, install_line())
        return
    try:
        allowed: Sequence[Provider] = chosen(supported, settings.providers())
    except SettingsError as error:
        yield Finding("error", "LLMHUB_PROVIDERS", str(error))
        allowed = supported
    for provider in allowed:
        yield _seen(provider)
    if not any(is_configured(provider) for provider in allowed):
        what = "no provider has a key or an address here: only a server on this machine can be called"
        named = sorted(allowed, key=lambda provider: provider.name != "openai")
        key = next((keys[0] for provider in named if (keys := provider.key_variables)), "OPENAI_API_KEY")
        yield Finding("warning", "providers", what, f"set a provider's key, such as {key}")


def _seen(provider: Provider) -> Finding:
    if not is_configured(provider):
        advice = f"no key: set {provider.key_advice}" if provider.keys else "no key or address is set"
        return Finding(
            "ok", provider.name, f"{advice}{'; its packages are missing' if provider.missing_extra else ''}", minor=True
        )
    variables = [*provider.key_variables, *filter(None, [provider.address_variable])]
    is_set = f"{' and '.join(set_variables(variables))} {'are' if len(set_variables(variables)) > 1 else 'is'} set"
    if provider.missing_extra:
        return Finding("warning", provider.name, f"{is_set}, but its packages are missing", install_line(provider.name))
    if not has_key(provider) and provider.keys and not provider.checks_key_itself:
        return Finding("warning", provider.name, f"{is_set}, but no key", f"set {provider.key_advice}")
    if not provider.lists:
        return Finding("warning", provider.name, f"{is_set}, but any-llm cannot list its models")
    return Finding("ok", provider.name, is_set)

"""Source of the callable models: ask every provider that any-llm supports for its list of models.

This module decides which providers to ask and what an answer means for the catalog; `providers/` does the asking. Only
this module reads the variables that hold providers' keys: it checks whether they are set, and uses the values to keep
keys out of the catalog.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING

from llmhub import settings
from llmhub.catalog.providers.answers import Answer, parse_address
from llmhub.catalog.providers.redaction import Secrets
from llmhub.catalog.schema import AnyLLMModel, ProviderStatus, SourceState, SourceStatus
from llmhub.errors import SettingsError
from llmhub.installation import install_line
from llmhub.nearest import did_you_mean, shortened

if TYPE_CHECKING:
    from llmhub.catalog.providers.facts import Provider

__all__ = ["Listing", "chosen", "has_key", "is_configured", "list_providers", "load_anyllm_models"]

DEADLINE_SECONDS = 10.0
"""How many seconds one provider may take in all."""

_LEAST_SECONDS = 1.0
# Closing the clients and reading the answers takes so long on a busy machine.
_SECONDS_TO_END = 2.0

_log = logging.getLogger(__name__)

_MOST_WARNINGS = 5
# Keys that the providers' SDKs read and any-llm does not name.
_KEY_NAME = re.compile(r"(?:^|_)(?:KEYS?|TOKEN|SECRET|PASSWORD)$")


@dataclass(frozen=True, slots=True)
class Listing:
    """The result of asking all providers.

    Attributes:
        models: the callable models: providers in any-llm's order, ids as listed, each once.
        providers: every provider that any-llm supports and LLMHUB_PROVIDERS allows, with the reason if not callable.
        key_variables: which of `known_key_variables` were set, sorted.
        known_key_variables: the names of all variables that any-llm reads a key or a base address from, sorted.
        status: the result of the source as a whole.
        address_variables: those of `known_key_variables` that hold a base address, sorted.
        hosts: the host that each provider was asked at, if known.
    """

    models: tuple[AnyLLMModel, ...]
    providers: tuple[ProviderStatus, ...]
    key_variables: tuple[str, ...]
    known_key_variables: tuple[str, ...]
    status: SourceStatus
    address_variables: tuple[str, ...] = ()
    hosts: Mapping[str, str] = field(default_factory=dict)


def load_anyllm_models() -> list[AnyLLMModel]:
    """Return the models that any-llm can call from here; log a warning for each provider that failed.

    Raises:
        SettingsError: LLMHUB_PROVIDERS holds no name, or a name that any-llm does not know.
    """
    listing = list_providers()
    warn_of(listing.providers)
    if listing.status.status == "failed" and not listing.providers:
        _log.error("no callable models: %s", listing.status.reason)
    return list(listing.models)


def warn_of(providers: Sequence[ProviderStatus]) -> None:
    """Log warnings about the first few providers that failed or gave an odd answer, and a count of the others."""
    warned = 0
    for provider in providers:
        odd = provider.failed or (provider.callable and provider.reason is not None)
        warned += odd
        level = logging.WARNING if odd and warned <= _MOST_WARNINGS else logging.DEBUG
        _log.log(level, "%s: %s", provider.provider, provider.reason or f"{provider.models} models")
    if warned > _MOST_WARNINGS:
        _log.warning(
            "%d more providers failed or gave an odd answer: `llmhub catalog providers` says which",
            warned - _MOST_WARNINGS,
        )


def list_providers(*, deadline: float = DEADLINE_SECONDS, within: float | None = None) -> Listing:
    """Ask every allowed and callable provider for its models, side by side.

    A provider can neither make this raise, nor delay it much beyond the deadline, nor put its own words into a message.
    With LLMHUB_OFFLINE no provider is asked and the status is `skipped`.

    Args:
        deadline: how many seconds each provider may take in all.
        within: the number of seconds after which the answer is useless. If importing any-llm takes much of it,
            providers get less time, but never less than a second.

    Raises:
        SettingsError: LLMHUB_PROVIDERS holds no name, or a name that any-llm does not know.
    """
    begun = monotonic()
    allowed = settings.providers()
    if settings.offline():
        return _nothing("skipped", "LLMHUB_OFFLINE is set")
    try:
        from llmhub.catalog.providers.asking import ask_all  # any-llm takes over a second to import
        from llmhub.catalog.providers.facts import supported_providers

        supported = supported_providers()
    except ImportError as error:
        return _nothing("failed", f"any-llm cannot be imported ({type(error).__name__}): {install_line()}")
    asked = chosen(supported, allowed)
    lacking = {provider.name: _lacking(provider) for provider in asked}
    if within is not None:
        deadline = max(_LEAST_SECONDS, min(deadline, begun + within - _SECONDS_TO_END - monotonic()))
    answers = ask_all([provider for provider in asked if not lacking[provider.name]], deadline)
    known = _variables(supported, answers)
    secrets = _secrets(known, {name for provider in supported if (name := provider.address_variable)})
    answers = {name: secrets.removed_from(answer) for name, answer in answers.items()}
    servers = _servers(asked, answers)
    statuses = tuple(
        _status(provider, lacking[provider.name] or servers.get(provider.name), answers.get(provider.name))
        for provider in asked
    )
    callable_names = {status.provider for status in statuses if status.callable}
    models = tuple(
        AnyLLMModel(provider=name, model_id=model_id)
        for name, answer in answers.items()
        if name in callable_names
        for model_id in answer.ids
    )
    return Listing(
        models=models,
        providers=statuses,
        key_variables=tuple(name for name in known if _is_set(name)),
        known_key_variables=known,
        status=_source_status(statuses, len(models)),
        address_variables=tuple(sorted({p.address_variable for p in supported if p.address_variable})),
        hosts={name: answer.address.host for name, answer in answers.items() if answer.address},
    )


def _nothing(state: SourceState, reason: str) -> Listing:
    return Listing((), (), (), (), SourceStatus(source="anyllm", status=state, reason=reason))


def chosen(supported: Sequence[Provider], allowed: Sequence[str] | None) -> list[Provider]:
    """Return the providers that LLMHUB_PROVIDERS allows, in any-llm's order; None stands for all of them.

    Raises:
        SettingsError: any-llm does not know one of the names.
    """
    if allowed is None:
        return list(supported)
    names = [provider.name for provider in supported]
    for name in allowed:
        if name not in names:
            raise SettingsError(
                f"LLMHUB_PROVIDERS names {shortened(name)!r}, which any-llm does not know{did_you_mean(name, names)}: "
                "`llmhub catalog providers` lists those that it knows"
            )
    return [provider for provider in supported if provider.name in allowed]


def _lacking(provider: Provider) -> str | None:
    """Return why asking a provider is pointless; None if any-llm should try."""
    if not provider.lists:
        return "any-llm cannot list its models"
    wants_key = bool(provider.keys) and not has_key(provider) and not _is_local(provider)
    if wants_key and (provider.missing_extra or not provider.checks_key_itself):
        no_key = f"no key: set {provider.key_advice}"
        return f"{no_key}; {_needs(provider.name)}" if provider.missing_extra else no_key
    return _needs(provider.name) if provider.missing_extra else None


def _needs(extra: str) -> str:
    return f"needs any-llm-sdk[{extra}]"


def _is_set(variable: str) -> bool:
    return bool(os.environ.get(variable))


def has_key(provider: Provider) -> bool:
    """Say whether the environment has a provider's key."""
    return any(all(map(_is_set, way)) for way in provider.keys)


def is_configured(provider: Provider) -> bool:
    """Say whether the user set anything for this provider.

    If not, a server at its usual address that does not answer is not a failure.
    """
    return has_key(provider) or (provider.address_variable is not None and _is_set(provider.address_variable))


def _is_local(provider: Provider) -> bool:
    """Say whether a provider runs on this machine by default."""
    address = parse_address(provider.address)
    return address is not None and address.is_loopback


def _servers(chosen: Sequence[Provider], answers: Mapping[str, Answer]) -> dict[str, str]:
    """Return why some providers are left out: each shares a server on this machine with another provider.

    Several providers can answer at one local address. Those that the user configured are kept; if none was, the first
    is.
    """
    found: dict[int | None, list[Provider]] = {}
    for provider in chosen:
        answer = answers.get(provider.name)
        if answer and answer.kind == "listed" and answer.address and answer.address.is_loopback:
            found.setdefault(answer.address.port, []).append(provider)
    left_out: dict[str, str] = {}
    for sharing in found.values():
        kept = [provider for provider in sharing if is_configured(provider)] or sharing[:1]
        for provider in sharing:
            if provider not in kept:
                left_out[provider.name] = f"the server at {answers[provider.name].address} is listed as {kept[0].name}"
    return left_out


def _status(provider: Provider, left_out: str | None, answer: Answer | None) -> ProviderStatus:
    configured = is_configured(provider)
    status = ProviderStatus(
        provider=provider.name,
        callable=False,
        configured=configured,
        reason=left_out,
        key_variables=provider.key_variables,
        needs_extra=provider.name if provider.missing_extra and provider.lists else None,
    )
    if left_out or answer is None:
        return status
    local = answer.address is not None and answer.address.is_loopback
    reason, failed, keys = answer.reason, False, provider.key_variables
    match answer.kind:
        case "failed":
            failed = configured or not local
            if not failed:
                reason = f"what listens at {answer.address} does not list models: {reason}"
        case "refused":
            failed = has_key(provider) or not local
        case "unusable":
            wanted = [name for name in answer.wanted if not _is_set(name)]
            failed = configured and not wanted
            reason = f"no address: set {wanted[0]}" if wanted else reason
        case "lacking":
            keys = tuple(dict.fromkeys((*keys, *answer.wanted)))
    return status.model_copy(
        update={
            "callable": answer.kind == "listed",
            "failed": failed,
            "reason": reason,
            "models": len(answer.ids),
            "key_variables": keys,
        }
    )


def _variables(supported: Sequence[Provider], answers: Mapping[str, Answer]) -> tuple[str, ...]:
    names = {name for provider in supported for name in (*provider.key_variables, provider.address_variable) if name}
    return tuple(sorted(names.union(*(answer.wanted for answer in answers.values()))))


def _secrets(known: Iterable[str], addresses: AbstractSet[str]) -> Secrets:
    """Return the values that no model's id may hold: all keys, and the passwords in base addresses.

    Args:
        known: the variables that any-llm reads, including those of addresses.
        addresses: which of them hold addresses.
    """
    keys = {name for name in os.environ if _KEY_NAME.search(name)} | set(known) - addresses
    values = [os.environ.get(name, "") for name in keys]
    for name in addresses:
        # Not parsed as an address: some variables hold only a host and a port.
        user, _, _ = os.environ.get(name, "").partition("//")[2].rpartition("@")
        values.append(user.partition(":")[2])
    return Secrets(values)


def _source_status(providers: Sequence[ProviderStatus], count: int) -> SourceStatus:
    failed = [f"{status.provider}: {status.reason}" for status in providers if status.failed]
    state: SourceState = "ok"
    if failed:
        state = "partial" if any(status.callable for status in providers) else "failed"
    return SourceStatus(
        source="anyllm", status=state, reason="; ".join(failed) or None, as_of=datetime.now(UTC), count=count
    )

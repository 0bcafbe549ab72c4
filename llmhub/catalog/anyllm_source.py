"""Where the catalog learns what can be called: every provider that any-llm supports, asked for its models.

This module decides who is asked and what an answer means for the catalog; `providers/` does the asking. It alone reads
the variables that hold providers' keys: whether they are set, and their values to keep these out of the catalog.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import UTC, datetime
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

__all__ = ["Listing", "chosen", "has_key", "is_configured", "list_providers", "load_anyllm_models", "pip_line"]

DEADLINE_SECONDS = 10.0
"""How long a provider may take in all."""

_log = logging.getLogger(__name__)

_MOST_WARNINGS = 5
# Keys that any-llm does not name, and that the SDKs below it read.
_KEY_NAME = re.compile(r"(?:^|_)(?:KEYS?|TOKEN|SECRET|PASSWORD)$")


@dataclass(frozen=True, slots=True)
class Listing:
    """What asking all providers came to.

    Attributes:
        models: what can be called: providers in any-llm's order, ids as listed, each once.
        providers: every provider that any-llm supports and LLMHUB_PROVIDERS allows, callable or why not.
        key_variables: which of `known_key_variables` were set, sorted.
        known_key_variables: the names of all variables that any-llm reads a key or a base address from, sorted.
        status: what became of the source as a whole.
        address_variables: those of `known_key_variables` that a base address is read from, sorted.
        hosts: the host that each provider was asked at, where that is known.
    """

    models: tuple[AnyLLMModel, ...]
    providers: tuple[ProviderStatus, ...]
    key_variables: tuple[str, ...]
    known_key_variables: tuple[str, ...]
    status: SourceStatus
    address_variables: tuple[str, ...] = ()
    hosts: Mapping[str, str] = field(default_factory=dict)


def load_anyllm_models() -> list[AnyLLMModel]:
    """Return the models that any-llm can call from here; a warning is logged for each provider that failed.

    Raises:
        SettingsError: LLMHUB_PROVIDERS names no provider, or one that any-llm does not know.
    """
    listing = list_providers()
    warn_of(listing.providers)
    if listing.status.status == "failed" and not listing.providers:
        _log.error("no callable models: %s", listing.status.reason)
    return list(listing.models)


def warn_of(providers: Sequence[ProviderStatus]) -> None:
    """Log what became of each provider: as a warning of the first few that failed or have something odd to say."""
    warned = 0
    for provider in providers:
        odd = provider.failed or (provider.callable and provider.reason is not None)
        warned += odd
        level = logging.WARNING if odd and warned <= _MOST_WARNINGS else logging.DEBUG
        _log.log(level, "%s: %s", provider.provider, provider.reason or f"{provider.models} models")
    if warned > _MOST_WARNINGS:
        _log.warning("%d more providers: `llmhub catalog providers` says what became of them", warned - _MOST_WARNINGS)


def list_providers(*, deadline: float = DEADLINE_SECONDS) -> Listing:
    """Ask every provider that is allowed and can be called for its models, side by side.

    Nothing that a provider does raises, keeps this waiting for much longer than the deadline, or is shown in its own
    words. With LLMHUB_OFFLINE nobody is asked and the status is `skipped`.

    Args:
        deadline: how many seconds each may take in all.

    Raises:
        SettingsError: LLMHUB_PROVIDERS names no provider, or one that any-llm does not know.
    """
    allowed = settings.providers()
    if settings.offline():
        return _nothing("skipped", "LLMHUB_OFFLINE is set")
    try:
        from llmhub.catalog.providers.asking import ask_all  # noqa: PLC0415 -- any-llm takes over a second to import
        from llmhub.catalog.providers.facts import supported_providers  # noqa: PLC0415

        supported = supported_providers()
    except ImportError as error:
        return _nothing("failed", f"any-llm cannot be imported ({type(error).__name__}): {install_line()}")
    asked = chosen(supported, allowed)
    lacking = {provider.name: _lacking(provider) for provider in asked}
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


def pip_line(providers: Iterable[ProviderStatus], *, unconfigured: bool = False) -> str | None:
    """Return the command that installs what providers need, such as `pip install ".[gemini]"`.

    Args:
        providers: as `Listing` or `Catalog` has them.
        unconfigured: also count those that the user set no key or address for.

    Returns:
        None where nothing is missing.
    """
    extras = sorted(
        status.needs_extra for status in providers if status.needs_extra and (unconfigured or status.configured)
    )
    return install_line(*extras) if extras else None


def _nothing(state: SourceState, reason: str) -> Listing:
    return Listing((), (), (), (), SourceStatus(source="anyllm", status=state, reason=reason))


def chosen(supported: Sequence[Provider], allowed: Sequence[str] | None) -> list[Provider]:
    """Return the providers that LLMHUB_PROVIDERS allows, in any-llm's order; all of them for None.

    Raises:
        SettingsError: one of the names is none that any-llm knows.
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
    """Say why a provider need not be asked; None if it is for any-llm to find out."""
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
    """Say whether the user set anything for this provider; an unasked-for one at a usual port is no failure."""
    return has_key(provider) or (provider.address_variable is not None and _is_set(provider.address_variable))


def _is_local(provider: Provider) -> bool:
    """Say whether a provider is this machine's own by default."""
    address = parse_address(provider.address)
    return address is not None and address.is_loopback


def _servers(chosen: Sequence[Provider], answers: Mapping[str, Answer]) -> dict[str, str]:
    """Say of providers whose usual address another one shares under which name that server is listed.

    Of those that answered at one address of this machine, the ones that the user set something for stay; where there
    are none, the first.
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
    """Return the values that no model's id may hold: those of all keys, and the passwords of base addresses.

    Args:
        known: the variables that any-llm reads, those of addresses included.
        addresses: which of them hold addresses.
    """
    keys = {name for name in os.environ if _KEY_NAME.search(name)} | set(known) - addresses
    values = [os.environ.get(name, "") for name in keys]
    for name in addresses:
        # Not by a parser of addresses: some hold a host and a port alone.
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

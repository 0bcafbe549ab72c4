"""What any-llm says about its providers, read without importing their SDKs.

Importing every provider's module takes seconds if all extras are installed, and two modules cannot be imported without
theirs. So this reads the modules' source instead, for the four facts that decide whether a provider is asked at all. If
a fact cannot be read there, any-llm decides when the provider is asked.

A table made at release would save little: reading 39 modules takes 48 ms of CPU, importing any-llm itself 1.3 s. And a
newer any-llm, which the dependency allows, would need this code all the same.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from tenacity import retry, retry_if_exception_type, stop_after_attempt

if TYPE_CHECKING:
    from packaging.requirements import Requirement

DISTRIBUTION = "any-llm-sdk"

_PARSING = Lock()
_KEY_CHECK = "_verify_and_set_api_key"
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")
_EXTRA = re.compile(r"""\bextra\s*==\s*["']([^"']+)["']""")


@dataclass(frozen=True, slots=True)
class Provider:
    """What any-llm says about one provider.

    Attributes:
        name: its name in any-llm.
        keys: the ways to give its key, each the environment variables that must all be set; empty if any-llm
            names none.
        address_variable: the environment variable of its base address; None if there is none.
        address: its default base address; None if any-llm leaves that to the SDK.
        lists: whether any-llm can list its models.
        checks_key_itself: whether its class replaces any-llm's check that the key's variable is set: such a provider
            needs no key or accepts another credential, and only any-llm can tell.
        missing_extra: whether any-llm's extra for it names a package that is not installed.
    """

    name: str
    keys: tuple[tuple[str, ...], ...] = ()
    address_variable: str | None = None
    address: str | None = None
    lists: bool = True
    checks_key_itself: bool = True
    missing_extra: bool = False

    @property
    def key_variables(self) -> tuple[str, ...]:
        """The environment variables of its key, each once."""
        return key_variables(self.keys)

    @property
    def key_advice(self) -> str:
        """What to set for a key; empty if any-llm names no variable."""
        return key_advice(self.keys)


def supported_providers() -> tuple[Provider, ...]:
    """Return every provider that any-llm supports, in any-llm's order.

    Raises:
        ImportError: any-llm is not installed as it should be.
    """
    from any_llm import AnyLLM  # over a second; only a process that asks providers pays

    return tuple(_provider(name) for name in AnyLLM.get_supported_providers())


def parse_keys(text: object) -> tuple[tuple[str, ...], ...]:
    """Return the ways to give a key that a provider's `env_key` names: "A/B" is two, "A and B" one; "None" is none.

    Examples:
        >>> parse_keys("GEMINI_API_KEY/GOOGLE_API_KEY"), parse_keys("ID and SECRET"), parse_keys("None")
        ((('GEMINI_API_KEY',), ('GOOGLE_API_KEY',)), (('ID', 'SECRET'),), ())
    """
    ways = (re.split(r"\s+and\s+", way.strip()) for way in re.split(r"/|\s+or\s+", str(text)))
    return tuple(tuple(way) for way in ways if all(_VARIABLE.fullmatch(name) for name in way))


def key_variables(keys: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """Return the environment variables of all ways to give a key, each once."""
    return tuple(dict.fromkeys(name for way in keys for name in way))


def key_advice(keys: Iterable[Sequence[str]]) -> str:
    """Return what to set for a key: `A_KEY`, `A_KEY or B_KEY`, `A_ID and A_SECRET`."""
    return " or ".join(" and ".join(way) for way in keys)


def _provider(name: str) -> Provider:
    from any_llm.providers.registry import get_registry_config

    facts = _facts_of_class(name) if get_registry_config(name) else _facts_of_source(name)
    missing_extra = _missing_by_extra().get(name, False)
    if facts is None:
        return Provider(name, missing_extra=missing_extra)
    variable, address = facts.get("ENV_API_BASE_NAME"), facts.get("API_BASE")
    return Provider(
        name,
        keys=parse_keys(facts.get("ENV_API_KEY_NAME")),
        address_variable=variable if isinstance(variable, str) and variable else None,
        address=address if isinstance(address, str) else None,
        lists=facts.get("SUPPORTS_LIST_MODELS") is not False,
        checks_key_itself=bool(facts.get(_KEY_CHECK)),
        missing_extra=missing_extra,
    )


def _facts_of_class(name: str) -> Mapping[str, object]:
    """Return the facts of a provider that is only a row in any-llm's table: its class needs no SDK."""
    from any_llm import AnyLLM

    made = AnyLLM.get_provider_class(name)
    said = made.get_provider_metadata()
    return {
        "ENV_API_KEY_NAME": said.env_key,
        "ENV_API_BASE_NAME": said.env_api_base,
        "API_BASE": made.API_BASE,
        "SUPPORTS_LIST_MODELS": said.list_models,
        _KEY_CHECK: getattr(made, _KEY_CHECK) is not getattr(AnyLLM, _KEY_CHECK),
    }


def _facts_of_source(name: str) -> Mapping[str, object] | None:
    """Return the facts in the source of the provider's class; None if the class is not found."""
    spec = find_spec(f"any_llm.providers.{name}")
    folder = (spec.submodule_search_locations or [""])[0] if spec else ""
    try:
        tree = _parsed((Path(folder) / f"{name}.py").read_bytes())
    except (OSError, SyntaxError, ValueError):
        return None
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    found = next((node for node in classes if node.name == f"{name.capitalize()}Provider"), None)
    return None if found is None else dict(_members(found))


# CPython 3.11 counts the depth of a syntax tree for all threads together, and raises SystemError if two parse at once.
# The lock keeps llmhub's threads apart; if another library parses meanwhile, the next attempt succeeds.
@retry(retry=retry_if_exception_type(SystemError), stop=stop_after_attempt(5), reraise=True)
def _parsed(source: bytes) -> ast.Module:
    with _PARSING:
        return ast.parse(source)


def _members(found: ast.ClassDef) -> list[tuple[str, object]]:
    members: list[tuple[str, object]] = []
    for node in found.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=value)):
                members.append((name, value))
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.Constant(value=value)):
                members.append((name, value))
            case ast.FunctionDef(name=name):
                members.append((name, True))
    return members


@cache
def _missing_by_extra() -> Mapping[str, bool]:
    """Return for each extra of any-llm that names packages whether one of them is missing."""
    from packaging.requirements import Requirement

    missing: dict[str, bool] = {}
    for text in metadata.requires(DISTRIBUTION) or ():
        requirement = Requirement(text)
        for extra in _EXTRA.findall(str(requirement.marker or "")):
            if requirement.marker is not None and requirement.marker.evaluate({"extra": extra}):
                missing[extra] = missing.get(extra, False) or not _installed(requirement)
    return missing


def _installed(requirement: Requirement) -> bool:
    try:
        version = metadata.version(requirement.name)
    except metadata.PackageNotFoundError:
        return False
    return requirement.specifier.contains(version, prereleases=True)

"""What is read from any-llm's source is what any-llm says itself, of every provider that it can load here."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmhub.catalog.providers.facts import Provider, parse_keys, supported_providers
from tests.support.processes.children import run_python
from tests.support.processes.late import any_llm


@pytest.fixture(scope="module")
def providers() -> dict[str, Provider]:
    return {provider.name: provider for provider in supported_providers()}


def test_every_provider_that_any_llm_supports_is_there_in_its_order(providers: dict[str, Provider]) -> None:
    assert list(providers) == any_llm.AnyLLM.get_supported_providers()


def said_by_any_llm(name: str) -> Provider | None:
    """Return what any-llm says of a provider; None if it cannot load it."""
    try:
        loaded = any_llm.AnyLLM.get_provider_class(name)
    except ImportError:
        return None
    said = loaded.get_provider_metadata()
    return Provider(
        name,
        keys=parse_keys(said.env_key),
        address_variable=said.env_api_base or None,
        address=loaded.API_BASE,
        lists=said.list_models,
        checks_key_itself=loaded._verify_and_set_api_key is not any_llm.AnyLLM._verify_and_set_api_key,
        missing_extra=loaded.MISSING_PACKAGES_ERROR is not None,
    )


def test_what_is_read_is_what_any_llm_says(providers: dict[str, Provider]) -> None:
    said = {name: said_by_any_llm(name) for name in providers}
    for name, provider in providers.items():
        loaded = said[name]
        if loaded is None or loaded.missing_extra:
            assert provider.missing_extra, f"nothing else keeps any-llm from loading {name}"
        if loaded is not None:
            assert provider == replace(loaded, missing_extra=provider.missing_extra)
    assert sum(loaded is not None for loaded in said.values()) > 30


def test_what_a_provider_that_cannot_be_loaded_wants_is_known_all_the_same(providers: dict[str, Provider]) -> None:
    gemini = providers["gemini"]
    assert gemini.keys == (("GEMINI_API_KEY",), ("GOOGLE_API_KEY",))
    assert gemini.key_advice == "GEMINI_API_KEY or GOOGLE_API_KEY"
    assert gemini.address_variable == "GOOGLE_GEMINI_BASE_URL"


def test_an_extra_whose_packages_are_installed_is_not_missing(providers: dict[str, Provider]) -> None:
    for name in ("openai", "anthropic", "groq", "ollama", "ovhcloud"):
        assert not providers[name].missing_extra


@pytest.mark.parametrize(
    ("text", "keys", "advice"),
    [
        ("A_KEY", (("A_KEY",),), "A_KEY"),
        ("A_KEY/B_KEY", (("A_KEY",), ("B_KEY",)), "A_KEY or B_KEY"),
        ("A_ID and A_SECRET", (("A_ID", "A_SECRET"),), "A_ID and A_SECRET"),
        ("A_ID and A_SECRET/B", (("A_ID", "A_SECRET"), ("B",)), "A_ID and A_SECRET or B"),
        ("None", (), ""),
        ("", (), ""),
        (None, (), ""),
        ("your key", (), ""),
    ],
)
def test_the_ways_to_give_a_key_are_told_apart(
    text: str | None, keys: tuple[tuple[str, ...], ...], advice: str
) -> None:
    assert parse_keys(text) == keys
    assert Provider("x", keys=keys).key_advice == advice


names = st.from_regex(r"[A-Z][A-Z0-9_]{0,9}", fullmatch=True)


@given(st.lists(st.lists(names, min_size=1, max_size=3).map(tuple), min_size=1, max_size=3).map(tuple))
def test_any_ways_to_give_a_key_are_read_back(keys: tuple[tuple[str, ...], ...]) -> None:
    assert parse_keys("/".join(" and ".join(way) for way in keys)) == keys
    assert set(Provider("x", keys=keys).key_variables) == {name for way in keys for name in way}


_AT_ONCE = """
import gc, sys, threading, time
import any_llm
from llmhub.catalog.providers.facts import supported_providers

class Garbage:
    def __init__(self):
        self.itself = self
    def __del__(self):
        time.sleep(0)

def litter():
    while True:
        Garbage()
        time.sleep(0)

told = []
def ask():
    try:
        supported_providers()
    except BaseException as error:
        told.append(repr(error))

sys.setswitchinterval(1e-6)
gc.set_threshold(50)
threading.Thread(target=litter, daemon=True).start()
threads = [threading.Thread(target=ask) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(told)
"""


def test_threads_that_ask_at_once_while_garbage_is_collected_all_get_an_answer() -> None:
    assert run_python(_AT_ONCE) == "[]"

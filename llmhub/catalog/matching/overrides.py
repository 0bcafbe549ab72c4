"""Knowledge that no source has and no rule can find: the shipped data/overrides.json and the user's own file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from llmhub import settings
from llmhub.catalog.schema import ModelsDevModel
from llmhub.errors import OverridesError, printable
from llmhub.files import read_regular, without_bom
from llmhub.offers.billing.own_prices import OwnPrice
from llmhub.offers.fields import PriceSource

__all__ = ["Alias", "Lab", "Overrides", "Vocabulary", "load_overrides"]

_SHIPPED_FILE = "data/overrides.json"
_MAX_BYTES = 4 * 1024 * 1024
_MAX_FOUND = 80


class _Strict(BaseModel):
    # A misspelled key would otherwise be ignored silently.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


Fact = str | float | bool | None


class Guard(_Strict):
    """The condition under which an alias holds.

    Attributes:
        models_dev: the key of a models.dev entry.
        facts: the entry's values when the alias was written, by the fields of `ModelsDevModel`.
    """

    models_dev: str = Field(min_length=1)
    facts: dict[str, Fact] = Field(min_length=1)

    @field_validator("facts")
    @classmethod
    def _knows_the_fields(cls, facts: dict[str, Fact]) -> dict[str, Fact]:
        unknown = sorted(facts.keys() - ModelsDevModel.model_fields.keys())
        if unknown:
            raise ValueError(f"models.dev's entries have no field {unknown[0]!r} here")
        return facts


class Alias(_Strict):
    """The arena entry that an id means, and the evidence.

    Attributes:
        arena_id: the name on the leaderboard; None: no entry, whatever the rules would find.
        reason: the evidence; shown by `explain`.
        holds_while: what models.dev must still say; otherwise the alias is ignored.
        shipped: whether it came with llmhub.
    """

    arena_id: str | None
    reason: str = Field(min_length=1)
    holds_while: Guard | None = None
    shipped: bool = Field(default=False, exclude=True)


class Lab(_Strict):
    """A maker of models, and the spellings of its name.

    Attributes:
        names: the spellings in ids and names, lower case.
        providers: the lab's own providers in models.dev.
        organizations: LMArena's names for the lab.
    """

    names: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    organizations: tuple[str, ...] = ()


class Habits(_Strict):
    """How one provider writes ids.

    Attributes:
        serving: words that say how a model is served, only at this provider.
        serving_of_tuned: words that say so only at this provider and behind `instruct`.
        sized_is_instruct: where a size without a word of tuning means the model that follows instructions: `always`, or
            `of labs`, in an id with a lab's folder; elsewhere it means the base weights.
        repositories: whether an id is a repository of weights, whose content never changes.
        route_tags: words behind a colon that choose the host, only at this provider.
        tags: whether ids are names of Ollama's library with its tags.
        local: whether it serves the user's own weights, which are never those of a closed model.
    """

    serving: frozenset[str] = frozenset()
    serving_of_tuned: frozenset[str] = frozenset()
    sized_is_instruct: Literal["never", "of labs", "always"] = "never"
    repositories: bool = False
    route_tags: frozenset[str] = frozenset()
    tags: bool = False
    local: bool = False


class LibraryName(_Strict):
    """The model that a name of Ollama's library stands for.

    Attributes:
        default: the tag that a name without one, or with `latest`, means; None: it was not rated.
        reads: the id that it stands for, with `*` for the tag; None: the name with the tag behind it.
        tags: the ids of single tags; null: the content is unknown.
        source: where that is documented.
    """

    default: str | None = None
    reads: str | None = None
    tags: dict[str, str | None] = {}
    source: str = Field(min_length=1)


class Vocabulary(_Strict):
    """The words of ids that do not name a model; all lower case.

    Attributes:
        labs: makers of models.
        hosts: providers and repackagers of other labs' models, and the folders and prefixes of their ids.
        folders: other words in folders that never identify a model.
        authors: folders of authors that are not labs, each with words of their own models.
        families: words of families with open weights, which other labs tune too, each with its lab.
        repacking_labs: labs that also publish quantised weights of other labs' models.
        habits: how single providers write ids, by any-llm's name or models.dev's.
        route_tags: words behind a colon that say how a request is served.
        closed: words of families with closed weights, where `instruct` names a variant.
        chat_and_instruct: words of families where `chat` and `instruct` are two models.
        compounds: words that are also written as two, code-llama.
        dotless: words behind which a version is also written without its dot, gpt-35.
        left_out: sizes that ids state and the leaderboard's name omits, by that name.
        regions: where it runs.
        serving: how it is served: price, precision, packaging.
        serving_of_tuned: words that say so only behind `instruct`; elsewhere they name a variant.
        instruct: it follows instructions.
        base: it was trained on text alone.
        thinking: it thinks before it answers.
        thinking_off: it does not.
        negations: words that turn off the thinking named behind them.
        efforts: how long it thinks.
        preview: it is a preview.
        floating: it names the newest model of its line.
    """

    labs: dict[str, Lab] = {}
    hosts: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    authors: dict[str, frozenset[str]] = {}
    families: dict[str, str] = {}
    repacking_labs: tuple[str, ...] = ()
    habits: dict[str, Habits] = {}
    route_tags: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    chat_and_instruct: tuple[str, ...] = ()
    compounds: tuple[str, ...] = ()
    dotless: tuple[str, ...] = ()
    left_out: dict[str, tuple[str, ...]] = {}
    regions: tuple[str, ...] = ()
    serving: tuple[str, ...] = ()
    serving_of_tuned: tuple[str, ...] = ()
    instruct: tuple[str, ...] = ()
    base: tuple[str, ...] = ()
    thinking: tuple[str, ...] = ()
    thinking_off: tuple[str, ...] = ()
    negations: tuple[str, ...] = ()
    efforts: tuple[str, ...] = ()
    preview: tuple[str, ...] = ()
    floating: tuple[str, ...] = ()

    def lab_providers(self) -> frozenset[str]:
        """Return the providers that are labs, by the names of models.dev."""
        return frozenset(provider for lab in self.labs.values() for provider in lab.providers)


class Overrides(_Strict):
    """All corrections and vocabulary.

    Attributes:
        providers: any-llm's name of a provider to its names in models.dev; the first that has an id counts.
        endpoints: any-llm's name to host to names in models.dev, for providers whose models depend on the address.
        aliases: `provider/model id`, or a model id at any provider, to an arena entry; the provider's name is any-llm's
            or models.dev's.
        models_dev: `provider/model id` to the key of a models.dev entry.
        library: the names of Ollama's library.
        prices: what the user pays, by `provider/model id` or by a provider's name alone; the provider's name is
            any-llm's or models.dev's. It goes before what any source says.
        prices_from: whose prices count where models.dev and LiteLLM differ, by the same names.
        vocabulary: the words of ids.
    """

    providers: dict[str, tuple[str, ...]] = {}
    endpoints: dict[str, dict[str, tuple[str, ...]]] = {}
    aliases: dict[str, Alias] = {}
    models_dev: dict[str, str] = {}
    library: dict[str, LibraryName] = {}
    prices: dict[str, OwnPrice] = {}
    prices_from: dict[str, PriceSource] = {}
    vocabulary: Vocabulary = Vocabulary()

    def own_price(self, keys: Sequence[str]) -> OwnPrice | None:
        """Return what the user pays for an offer, by the keys that it may have; None if it is what a source says."""
        return next((self.prices[name] for name in _names(keys) if name in self.prices), None)

    def named_source(self, keys: Sequence[str]) -> PriceSource | None:
        """Return whose prices the user wants for an offer, by the keys that it may have; None if it is not said."""
        return next((self.prices_from[name] for name in _names(keys) if name in self.prices_from), None)

    def at_endpoints(self, hosts: Mapping[str, str]) -> Overrides:
        """Return these overrides for providers called at these hosts (any-llm's name to host name)."""
        there = {
            provider: known[host]
            for provider, host in hosts.items()
            if (known := self.endpoints.get(provider)) is not None and host in known
        }
        return self.model_copy(update={"providers": {**self.providers, **there}}) if there else self


def _names(keys: Sequence[str]) -> Iterator[str]:
    """Yield what overrides may call an offer: its keys before the providers alone."""
    yield from keys
    yield from dict.fromkeys(key.partition("/")[0] for key in keys)


def load_overrides() -> Overrides:
    """Return the shipped overrides with those of `<config>/overrides.json` merged over them.

    Raises:
        OverridesError: the user's file is not JSON of this shape; the message says where and what was expected.
    """
    shipped = _parse(files("llmhub.catalog").joinpath(_SHIPPED_FILE).read_bytes(), _SHIPPED_FILE)
    aliases = {key: alias.model_copy(update={"shipped": True}) for key, alias in shipped.aliases.items()}
    shipped = shipped.model_copy(update={"aliases": aliases})
    path = settings.overrides_file()
    try:
        content = without_bom(read_regular(path, _MAX_BYTES))
    except FileNotFoundError:
        return shipped
    except OSError as error:
        raise OverridesError(f"{path}: cannot be read ({error.strerror}): make it readable, or move it away") from error
    return _merged(shipped, _parse(content, str(path)))


def _parse(content: bytes, where: str) -> Overrides:
    try:
        json.loads(content, object_pairs_hook=_each_once)
        return Overrides.model_validate_json(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        inside = ".".join(printable(str(part), _MAX_FOUND) for part in first["loc"]) or "top level"
        raise OverridesError(f"{where}: {inside}: {first['msg']}: correct it, or move the file away") from None
    except (ValueError, RecursionError) as error:
        raise OverridesError(f"{where}: is not valid JSON ({printable(str(error), _MAX_FOUND)}): correct it") from None


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a repeated key, because one of its values would be lost silently."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"the key {next(name for name in names if names.count(name) > 1)!r} occurs twice")
    return found


def _merged(shipped: Overrides, own: Overrides) -> Overrides:
    """Return the shipped overrides with the user's merged in: entries replace entries, words are added to words."""
    words: dict[str, Any] = {
        name: (*old, *new) if isinstance(old, tuple) else {**old, **new}
        for name in Vocabulary.model_fields
        for old, new in [(getattr(shipped.vocabulary, name), getattr(own.vocabulary, name))]
    }
    return Overrides(
        providers={**shipped.providers, **own.providers},
        endpoints={**shipped.endpoints, **own.endpoints},
        aliases={**shipped.aliases, **own.aliases},
        models_dev={**shipped.models_dev, **own.models_dev},
        library={**shipped.library, **own.library},
        prices={**shipped.prices, **own.prices},
        prices_from={**shipped.prices_from, **own.prices_from},
        vocabulary=Vocabulary(**words),
    )

"""What no source says and no rule can know: the shipped data/overrides.json, and the user's own over it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from llmhub import settings
from llmhub.catalog.schema import ModelsDevModel
from llmhub.errors import OverridesError, printable
from llmhub.files import open_regular, without_mark

__all__ = ["Alias", "Lab", "Overrides", "Vocabulary", "load_overrides"]

_SHIPPED_FILE = "data/overrides.json"
_MAX_BYTES = 4 * 1024 * 1024
_MAX_FOUND = 80


class _Strict(BaseModel):
    # A key that is misspelled would otherwise be advice that nobody follows.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


Fact = str | float | bool | None


class Guard(_Strict):
    """What must still hold for an alias to be true.

    Attributes:
        models_dev: the key of a models.dev entry.
        facts: what that entry said when the alias was written, by the fields of `ModelsDevModel`.
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
    """An arena entry that an id means, and why.

    Attributes:
        arena_id: the name on the leaderboard; None: none, whatever the rules would find.
        reason: how that is known; shown by `explain`.
        holds_while: what models.dev must still say; the alias falls silent when models.dev says otherwise.
        shipped: whether it came with llmhub.
    """

    arena_id: str | None
    reason: str = Field(min_length=1)
    holds_while: Guard | None = None
    shipped: bool = Field(default=False, exclude=True)


class Lab(_Strict):
    """Who makes models, and how that is spelled.

    Attributes:
        names: the spellings in ids and names, lower case.
        providers: the lab's own providers in models.dev.
        organizations: what LMArena calls the lab.
    """

    names: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    organizations: tuple[str, ...] = ()


class Habits(_Strict):
    """How one provider writes ids.

    Attributes:
        serving: words that say how a model is served, there alone.
        serving_of_tuned: words that say so there, but only behind `instruct`.
        sized_is_instruct: where a size without a word of tuning means the model that follows instructions: `always`, or
            `of labs`, in an id with a lab's folder; elsewhere it means the base weights.
        repositories: whether an id is a repository of weights, which never changes what it holds.
        route_tags: what comes behind a colon there and says which host answers.
        tags: whether ids are names of Ollama's library with its tags.
        local: whether it serves weights that the user has, which are never those of a closed model.
    """

    serving: frozenset[str] = frozenset()
    serving_of_tuned: frozenset[str] = frozenset()
    sized_is_instruct: Literal["never", "of labs", "always"] = "never"
    repositories: bool = False
    route_tags: frozenset[str] = frozenset()
    tags: bool = False
    local: bool = False


class LibraryName(_Strict):
    """What a name of Ollama's library stands for.

    Attributes:
        default: the tag that a name without one, or with `latest`, means; None: none that was rated.
        reads: the id that it stands for, with `*` for the tag; None: the name with the tag behind it.
        tags: the ids of single tags; null: what it holds is not known.
        source: where that is written.
    """

    default: str | None = None
    reads: str | None = None
    tags: dict[str, str | None] = {}
    source: str = Field(min_length=1)


class Vocabulary(_Strict):
    """The words of ids that do not name a model; all lower case.

    Attributes:
        labs: who makes models.
        hosts: who serves or repackages the models of others, and the folders and prefixes of their ids.
        folders: what else stands in a folder and never says which model it is.
        authors: folders of authors that are no labs, each with words of the models that are theirs.
        repacking_labs: labs that also publish quantised weights of other labs' models.
        habits: how single providers write ids, by any-llm's name or models.dev's.
        route_tags: what comes behind a colon and says how a request is served.
        closed: words of families whose weights are closed, of which `instruct` names a variant.
        chat_and_instruct: words of families of which `chat` and `instruct` are two models.
        compounds: words that are also written as two, code-llama.
        dotless: words behind which a version is also written without its dot, gpt-35.
        left_out: what the leaderboard's name of a model leaves out and ids say: sizes, by that name.
        regions: where it runs.
        serving: how it is served: price, precision, packaging.
        serving_of_tuned: words that say so only behind `instruct`; elsewhere they name a variant.
        instruct: it follows instructions.
        base: it was trained on text alone.
        thinking: it thinks before it answers.
        thinking_off: it does not.
        negations: words that turn the thinking behind them off.
        efforts: how long it thinks.
        preview: it is one.
        floating: it names whatever is newest.
    """

    labs: dict[str, Lab] = {}
    hosts: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    authors: dict[str, frozenset[str]] = {}
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


class Overrides(_Strict):
    """Knowledge that no source has.

    Attributes:
        providers: any-llm's name of a provider to its names in models.dev, the first that has an id counting.
        endpoints: any-llm's name to host to names in models.dev, where they depend on the address that is called.
        aliases: `provider/model id`, or a model id whoever serves it, to an arena entry; the provider's name is
            any-llm's or models.dev's.
        models_dev: `provider/model id` to the key of a models.dev entry.
        library: what names of Ollama's library stand for.
        vocabulary: the words of ids.
    """

    providers: dict[str, tuple[str, ...]] = {}
    endpoints: dict[str, dict[str, tuple[str, ...]]] = {}
    aliases: dict[str, Alias] = {}
    models_dev: dict[str, str] = {}
    library: dict[str, LibraryName] = {}
    vocabulary: Vocabulary = Vocabulary()

    def at_endpoints(self, hosts: Mapping[str, str]) -> Overrides:
        """Return the same for providers that are called at these hosts (any-llm's name to host name)."""
        there = {
            provider: known[host]
            for provider, host in hosts.items()
            if (known := self.endpoints.get(provider)) is not None and host in known
        }
        return self.model_copy(update={"providers": {**self.providers, **there}}) if there else self


def load_overrides() -> Overrides:
    """Return the shipped overrides with those of `<config>/overrides.json` merged over them.

    Raises:
        OverridesError: the user's file is no JSON of this shape; the message says where in it and what was expected.
    """
    shipped = _parse(files("llmhub.catalog").joinpath(_SHIPPED_FILE).read_bytes(), _SHIPPED_FILE)
    aliases = {key: alias.model_copy(update={"shipped": True}) for key, alias in shipped.aliases.items()}
    shipped = shipped.model_copy(update={"aliases": aliases})
    path = settings.overrides_file()
    try:
        with open_regular(path) as file:
            content = without_mark(file.read(_MAX_BYTES + 1))
    except FileNotFoundError:
        return shipped
    except OSError as error:
        raise OverridesError(f"{path}: cannot be read ({error.strerror}): make it readable, or move it away") from error
    if len(content) > _MAX_BYTES:
        raise OverridesError(f"{path}: is larger than {_MAX_BYTES >> 20} MiB: check what it holds, or move it away")
    return _merged(shipped, _parse(content, str(path)))


def _parse(content: bytes, where: str) -> Overrides:
    try:
        json.loads(content, object_pairs_hook=_each_once)
        return Overrides.model_validate_json(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        inside = ".".join(printable(str(part), _MAX_FOUND) for part in first["loc"]) or "top level"
        raise OverridesError(f"{where}: {inside}: {first['msg']}: mend it, or move the file away") from None
    except (ValueError, RecursionError) as error:
        raise OverridesError(f"{where}: is not valid JSON ({printable(str(error), _MAX_FOUND)}): mend it") from None


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a key that stands twice: one of its two values would be lost without a word."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"the key {next(name for name in names if names.count(name) > 1)!r} stands twice")
    return found


def _merged(shipped: Overrides, own: Overrides) -> Overrides:
    """Return the shipped overrides with the user's over them: entries replace entries, words add to words."""
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
        vocabulary=Vocabulary(**words),
    )

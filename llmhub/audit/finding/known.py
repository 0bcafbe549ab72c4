"""Index every id that the store has ever known, and tell which offers a written id means. Pure.

`azure/gpt-4o`, `openai:gpt-4o`, `models/gemini-1.5-pro`, `us.anthropic.claude-3-haiku-20240307-v1:0` and what Bedrock
and Vertex call resources are taken apart as the catalog takes ids apart. If an id names a provider, that provider is
meant; an id alone means its lab's own offer, or else the offers of all providers that have it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from llmhub.audit.finding.ordinary import is_ordinary
from llmhub.audit.finding.tokens import TO_TOKENS
from llmhub.catalog.matching.grammar import Grammar
from llmhub.catalog.matching.overrides import Overrides
from llmhub.catalog.matching.spelling import unwrapped

# What frameworks write before the id, where that is not a name of any-llm or models.dev.
_PREFIXES = {
    "anthropicvertex": ("google-vertex-anthropic", "google-vertex"),
    "azureai": ("azure", "azure-cognitive-services"),
    "bedrockconverse": ("amazon-bedrock",),
    "fireworksai": ("fireworks-ai",),
    "generativeai": ("google",),
    "googlegenai": ("google",),
    "googlegla": ("google",),
    "googlevertex": ("google-vertex", "google-vertex-anthropic"),
    "googlevertexai": ("google-vertex", "google-vertex-anthropic"),
    "mistralai": ("mistral",),
    "openairesponses": ("openai",),
    "textcompletionopenai": ("openai",),
    "vertex": ("google-vertex", "google-vertex-anthropic"),
    "vertexai": ("google-vertex", "google-vertex-anthropic"),
    "vertexaibeta": ("google-vertex", "google-vertex-anthropic"),
}
# These route to the provider that is named behind them.
_GATEWAYS = frozenset({"gateway", "litellm", "litellmproxy", "converse", "invoke", "responses", "chat"})
# promptfoo writes which interface is asked: openai:chat:gpt-4.
_INTERFACE = re.compile(r"(?:chat|completion|embedding|image|message|moderation|realtime|response)s?:(?=.)")
_VERTEX = ("google-vertex", "google-vertex-anthropic")
_VERB = re.compile(r":[a-z]+(?:[A-Z][A-Za-z]*)+$")
_FINE_TUNED = re.compile(r"ft:([^:]+)(?::.*)?")
_MOST_PREFIXES = 3
_BEFORE_PIECES = (b"-", b"n", b"t", b"r")
_LONGEST = 200


class Meant(NamedTuple):
    """The offers that an id means.

    Attributes:
        written: the id as it was written, without characters that do not belong to it.
        choices: for each provider that may be meant, its offers as `provider/model_id`; usually one provider.
        ordinary: whether it may also be an ordinary word, and its provider was not named.
    """

    written: str
    choices: tuple[tuple[str, ...], ...]
    ordinary: bool = False


class Known:
    """All known ids.

    Attributes:
        pieces: parts of ids in lower case; a text without any of them cannot hold an id.
    """

    def __init__(self, offered: Iterable[tuple[str, str]], overrides: Overrides) -> None:
        """Index ids.

        Args:
            offered: the provider and the id of each offer, by the names of models.dev or any-llm.
            overrides: the words of ids, and which names mean one provider.
        """
        vocabulary = overrides.vocabulary
        self._grammar = Grammar(vocabulary)
        self._regions = frozenset(vocabulary.regions)
        self._hosts = frozenset((*vocabulary.hosts, *vocabulary.folders))
        self._labs = {name: lab.providers for lab in vocabulary.labs.values() for name in lab.names}
        self._first_party = vocabulary.lab_providers()
        self._main_name = {name: there[0] for name, there in overrides.providers.items() if there}
        self._by_id: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        providers: dict[str, tuple[str, ...]] = {}
        self._names_written = set(overrides.providers)
        for provider, model_id in offered:
            self._names_written.add(provider)
            group = self._main_name.get(provider, provider)
            providers.setdefault(_folded(provider), (group,))
            self._by_id[model_id].append((group, f"{provider}/{model_id}"))
        for model_id in [each for each in self._by_id if each != each.lower()]:
            self._by_id[model_id.lower()].extend(self._by_id[model_id])
        self._providers = {
            **{_folded(name): there for name, there in overrides.providers.items()},
            **providers,
            **_PREFIXES,
        }
        self._ordinary = {model_id for model_id in self._by_id if is_ordinary(model_id)}
        self._names = self._names_of_providers()
        self.pieces, self.ordinary_pieces = self._cut()
        self._beside = self._providers_of_ordinary_pieces()

    def __len__(self) -> int:
        """Return how many spellings are known."""
        return len(self._by_id)

    def _cut(self) -> tuple[frozenset[bytes], frozenset[bytes]]:
        """Return the pieces of all ids, and those that belong to ordinary words alone."""
        sure: set[bytes] = set()
        maybe: set[bytes] = set()
        for model_id in self._by_id:
            piece = piece_of(model_id)
            if piece is None:
                continue
            found = maybe if model_id in self._ordinary else sure
            found.add(piece)
            if piece.partition(b".")[0].decode() in self._labs:
                found.update(region.encode() + b"." + piece for region in self._regions)
        return frozenset(_as_they_stand(sure | maybe)), frozenset(_as_they_stand(maybe - sure))

    def _names_of_providers(self) -> dict[str, frozenset[bytes]]:
        """Return the names under which each provider may be named beside an id, in lower case."""
        names: defaultdict[str, set[bytes]] = defaultdict(set)
        for found in self._by_id.values():
            for group, key in found:
                names[group] |= {group.encode(), key.partition("/")[0].encode()}
        for name, group in self._main_name.items():
            names[group].add(name.encode())
        for lab, providers in self._labs.items():
            for provider in providers:
                names[provider].add(lab.encode())
        return {group: frozenset(found) for group, found in names.items()}

    def _providers_of_ordinary_pieces(self) -> dict[bytes, frozenset[bytes]]:
        found: defaultdict[bytes, set[bytes]] = defaultdict(set)
        for model_id in self._ordinary:
            if (piece := piece_of(model_id)) in self.ordinary_pieces and piece is not None:
                for group, _ in self._by_id[model_id]:
                    found[piece] |= self._names[group]
        return {each: frozenset(names) for piece, names in found.items() for each in _as_they_stand((piece,))}

    def providers_of_piece(self, piece: bytes) -> frozenset[bytes]:
        """Return the names of the providers that offer an id that is an ordinary word."""
        return self._beside.get(piece, frozenset())

    def names_a_provider(self, text: bytes) -> bool:
        """Say whether a word is also the name of a provider or a lab."""
        word = text.decode(errors="replace").lower()
        return _folded(word) in self._providers or word in self._labs

    def providers_of(self, meant: Meant) -> frozenset[bytes]:
        """Return the names of the providers that offer what is meant."""
        providers = {key.partition("/")[0] for choice in meant.choices for key in choice}
        names = (self._names.get(self._main_name.get(provider, provider), frozenset()) for provider in providers)
        return frozenset().union(*names)

    def means(self, text: str) -> Meant | None:
        """Return the offers that a token means; None if it is not an id."""
        text = text.strip("~ ").rstrip(".,;:/")
        if not text or len(text) > _LONGEST:
            return None
        text = _VERB.sub("", text)
        for groups, model_id in self._readings(text):
            if choices := self._choices(groups, model_id):
                return Meant(text, choices, ordinary=groups is None and model_id in self._ordinary)
        return None

    def _choices(self, groups: tuple[str, ...] | None, model_id: str) -> tuple[tuple[str, ...], ...]:
        """Return the offers with an id, of these providers, or if None of those that an id alone means."""
        found = self._by_id.get(model_id) or self._by_id.get(self._grammar.without_route_tag(model_id, ""))
        if not found:
            return ()
        by_group: dict[str, list[str]] = {}
        for group, key in found:
            if groups is None or group in groups:
                by_group.setdefault(group, []).append(key)
        if groups is None:
            own = {group: keys for group, keys in by_group.items() if group in self._first_party}
            by_group = own or by_group
        return tuple(tuple(keys) for keys in by_group.values())

    # -- how an id may be written

    def _readings(self, text: str) -> Iterator[tuple[tuple[str, ...] | None, str]]:
        """Yield what a text can mean: providers, or None if none is named, and an id; the likeliest first."""
        yield from self._prefixed(text, _MOST_PREFIXES)
        yield None, text
        yield from self._prefixed(text, _MOST_PREFIXES, exactly=False)
        if tuned := _FINE_TUNED.fullmatch(text):
            yield ("openai",), tuned[1]
        yield from self._unwrapped(text, None)

    def _prefixed(self, text: str, most: int, *, exactly: bool = True) -> Iterator[tuple[tuple[str, ...] | None, str]]:
        """Yield the readings of a text that begins with a provider's name, `azure/` or `openai:`.

        Without `exactly`, the name may have other dashes: meta_llama is a provider, meta-llama a folder of weights.
        """
        ends = [at for at in (text.find("/"), text.find(":")) if at > 0]
        if not ends or most == 0:
            return
        written, rest = text[: min(ends)], text[min(ends) + 1 :]
        head = _folded(written)
        groups = self._providers.get(head) if (written in self._names_written) is exactly else None
        if groups is not None:
            yield groups, rest
            if plain := _INTERFACE.match(rest):
                yield groups, rest[plain.end() :]
            if tuned := _FINE_TUNED.fullmatch(rest):
                yield groups, tuned[1]
            yield from self._unwrapped(rest, groups)
        elif head in _GATEWAYS:
            yield from self._prefixed(rest, most - 1, exactly=exactly)
            yield None, rest

    def _unwrapped(self, text: str, groups: tuple[str, ...] | None) -> Iterator[tuple[tuple[str, ...] | None, str]]:
        """Yield the readings of an address: folders of hosts, regions and labs before a name."""
        spelling = unwrapped(text)
        if spelling.local:
            return
        if "publishers" in spelling.folders:
            groups = groups or _VERTEX
        for folder in spelling.folders:
            word = folder.lower().strip("~@")
            if (named := self._providers.get(_folded(word)) or self._labs.get(word)) is not None:
                groups = groups or named or None
            elif not (word in self._hosts or word in self._regions or _folded(word) in _GATEWAYS or _is_region(word)):
                return
        name = spelling.name
        if spelling.folders or name != text:
            yield groups, name
        prefix, dot, rest = name.partition(".")
        if dot and (prefix in self._regions or _is_region(prefix)):
            yield groups, rest


def piece_of(model_id: str) -> bytes | None:
    """Return the longest token of an id's last part; None if it has none."""
    last = model_id.encode(errors="replace").rpartition(b"/")[2]
    pieces = last.translate(TO_TOKENS).split()
    return max(pieces, key=len) if pieces else None


def _as_they_stand(pieces: Iterable[bytes]) -> set[bytes]:
    r"""Return pieces as texts hold them: before a full stop too, and behind the - of ${MODEL:-gpt-4} or a \n."""
    return {each for piece in pieces for each in (piece, piece + b".", *(before + piece for before in _BEFORE_PIECES))}


def _folded(name: str) -> str:
    return re.sub(r"[-_. ]", "", name.lower())


_AWS_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d|us-gov|global|\*")


def _is_region(word: str) -> bool:
    return _AWS_REGION.fullmatch(word) is not None

"""A model's id or name, parsed into parts: what it says about which model it is, and what it only says about serving.

`us.anthropic.claude-opus-4-1-20250805-v1:0`, `anthropic/claude-opus-4.1` and `Claude Opus 4.1` have the same words
{4.1, claude, opus}; region, lab, date and the host's own version number are parts of their own. The grammar knows
forms (versions, sizes, dates, revisions); which words are labs, hosts, regions or serving decorations stands in the
vocabulary of overrides.json. A word that neither knows is part of the model's identity.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from llmhub.catalog.matching.dates import Day, date_of_tokens
from llmhub.catalog.matching.overrides import Vocabulary

FIRST_REVISIONS = frozenset({None, "1", "0.1"})
"""What the first revision of a model is called, where it is called anything."""


class Parts(NamedTuple):
    """What an id or a name says.

    Attributes:
        words: what names the model: family, version, variant, and every word that nothing else explains; sorted.
        lab: who made it, where the text says.
        sizes: parameter counts, such as 235b and a22b.
        date: the snapshot.
        revision: 001, or what comes as v0.2 behind the size; `1` and `0.1` are the first.
        tune: `instruct` or `base`.
        mode: `thinking`, `off` (thinking turned off), or an effort such as `high`.
        budget: how many tokens it may think.
        preview: whether it calls itself one.
        floating: whether it names whatever is newest (`-latest`).
        serving: decorations that say how it is served, not what it is.
        bare_weights: whether it is written as a repository of weights, lab/Name in capitals, as Hugging Face has them.
    """

    words: tuple[str, ...]
    lab: str | None = None
    sizes: frozenset[str] = frozenset()
    date: Day | None = None
    revision: str | None = None
    tune: str | None = None
    mode: str | None = None
    budget: str | None = None
    preview: bool = False
    floating: bool = False
    serving: frozenset[str] = frozenset()
    bare_weights: bool = False


_SEPARATORS = re.compile(r"[-_ :@()\[\],]+")
_WORD_AND_NUMBER = re.compile(r"([a-z]{3,})(\d+(?:\.\d+)?)([a-z]?)")
_VERSION_P = re.compile(r"(?<=\d)p(?=\d)")
_HOST_VERSION = re.compile(r"\bv?(\d+):(\d+)(?::\d+k)?$")
_OLLAMA_QUANTIZATION = re.compile(r"[-_:](?:i?q\d+|fp16|bf16)(?:_(?:k|[0-9]|x{0,2}[sml]))*(?=$|:)")
_SIZE = re.compile(r"(?:\d+x|[ae])?\d+(?:\.\d+)?[bt]|\d+e")
_NUMBER = re.compile(r"[a-z]?\d{1,2}")
_V_NUMBER = re.compile(r"v(\d{1,2}(?:\.\d+)?)")
_SERIAL = re.compile(r"0\d\d")
_QUANTIZATION = re.compile(r"i?q\d+|\d+bit|(?:bf|fp|nvfp|mxfp|int|nf)\d+")
_BUDGET = re.compile(r"\d+k")


class Grammar:
    """Parses ids by the words of one vocabulary; remembers what it has parsed."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._labs = {name: lab for lab, facts in vocabulary.labs.items() for name in facts.names}
        self._hosts = frozenset(vocabulary.hosts)
        self._regions = frozenset(vocabulary.regions)
        self._serving = frozenset(vocabulary.serving)
        self.serving_of_tuned = frozenset(vocabulary.serving_of_tuned)
        self.words: Mapping[str, tuple[str, str]] = {
            **dict.fromkeys(vocabulary.instruct, ("tune", "instruct")),
            **dict.fromkeys(vocabulary.base, ("tune", "base")),
            **dict.fromkeys(vocabulary.thinking, ("mode", "thinking")),
            **dict.fromkeys(vocabulary.thinking_off, ("mode", "off")),
            **{word: ("mode", word) for word in vocabulary.efforts},
        }
        self.negations = frozenset(vocabulary.negations)
        self.preview = frozenset(vocabulary.preview)
        self._floating = frozenset(vocabulary.floating)
        self._parsed: dict[str, Parts] = {}

    def parse(self, text: str) -> Parts:
        """Return the parts of an id or a display name."""
        parts = self._parsed.get(text)
        if parts is None:
            parts = self._parsed[text] = self._parse(text)
        return parts

    def _parse(self, text: str) -> Parts:
        floating = text.startswith("~")
        *folders, name = text.strip("~ ").split("/")
        lab: str | None = None
        strange: list[str] = []
        for folder in ":".join(folders).lower().split(":") if folders else ():
            piece = folder.strip("~@")
            if piece in self._labs:
                lab = self._labs[piece]
            elif piece not in self._hosts:
                strange.append(piece)
        in_capitals = lab is not None and name != name.lower()
        name, dotted = self._without_dotted_prefixes(name.lower())
        written = [*_tokens(name)]
        # Taken out first: `openai-latest` names no model, and v1 stands last in nova-lite-v1:free too.
        serving = {token for token in written if token[0].isalpha() and self.says_how_it_is_served(token)}
        tokens = [token for token in written if token not in serving and token not in self._floating]
        floating = floating or any(token in self._floating for token in written)
        while len(tokens) > 1 and (tokens[0] in self._labs or tokens[0] in self._hosts):
            dotted = self._labs.get(tokens.pop(0), dotted)
        scan = _Scan(self, tokens, strange, serving)
        return scan.parts(lab=dotted or lab, floating=floating, bare_weights=in_capitals)

    def says_how_it_is_served(self, token: str) -> bool:
        """Say whether a word never says which model it is."""
        return token in self._serving or _QUANTIZATION.fullmatch(token) is not None

    def _without_dotted_prefixes(self, name: str) -> tuple[str, str | None]:
        """Take `us.anthropic.` off; return the rest and the lab."""
        lab = None
        while True:
            prefix, dot, rest = name.partition(".")
            if not (dot and rest[:1].isalpha() and (prefix in self._labs or prefix in self._regions)):
                return name, lab
            lab, name = self._labs.get(prefix, lab), rest


def _tokens(name: str) -> Iterator[str]:
    """Split a name into lower-case tokens: `qwen2.5-72b` into qwen, 2.5, 72b."""
    name = _OLLAMA_QUANTIZATION.sub("", _HOST_VERSION.sub(r"v\1.\2", name)).replace("+", " plus ")
    for piece in _SEPARATORS.split(name):
        token = _VERSION_P.sub(".", piece).strip(".")
        if (found := _WORD_AND_NUMBER.fullmatch(token)) and not _QUANTIZATION.fullmatch(token):
            yield found[1]
            yield found[2] + found[3]
        elif token:
            yield token


class _Scan:
    """One pass over the tokens of a name."""

    def __init__(self, grammar: Grammar, tokens: list[str], strange: list[str], serving: set[str]) -> None:
        self._grammar = grammar
        self._tokens = tokens
        self._words = strange
        self._sizes: set[str] = set()
        self._serving = serving
        self._found: dict[str, str] = {}
        self._date: Day | None = None
        self._preview = False

    def parts(self, *, lab: str | None, floating: bool, bare_weights: bool) -> Parts:
        at = 0
        while at < len(self._tokens):
            at += self._take(at)
        if "chat" in self._words and self._sizes:
            # What is published by size is called chat or instruct alike; of other models it names a variant.
            self._words.remove("chat")
            self._found.setdefault("tune", "instruct")
        found = self._found.get
        return Parts(
            words=tuple(sorted(self._words)),
            lab=lab,
            sizes=frozenset(self._sizes),
            date=self._date,
            revision=found("revision"),
            tune=found("tune"),
            mode=found("mode"),
            budget=found("budget"),
            preview=self._preview,
            floating=floating,
            serving=frozenset(self._serving),
            bare_weights=bare_weights,
        )

    def _take(self, at: int) -> int:
        """Say what the token at a place is, and return how many tokens that took."""
        token = self._tokens[at]
        if token[0].isalpha():
            return self._take_known(at) or self._take_plain(at)
        if "mode" in self._found and (budget := _thousands(token)):
            self._found["budget"] = budget
            return 1
        return self._take_date(at) or self._take_plain(at)

    def _take_known(self, at: int) -> int:
        """Take a word of the vocabulary; return how many tokens it took, 0 if it is none."""
        token, grammar = self._tokens[at], self._grammar
        if token in grammar.negations and self._next(at) in grammar.words:
            self._found["mode"] = "off"
            return 2
        if known := grammar.words.get(token):
            self._found[known[0]] = known[1]
        elif token in grammar.preview:
            self._preview = True
        else:
            return 0
        return 1

    def _take_plain(self, at: int) -> int:
        """Take how it is served, a size, a revision, or what is left: a version or a word."""
        token = self._tokens[at]
        if self._is_serving(token):
            self._serving.add(token)
        elif _SIZE.fullmatch(token):
            self._sizes.add(token)
        elif _SERIAL.fullmatch(token):
            self._found["revision"] = token
        else:
            return self._take_version(at)
        return 1

    def _next(self, at: int) -> str:
        return self._tokens[at + 1] if at + 1 < len(self._tokens) else ""

    def _is_serving(self, token: str) -> bool:
        grammar = self._grammar
        return grammar.says_how_it_is_served(token) or (token in grammar.serving_of_tuned and "tune" in self._found)

    def _take_version(self, at: int) -> int:
        """Take a version, written 4.5, 4-5 or v4.5, or a word."""
        token, taken = self._tokens[at], 1
        if version := _V_NUMBER.fullmatch(token):
            token = version[1]
            if self._date is not None and version[1].endswith(".0"):
                # Bedrock's own version of an offer, claude-3-5-sonnet-20241022-v2:0: the date says which model.
                self._serving.add(f"v{token}")
                return 1
            behind = bool(self._sizes) or "tune" in self._found
            if behind or (at + 1 == len(self._tokens) and token in {"1", "1.0"}):
                self._found["revision"] = token.removesuffix(".0")
                return 1
        if _NUMBER.fullmatch(token) and len(after := self._next(at)) == 1 and after.isdecimal():
            token, taken = f"{token}.{after}", 2
        self._words.append(token.removesuffix(".0"))
        return taken

    def _take_date(self, at: int) -> int:
        """Take a date in any of its forms; return how many tokens it took, 0 if there is none."""
        for count in (3, 2, 1):
            date = date_of_tokens(self._tokens[at : at + count]) if at + count <= len(self._tokens) else None
            if date is not None:
                self._date = date
                return count
        return 0


def _thousands(token: str) -> str | None:
    """Return a number of tokens as it is mostly written, 32k for 32000 and 32768; None for any other number."""
    if _BUDGET.fullmatch(token):
        return token
    for unit in (1024, 1000):
        if token.isdecimal() and int(token) and int(token) % unit == 0:
            return f"{int(token) // unit}k"
    return None

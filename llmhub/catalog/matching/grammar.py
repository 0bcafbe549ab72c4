"""Parse a model's id or name into parts: those that identify the model, and those that only say how it is served.

`us.anthropic.claude-opus-4-1-20250805-v1:0`, `anthropic/claude-opus-4.1` and `Claude Opus 4.1` have the same words
{4.1, claude, opus}; region, lab, date and the host's own version number are separate parts. The grammar knows forms
(versions, sizes, dates, revisions); the vocabulary in overrides.json lists the labs, hosts, regions and serving words.
A word in neither is part of the model's identity.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from llmhub.catalog.matching.dates import Day, date_of_tokens
from llmhub.catalog.matching.overrides import Habits, Vocabulary
from llmhub.catalog.matching.spelling import QUANTIZATION, Spelling, tokens, unwrapped, without_quantization

_NO_HABITS = Habits()

FIRST_REVISIONS = frozenset({None, "1", "0.1", "001"})
"""The numbers of a model's first revision, if it is numbered."""


class Parts(NamedTuple):
    """The parts of an id or a name.

    Attributes:
        words: family, version, variant, and every other word that no other part explains; sorted.
        lab: who made it; None if the text does not say.
        sizes: parameter counts, such as 235b and a22b.
        date: the snapshot.
        revision: 001, or what comes as v0.2 behind the size; `1` and `0.1` are the first.
        tune: `instruct` or `base`.
        mode: `thinking`, `off` (thinking turned off), or an effort such as `high`.
        budget: how many tokens it may think.
        preview: whether it calls itself one.
        floating: whether it names the newest model of its line (`-latest`).
        serving: decorations that say how it is served, not what it is.
        repository: whether it is written as Hugging Face writes a repository of weights, folder/Name in capitals.
        bare_weights: whether that means base weights; set by the matcher, not the grammar.
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
    repository: bool = False
    bare_weights: bool = False


_SIZE = re.compile(r"(?:\d+x|[ae])?\d+(?:\.\d+)?[bt]|\d+e")
_NUMBER = re.compile(r"[a-z]?\d{1,2}")
_V_NUMBER = re.compile(r"v(\d{1,2}(?:\.\d+)?)")
_SERIAL = re.compile(r"0\d\d")
_BUDGET = re.compile(r"\d{1,6}k")
_DIGITS_OF_A_BUDGET = 7
_TWO_DIGITS = re.compile(r"[1-9]\d")
_REGION = re.compile(
    r"(?:us|eu|ap|ca|sa|me|af|il|mx|cn)(?:-gov|-iso[a-z]?)?-(?:north|south|east|west|central|northeast|northwest|"
    r"southeast|southwest)-\d|[a-z]+(?:-[a-z]+)?-(?:north|south|east|west|central|northeast|southeast|southwest)\d+"
)
# zai-org and deepseek-ai stand before a name; meta-llama ends in the name itself.
_ENDS_OF_LABS = frozenset({"ai", "labs", "org"})
_CHAT = "chat"
_COMMITMENT = re.compile(r"\d+-month-commitment")


class Grammar:
    """Parses ids with the words of one vocabulary; caches the results."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._labs = {name: lab for lab, facts in vocabulary.labs.items() for name in facts.names}
        self._hosts = frozenset(vocabulary.hosts)
        self._folders = frozenset(vocabulary.folders)
        self._authors = vocabulary.authors
        self._regions = frozenset(vocabulary.regions)
        self._serving = frozenset(vocabulary.serving)
        self._route_tags = frozenset(vocabulary.route_tags)
        self._habits = vocabulary.habits
        self._repackers = frozenset(vocabulary.repacking_labs)
        self._families = vocabulary.families
        self._compounds = frozenset(vocabulary.compounds)
        self.dotless = frozenset(vocabulary.dotless)
        self.told_apart = frozenset(vocabulary.chat_and_instruct)
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
        self._parsed: dict[tuple[str, str], Parts] = {}
        self._of_serving: dict[str, bool] = {}

    def without_route_tag(self, model_id: str, provider: str) -> str:
        """Return an id without the tag that chooses how its request is served, `:online`."""
        return self._without_route_tag(model_id, self.habits(provider))[0]

    def habits(self, provider: str) -> Habits:
        """Return a provider's habits of writing ids."""
        return self._habits.get(provider, _NO_HABITS)

    def parse(self, text: str, provider: str = "") -> Parts:
        """Return the parts of an id or a display name; never fails, whatever the text.

        Args:
            text: the id or the name.
            provider: the writer, by any-llm's name or models.dev's: some words have a meaning only there.
        """
        key = text, provider if provider in self._habits else ""
        parts = self._parsed.get(key)
        if parts is None:
            parts = self._parsed[key] = self._parse(text, self.habits(provider))
        return parts

    def _parse(self, text: str, habits: Habits) -> Parts:
        spelling = unwrapped(text)
        name, route = self._without_route_tag(spelling.name.lower(), habits)
        lab, strange, authors = self._read_folders(spelling)
        repository = bool(spelling.folders) and spelling.name != spelling.name.lower() and not spelling.local
        name, of_prefix = self._without_prefixes(name)
        written = [*tokens(name)]
        # Removed first: `openai-latest` does not name a model, and v1 is last in nova-lite-v1:free too.
        serving = {token for token in written if token[0].isalpha() and self.says_how_it_is_served(token)}
        serving |= {token for token in written[1:] if token in habits.serving}
        left = [token for token in written if token not in serving and token not in self._floating]
        floating = text.startswith("~") or any(token in self._floating for token in written)
        left = self._with_compounds(left)
        before, maker = "", of_prefix or lab
        families: list[str] = []
        while len(left) > 1 and (left[0] in self._labs or left[0] in self._hosts):
            before = left.pop(0)
            of_prefix = self._labs.get(before, of_prefix)
            if before in self._families:
                families.append(before)
            elif before in self._labs:
                maker = of_prefix or maker
            else:
                # Azure's FW-x is served by Fireworks, at another price than x.
                serving.add(before)
            if len(left) > 1 and f"{before}-{left[0]}" in self._labs and left[0] in _ENDS_OF_LABS:
                left.pop(0)
        strange = [folder for folder in strange if not self._repeats(folder, written)]
        # Elsewhere an author is one of many who tune models of that name.
        strange += [author for author in authors if self._authors[author].isdisjoint(left)]
        if lab in self._repackers and (serving or without_quantization(name) != name):
            lab = None
        # deepseek-llama-3.3-70b and ibm/llama-3.3-70b: by their other words they would be Meta's own.
        strange += self._tuned_by(maker, families + left)
        lab = of_prefix or lab
        scan = _Scan(self, left, strange, serving | route, before=before, behind=habits.serving_of_tuned)
        return scan.parts(lab=lab, floating=floating, repository=repository)

    def _tuned_by(self, maker: str | None, words: list[str]) -> list[str]:
        """Return who tuned another lab's open weights, if no other word of the name says that they did."""
        said = [word for word in words if word[0].isalpha() and word not in self.words]
        owners = [self._families.get(word) for word in said]
        if not owners or None in owners:
            return []
        if maker is None or maker in self._repackers or maker in self._hosts:
            maker = owners[0]
        return [] if {maker} == set(owners) else [said[0] if maker == owners[0] else str(maker)]

    def says_how_it_is_served(self, token: str) -> bool:
        """Say whether a word never identifies a model."""
        known = self._of_serving.get(token)
        if known is None:
            known = token in self._serving or QUANTIZATION.fullmatch(token) is not None
            self._of_serving[token] = known
        return known

    def _repeats(self, folder: str, written: list[str]) -> bool:
        """Say whether a folder is the repository of a file of weights, with the file's name."""
        without = [token for token in written if not self.says_how_it_is_served(token)]
        return bool(without) and without == [t for t in tokens(folder) if not self.says_how_it_is_served(t)]

    def _with_compounds(self, written: list[str]) -> list[str]:
        """Join compounds: code-llama becomes codellama."""
        for at in range(len(written) - 1, 0, -1):
            if (joined := written[at - 1] + written[at]) in self._compounds:
                written = [*written[: at - 1], joined, *written[at + 1 :]]
        return written

    def _read_folders(self, spelling: Spelling) -> tuple[str | None, list[str], list[str]]:
        """Return the lab that the folders name, the unexplained folders, and the authors among them."""
        lab: str | None = None
        strange: list[str] = []
        authors: list[str] = []
        home = False
        for folder in spelling.folders:
            for piece in filter(None, (part.strip("~@. ") for part in folder.lower().split(":"))):
                if piece in self._labs:
                    lab = self._labs[piece]
                elif piece in self._authors:
                    authors.append(piece)
                elif not (self._says_where(piece) or (spelling.local and home)):
                    strange.append(piece)
                home = piece in {"home", "users"}
        return lab, strange, authors

    def _says_where(self, piece: str) -> bool:
        """Say whether a folder names only a host or a region."""
        return (
            piece in self._hosts
            or piece in self._folders
            or piece in self._regions
            or _REGION.fullmatch(piece) is not None
            or _COMMITMENT.fullmatch(piece) is not None
        )

    def _without_route_tag(self, name: str, habits: Habits) -> tuple[str, set[str]]:
        """Remove `:online`, unless the provider uses tags to name models."""
        rest, colon, tag = name.rpartition(":")
        routes = bool(colon and rest) and not habits.tags and (tag in self._route_tags or tag in habits.route_tags)
        return (rest, {tag}) if routes else (name, set())

    def _without_prefixes(self, name: str) -> tuple[str, str | None]:
        """Remove `us.anthropic.` or `google_`; return the rest and the lab."""
        lab = None
        prefix, line, rest = name.partition("_")
        if line and rest[:1].isalpha() and (prefix in self._labs or prefix in self._authors):
            name, lab = rest, self._labs.get(prefix)
        while True:
            prefix, dot, rest = name.partition(".")
            known = prefix in self._labs or prefix in self._regions or _REGION.fullmatch(prefix)
            if not (dot and rest[:1].isalpha() and known):
                return name, lab
            lab, name = self._labs.get(prefix, lab), rest


class _Scan:
    """One pass over the tokens of a name."""

    def __init__(
        self,
        grammar: Grammar,
        tokens: list[str],
        strange: list[str],
        serving: set[str],
        *,
        before: str,
        behind: frozenset[str],
    ) -> None:
        self._grammar = grammar
        self._before = before
        self._serving_of_tuned = grammar.serving_of_tuned | behind
        self._tokens = tokens
        self._words = strange
        self._sizes: set[str] = set()
        self._serving = serving
        self._found: dict[str, str] = {}
        self._date: Day | None = None
        self._preview = False

    def parts(self, *, lab: str | None, floating: bool, repository: bool) -> Parts:
        at = 0
        while at < len(self._tokens):
            at += self._take(at)
        if self._date is not None and _SERIAL.fullmatch(self._found.get("revision", "")):
            # Vertex's own version of an offer, mistral-large@2411-001: the date identifies the model.
            self._serving.add(self._found.pop("revision"))
        if _CHAT in self._words and self._sizes and self._grammar.told_apart.isdisjoint(self._words):
            # A model published by size is called chat or instruct alike; for other models the word names a variant.
            self._words.remove(_CHAT)
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
            repository=repository,
        )

    def _take(self, at: int) -> int:
        """Classify the token at a position; return how many tokens were used."""
        token = self._tokens[at]
        if token[0].isalpha():
            return self._take_known(at) or self._take_plain(at)
        if "mode" in self._found and (budget := _thousands(token)):
            self._found["budget"] = budget
            return 1
        return self._take_date(at) or self._take_plain(at)

    def _take_known(self, at: int) -> int:
        """Use a word of the vocabulary; return how many tokens it took, 0 if there is none."""
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
        """Use a serving word, a size or a revision; otherwise a version or a word."""
        token = self._tokens[at]
        if self._is_serving(token) or (
            # deepseek-chat-v3: the version behind the word identifies the model.
            token == _CHAT and not self._sizes and _V_NUMBER.fullmatch(self._next(at))
        ):
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
        return grammar.says_how_it_is_served(token) or (token in self._serving_of_tuned and "tune" in self._found)

    def _take_version(self, at: int) -> int:
        """Use a version, written 4.5, 4-5 or v4.5, or a word."""
        token, taken = self._tokens[at], 1
        if version := _V_NUMBER.fullmatch(token):
            token = version[1]
            if self._date is not None and version[1].endswith(".0"):
                # Bedrock's own version of an offer, claude-3-5-sonnet-20241022-v2:0: the date identifies the model.
                self._serving.add(f"v{token}")
                return 1
            if version[1] == "01":
                self._found["revision"] = "1"
                return 1
            behind = bool(self._sizes) or "tune" in self._found
            if behind and "." not in token and len(after := self._next(at)) == 1 and after.isdecimal():
                # mixtral-8x7b-instruct-v0-1.
                token, taken = f"{token}.{after}", 2
            if behind or (at + 1 == len(self._tokens) and token in {"1", "1.0"}):
                self._found["revision"] = token.removesuffix(".0")
                return taken
        previous = self._tokens[at - 1] if at else self._before
        if previous in self._grammar.dotless and _TWO_DIGITS.fullmatch(token):
            # Azure's gpt-35-turbo.
            token = f"{token[0]}.{token[1]}"
        elif _NUMBER.fullmatch(token) and len(after := self._next(at)) == 1 and after.isdecimal():
            token, taken = f"{token}.{after}", 2
        self._words.append(token.removesuffix(".0"))
        return taken

    def _take_date(self, at: int) -> int:
        """Use a date in any of its forms; return how many tokens it took, 0 if there is none."""
        for count in (3, 2, 1):
            date = date_of_tokens(self._tokens[at : at + count]) if at + count <= len(self._tokens) else None
            if date is not None:
                self._date = date
                return count
        return 0


def _thousands(token: str) -> str | None:
    """Return a number of tokens in its usual form, 32k for 32000 and 32768; None for any other number."""
    if _BUDGET.fullmatch(token):
        return token
    for unit in (1024, 1000):
        if token.isdecimal() and len(token) <= _DIGITS_OF_A_BUDGET and int(token) and int(token) % unit == 0:
            return f"{int(token) // unit}k"
    return None

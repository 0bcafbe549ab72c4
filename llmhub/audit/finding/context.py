"""Look at what surrounds an id: a key that says model, a provider's name, a comment that excludes the line. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

_BEFORE = 240
_MOST_LINES_UP = 60
_NAME = rb"[A-Za-z_][\w.$-]*"
# Where no character of names may follow: to give some back would only take time.
_WHOLE_NAME = rb"%b+" % _NAME
_OPENING = rb"""(?:[\[{(]\s*)*(?:[rbuf]{0,2}["'`])?"""
# model = "x", "model": "x", model=x, Model => 'x', :model => "x", get_model("x")
_KEY = re.compile(rb"(%s)[\"'\])]*\s*(?:[:=]{1,2}>?|[!=]==?|:=|\?\?=|\()\s*%s\Z" % (_WHOLE_NAME, _OPENING))
# --model x, --model=x
_OPTION = re.compile(rb"""--?([A-Za-z][\w-]*+)(?:[ =]|["'],\s*)\s*["']?\Z""")
# model: str = Field(default="x"), MODEL = os.getenv("M", "x"), process.env.MODEL || "x"
_TARGET = re.compile(
    rb"""^\s*(?:[-+]\s+|(?:export|const|let|var|public|private|static|final)\s+|(?:self|this)\.|@)*"""
    rb"""["']?(%s)["']?\??\s*(?::[^=\n]*)?=(?!.*=>)""" % _NAME
)
# model.startsWith("x"), strings.Contains(model, "x"): whether a name has a part, which may be of many models.
_PART = re.compile(
    rb"(?:contains|includes|starts_?with|ends_?with|has_?(?:prefix|suffix)|index_?of|find)\s*\((?:[^()\"'`]*,)?\s*[\"'`]\Z",
    re.IGNORECASE,
)
_IN = re.compile(rb"""["']\s+(?:not\s+)?in\s+\w""")
_ELSE = re.compile(rb"""(%s)["')\]}]*\s*(?:,|\|\||\?\?|:-|\bor\b)\s*["'`]?\Z""" % _NAME)
# models: [x, "y"], "models": ["x", "y"]: a later item of a list on one line
_LISTED = re.compile(rb"""(%s)["']?\s*[:=]\s*\[(?:[^\[\]{}:=,]{1,200},)+\s*["'`]?\Z""" % _NAME)
# model IN ('x', 'y'), df.model.isin(["x", "y"])
_AMONG = re.compile(
    rb"""(%s)["'`\])]*(?:\s+(?:not\s+)?in\s*|\.isin\s*\(\s*)[(\[{]\s*(?:[^()\[\]{}:=,]{1,200},)*\s*["'`]?\Z""" % _NAME,
    re.IGNORECASE,
)
# <model>x</model>
_ELEMENT = re.compile(rb"<(?:\w+:)?([A-Za-z_][\w.-]*)(?:\s[^<>]*)?>\s*\Z")
_END_OF_ELEMENT = re.compile(rb"\s*</")
_WORDS = re.compile(rb"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_MODEL_WORDS = frozenset({b"model", b"models", b"modelid", b"modelname", b"modelids", b"modelnames", b"llm", b"llms"})
_IN_EVERY_MODEL_WORD = (b"model", b"llm")
# model_type and MODEL_DIR name a property of a model, and not the model.
_OTHER_WORDS = frozenset(
    b"capabilities capability capable class dir directory endpoint families family file format formats group host kind"
    b" mode path prefix prefixes provider providers role roles size state status suffix suffixes task tasks tier type"
    b" types url".split()
)
_GETTERS = frozenset(b"create delete fetch from_pretrained get info load of pull retrieve show value_of".split())
_VAGUE = frozenset({b"default", b"fallback", b"str", b"string", b"value"})
# An item, or an indented comment.
_ITEM = re.compile(rb"""\s*+(?:(?:-\s++)?["'`]?[\w.:/@+~ -]+|(?<=\s))["'`]?\s*+,?\s*+(?:#.*|//.*)?""")
_DASHED = re.compile(rb"\s*+-\s++\S.*")
_HEAD = re.compile(rb"""(%s)["'\])]*+\s*+(?:[:=]{1,2}>?)?\s*+[\[({]*+\s*+(?:#.*)?\Z""" % _WHOLE_NAME)
_IGNORE = re.compile(rb"\bllmhub:\s*ignore\b")


def may_say_model(text: bytes) -> bool:
    """Say whether a text has a word that `says_model` looks for; fast."""
    lowered = text.lower()
    return any(word in lowered for word in _IN_EVERY_MODEL_WORD)


def may_ignore(text: bytes) -> bool:
    """Say whether a text may have a line that says `llmhub: ignore`; fast."""
    return b"llmhub:" in text


def is_ignored(line: bytes) -> bool:
    """Say whether a line says `llmhub: ignore`."""
    return _IGNORE.search(line) is not None


def says_model(name: bytes) -> bool:
    """Say whether the name of a variable, key or option says that its value is a model.

    Examples:
        >>> [says_model(name) for name in (b"model", b"OPENAI_MODEL", b"modelName", b"model_type", b"command")]
        [True, True, True, False, False]
        >>> [says_model(name) for name in (b"client.models.get", b"model.includes", b"llms.NewError")]
        [True, False, False]
    """
    words = {word.lower() for word in _WORDS.findall(_named(name))}
    return not words.isdisjoint(_MODEL_WORDS) and words.isdisjoint(_OTHER_WORDS)


def _named(name: bytes) -> bytes:
    """Return the last part of a dotted name, or the one before a word such as `get`: not the package's name."""
    before, _, last = name.strip(b".").rpartition(b".")
    return before.rpartition(b".")[2] if before and last.lower() in _GETTERS else last


def is_part_of_a_name(text: bytes, start: int, end: int) -> bool:
    """Say whether a string is only looked for in a longer one, `model.startsWith("x")` or `"x" in model`."""
    before = text[max(start - _BEFORE, 0) : start]
    return _PART.search(before) is not None or _IN.match(text, end) is not None


def is_text_of_model(text: bytes, start: int, end: int) -> bool:
    """Say whether a word is the whole text of an element whose name says model."""
    if text[max(start - _BEFORE, 0) : start].rstrip()[-1:] != b">":
        return False
    element = _ELEMENT.search(text, max(start - _BEFORE, 0), start)
    return element is not None and says_model(element[1]) and _END_OF_ELEMENT.match(text, end) is not None


def is_value_of_model(text: bytes, at: int) -> bool:
    """Say whether a place in a text is the value of a key that says model, or in a list of such values."""
    nearest = max(at - _BEFORE, 0)
    line_start = text.rfind(b"\n", nearest, at) + 1 or nearest
    before = text[line_start:at]
    if not may_say_model(before):
        # Most ordinary words are done here.
        return _in_list_of_models(text, line_start, before)
    key = _KEY.search(before)
    if key is not None and (says_model(key[1]) or not _is_vague(key)):
        return says_model(key[1])
    for pattern in (_OPTION, _ELSE, _TARGET, _LISTED, _AMONG):
        found = pattern.search(before)
        if found is not None and says_model(found[1]):
            return True
    return _in_list_of_models(text, line_start, before)


def _is_vague(key: re.Match[bytes]) -> bool:
    """Say whether a key says nothing about its value, so that the words before it do: a call, a type, `default=`."""
    return key[0][len(key[1]) :].lstrip(b" \"'])")[:1] == b"(" or key[1].lower() in _VAGUE


def _in_list_of_models(text: bytes, line_start: int, before: bytes) -> bool:
    """Say whether a line is an item of a list whose head, some lines above, says model."""
    if before.strip(b" \t-\"'`[({,"):
        return False
    end = line_start
    for _ in range(_MOST_LINES_UP):
        if end <= 0:
            return False
        start = text.rfind(b"\n", 0, end - 1) + 1
        line = text[start : end - 1].rstrip(b"\r")
        if line.strip() and not (_DASHED.fullmatch(line) or _is_item(line)):
            if line.rstrip()[-1:] not in b":[({":
                return False
            found = _HEAD.search(line[-_BEFORE:])
            return found is not None and says_model(found[1])
        end = start
    return False


def _is_item(line: bytes) -> bool:
    return len(line) <= _BEFORE and _ITEM.fullmatch(line) is not None and line.rstrip()[-1:] not in b":"


def has_beside(line: bytes, providers: Iterable[bytes]) -> bool:
    """Say whether a line names one of these providers."""
    lowered = line.lower()
    return any(
        re.search(rb"(?<![a-z0-9])%s(?![a-z0-9])" % re.escape(name), lowered) is not None
        for name in providers
        if name in lowered
    )

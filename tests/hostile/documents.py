"""Valid JSON documents made hostile: one value, key or byte at a time, by class and at random.

`Raw` is JSON text as it is, `Pairs` an object whose keys may repeat: `dumped` writes what `json.dumps` cannot.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from typing import Any

from hypothesis import strategies as st


class Raw(str):
    """A JSON text."""

    __slots__ = ()


class Pairs(list[tuple[str, Any]]):
    """An object's keys and values."""


TOKENS: Mapping[str, Raw] = {
    name: Raw(text)
    for name, text in {
        "null": "null",
        "true": "true",
        "zero": "0",
        "negative": "-1",
        "fraction": "0.5",
        "1e400": "1e400",
        "NaN": "NaN",
        "infinity": "-Infinity",
        "5,000 digits": "1" + "0" * 5_000,
        "2 to the 63": str(1 << 63),
        "number as text": '"1400"',
        "empty text": '""',
        "blank text": '" \\t"',
        "100 KB text": json.dumps("x" * 100_000),
        "NUL": '"a\\u0000b"',
        "half a surrogate pair": '"\\ud800"',
        "no UTF-8": '"\udcff"',
        "control characters": '"\\u001b]0;x\\u0007\\n"',
        "raw line break": '"a\nb"',
        "list": "[1]",
        "empty object": "{}",
        "wrong object": '{"\\u202e": [null]}',
        "deep list": "[" * 100_000 + "]" * 100_000,
        "deep object": '{"a":' * 50_000 + "1" + "}" * 50_000,
        "repeated key": '{"a": 1, "a": 2}',
        "nothing": "",
        "unclosed": "[",
    }.items()
}
"""What may stand where something else should."""

KEYS: Mapping[str, str] = {
    "empty": "",
    "blank": " \t",
    "long": "x" * 100_000,
    "NUL": "a\0b",
    "half a surrogate pair": "\ud800",
    "escape sequence": "\x1b[31m",
    "another's": "model_id",
}
"""What a key may be called."""


def files(sound: bytes) -> dict[str, bytes]:
    """Return what a whole file may be in place of a sound document; all of it has to be refused."""
    return {
        "empty": b"",
        "blank": b" \n",
        "NUL bytes": bytes(1_000),
        "random bytes": bytes(range(256)) * 8,
        "UTF-16": sound.decode().encode("utf-16"),
        "UTF-16 without a mark": sound.decode().encode("utf-16-le"),
        "UTF-32": sound.decode().encode("utf-32"),
        "no UTF-8": sound.replace(b'"', b'"\xff', 1),
        "cut short": sound[:-3],
        "two documents": sound * 2,
        "comment": b"// made up\n" + sound,
        "HTML": b"<!doctype html><title>Sign in</title>",
        "gzip": gzip.compress(sound),
        "zip": b"PK\x03\x04" + bytes(100),
        "SQLite": b"SQLite format 3\x00" + bytes(84),
        "pickle": b"cos\nsystem\n(S'touch hacked'\ntR.",
        "text": b'"made up"',
        "null": b"null",
        "list of it": b"[" + sound + b"]",
        "deep lists": b"[" * 100_000,
        "deep objects": b'{"a":' * 100_000,
        "closed deep lists": b"[" * 100_000 + b"]" * 100_000,
        "5,000 digits": b"1" + b"0" * 5_000,
    }


def dumped(value: Any) -> bytes:
    """Return a document's bytes."""
    return _text(value).encode("utf-8", "surrogateescape")


def _text(value: Any) -> str:
    match value:
        case Raw():
            return value
        case dict() | Pairs():
            pairs = value.items() if isinstance(value, dict) else value
            return "{" + ",".join(f"{json.dumps(key)}:{_text(inner)}" for key, inner in pairs) + "}"
        case list() | tuple():
            return "[" + ",".join(map(_text, value)) + "]"
        case _:
            return json.dumps(value)


def paths(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Give the place of every value in a document, the whole included."""
    yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from paths(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from paths(inner, (*path, index))


def replaced(value: Any, path: tuple[str | int, ...], new: Any) -> Any:
    """Return a document with another value at that place."""
    if not path:
        return new
    head, *rest = path
    if isinstance(value, dict):
        return {key: replaced(inner, tuple(rest), new) if key == head else inner for key, inner in value.items()}
    return [replaced(inner, tuple(rest), new) if index == head else inner for index, inner in enumerate(value)]


def changed_keys(value: Any) -> Iterator[bytes]:
    """Give a document again and again, each time with one object that lacks, renames or repeats a key."""
    for path in paths(value):
        found = value
        for part in path:
            found = found[part]
        if not isinstance(found, dict):
            continue
        pairs = list(found.items())
        for index, (key, inner) in enumerate(pairs):
            rest = pairs[:index] + pairs[index + 1 :]
            for new in (rest, [*pairs, (key, inner)], *([*rest, (name, inner)] for name in KEYS.values())):
                yield dumped(replaced(value, path, Pairs(new)))


def mutants(sound: Any) -> st.SearchStrategy[bytes]:
    """Return a strategy of documents in which one to four places hold what does not belong there."""
    names = st.one_of(st.sampled_from(sorted(KEYS.values())), st.text(max_size=20))
    anything = st.recursive(
        st.one_of(
            st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.sampled_from(list(TOKENS.values()))
        ),
        lambda inner: st.one_of(st.lists(inner, max_size=3), st.lists(st.tuples(names, inner), max_size=3).map(Pairs)),
        max_leaves=6,
    )
    places = st.sampled_from(sorted(paths(sound), key=str))

    def made(changes: list[tuple[tuple[str | int, ...], Any]]) -> bytes:
        found = sound
        for path, new in sorted(changes, key=lambda change: -len(change[0])):
            found = replaced(found, path, new)
        return dumped(found)

    return st.lists(st.tuples(places, anything), min_size=1, max_size=4, unique_by=lambda change: change[0]).map(made)

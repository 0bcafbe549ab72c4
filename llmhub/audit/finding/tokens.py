"""Find where pieces of ids stand in a text, and what is written around each. Pure; texts are bytes in UTF-8.

A token is a longest sequence of characters of which names consist; what is written around it may also have the
characters that join names: `azure/gpt-4o`, `openai:gpt-4o`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from llmhub.audit.finding.addresses import id_in_address
from llmhub.audit.finding.context import says_model

_SPACE = ord(" ")
_OF_TOKENS = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789._-")
_OF_WRITTEN = _OF_TOKENS | frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ:/@+~")
TO_TOKENS = bytes(code if code in _OF_TOKENS else _SPACE for code in bytes(range(256)).lower())
"""A table for `bytes.translate`: lower case for the characters of tokens, spaces for all others."""
TO_WRITTEN = bytes(code if code in _OF_WRITTEN else _SPACE for code in range(256))
"""The same for what may be written around a token, without lower case."""

_BLOCK = 1 << 20
_END_OF_TOKEN = re.compile(rb"[^A-Za-z0-9._-]")
# No id is so long.
_LONGEST = 400
_BACKSLASH = ord("\\")
_ESCAPED = frozenset(b"ntr")


class Written(NamedTuple):
    """What may be one id.

    Attributes:
        offset: where it begins in the text that was given.
        length: of the id there, in bytes.
        text: the id, behind its provider's name if an address tells that.
        of_model: whether the text itself says that it is a model: an address of an API, `model:x`.
    """

    offset: int
    length: int
    text: bytes
    of_model: bool


def pieces_in(data: bytes, pieces: frozenset[bytes]) -> list[tuple[int, bytes]]:
    """Return the tokens of a text that are among the pieces of ids, in lower case, with their places, in order."""
    found: list[tuple[int, bytes]] = []
    start = 0
    # The tokens of a whole text of megabytes would take a hundred.
    while start < len(data):
        cut = _END_OF_TOKEN.search(data, start + _BLOCK) if start + _BLOCK < len(data) else None
        end = cut.start() if cut else len(data)
        found.extend((start + at, piece) for at, piece in _in_block(data[start:end], pieces))
        start = end
    return found


def _in_block(data: bytes, pieces: frozenset[bytes]) -> Iterator[tuple[int, bytes]]:
    lowered = data.translate(TO_TOKENS)
    tokens = lowered.split()
    # Most texts have none, and this is the fastest way to see it.
    if not (hits := pieces.intersection(tokens)):
        return
    spaced = b" %b " % lowered
    at = 0
    for token in filter(hits.__contains__, tokens):
        at = spaced.index(b" %b " % token, at)
        yield at, token
        at += 1 + len(token)


def around(data: bytes, runs: bytes, at: int, end: int) -> tuple[int, int]:
    """Return where the text around a token begins and ends that may be one id.

    Args:
        data: the text.
        runs: the same, translated by `TO_WRITTEN`.
        at: where the token begins.
        end: where it ends.
    """
    nearest = max(at - _LONGEST, 0)
    first = max(runs.rfind(b" ", nearest, at) + 1, nearest)
    if first and data[first - 1] == _BACKSLASH and data[first] in _ESCAPED:
        # The letter of an escape such as \n does not belong to the word.
        first += 1
    last = runs.find(b" ", end, end + _LONGEST)
    return first, last if last >= 0 else min(end + _LONGEST, len(data))


def as_written(text: bytes) -> Written | None:
    """Return the id that a text around a token may be, without the key, the shell's `:-` or the address before it.

    None if it is the address of something else than a model.
    """
    if b"://" in text:
        if (found := id_in_address(text)) is None:
            return None
        return Written(text.find(found.name), len(found.name), found.prefix + found.name, of_model=True)
    first = 0
    if (default := text.rfind(b":-")) >= 0:
        first = default + 2
        text = text[first:]
    key, colon, rest = text.partition(b":")
    of_model = bool(colon and rest) and says_model(key) and b"/" not in key
    if of_model:
        first, text = first + len(key) + 1, rest
    stripped = text.lstrip(b"-:@")
    if b"/" in stripped and text[-len(stripped) - 1 : -len(stripped)] == b"@":
        # Cloudflare's @cf/meta/x.
        stripped = text[-len(stripped) - 1 :]
    return Written(first + len(text) - len(stripped), len(stripped), stripped, of_model)

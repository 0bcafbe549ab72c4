"""Recognize the user's keys in a provider's answer, plain or in a common encoding.

Pure. A provider knows the key that it was asked with, and llmhub stores and shows what the provider lists.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from llmhub.catalog.providers.answers import Answer

_LEAST_HELD = 8
"""Shorter values are not keys but placeholders for local servers, such as `none`: an id may contain such a word."""


class Secrets:
    """The values that must not get into a catalog."""

    def __init__(self, values: Iterable[str]) -> None:
        """Take the values of variables; blank ones are ignored."""
        found = {stripped for value in values if (stripped := value.strip())}
        self._whole = frozenset(value.casefold() for value in found)
        self._parts = tuple({form.casefold() for value in found if len(value) >= _LEAST_HELD for form in _forms(value)})

    def are_in(self, text: str) -> bool:
        """Say whether a text is one of the values, or contains one that is long enough to be a key."""
        plain = text.casefold()
        return plain.strip() in self._whole or any(part in plain for part in self._parts)

    def removed_from(self, answer: Answer) -> Answer:
        """Return an answer without the ids that contain a secret; its reason counts them."""
        listed = "\n".join(answer.ids).casefold()
        if not any(part in listed for part in (*self._parts, *self._whole)):
            # Searching all ids at once is faster than each of ten thousand.
            return answer
        kept = tuple(name for name in answer.ids if not self.are_in(name))
        if len(kept) == len(answer.ids):
            return answer
        return Answer(answer.kind, kept, _reason(len(answer.ids) - len(kept), answer), answer.address, answer.wanted)


def _reason(count: int, answer: Answer) -> str:
    what = "one id holds the value of a key and is" if count == 1 else f"{count:,} ids hold the value of a key and are"
    return "; ".join(filter(None, (answer.reason, f"{what} left out")))


def _forms(value: str) -> Sequence[str]:
    """Return a value as it is, as in an address, and as in base64, at any position in a longer text."""
    data, encoded = value.encode("utf-8", "surrogateescape"), []
    for before in range(3):
        text = base64.b64encode(b"\0" * before + data).decode()
        # The characters at both ends also hold bits of the neighbouring text.
        core = text[-(-before * 8 // 6) : (before + len(data)) * 8 // 6]
        encoded += [core, core.replace("+", "-").replace("/", "_")]
    return [value, quote(data, safe=""), *encoded]

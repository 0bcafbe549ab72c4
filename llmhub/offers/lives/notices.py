"""Parse the documents of modeldeprecations.dev and deprecations.info: offers of which only the end is known. Pure.

Both are lists of notices, each with a page of the provider that it cites. A value that cannot be true becomes unknown,
and a notice that does not say of which offer it is is left out; both are counted by their reason.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from llmhub.arena.rules import is_name
from llmhub.errors import SourceError
from llmhub.offers.fields import DEPRECATIONS_INFO, MODEL_DEPRECATIONS, NoticeSource
from llmhub.offers.litellm.prices import FIRST_DAY, LAST_DAY, day_of
from llmhub.offers.values import Offer

_VERTEX = ("google-vertex",)
_CLAUDE_AT_GOOGLE = ("google-vertex", "google-vertex-anthropic")
# The names of providers that differ from models.dev's.
_PROVIDERS: Mapping[str, str] = {
    "bedrock": "amazon-bedrock",
    "moonshot": "moonshotai",
    "vertex": _VERTEX[0],
    "z-ai": "zai",
}
_PROVIDERS_OF_INFO: Mapping[str, str] = {
    "Anthropic": "anthropic",
    "AWS Bedrock": "amazon-bedrock",
    "Cohere": "cohere",
    "Google": "google",
    "Google Vertex": _VERTEX[0],
    "Groq": "groq",
    "OpenAI": "openai",
    "xAI": "xai",
}
_STATUSES = frozenset({"active", "deprecated", "retired"})
_ID = re.compile(r"\S+")
_MOST_TEXT = 500


@dataclass(frozen=True, slots=True)
class Notices:
    """The result of reading a document.

    Attributes:
        source: whose it is.
        offers: by `provider/model_id` in models.dev's spelling, with nothing but their life.
        rows: how many notices the document has.
        left_out: how many notices are of no offer, by the reason.
        unknown: how many values were taken as unknown, by the reason.
    """

    source: NoticeSource
    offers: dict[str, Offer]
    rows: int
    left_out: Mapping[str, int]
    unknown: Mapping[str, int]


def source_of(data: Any) -> NoticeSource | None:
    """Return whose document parsed JSON is, by its shape; None if it is neither's."""
    rows = data if isinstance(data, list) else ()
    first = next((row for row in rows if isinstance(row, dict)), {})
    if {"provider", "model", "status"} <= first.keys():
        return MODEL_DEPRECATIONS
    if {"provider", "model_id", "shutdown_date"} <= first.keys():
        return DEPRECATIONS_INFO
    return None


def read_notices(data: Any) -> Notices:
    """Return the notices of a document that was parsed as JSON.

    Raises:
        SourceError: it is neither's document, or no notice of it can be used.
    """
    source = source_of(data)
    if source is None:
        raise SourceError("found no notice, expected a document of modeldeprecations.dev or deprecations.info")
    reader = _ModelDeprecations() if source == MODEL_DEPRECATIONS else _DeprecationsInfo()
    offers: dict[str, Offer] = {}
    aliases: dict[str, Offer] = {}
    for row in data:
        for key, offer, is_alias in reader.offers_of(row):
            # A notice of its own says more of an id than one that has it as an alias.
            (aliases if is_alias else offers).setdefault(key, offer)
    offers = aliases | offers
    if not offers:
        raise SourceError("found no notice that can be used")
    return Notices(source, offers, len(data), dict(reader.left_out), dict(reader.unknown))


class _Reader:
    """Reads one notice after the other, and counts what cannot be used."""

    def __init__(self) -> None:
        self.left_out: Counter[str] = Counter()
        self.unknown: Counter[str] = Counter()

    def offers_of(self, row: Any) -> Iterator[tuple[str, Offer, bool]]:
        """Yield the key of each offer that a notice is of, the offer, and whether it is an alias of another."""
        raise NotImplementedError

    def _made(self, names: tuple[str, ...], model_id: str, life: Mapping[str, Any]) -> Iterator[tuple[str, Offer]]:
        for name in names:
            key = f"{name}/{model_id}"
            offer = Offer.model_construct(
                canonical_id=key, provider=name, model_id=model_id, display_name=model_id, **life
            )
            yield key, offer

    def _day(self, row: Mapping[str, Any], key: str) -> str | None:
        value = row.get(key)
        if value is None or value == "":
            return None
        day = day_of(value)
        if day is None or not FIRST_DAY <= day <= LAST_DAY:
            self.unknown["a day that is none"] += 1
            return None
        return day.isoformat()

    def _text(self, value: Any) -> str | None:
        if value is None or value == "":
            return None
        if isinstance(value, str) and is_name(value) and len(value) <= _MOST_TEXT:
            return value
        self.unknown["a text that is none"] += 1
        return None

    def _id(self, value: Any) -> str | None:
        """Return an id; None, counted, for anything else, such as the name of a product."""
        if isinstance(value, str) and _ID.fullmatch(value) and is_name(value) and len(value) <= _MOST_TEXT:
            return value
        self.left_out["it names no model's id"] += 1
        return None


class _ModelDeprecations(_Reader):
    def offers_of(self, row: Any) -> Iterator[tuple[str, Offer, bool]]:
        if not isinstance(row, dict):
            self.left_out["it is no object"] += 1
            return
        provider, model_id = row.get("provider"), self._id(row.get("model"))
        if model_id is None:
            return
        if not isinstance(provider, str) or not is_name(provider) or "/" in provider:
            self.left_out["it does not say whose offer it is"] += 1
            return
        status = row.get("status")
        sources = row.get("sources")
        cited = (
            sources[0].get("url") if isinstance(sources, list) and sources and isinstance(sources[0], dict) else None
        )
        life = {
            "status": status if isinstance(status, str) and status in _STATUSES else None,
            "retires_on": self._day(row, "shutdown_on"),
            "retires_earliest": self._day(row, "earliest_shutdown_on"),
            "retires_source": self._text(cited),
            "replacement": self._replacement(provider, row.get("replacements")),
        }
        names = _names(_PROVIDERS.get(provider, provider), model_id)
        yield from ((key, offer, False) for key, offer in self._made(names, model_id, life))
        aliases = row.get("aliases")
        for alias in aliases if isinstance(aliases, list) else ():
            if (other := self._id(alias)) is not None:
                yield from ((key, offer, True) for key, offer in self._made(names, other, life))

    def _replacement(self, provider: str, told: Any) -> str | None:
        """Return the successor that the provider itself recommends; others are the site's own suggestions."""
        for each in told if isinstance(told, list) else ():
            if isinstance(each, dict) and each.get("recommended") is True and isinstance(each.get("model"), str):
                other = each.get("provider")
                model = each["model"] if other in {None, provider} else f"{other}/{each['model']}"
                return self._text(model)
        return None


class _DeprecationsInfo(_Reader):
    def offers_of(self, row: Any) -> Iterator[tuple[str, Offer, bool]]:
        if not isinstance(row, dict):
            self.left_out["it is no object"] += 1
            return
        model_id = self._id(row.get("model_id"))
        if model_id is None:
            return
        told = row.get("provider")
        if told == "Azure":
            # Azure retires versions, each on its own day; a notice without the version would date all of them.
            self.left_out["it does not say which version of Azure's model it is of"] += 1
            return
        provider = _PROVIDERS_OF_INFO.get(told) if isinstance(told, str) else None
        if provider is None:
            self.left_out["its provider is not known here"] += 1
            return
        replacements = row.get("replacement_models")
        life = {
            # Where both days are one, the notice is a line of a table that also lists what nobody has deprecated.
            "status": "deprecated" if row.get("deprecation_date") != row.get("shutdown_date") else None,
            "retires_on": self._day(row, "shutdown_date"),
            "retires_source": self._text(row.get("url")),
            "replacement": self._text(replacements[0]) if isinstance(replacements, list) and replacements else None,
        }
        names = _names(provider, model_id)
        yield from ((key, offer, False) for key, offer in self._made(names, model_id, life))


def _names(provider: str, model_id: str) -> tuple[str, ...]:
    """Return models.dev's names of a provider: Claude at Google is listed under two."""
    if provider == _VERTEX[0] and model_id.startswith("claude"):
        return _CLAUDE_AT_GOOGLE
    return (provider,)

"""Parse the documents of modeldeprecations.dev and deprecations.info into offers with only their life. Pure.

Both are lists of notices, each of which cites a page of the provider. A value that cannot be true becomes unknown, and
a notice that does not name its offer is left out; both are counted by their reason.
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
from llmhub.offers.lives.days import Told, told_day, with_plain_hyphens
from llmhub.offers.values import Offer

_VERTEX = ("google-vertex",)
_CLAUDE_AT_GOOGLE = ("google-vertex", "google-vertex-anthropic")
# The names of providers that differ from models.dev's.
_PROVIDERS: Mapping[str, str] = {
    "amazon": "amazon-bedrock",
    "bedrock": "amazon-bedrock",
    "moonshot": "moonshotai",
    "qwen": "alibaba",
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
# When a notice was written, seen or checked.
_NOTED = ("announcement_date", "first_observed", "last_observed", "scraped_at", "deprecated_on", "last_verified")
# Bedrock's early notices have the successor's id, those of Google the days and ids of a whole change log.
_EARLY_GUESSES = frozenset({"AWS Bedrock", "Google"})
_STATUSES = frozenset({"active", "deprecated", "retired"})
_ID = re.compile(r"[^\s,;]+")
_SEVERAL = re.compile(r"[,;]|\s(?:and|or)\s")
_REPLACEMENT = re.compile(r"[\w./:@-]{2,200}", re.ASCII)
_MOST_TEXT = 500
_LIFE = ("status", "retires_on", "retires_earliest")


@dataclass(frozen=True, slots=True)
class Notices:
    """The result of reading a document.

    Attributes:
        source: the site that the document is from.
        offers: offers by `provider/model_id` in models.dev's spelling, with only their life known.
        rows: how many notices the document has.
        left_out: how many notices were left out, by the reason.
        unknown: how many values were taken as unknown, by the reason.
    """

    source: NoticeSource
    offers: dict[str, Offer]
    rows: int
    left_out: Mapping[str, int]
    unknown: Mapping[str, int]


def source_of(data: Any) -> NoticeSource | None:
    """Return the site that a parsed document is from, by its shape; None if it is from neither."""
    rows = _rows(data)
    if any({"provider", "model", "status"} <= row.keys() for row in rows if isinstance(row, dict)):
        return MODEL_DEPRECATIONS
    if any({"provider", "model_id", "shutdown_date"} <= row.keys() for row in rows if isinstance(row, dict)):
        return DEPRECATIONS_INFO
    return None


def _rows(data: Any) -> list[Any]:
    """Return the notices of a document: a list, an object with one, or a JSON feed that has one notice in each item."""
    if not isinstance(data, dict):
        return data if isinstance(data, list) else []
    if isinstance(items := data.get("items"), list):
        return [_of_feed(item) for item in items]
    # modeldeprecations.dev publishes its list as models.json.
    return models if isinstance(models := data.get("models"), list) else []


def _of_feed(item: Any) -> Any:
    notice = item.get("_deprecation") if isinstance(item, dict) else None
    return (
        {"url": item.get("url"), "scraped_at": item.get("date_published"), **notice}
        if isinstance(notice, dict)
        else item
    )


def read_notices(data: Any) -> Notices:
    """Return the notices of a document that was parsed as JSON.

    Raises:
        SourceError: the document is from neither site, or no notice in it can be used.
    """
    source = source_of(data)
    if source is None:
        raise SourceError("found no notice, expected a document of modeldeprecations.dev or deprecations.info")
    reader = _ModelDeprecations() if source == MODEL_DEPRECATIONS else _DeprecationsInfo()
    offers: dict[str, tuple[str, Offer]] = {}
    aliases: dict[str, tuple[str, Offer]] = {}
    rows = _rows(data)
    for row in rows:
        for key, offer, is_alias in reader.offers_of(row):
            # A notice about the id itself says more than one that names the id as an alias.
            told = aliases if is_alias else offers
            told[key] = reader.later(told.get(key), (_noted_on(row), offer))
    found = {key: offer for key, (_, offer) in (aliases | offers).items()}
    if not found:
        raise SourceError("found no notice that can be used")
    return Notices(source, found, len(rows), dict(reader.left_out), dict(reader.unknown))


def _noted_on(row: Mapping[str, Any]) -> str:
    """Return the day on which a notice was last noted; empty if it does not say."""
    days = (told_day(row.get(key)).day for key in _NOTED)
    return max((day.isoformat() for day in days if day is not None), default="")


class _Reader:
    """Reads notices one after another, and counts what cannot be used."""

    def __init__(self) -> None:
        self.left_out: Counter[str] = Counter()
        self.unknown: Counter[str] = Counter()

    def offers_of(self, row: Any) -> Iterator[tuple[str, Offer, bool]]:
        """Yield each offer of a notice: its key, the offer, and whether the notice names it as an alias."""
        raise NotImplementedError

    def _made(self, names: tuple[str, ...], model_id: str, life: Mapping[str, Any]) -> Iterator[tuple[str, Offer]]:
        for name in names:
            key = f"{name}/{model_id}"
            offer = Offer.model_construct(
                canonical_id=key, provider=name, model_id=model_id, display_name=model_id, **life
            )
            yield key, offer

    def later(self, one: tuple[str, Offer] | None, other: tuple[str, Offer]) -> tuple[str, Offer]:
        """Return the later of two notices of one offer; of two that are equally old, only what both say."""
        if one is None or other[0] != one[0]:
            return other if one is None or other[0] > one[0] else one
        apart = [name for name in _LIFE if getattr(one[1], name) != getattr(other[1], name)]
        if apart:
            self.unknown["a value about which two notices of one day contradict each other"] += len(apart)
        return one[0], one[1].model_copy(update=dict.fromkeys(apart))

    def _told(self, row: Mapping[str, Any], key: str) -> Told:
        told = told_day(row.get(key))
        if told.doubt is not None:
            self.unknown[told.doubt] += 1
        return told

    def _days(self, row: Mapping[str, Any], on: str, earliest: str | None = None) -> dict[str, str | None]:
        """Return the fields of the last day, and of the day before which an offer does not end."""
        told = self._told(row, on)
        promised = told.day if told.earliest else self._told(row, earliest).day if earliest is not None else None
        return {
            "retires_on": None if told.day is None or told.earliest else told.day.isoformat(),
            "retires_earliest": None if promised is None else promised.isoformat(),
        }

    def _text(self, value: Any) -> str | None:
        if value is None or value == "":
            return None
        if isinstance(value, str) and is_name(value) and len(value) <= _MOST_TEXT:
            return value
        self.unknown["a text that is not valid"] += 1
        return None

    def _id(self, value: Any) -> str | None:
        """Return an id; None, counted, for anything else, such as the name of a product."""
        if isinstance(value, str) and _ID.fullmatch(value) and is_name(value) and len(value) <= _MOST_TEXT:
            return with_plain_hyphens(value)
        # Some lists in the place of an id come from a neighbouring cell of the provider's table.
        several = isinstance(value, str) and _SEVERAL.search(value)
        self.left_out["it names several models in one" if several else "it names no model's id"] += 1
        return None


class _ModelDeprecations(_Reader):
    def offers_of(self, row: Any) -> Iterator[tuple[str, Offer, bool]]:
        if not isinstance(row, dict):
            self.left_out["it is not an object"] += 1
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
            **self._days(row, "shutdown_on", "earliest_shutdown_on"),
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
                return self._text(with_plain_hyphens(model))
        return None


class _DeprecationsInfo(_Reader):
    def offers_of(self, row: Any) -> Iterator[tuple[str, Offer, bool]]:
        if not isinstance(row, dict):
            self.left_out["it is not an object"] += 1
            return
        model_id = self._id(row.get("model_id"))
        if model_id is None:
            return
        told = row.get("provider")
        if told == "Azure":
            # Azure retires versions, each on its own day; a notice without the version would date all of them.
            self.left_out["it does not say which version of Azure's model it is of"] += 1
            return
        if _is_early(row) and told in _EARLY_GUESSES:
            self.left_out["until 2026 the ids and days of its provider were guessed from a text"] += 1
            return
        provider = _PROVIDERS_OF_INFO.get(told) if isinstance(told, str) else None
        if provider is None:
            self.left_out["its provider is not known here"] += 1
            return
        life = {
            "status": "deprecated" if self._is_announced(row) else None,
            **self._days(row, "shutdown_date"),
            "retires_source": self._text(row.get("url")),
            "replacement": self._replacement(row),
        }
        names = _names(provider, model_id)
        yield from ((key, offer, False) for key, offer in self._made(names, model_id, life))

    def _is_announced(self, row: Mapping[str, Any]) -> bool:
        """Say whether the notice says when its model was deprecated.

        If it gives the last day for that too, it is a row of a table that also lists models that are not deprecated.
        """
        if _is_early(row):
            return False
        told = told_day(row.get("deprecation_date"))
        return told.day is not None and not told.earliest and told.day != told_day(row.get("shutdown_date")).day

    def _replacement(self, row: Mapping[str, Any]) -> str | None:
        """Return the id that the provider names first; until 2026 a text, which may be the name of a product."""
        told = row.get("replacement_models", row.get("replacement_model"))
        named = [
            with_plain_hyphens(each) for each in (told if isinstance(told, list) else [told]) if isinstance(each, str)
        ]
        return next((each for each in named if _REPLACEMENT.fullmatch(each)), None)


def _is_early(row: Mapping[str, Any]) -> bool:
    """Say whether a notice of deprecations.info is of before 2026, when it did not say when a model was deprecated."""
    return "deprecation_date" not in row


def _names(provider: str, model_id: str) -> tuple[str, ...]:
    """Return models.dev's names of a provider: Claude at Google is listed under two."""
    if provider == _VERTEX[0] and model_id.startswith("claude"):
        return _CLAUDE_AT_GOOGLE
    return (provider,)

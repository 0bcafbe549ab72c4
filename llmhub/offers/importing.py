"""Import dated documents: find out the source and the date of a file, and store it.

Documents are models.dev's, LiteLLM's price map, or the notices of modeldeprecations.dev and deprecations.info; each is
recognised by its shape.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from llmhub.arena.references import parse_moment
from llmhub.errors import InvalidOfferError, InvalidReferenceError, LlmhubError, SnapshotConflictError, SourceError
from llmhub.files import read_packed
from llmhub.offers.fields import LITELLM, MODELS_DEV, Recorded
from llmhub.offers.litellm.prices import parse_prices, summary
from llmhub.offers.lives.notices import read_notices, source_of
from llmhub.offers.models_dev import RepeatingObject, normalize, parse_document
from llmhub.offers.sql.storing import OfferWriter
from llmhub.offers.values import Offer
from llmhub.progress import step

_log = logging.getLogger(__name__)

# Ten times the size of the largest one so far.
_MAX_BYTES = 64 * 1024 * 1024
_DATE = re.compile(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)", re.ASCII)
# An object with one of these may hold a list of notices.
_KEYS_OF_NOTICES = (b'"_deprecation"', b'"shutdown_on"', b'"shutdown_date"')
_NAME = re.compile(r".*\.json(\.gz)?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Document:
    """A file with a document, and the moment that it stands for (UTC)."""

    path: Path
    taken_at: datetime


@dataclass(frozen=True, slots=True)
class Imported:
    """The result for one document.

    Attributes:
        document: the document.
        recorded: its snapshot; None if it could not be stored.
        new: whether the store did not have it yet.
        offers: how many offers it has; None if the store has the document already, so that it was not read.
        error: why it could not be stored.
        note: what was left out or taken as unknown; None if nothing was.
    """

    document: Document
    recorded: Recorded | None = None
    new: bool = False
    offers: int | None = None
    error: LlmhubError | None = None
    note: str | None = None


def find(paths: Iterable[Path]) -> list[Path]:
    """Return the given files, and of each given folder the files that end in .json or .json.gz with a date in the name.

    Raises:
        SourceError: a folder cannot be read, or has no such file.
    """
    found: list[Path] = []
    for path in paths:
        if not path.is_dir():
            found.append(path)
            continue
        try:
            inside = sorted(path.iterdir())
        except OSError as error:
            raise SourceError(f"{path}: cannot be read: {error.strerror or error}") from None
        dated = [one for one in inside if _NAME.fullmatch(one.name) and _DATE.search(one.name) and one.is_file()]
        if not dated:
            raise SourceError(f"{path}: found no file such as api-2026-01-15.json.gz, expected at least one")
        _log.info("%s: %d documents, %d other entries are passed over", path, len(dated), len(inside) - len(dated))
        found += dated
    return found


def identify(path: Path, *, now: datetime, taken_at: datetime | None = None) -> Document:
    """Find out the moment that a document stands for.

    Args:
        path: the file; its name has the date in it.
        now: the moment that a document cannot be after, timezone-aware.
        taken_at: its moment, if not the date in the file's name.

    Raises:
        SourceError: the name has no date, several dates or an impossible one; or the moment is in the future.
    """
    if taken_at is None:
        dates = sorted(set(_DATE.findall(path.name)))
        if len(dates) != 1:
            has = f"{len(dates)} dates" if dates else "no date"
            raise SourceError(f"{path}: the name has {has} in it: give --taken-at DATE")
        try:
            taken_at = parse_moment(dates[0])
        except InvalidReferenceError as error:
            raise SourceError(f"{path}: {error}: give --taken-at DATE") from None
    if taken_at > now:
        raise SourceError(
            f"{path}: {taken_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC is in the future: give --taken-at DATE, or check "
            "the clock"
        )
    return Document(path, taken_at)


def import_documents(writer: OfferWriter, documents: Sequence[Document]) -> Iterator[Imported]:
    """Store documents, the oldest first, each as the snapshot of its moment, and yield the results.

    A document is stored completely or not at all. A document that cannot be read, has an impossible value, or whose
    moment is stored with other offers is skipped; the others are stored.

    Raises:
        StoreError: the store could not be written; see its children. What was stored before stays.
    """
    reader = _Reader()
    with step("importing", "files") as under_way:
        for number, document in enumerate(sorted(documents, key=lambda one: one.taken_at)):
            under_way.at(number, len(documents))
            yield _imported(writer, reader, document)


def _imported(writer: OfferWriter, reader: _Reader, document: Document) -> Imported:
    try:
        body = read_packed(document.path, _MAX_BYTES, expected="a document of models.dev", wrong=SourceError)
        revision = sha256(body).hexdigest()
        source, notices = _source_of(body)
        known = writer.add_unchanged(taken_at=document.taken_at, source=source, revision=revision)
        if known is not None:
            return Imported(document, *known)
        offers, note = _read(source, body, notices, reader)
        recorded, is_new = writer.add_offers(offers, taken_at=document.taken_at, source=source, revision=revision)
    except (SourceError, InvalidOfferError) as error:
        where = "" if str(error).startswith(str(document.path)) else f"{document.path}: "
        return Imported(document, error=SourceError(f"{where}{error}; nothing of it was stored"))
    except SnapshotConflictError as error:
        return Imported(document, error=SnapshotConflictError(f"{document.path}: {error}"))
    return Imported(document, recorded, is_new, len(offers), note=note)


def _source_of(body: bytes) -> tuple[str, Any]:
    """Return the source of a document, and the parsed JSON if it may be a list of notices."""
    is_list = body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"["
    # Only LiteLLM's price map has this key, and it always has it. The reader of models.dev's documents refuses anything
    # else, with the reason.
    otherwise = LITELLM if b'"litellm_provider"' in body and not is_list else MODELS_DEV
    if not is_list and not any(key in body for key in _KEYS_OF_NOTICES):
        return otherwise, None
    try:
        data = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        data = None
    return source_of(data) or otherwise, data


def _read(source: str, body: bytes, notices: Any, reader: _Reader) -> tuple[dict[str, Offer], str | None]:
    """Return a document's offers, and what was left out.

    Raises:
        SourceError: the document cannot be used.
    """
    if source == MODELS_DEV:
        return reader.offers(body), None
    found = parse_prices(body) if source == LITELLM else read_notices(notices)
    if not found.offers:
        raise SourceError("found no offer, expected LiteLLM's price map")
    return found.offers, summary(found.left_out, found.unknown)


class _Reader:
    """Reads documents one after another, and reuses the offer of an entry that did not change."""

    def __init__(self) -> None:
        self._before: dict[str, dict[str, tuple[Any, Offer]]] = {}

    def offers(self, body: bytes) -> dict[str, Offer]:
        """Return the offers of a document.

        Raises:
            SourceError: it is not a document of models.dev, or an entry or a value cannot be used.
        """
        repeating: list[RepeatingObject] = []
        data = parse_document(body, repeating=repeating)
        if repeating:
            # Two objects can be equal although one of them repeats a key.
            self._before = {}
        known: dict[str, Offer] = {}
        rest = {provider: self._new(provider, entry, known) for provider, entry in data.items()}
        found = normalize(RepeatingObject(list(data.items())) if data in repeating else rest)
        if found.left_out:
            raise SourceError(found.problems[0].removeprefix("models.dev: "))
        if found.odd_value is not None:
            raise SourceError(found.odd_value.removeprefix("models.dev: "))
        offers = known | found.models
        if not offers:
            raise SourceError("found no offer, expected models.dev's document")
        self._remember(data, offers)
        return offers

    def _new(self, provider: str, entry: Any, known: dict[str, Offer]) -> Any:
        """Return a provider's entry without unchanged models; add these to `known`."""
        before = self._before.get(provider)
        if before is None or type(entry) is not dict or type(entry.get("models")) is not dict:
            return entry
        rest = {}
        for model_id, row in entry["models"].items():
            same = before.get(model_id)
            if same is not None and same[0] == row:
                known[f"{provider}/{model_id}"] = same[1]
            else:
                rest[model_id] = row
        return {"models": rest}

    def _remember(self, data: dict[str, Any], offers: dict[str, Offer]) -> None:
        self._before = {
            provider: {
                model_id: (row, offers[f"{provider}/{model_id}"])
                for model_id, row in entry["models"].items()
                if f"{provider}/{model_id}" in offers
            }
            for provider, entry in data.items()
        }

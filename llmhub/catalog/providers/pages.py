"""Read what the JSON of a provider's list says besides its models, and make it safe for an SDK.

Pure. SDKs trust the list: one entry that is null makes them lose all others, and they do not say if there are more.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_LISTS = ("data", "models")
_MORE = ("has_more", "next_page_token", "nextPageToken")


@dataclass(frozen=True, slots=True)
class Page:
    """The body of an answer as an SDK can read it.

    Attributes:
        body: the answer's own bytes; if entries had to be removed from the list, the rest as JSON.
        is_list: whether it is a list of models.
        left_out: how many entries were removed because they are not objects.
        more: whether the provider says that there are more models.
        last: the id after which the next page begins, if the provider names one.
    """

    body: bytes
    is_list: bool = False
    left_out: int = 0
    more: bool = False
    last: str | None = None


def read_page(body: bytes) -> Page:
    """Return what the body of an answer says; a body that is not JSON or not a list of models stays as it is."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return Page(body)
    name = None
    if isinstance(document, dict):
        name = next((name for name in _LISTS if name in document), None)
        entries = document[name] if name else None
    else:
        entries = document
    if name is not None and entries is None:
        return Page(json.dumps({**document, name: []}).encode(), is_list=True)
    if not isinstance(entries, list):
        return Page(body)
    kept = [entry for entry in entries if isinstance(entry, dict)]
    if not kept:
        # If the list has only texts or numbers, the SDK reports what is wrong with it.
        kept = [entry for entry in entries if entry is not None]
    left_out = len(entries) - len(kept)
    if left_out:
        body = json.dumps(kept if name is None else {**document, name: kept}).encode()
    head = document if isinstance(document, dict) else {}
    more = any(head.get(key) for key in _MORE)
    return Page(body, is_list=True, left_out=left_out, more=more, last=_last(head, kept) if more else None)


def _last(head: Mapping[str, object], entries: Sequence[object]) -> str | None:
    last = entries[-1] if entries else None
    found = head.get("last_id") or (last.get("id") if isinstance(last, dict) else None)
    return found if isinstance(found, str) else None

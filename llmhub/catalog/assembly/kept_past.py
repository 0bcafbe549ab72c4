"""Keep the last catalog of a past moment, so that another question about that moment need not build it again.

A catalog of the past is made of the store, the user's overrides.json and the program's code, and of nothing else. So it
is kept with the store file's stamp: any write to the store, an import or a repair or a restored backup, and it is built
again. It is the same for a span of time, but for `built_at`: `7d` means another moment at each call.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from llmhub import settings
from llmhub.arena.references import dated_moment
from llmhub.catalog.stored.kept import keep, kept_parts, made_of_store
from llmhub.catalog.stored.kept_catalog import PARTS, catalog_in, parts_of

if TYPE_CHECKING:
    from llmhub.catalog.assembly.past import Past
    from llmhub.catalog.schema import Catalog

_SPAN = "span"


def stored_catalog_at(reference: str, *, whole: bool = False, now: datetime | None = None) -> Catalog:
    """Return what `llmhub.catalog_at` returns, to be read only: see `llmhub.catalog.cache.stored_catalog`.

    Raises:
        LlmhubError: as `catalog_at`.
    """
    now = (now or datetime.now(UTC)).astimezone(UTC)
    if (moment := dated_moment(reference, now)) is None:
        from llmhub.catalog.assembly.past import moment_of

        moment = moment_of(reference, now=now)
    # Only now: what was written since the moment was found out changes the stamp.
    made = made_of_store("past", whole)
    found = _kept(moment, made, whole=whole)
    return _built(moment, made, whole=whole) if found is None else found


def _kept(moment: datetime, made: str | None, *, whole: bool) -> Catalog | None:
    parts = kept_parts(settings.past_catalog_file(whole=whole), made, _SPAN, *PARTS)
    if parts is None:
        return None
    since, before = map(datetime.fromisoformat, json.loads(parts[0]))
    if not since <= moment < before:
        return None
    return catalog_in(*parts[1:], built_at=moment.isoformat().replace("+00:00", "Z"))


def _built(moment: datetime, made: str | None, *, whole: bool) -> Catalog:
    from llmhub.catalog.assembly.past import past_at

    past = past_at(moment, whole=whole)
    if past.is_complete:
        keep(
            settings.past_catalog_file(whole=whole),
            made,
            lambda: {_SPAN: _span_of(past), **parts_of(past.catalog)},
            now=made_of_store("past", whole),
        )
    return past.catalog


def _span_of(past: Past) -> bytes:
    return json.dumps([past.since.isoformat(), past.before.isoformat()]).encode()

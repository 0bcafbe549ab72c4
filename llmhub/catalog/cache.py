"""Keep the catalog on disk, and decide whether it may still answer.

A catalog is fresh for the requested time if every source and every provider that was asked answered well; otherwise for
fifteen minutes, after which the failed parts are tried again. In both cases the environment must be unchanged: the same
variables are set, and the settings have the same values.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from llmhub import settings
from llmhub.catalog.stored.format import CATALOG_VERSION, OLDEST_CATALOG_VERSION
from llmhub.catalog.stored.record import as_catalog
from llmhub.catalog.stored.seal import sealed, unsealed
from llmhub.errors import CacheError, printable
from llmhub.files import read_regular, without_bom, write_own

if TYPE_CHECKING:
    from llmhub.catalog.schema import Catalog

__all__ = [
    "last_catalog",
    "load_cached_catalog",
    "read_catalog",
    "read_stored_catalog",
    "save_catalog",
    "set_variables",
    "settings_digest",
    "stored_catalog",
    "why_not_fresh",
]

DEGRADED_TTL_HOURS = 0.25
"""How many hours a catalog answers if a part of it failed."""

_log = logging.getLogger(__name__)

# Several times the size of the lists of all of any-llm's providers together.
_MAX_BYTES = 256 * 1024 * 1024
_MAX_LISTED = 3
# The first bytes of every catalog that llmhub writes; no other program's file starts like this.
_BEGINS = re.compile(rb'\s*\{\s*"catalog_version"')
_MAX_SHOWN = 200


@lru_cache(maxsize=1)
def _proven(data: bytes) -> Catalog | None:
    """Return a sealed catalog, to be read only; None if it is not sealed. One command may look at it more than once."""
    document = unsealed(data)
    return None if document is None else as_catalog(document)


def load_cached_catalog(ttl_hours: float = 24) -> Catalog | None:
    """Return the last built catalog if it is fresh; otherwise log the reason and return None.

    With LLMHUB_OFFLINE any readable catalog answers, because nothing newer can be fetched.

    Examples:
        >>> load_cached_catalog() is None  # where none was built yet
        True

    Args:
        ttl_hours: how old it may be, in hours, if nothing failed when it was built.
    """
    return _fresh(read_catalog, ttl_hours)


def stored_catalog(ttl_hours: float = 24) -> Catalog | None:
    """Return what `load_cached_catalog` returns, to be read only: a file that llmhub sealed is not validated again.

    What comes back has the attributes of a catalog and of the objects in it, and none of their methods;
    `llmhub.catalog.stored.record.as_json` makes JSON of it.
    """
    return _fresh(read_stored_catalog, ttl_hours)


def last_catalog() -> Catalog | None:
    """Return the last built catalog, whatever its age; if it cannot be read, log the reason and return None.

    Use its attributes only: see `stored_catalog`.
    """
    return _last(read_stored_catalog)


def read_catalog() -> Catalog | None:
    """Return catalog.json, whatever its age; None if there is no file, or its version is unknown to this program.

    Raises:
        CacheError: the file cannot be read, or is malformed.
    """
    data = _read_file()
    return None if data is None else _validated(data)


def read_stored_catalog() -> Catalog | None:
    """Return what `read_catalog` returns, to be read only: see `stored_catalog`.

    Raises:
        CacheError: it cannot be read, or is malformed.
    """
    data = _read_file()
    if data is None:
        return None
    found = _proven(data)
    return _validated(data) if found is None else found


def valid_overrides() -> dict[str, Any] | None:
    """Return the user's overrides.json as it stands; None if it is not the file that the stored catalog was built with.

    Who built that catalog validated the file. The seal proves that the code that did so is this version's.
    """
    data = None
    with suppress(CacheError):
        data = _read_file()
    built = None if data is None else _proven(data)
    if built is None or built.settings_digest != settings_digest(built.address_variables):
        return None
    content = without_bom(_overrides())
    found: dict[str, Any] | None = json.loads(content) if content else None
    return found


def _read_file() -> bytes | None:
    """Return the content of catalog.json; None if there is no file."""
    path = settings.catalog_file()
    try:
        return without_bom(read_regular(path, _MAX_BYTES))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CacheError(f"{path} cannot be read ({error.strerror})") from error


def _validated(data: bytes) -> Catalog | None:
    # Imported only for a file that is not sealed.
    from pydantic import ValidationError

    from llmhub.catalog.schema import Catalog

    path = settings.catalog_file()
    try:
        catalog = Catalog.model_validate_json(data)
        version = catalog.catalog_version
    except ValidationError as error:
        version = _version(data)
        if _is_read(version):
            first = error.errors(include_url=False, include_context=False, include_input=False)[0]
            what = ": ".join([*map(str, first["loc"]), first["msg"]])
            raise CacheError(f"{path} is malformed ({printable(what, _MAX_SHOWN)})") from None
        catalog = None
    if not _is_read(version):
        _log.info("%s is of version %s, not %s: the catalog is built anew", path, version, CATALOG_VERSION)
        return None
    return catalog


def _last(read: Callable[[], Catalog | None]) -> Catalog | None:
    try:
        return read()
    except CacheError as error:
        _log.warning("%s: the catalog is built anew", error)
        return None


def _fresh(read: Callable[[], Catalog | None], ttl_hours: float) -> Catalog | None:
    """Read the last catalog, and return it if it may still answer."""
    catalog = _last(read)
    if catalog is None or settings.offline():
        return catalog
    if reason := why_not_fresh(catalog, ttl_hours):
        _log.info("the catalog is built anew: %s", reason)
        return None
    return catalog


def save_catalog(catalog: Catalog) -> None:
    """Write catalog.json, whole or not at all.

    Raises:
        CacheError: it cannot be written; the earlier catalog is unchanged.
    """
    write_own(settings.catalog_file(), sealed(catalog.model_dump_json().encode()), begins=_BEGINS)


def why_not_fresh(catalog: Catalog, ttl_hours: float = 24, *, now: datetime | None = None) -> str | None:
    """Return in a few words why a catalog may no longer answer; None if it may.

    Args:
        catalog: a catalog that was built earlier.
        ttl_hours: how old it may be, in hours, if nothing failed when it was built.
        now: the current moment, timezone-aware; by default the clock's.
    """
    hours = ((now or datetime.now(UTC)) - catalog.built_at) / timedelta(hours=1)
    if not 0 <= hours <= ttl_hours:
        return "it is dated in the future" if hours < 0 else f"it is over {ttl_hours:g} h old"
    failed = _failed(catalog)
    if failed and hours > DEGRADED_TTL_HOURS:
        return f"it is over {DEGRADED_TTL_HOURS * 60:g} min old, and then failed: {_listed(failed)}"
    set_now, set_then = set(set_variables(catalog.known_key_variables)), set(catalog.key_variables)
    if changed := set_now ^ set_then:
        added = changed & set_now
        return f"since then set: {_listed(added)}" if added else f"no longer set: {_listed(changed)}"
    if catalog.catalog_version != CATALOG_VERSION:
        return f"it is of version {catalog.catalog_version}, and this llmhub writes {CATALOG_VERSION}"
    if catalog.settings_digest not in {None, settings_digest(catalog.address_variables)}:
        variables = "LLMHUB_PROVIDERS, LLMHUB_MODELSDEV_URL, LLMHUB_LITELLM_URL, a provider's address"
        return f"{variables} or {settings.overrides_file()} changed"
    return None


def set_variables(names: Iterable[str]) -> tuple[str, ...]:
    """Return the environment variables that are set and not empty, in the given order."""
    return tuple(name for name in names if os.environ.get(name))


def settings_digest(address_variables: Iterable[str]) -> str:
    """Return a digest of the user's settings for the catalog other than the keys.

    These are LLMHUB_PROVIDERS, LLMHUB_MODELSDEV_URL, LLMHUB_LITELLM_URL, the user's overrides.json, and the providers'
    base addresses. User names, passwords and queries are cut out of the addresses first.

    Args:
        address_variables: the names of the variables that hold base addresses.
    """
    addresses = {name: _without_secrets(os.environ[name]) for name in sorted(set_variables(address_variables))}
    modelsdev = _without_secrets(settings.setting("LLMHUB_MODELSDEV_URL"))
    values = [settings.setting("LLMHUB_PROVIDERS"), modelsdev, addresses]
    if litellm := _without_secrets(settings.setting("LLMHUB_LITELLM_URL")):
        values.append(litellm)
    return hashlib.sha256(json.dumps(values).encode() + b"\n" + _overrides()).hexdigest()


def _without_secrets(address: str) -> str:
    # Not parsed as an address: some of these variables hold only a host and a port.
    return address.partition("?")[0].rpartition("@")[2]


def _overrides() -> bytes:
    try:
        return read_regular(settings.overrides_file(), _MAX_BYTES)
    except OSError:
        # The code that reads the overrides for their content reports this error.
        return b""


def _failed(catalog: Catalog) -> list[str]:
    # The catalog is complete without its second witness of prices.
    sources = [each.source for each in catalog.sources if each.status != "ok" and each.source != "litellm"]
    return sources + [provider.provider for provider in catalog.providers if provider.failed]


def _listed(names: Iterable[str]) -> str:
    ordered = sorted(names)
    more = f" and {len(ordered) - _MAX_LISTED} more" if len(ordered) > _MAX_LISTED else ""
    return printable(", ".join(ordered[:_MAX_LISTED])) + more


def _is_read(version: int) -> bool:
    return OLDEST_CATALOG_VERSION <= version <= CATALOG_VERSION


def _version(data: bytes) -> int:
    """Return the version that a document states; this program's version if it states none."""
    try:
        version = json.loads(data)["catalog_version"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return CATALOG_VERSION
    return version if isinstance(version, int) else CATALOG_VERSION

"""The built catalog, and the user's own corrections to it."""

from __future__ import annotations

from llmhub import settings
from llmhub.catalog.cache import read_catalog, why_not_fresh
from llmhub.catalog.matching.overrides import load_overrides
from llmhub.doctor.findings import Finding, Findings
from llmhub.errors import CacheError

_SOURCES = {"anyllm": "any-llm", "modelsdev": "models.dev", "arena": "arena"}
_BUILD = "`llmhub catalog refresh` builds it"


def look() -> Findings:
    """Look at catalog.json: whether it can be read, how old it is, and what failed when it was built."""
    try:
        catalog = read_catalog()
    except CacheError as error:
        yield Finding("error", "catalog.json", str(error), f"{_BUILD} anew")
        return
    if catalog is None:
        what = f"{settings.catalog_file()} is not there, or of another version"
        yield Finding("warning", "catalog.json", what, _BUILD)
        return
    what = f"{len(catalog.models):,} models, built at {catalog.built_at:%Y-%m-%d %H:%M} UTC"
    if reason := why_not_fresh(catalog):
        yield Finding("warning", "catalog.json", f"{what}, and may no longer answer: {reason}", f"{_BUILD} anew")
    else:
        yield Finding("ok", "catalog.json", what)
    for source in catalog.sources:
        if source.status != "ok":
            what = f"{_SOURCES[source.source]}: {source.status} when it was built: {source.reason or 'unknown why'}"
            yield Finding("warning", "catalog.json", what, f"{_BUILD} anew")


def look_at_overrides() -> Findings:
    """Look at the user's overrides.json; that there is none is as it should be."""
    load_overrides()
    path = settings.overrides_file()
    yield Finding(
        "ok", "overrides.json", f"{path} is valid" if path.exists() else f"{path} is not there: none are yours"
    )

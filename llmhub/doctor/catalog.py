"""Check the built catalog and the user's own overrides."""

from __future__ import annotations

from llmhub import settings
from llmhub.catalog.cache import read_catalog, why_not_fresh
from llmhub.catalog.matching.overrides import load_overrides
from llmhub.doctor.findings import Finding, Findings
from llmhub.errors import CacheError, counted

_SOURCES = {"anyllm": "any-llm", "modelsdev": "models.dev", "arena": "arena", "litellm": "LiteLLM"}
_BUILD = "`llmhub catalog refresh` builds it"


def look() -> Findings:
    """Check catalog.json: whether it can be read, its age, and what failed when it was built."""
    try:
        catalog = read_catalog()
    except CacheError as error:
        yield Finding("error", "catalog.json", str(error), f"{_BUILD} anew")
        return
    if catalog is None:
        what = f"{settings.catalog_file()} does not exist, or is of another version"
        yield Finding("warning", "catalog.json", what, _BUILD)
        return
    what = f"{counted(len(catalog.models), 'model')}, built at {catalog.built_at:%Y-%m-%d %H:%M} UTC"
    if reason := why_not_fresh(catalog):
        yield Finding("warning", "catalog.json", f"{what}, and may no longer answer: {reason}", f"{_BUILD} anew")
    else:
        yield Finding("ok", "catalog.json", what)
    for source in catalog.sources:
        if source.status != "ok":
            what = f"{_SOURCES[source.source]}: {source.status} when it was built: {source.reason or 'unknown why'}"
            yield Finding("warning", "catalog.json", what, f"{_BUILD} anew")


def look_at_overrides() -> Findings:
    """Check the user's overrides.json; it may be missing."""
    load_overrides()
    path = settings.overrides_file()
    yield Finding(
        "ok",
        "overrides.json",
        f"{path} is valid" if path.exists() else f"{path} does not exist: no corrections of yours",
    )

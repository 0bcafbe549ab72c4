"""The models of real models.dev documents; each document is read once in a worker."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from llmhub.catalog.modelsdev_source import normalize_modelsdev
from llmhub.catalog.schema import ModelsDevModel


@cache
def real_models(shared_data: Path, name: str = "api-2026-07-02") -> Mapping[str, ModelsDevModel]:
    """Return the models of a document of ../shared/data, by default of its newest one; they are only read."""
    document = json.loads(gzip.decompress((shared_data / f"modelsdev/{name}.json.gz").read_bytes()))
    return MappingProxyType(normalize_modelsdev(document))

"""What is measured of the catalog's sources and its cache, each against its target."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from unittest.mock import patch

from llmhub.catalog.cache import load_cached_catalog, save_catalog, settings_digest
from llmhub.catalog.schema import CanonicalModel, Catalog, Match, ModelsDevModel
from llmhub.catalog.stored.format import CATALOG_VERSION, CHAT
from llmhub.offers.models_dev import normalize, parse_document
from tests.benchmarks.cases import Result, judged, ten_line_program
from tests.benchmarks.stores import SHARED
from tests.benchmarks.timing import Ratio, compare, process

_MODELSDEV_FILE = SHARED.parent / "modelsdev" / "api-2026-07-02.json.gz"
_MOST_SECONDS = 0.6
_SHOWN = 416
_KEYS = tuple(f"MADE_UP_{number}_API_KEY" for number in range(60))


def catalog_results(folder: Path) -> Iterator[Result]:
    """Measure everything in a folder of its own, one after the other."""
    body = gzip.decompress(_MODELSDEV_FILE.read_bytes())
    models = normalize(parse_document(body)).models
    parsing = compare(lambda: normalize(parse_document(body)), lambda: json.loads(body), rounds=15)
    what = f"models.dev's {len(models):,} models / json.loads of its document"
    yield judged(what, parsing, 5)
    config = folder / "catalog"
    config.mkdir()
    with patch.dict(os.environ, {"LLMHUB_CONFIG_DIR": str(config)}):
        for number in (300, len(models)):
            yield _cached(config / "catalog.json", list(models.values())[:number])
    yield from _shown(config, list(models.values())[:_SHOWN])
    yield from _fusing()


def _shown(config: Path, models: list[ModelsDevModel]) -> Iterator[Result]:
    """Show a cached catalog as JSON and on a terminal, in new processes."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LLMHUB_")}
    kept |= {"LLMHUB_CONFIG_DIR": str(config), "COLUMNS": "140", "TERM": "xterm"}
    # A catalog that was built with other settings is built again.
    with patch.dict(os.environ, kept, clear=True):
        _cached_catalog(models)
    click = ten_line_program(config)
    llmhub = str(Path(sys.executable).with_name("llmhub"))
    showing = process([llmhub, "catalog", "show", "--json"], kept)
    yield judged(
        f"catalog show --json, {_SHOWN} models / a ten-line click --help", compare(showing, click, rounds=25), 3
    )
    on_terminal = process([sys.executable, "-c", _ON_A_TERMINAL, llmhub, "--no-pager", "catalog", "show"], kept)
    alone = compare(on_terminal, click, rounds=25)
    yield judged(f"catalog show, {_SHOWN} models on a terminal / the same", alone, 5)


# Runs a command on a terminal of its own, and drops what it prints.
_ON_A_TERMINAL = """
import os, pty, sys
child, terminal = pty.fork()
if not child:
    os.execv(sys.argv[1], sys.argv[1:])
try:
    while os.read(terminal, 65536):
        pass
except OSError:
    pass
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def _fusing() -> Iterator[Result]:
    """Fuse in new processes, where nothing is remembered yet."""
    few, many = (median(_seconds_of_fusing(number) for _ in range(runs)) for number, runs in ((5_000, 5), (50_000, 3)))
    what = "fusing 5,000 callable models with models.dev and 450 arena names, new process"
    yield Result(what, f"{few * 1000:.0f} ms", "600 ms", few <= _MOST_SECONDS, f"{few:.3f} s")
    grown = Ratio(many, few)
    yield judged("fusing 50,000 / 5,000", grown, 8)


def _seconds_of_fusing(number: int) -> float:
    command = [sys.executable, "-m", "tests.benchmarks.fusing", str(number)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def _cached(file: Path, models: list[ModelsDevModel]) -> Result:
    built = _cached_catalog(models)
    if load_cached_catalog(24) != built:
        raise RuntimeError("what is compared does not come to the same")
    ratio = compare(lambda: load_cached_catalog(24), lambda: Catalog.model_validate_json(file.read_bytes()), rounds=30)
    return judged(f"load_cached_catalog(), {len(models):,} models / pydantic alone", ratio, 2)


def _cached_catalog(models: list[ModelsDevModel]) -> Catalog:
    digest = settings_digest(_KEYS)
    built = Catalog(
        catalog_version=CATALOG_VERSION,
        built_at=datetime.now(UTC),
        models=tuple(map(_canonical, models)),
        known_key_variables=_KEYS,
        address_variables=_KEYS,
        settings_digest=digest,
    )
    save_catalog(built)
    return built


def _canonical(model: ModelsDevModel) -> CanonicalModel:
    # models.dev does not say of every model what it is for.
    facts = {"type": CHAT} | model.model_dump(exclude={"canonical_id"}, exclude_none=True)
    match = Match(kind="exact", target=model.canonical_id, reason="the ids say the same")
    return CanonicalModel(
        canonical_id=model.canonical_id,
        quality_tier=3,
        quality_basis="unknown",
        reasoning_tier=3,
        reasoning_basis="unknown",
        creative_tier=3,
        creative_basis="unknown",
        cost_tier=3,
        cost_basis="unknown",
        modelsdev_match=match,
        arena_match=match,
        **facts,
    )

"""Fuses callable models with all of models.dev and a leaderboard in this new process, and prints the seconds it took.

`python -m tests.benchmarks.fusing 5000`. The inputs are read first, and not counted; importing the mapper is.
"""

from __future__ import annotations

import gzip
import sys
from itertools import cycle, islice
from time import perf_counter

from llmhub.catalog.arena_model import ArenaModel
from llmhub.catalog.schema import AnyLLMModel
from llmhub.memory import rare_garbage_collection
from llmhub.offers.models_dev import normalize, parse_document
from tests.benchmarks.stores import SHARED

ARENA_NAMES = 450


def main(number: int) -> None:
    """Fuse this many callable models."""
    shared = SHARED.parent
    offers = normalize(
        parse_document(gzip.decompress((shared / "modelsdev" / "api-2026-07-02.json.gz").read_bytes()))
    ).models
    real = (shared / "gold" / "arena-names.txt").read_text(encoding="utf-8").split()
    names = [*real, *(f"made-up-{count}b-instruct" for count in range(ARENA_NAMES - len(real)))]
    facts = {"rating_q025": None, "rating_q975": None, "category": "overall", "votes": None, "organization": None}
    arena = {name: ArenaModel(arena_id=name, rating=1000.0, **facts) for name in names}
    keys = list(offers.values())
    callable_models = [
        AnyLLMModel(provider=model.provider, model_id=f"{model.model_id}{'' if copy < len(keys) else f'-x{copy}'}")
        for copy, model in enumerate(islice(cycle(keys), number))
    ]
    begun = perf_counter()
    # As the command line builds a catalog.
    with rare_garbage_collection():
        from llmhub.catalog.mapper import fuse_sources, load_overrides

        fused = fuse_sources(callable_models, offers, arena, load_overrides())
    taken = perf_counter() - begun
    if len(fused) != number:
        raise RuntimeError("a model was lost")
    print(taken)


if __name__ == "__main__":
    main(int(sys.argv[1]))

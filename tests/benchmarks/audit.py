"""Speed and memory of `llmhub audit` against grep, in one run: `python -m tests.benchmarks.audit`.

20,000 files of the standard library's code, 200 MB, in which 12,000 ids are looked for; 400 files have one each.
"""

from __future__ import annotations

import gzip
import json
import os
import resource
import subprocess
import sys
import sysconfig
import tempfile
from datetime import UTC, datetime
from itertools import chain, count, islice
from pathlib import Path

from llmhub.offers.sql.storing import offer_writer
from llmhub.offers.values import Offer
from tests.benchmarks.timing import compare, process
from tests.conftest import SHARED

FILES, BYTES, IDS, PLANTED = 20_000, 200_000_000, 12_000, 400
_SHORTEST = 4
_PROVIDERS = 150
_FAMILIES = ("gpt", "claude", "gemini", "llama", "qwen", "mistral", "deepseek", "grok", "kimi", "glm")


def ids() -> list[str]:
    """Return 12,000 ids: those of models.dev and LiteLLM in ../shared/data, and made-up ones up to that number."""
    data = SHARED / "data"
    found: dict[str, None] = {}
    for file in sorted(data.glob("modelsdev/**/*.json.gz")):
        for provider in json.loads(gzip.decompress(file.read_bytes())).values():
            found.update(dict.fromkeys(provider["models"]))
    for file in sorted(data.glob("litellm/*.json.gz")):
        found.update(dict.fromkeys(json.loads(gzip.decompress(file.read_bytes()))))
    # grep would find the shortest ones in every file.
    real = [name for name in found if len(name) >= _SHORTEST and name != "sample_spec"]
    made_up = (f"{family}-{number}.{number % 7}-made-up-{number % 90}b" for number in count(1) for family in _FAMILIES)
    return list(islice(chain(real, made_up), IDS))


def make_tree(folder: Path, planted: list[str]) -> int:
    """Write the files, a hundred in each folder, and return their size."""
    stdlib = Path(sysconfig.get_path("stdlib"))
    sources = [path.read_bytes() for path in sorted(stdlib.rglob("*.py")) if "site-packages" not in path.parts]
    mean = BYTES // FILES
    size = 0
    for number in range(FILES):
        source = sources[number % len(sources)]
        # Most are cut to the mean, small ones are repeated.
        text = (source * (1 + mean // max(len(source), 1)))[: mean + (number % 7 - 3) * 200]
        if number % (FILES // PLANTED) == 0:
            text += f'\n\nMODEL = "{planted[number % len(planted)]}"\n'.encode()
        place = folder / str(number // 100)
        place.mkdir(exist_ok=True)
        (place / f"{number}.py").write_bytes(text)
        size += len(text)
    return size


def make_store(path: Path, known: list[str], planted: list[str]) -> None:
    """Store an offer of each id; those that are planted are deprecated, so that each is a finding."""
    offers = {}
    for number, name in enumerate(known):
        provider = f"made-up-host-{number % _PROVIDERS}"
        key = f"{provider}/{name}"
        offers[key] = Offer(
            canonical_id=key,
            provider=provider,
            model_id=name,
            display_name=name,
            status="deprecated" if name in planted else None,
        )
    with offer_writer(path) as writer:
        writer.add_offers(offers, taken_at=datetime(2026, 1, 1, tzinfo=UTC), revision="1")


def main() -> int:
    """Print a line a measure."""
    with tempfile.TemporaryDirectory(prefix="llmhub-audit-") as home:
        root = Path(home)
        tree, listed = root / "tree", root / "ids"
        tree.mkdir()
        known = ids()
        planted = [name for name in known if name.startswith(("gpt-", "claude-", "gemini-"))][:PLANTED]
        size = make_tree(tree, planted)
        make_store(root / "config" / "arena" / "arena.db", known, planted)
        listed.write_text("\n".join(known) + "\n")
        environment = {**os.environ, "LLMHUB_CONFIG_DIR": str(root / "config"), "LLMHUB_OFFLINE": "1"}
        ours = [sys.executable, "-m", "llmhub", "audit", "--json", "--fail-on", "error", str(tree)]
        theirs = ["grep", "-rFo", "-f", str(listed), str(tree)]
        found = json.loads(subprocess.run(ours, env=environment, capture_output=True, check=True).stdout)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(f"{found['files']:,} files, {size / 1e6:.0f} MB, {len(known):,} ids: {len(found['findings'])} found")
        print(f"memory: {peak:.0f} MB (at most 200)")
        ratio = compare(process(ours, environment), process(theirs, environment), rounds=3)
        print(f"audit / grep -rFo: {ratio.value:.2f} (at most 3): {ratio.ours:.2f} s against {ratio.theirs:.2f} s")
        plain = compare(process(ours, environment), process(theirs, {**environment, "LC_ALL": "C"}), rounds=3)
        print(f"audit / grep -rFo in the C locale: {plain.value:.2f}: {plain.theirs:.2f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())

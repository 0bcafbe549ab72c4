"""Speed and memory of `llmhub audit` against grep, in one run: `python -m tests.benchmarks.audit`.

20,000 files of the standard library's code, 200 MB, in which 12,000 ids are looked for; 400 files have one each. Then a
tree full of ids: 8,000 files of five kinds, 100 MB, with an id in every second kilobyte, as the repository of a gateway
has them. Processor time is compared: other processes lengthen it least. grep writes what it finds to a file: to
/dev/null it would stop at the first id of each file.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import resource
import subprocess
import sys
import sysconfig
import tempfile
from datetime import UTC, datetime
from itertools import chain, count, islice, zip_longest
from pathlib import Path

from llmhub.offers.sql.storing import offer_writer
from llmhub.offers.values import Offer
from tests.benchmarks.timing import peak
from tests.conftest import SHARED

FILES, BYTES, IDS, PLANTED = 20_000, 200_000_000, 12_000, 400
FULL_FILES, FULL_BYTES = 8_000, 100_000_000
ROUNDS = 3
# Lines between two ids.
_EVERY = 30
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


# W stands for a word, ID for an id.
_KINDS = {
    "py": ("# W W\nif W(W, 1):\n    return [W for W in 'W']\n", 'client = Client(model="ID")\n'),
    "ts": ("const W = await W.W(`W`); // W\n", "  model: 'ID',\n"),
    "yaml": ("W: W  # W\nW:\n  - W\n", "model: ID\n"),
    "json": ('  "W": ["W", "W", 12],\n', '  "model": "ID",\n'),
    "go": ('func W(W string) error { return W("W") } // W\n', 'const Model = "ID"\n'),
}


def make_full_tree(folder: Path, known: list[str]) -> int:
    """Write the files of a tree full of ids, a hundred in each folder, and return their size."""
    words = random.Random(7)  # noqa: S311 -- the same tree each time
    some = ["".join(words.choices("abcdefghijklmnopqrstuvwxyz", k=words.randint(2, 11))) for _ in range(5_000)]
    size = 0
    for number in range(FULL_FILES):
        ending, (code, naming) = list(_KINDS.items())[number % len(_KINDS)]
        lines: list[str] = []
        left = FULL_BYTES // FULL_FILES
        for place in count(1):
            parts = zip_longest(code.split("W"), words.choices(some, k=code.count("W")), fillvalue="")
            line = "".join(chain.from_iterable(parts))
            lines.append(line)
            left -= len(line)
            if place % _EVERY == 0:
                lines.append(naming.replace("ID", words.choice(known)))
            if left < 0:
                break
        text = "".join(lines).encode()
        place_of = folder / str(number // 100)
        place_of.mkdir(exist_ok=True)
        (place_of / f"{number}.{ending}").write_bytes(text)
        size += len(text)
    return size


def _seconds(command: list[str], environment: dict[str, str], output: Path) -> float:
    """Return the processor time of a command, whose output goes to a file."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with output.open("wb") as file:
        subprocess.run(command, env=environment, stdout=file, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def _measure(tree: Path, listed: Path, size: int, environment: dict[str, str]) -> None:
    """Print how the audit of a tree compares with grep."""
    output = listed.with_name("output")
    ours = [sys.executable, "-m", "llmhub", "audit", "--json", "--fail-on", "error", str(tree)]
    theirs = ["grep", "-rFo", "-f", str(listed), str(tree)]
    found = json.loads(subprocess.run(ours, env=environment, capture_output=True, check=True).stdout)
    print(
        f"{tree.name}: {found['files']:,} files, {size / 1e6:.0f} MB: {found['models']:,} ids, "
        f"{len(found['findings']):,} findings; {peak(ours, environment):.0f} MB of memory (at most 200)"
    )
    in_c = {**environment, "LC_ALL": "C"}
    times = [
        (_seconds(ours, environment, output), _seconds(theirs, environment, output), _seconds(theirs, in_c, output))
        for _ in range(ROUNDS)
    ]
    audit, grep, plain = (min(each) for each in zip(*times, strict=True))
    print(f"  audit / grep -rFo: {audit / grep:.2f} (at most 3): {audit:.2f} s against {grep:.2f} s")
    print(f"  audit / grep -rFo in the C locale: {audit / plain:.2f}: {plain:.2f} s")


def main() -> int:
    """Print a line a measure."""
    with tempfile.TemporaryDirectory(prefix="llmhub-audit-") as home:
        root = Path(home)
        tree, full, listed = root / "ordinary", root / "full", root / "ids"
        tree.mkdir()
        full.mkdir()
        known = ids()
        planted = [name for name in known if name.startswith(("gpt-", "claude-", "gemini-"))][:PLANTED]
        make_store(root / "config" / "arena" / "arena.db", known, planted)
        listed.write_text("\n".join(known) + "\n")
        environment = {**os.environ, "LLMHUB_CONFIG_DIR": str(root / "config"), "LLMHUB_OFFLINE": "1"}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        _measure(tree, listed, make_tree(tree, planted), environment)
        _measure(full, listed, make_full_tree(full, known), environment)
    return 0


if __name__ == "__main__":
    sys.exit(main())

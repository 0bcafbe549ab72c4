"""Every example runs: those in docstrings, and the documents' Python; offline, in a home of its own."""

from __future__ import annotations

import doctest
import importlib
import json
import re
import shutil
from pathlib import Path

import pytest

import llmhub
from llmhub.demo import CONFIG
from tests.conftest import REPOSITORY
from tests.documents import DEMONSTRATION, documents


def _name(path: Path) -> str:
    """Return the name of the module in that file."""
    return ".".join(path.relative_to(REPOSITORY).with_suffix("").parts).removesuffix(".__init__")


FILES = sorted((REPOSITORY / "llmhub").rglob("*.py"))
MODULES = [_name(path) for path in FILES if ">>> " in path.read_text(encoding="utf-8")]

# The names that a user meets first; each shows how it is used.
SHOWN = {
    "llmhub": {"llmhub.open_store"},
    "llmhub.arena.store": {
        f"llmhub.arena.store.BoardStore.{name}"
        for name in ("add", "diff", "leaderboard", "movers", "resolve", "scores", "snapshots")
    },
    "llmhub.arena.store_over_time": {
        f"llmhub.arena.store_over_time.StoreOverTime.{name}" for name in ("histories", "history", "track")
    },
    "llmhub.catalog.arena_source": {"llmhub.catalog.arena_source.load_arena_models"},
    "llmhub.catalog.cache": {"llmhub.catalog.cache.load_cached_catalog"},
    "llmhub.catalog.pipeline": {"llmhub.catalog.pipeline.build_catalog"},
    "llmhub.catalog.schema": {"llmhub.catalog.schema.Catalog"},
}


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what an example does in a folder of its own, and off the network."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LLMHUB_OFFLINE", "1")


def test_what_a_user_meets_first_is_among_the_modules_with_examples() -> None:
    assert set(MODULES) >= set(SHOWN)
    assert len(MODULES) > 30


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_do_what_they_show(name: str) -> None:
    module = importlib.import_module(name)
    examples = [found for found in doctest.DocTestFinder(exclude_empty=True).find(module) if found.examples]
    assert SHOWN.get(name, set()) <= {found.name for found in examples}
    runner = doctest.DocTestRunner()
    said: list[str] = []
    with llmhub.open_store("examples.db") as store:
        for found in sorted(examples, key=lambda one: one.name):
            # Those of the store's methods go on where the class's example ends.
            found.globs.setdefault("store", store)
            runner.run(found, out=said.append)
    assert not runner.failures, "".join(said)


@pytest.mark.parametrize("document", [path for path in documents() if "```python" in path.read_text(encoding="utf-8")])
def test_the_python_of_a_document_runs_on_the_demonstrations_data(
    document: Path, demonstrated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocks = re.findall(r"```python\n(.*?)```", document.read_text(encoding="utf-8"), re.DOTALL)
    shutil.copytree(demonstrated / DEMONSTRATION / CONFIG, tmp_path / CONFIG)
    monkeypatch.setenv("LLMHUB_CONFIG_DIR", str(tmp_path / CONFIG))
    row = {"rating": 1400.0, "rating_q025": 1390.0, "rating_q975": 1410.0}
    Path("leaderboard-text.json").write_text(json.dumps({"full": {"made-up": row}}), encoding="utf-8")
    for number, block in enumerate(blocks, start=1):
        exec(compile(block, f"{document.name}, block {number}", "exec"), {"__name__": "document"})  # noqa: S102 -- the documents' own code

"""What the package imports, and what it declares that it needs: each is the other."""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

from packaging.requirements import Requirement

from tests.conftest import REPOSITORY
from tests.lowest_versions import lowest

_OURS = {"llmhub", "tests", "vendor"}
# Those that are no provider's.
_EXTRAS = ("charts", "mcp", "postgres")


def imported(*folders: str) -> Iterator[tuple[str, Path]]:
    """Yield each top-level package that is imported in these folders, and a file that does so."""
    for folder in folders:
        for path in (REPOSITORY / folder).rglob("*.py"):
            for node in statements(ast.parse(path.read_bytes()).body):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    names = [node.module]
                yield from ((name.partition(".")[0], path) for name in names)


def statements(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield each statement of a block, and of the blocks in it; expressions, which hold most of a file, have none."""
    for node in body:
        yield node
        blocks = [node, *getattr(node, "handlers", ()), *getattr(node, "cases", ())]
        for block in blocks:
            for name in ("body", "orelse", "finalbody"):
                yield from statements(getattr(block, name, ()))


def needed(*folders: str) -> dict[str, Path]:
    """Return which distributions are imported in these folders, and in which file."""
    distributions = packages_distributions()
    return {
        distributions[package][0].lower().replace("_", "-"): path
        for package, path in imported(*folders)
        if package not in sys.stdlib_module_names and package not in _OURS and package in distributions
    }


def declared(*groups: str) -> dict[str, Requirement]:
    """Return the requirements of the package, or of its extras."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    texts = [text for group in groups for text in project["optional-dependencies"][group]]
    found = map(Requirement, texts if groups else project["dependencies"])
    return {one.name.lower().replace("_", "-"): one for one in found}


def test_what_is_imported_is_declared_and_what_is_declared_is_imported() -> None:
    needs = needed("llmhub", "migrations", "vendor")
    assert needs.keys() == declared().keys() | declared(*_EXTRAS).keys(), needs


def test_what_the_tests_import_is_declared() -> None:
    known = declared().keys() | declared(*_EXTRAS).keys() | declared("dev").keys()
    assert {name: path for name, path in needed("tests").items() if name not in known} == {}


def test_every_requirement_has_a_lower_bound() -> None:
    for requirement in (declared() | declared(*_EXTRAS)).values():
        lowest(requirement)

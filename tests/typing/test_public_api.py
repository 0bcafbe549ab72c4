from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import llmhub
from tests.conftest import REPOSITORY

TYPED = REPOSITORY / "tests" / "typing" / "public_api.py"


def test_the_typed_tests_use_every_public_name() -> None:
    tree = ast.parse(TYPED.read_text(encoding="utf-8"))
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    used |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert set(llmhub.__all__) <= used


def test_every_public_name_is_there_and_is_where_a_type_checker_looks() -> None:
    assert set(llmhub.__all__) <= set(dir(llmhub))
    for name in llmhub.__all__:
        assert getattr(llmhub, name) is not None
    source = Path(llmhub.__file__).read_text(encoding="utf-8")
    checked, *_ = [node for node in ast.parse(source).body if isinstance(node, ast.If)]
    imported = {alias.name for node in checked.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert imported == set(llmhub._HOME)
    assert set(llmhub.__all__) == {*imported, "open_store", "__version__"}


def test_help_shows_every_public_name_and_what_it_is_for() -> None:
    program = "import llmhub, pydoc; print(pydoc.plain(pydoc.render_doc(llmhub)))"
    shown = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
    assert "a local, versioned catalog of the language models that you can call" in shown
    for name in {*llmhub.__all__} - {"__version__"} | {llmhub.__version__}:
        assert name in shown
    for words in ("Return the models that can be called from here", "Open the store", "Return how LMArena rates"):
        assert words in shown

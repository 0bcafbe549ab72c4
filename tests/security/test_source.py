"""The source itself: nothing in it runs what it reads, starts a shell, or trusts what it should not."""

from __future__ import annotations

import ast

import pytest

from tests.conftest import REPOSITORY

FILES = sorted(path for folder in ("llmhub", "migrations", "vendor") for path in (REPOSITORY / folder).rglob("*.py"))
MODULES = frozenset({"pickle", "cPickle", "dill", "joblib", "marshal", "shelve", "telnetlib", "xmlrpc"})
CALLS = frozenset(
    {
        *("eval", "exec", "compile", "__import__", "os.system", "os.popen", "tempfile.mktemp"),
        *("yaml.load", "yaml.unsafe_load", "subprocess.getoutput", "subprocess.getstatusoutput"),
        "ssl._create_unverified_context",
    }
)
ARGUMENTS = frozenset({"shell=True", "verify=False", "check_hostname=False"})


def faults(source: str) -> list[str]:
    """Return what a file does that none of ours may, with the line."""
    found = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                what = [name.name for name in names if name.name.partition(".")[0] in MODULES]
            case ast.ImportFrom(module=str(module)) if module.partition(".")[0] in MODULES:
                what = [module]
            case ast.Call(func=function, keywords=keywords):
                named = {f"{keyword.arg}={ast.unparse(keyword.value)}" for keyword in keywords}
                what = [*({ast.unparse(function)} & CALLS), *(named & ARGUMENTS)]
            case ast.Assert():
                what = ["assert"]
            case _:
                continue
        found += [f"line {node.lineno}: {each}" for each in what]
    return found


def test_no_file_unpickles_evaluates_starts_a_shell_or_asserts() -> None:
    found = {str(path.relative_to(REPOSITORY)): faults(path.read_text(encoding="utf-8")) for path in FILES}
    assert {name: each for name, each in found.items() if each} == {}
    assert len(found) > 300


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "import shelve as s",
        "from marshal import loads",
        "eval('1')",
        "import os\nos.system('true')",
        "subprocess.run('true', shell=True)",
        "httpx.Client(verify=False)",
        "tempfile.mktemp()",
        "def check(x):\n    assert x",
    ],
)
def test_what_none_of_them_may_do_is_found(source: str) -> None:
    assert len(faults(source)) == 1

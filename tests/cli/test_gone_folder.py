"""A current folder that somebody removed: what needs none works, and what needs one says what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.processes.children import run_python
from tests.support.processes.commands import ago, board, seed

_FROM_NOWHERE = """
import contextlib, io, json, os, sys
from llmhub.cli import main
os.rmdir(os.getcwd())
answers = {}
for words in json.loads(sys.argv[1]):
    os.environ.update(words.pop("set", {}))
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main(words["run"].split())
        except SystemExit as error:
            answers[words["run"]] = [error.code, out.getvalue(), err.getvalue()]
print(json.dumps(answers))
"""

GONE = "the current folder is gone: change to another one"


def test_where_the_current_folder_is_gone_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seed(board({"made-up-a": 1400.0}), ago(days=1))
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    commands = [
        {"run": "arena show"},
        {"run": f"arena backup {tmp_path / 'whole.db'}"},
        {"run": "arena backup copy.db"},
        {"run": "arena export -o exported"},
        {"run": "report -o site"},
        {"run": "demo --keep kept"},
        {"run": "arena status", "set": {"LLMHUB_CONFIG_DIR": "below"}},
    ]
    answers = json.loads(run_python(_FROM_NOWHERE, json.dumps(commands)))
    assert answers.pop("arena show")[0] == 0
    assert answers.pop(f"arena backup {tmp_path / 'whole.db'}")[0] == 0
    code, _, said = answers.pop("arena status")
    assert (code, said) == (1, f"error: LLMHUB_CONFIG_DIR is 'below', and {GONE}, or write the path out\n")
    for command, (code, out, said) in answers.items():
        name = command.rpartition(" ")[2]
        assert (code, out) == (1, ""), command
        assert said == f"error: the path {name!r} was given, and {GONE}, or write the path out\n"

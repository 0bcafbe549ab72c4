"""A user who has no home folder: one that the system does not know, in an environment without HOME."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from llmhub import settings
from llmhub.errors import PathError, SettingsError
from tests.support.processes.children import run_python

ADVICE = "this user has no home folder: set LLMHUB_CONFIG_DIR to a folder in which llmhub may keep its files"

# The real user is another one, and files are opened as root all the same: Python itself may lie in root's home.
_BECOME_UNKNOWN = """
import contextlib, io, json, logging, os, sys
for name in ("HOME", "LLMHUB_CONFIG_DIR", "XDG_CONFIG_HOME"):
    os.environ.pop(name, None)
os.setresuid(54321, 0, 0)
import llmhub
from llmhub import build_catalog, load_arena_models, load_cached_catalog, open_store
from llmhub.cli import main
"""

_ASK_ALL = (
    _BECOME_UNKNOWN
    + """
answers = {}
heard = io.StringIO()
logging.getLogger("llmhub").addHandler(logging.StreamHandler(heard))
answers["load_arena_models"] = [load_arena_models(), heard.getvalue()]
for ask in (build_catalog, load_cached_catalog, open_store):
    try:
        answers[ask.__name__] = repr(ask())
    except llmhub.LlmhubError as error:
        answers[ask.__name__] = [type(error).__name__, str(error)]
for words in json.loads(sys.argv[1]):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main(words.split())
        except SystemExit as error:
            code = error.code
    answers[words] = [code, out.getvalue(), err.getvalue()]
print(json.dumps(answers))
"""
)

COMMANDS = [
    "arena status",
    "arena show",
    "arena refresh",
    "arena history",
    "arena verify",
    "arena backup copy.db",
    "catalog show",
    "catalog refresh",
    "catalog providers",
    "report -o site",
]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become a user that the system does not know")
def test_without_a_home_everything_names_the_setting_that_helps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMHUB_OFFLINE", "1")
    answers = json.loads(run_python(_ASK_ALL, json.dumps([*COMMANDS, "doctor --offline", "arena --help"])))
    assert answers.pop("load_arena_models") == [{}, f"no arena ratings: {ADVICE}\n"]
    for ask in ("build_catalog", "load_cached_catalog", "open_store"):
        assert answers.pop(ask) == ["SettingsError", ADVICE]
    code, _, err = answers.pop("arena --help")
    assert (code, err) == (0, "")
    code, shown, err = answers.pop("doctor --offline")
    assert (code, err) == (3, "")
    assert ADVICE in shown
    assert answers == {command: [1, "", f"error: {ADVICE}\n"] for command in COMMANDS}


@pytest.mark.parametrize("answer", ["relative", "raises"])
def test_whatever_a_version_of_platformdirs_makes_of_it(monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    def user_config_path(name: str) -> Path:
        if answer == "raises":
            raise RuntimeError
        return Path("~/.config") / name

    monkeypatch.delenv("LLMHUB_CONFIG_DIR")
    monkeypatch.setattr("platformdirs.user_config_path", user_config_path)
    with pytest.raises(SettingsError, match="set LLMHUB_CONFIG_DIR"):
        settings.config_dir()


def test_a_path_in_no_home_is_refused() -> None:
    with pytest.raises(PathError, match="'~nobody-of-this-name/x' was given, and there is no such home"):
        settings.absolute("~nobody-of-this-name/x")

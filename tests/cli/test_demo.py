"""`llmhub demo`: the whole main job on a machine without network, touching nothing of the user's."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import Llmhub
from tests.documents import DEMONSTRATION
from tests.support.processes.children import forked
from tests.support.processes.commands import (
    ago,
    arena_db,
    arena_folder,
    board,
    document,
    error_line,
    files_in,
    output,
    seed,
)
from tests.support.processes.terminal import on_terminal

PROXIES = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
_NO_NETWORK = 77
# Take the network from this process and from what it starts, this machine's own included. Others than root need a
# namespace of users for that, in which they are root.
ALONE = f"""
import ctypes, os, subprocess, sys
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
unshare, user, group = ctypes.CDLL(None).unshare, os.getuid(), os.getgid()
if unshare(CLONE_NEWNET):
    if unshare(CLONE_NEWUSER | CLONE_NEWNET):
        sys.exit({_NO_NETWORK})
    for file, text in (("setgroups", "deny"), ("uid_map", f"0 {{user}} 1"), ("gid_map", f"0 {{group}} 1")):
        with open(f"/proc/self/{{file}}", "w") as opened:
            opened.write(text)
"""
# Give it the machine itself back.
LOOPBACK = """
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
assert subprocess.run(["ip", "route", "get", "192.0.2.1"], capture_output=True).returncode
"""
DEMO = """
from llmhub.cli import main
os.chdir(sys.argv[1])
main(["demo"])
"""


def test_the_demonstration_shows_the_whole_job_whatever_is_set_leaves_nothing_and_needs_no_network(
    demonstrated: Path, tmp_path: Path, home: Path
) -> None:
    if shutil.which("ip") is None:
        pytest.skip("there is no `ip`: install Debian's package iproute2")
    seed(board({"the-users-own": 1000.0}), ago(days=3))
    before = arena_db().read_bytes()
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    settings = dict.fromkeys(PROXIES, "http://127.0.0.1:9") | {"no_proxy": "example.com"}
    settings |= {"LLMHUB_OFFLINE": "1", "LLMHUB_ARENA_SCRIPT": "/nowhere.py", "LLMHUB_ARENA_SOURCE_URL": "nowhere:"}
    settings |= {"LLMHUB_ARENA_TIMEOUT": "0.001", "LLMHUB_ARENA_CACHE_DIR": str(arena_folder())}
    settings |= {"OPENAI_API_KEY": "sk-the-users-own", "OPENAI_BASE_URL": "http://127.0.0.1:9", "OPENAI_ORG_ID": "own"}
    settings |= {"LLMHUB_PROVIDERS": "groq", "LLMHUB_MODELSDEV_URL": "http://127.0.0.1:9/api.json"}
    settings |= {"COLUMNS": "100"}
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    run = forked(ALONE + LOOPBACK + DEMO, folder, **settings, TMPDIR=str(temporary))
    if run.returncode == _NO_NETWORK:
        pytest.skip("this system gives no process a network of its own")
    said = output(run)
    assert run.stderr == ""
    assert said.startswith("MADE UP, all of it: 29 leaderboards, 29 days of prices, half a year\n")
    assert len(said.splitlines()) <= 40
    shown = said.split("\n$ ")
    assert "7 models can be called: 6 matched to models.dev, 5 rated" in shown[0]
    (listed,) = (part for part in shown if part.startswith("llmhub catalog show "))
    assert "2 of 7 models that can be called" in listed
    (changed,) = (part for part in shown if part.startswith("llmhub catalog diff "))
    # A retirement, a rise, a cut, and a correction.
    assert re.search(r"went \(1\)\n.*\n.*\nopenai/fictional-pro-2\n", changed)
    assert re.search(r"openai/fictional-flash-3 +input +0\.15 +0\.25\n", changed)
    assert re.search(r"openai/fictional-pro-3 +output +21\.00 +15\.00\n", changed)
    assert re.search(r"openai/imaginary-opus-2 +input +1\.50 +15\.00 +likely a correction: takes back", changed)
    assert "the-users-own" not in said
    assert said.splitlines()[-3:] == ["  llmhub catalog refresh", "  llmhub catalog show", "  llmhub doctor"]
    assert "the-users-own" not in said
    assert files_in(temporary) == set()
    assert files_in(folder) == set()
    assert files_in(home) == {"llmhub"}
    assert files_in(arena_folder()) == {"arena.db", "upgrade.lock"}
    assert arena_db().read_bytes() == before
    # With a network and without these settings, it shows the same.
    end = "\nThat was made up, and "
    assert said.split(end)[0] == (demonstrated / "said").read_text(encoding="utf-8").split(end)[0]


def test_a_demonstration_that_cannot_reach_its_own_server_says_what_to_do(tmp_path: Path) -> None:
    run = forked(ALONE + DEMO, tmp_path)
    if run.returncode == _NO_NETWORK:
        pytest.skip("this system gives no process a network of its own")
    assert "which cannot be reached here" in (said := error_line(run, code=1))
    assert "bring the loopback interface up (`ip link set lo up`)" in said


def test_a_kept_demonstration_answers_other_commands_by_the_lines_that_it_prints_and_can_be_made_anew(
    llmhub: Llmhub, demonstrated: Path, tmp_path: Path
) -> None:
    kept = tmp_path / "kept here"
    shutil.copytree(demonstrated / DEMONSTRATION, kept)
    (kept / "mine.txt").write_text("mine")
    said = output(llmhub("demo", "--keep", kept, COLUMNS="100"))
    assert files_in(kept) == {".gitignore", "config", "made-up-source", "mine.txt"}
    assert len(said.splitlines()) <= 40
    *shown, export, first, second, third = said.splitlines()
    *shown_before, _, first_before, second_before, third_before = (demonstrated / "said").read_text().splitlines()
    assert [*shown, first, second, third] == [*shown_before, first_before, second_before, third_before]
    settings = dict(word.split("=", 1) for word in shlex.split(export)[1:])
    assert settings == {"LLMHUB_OFFLINE": "1", "LLMHUB_CONFIG_DIR": str(kept / "config")}
    for line in (first, second, third):
        assert output(llmhub(*shlex.split(line)[1:], **settings))
    assert json.loads(output(llmhub("arena", "status", "--json", **settings)))["snapshots"] == 30
    tracked = document(llmhub("arena", "history", "--json", "imaginary-opus-2", **settings))["imaginary-opus-2"]
    assert tracked[0]["listed_as"] == "imaginary-opus-2-preview"
    longest = document(llmhub("arena", "history", "--json", "pretend-large", **settings))["pretend-large"]
    breaks = {point["taken_at"][:10] for point in longest if point["scale_break"] is not None}
    assert breaks == {"2025-09-29", "2026-01-07"}
    priced = document(llmhub("catalog", "history", "--json", "openai/fictional-pro-2", **settings))
    changed = [(point["taken_at"][:10], point["changed"]) for point in priced["openai/fictional-pro-2"]]
    assert changed == [("2025-07-07", []), ("2025-11-10", ["status"]), ("2026-01-08", ["went"])]
    assert "7 models that can be called" in output(llmhub("catalog", "show", **settings))
    assert "sound" in output(llmhub("arena", "verify", **settings))


def test_the_demonstration_fits_into_forty_lines_on_a_terminal_of_80_columns_too(
    llmhub: Llmhub, demonstrated: Path, tmp_path: Path
) -> None:
    settings = {"LLMHUB_CONFIG_DIR": str(demonstrated / DEMONSTRATION / "config"), "LLMHUB_OFFLINE": "1"}
    said = (demonstrated / "said").read_text(encoding="utf-8").splitlines()
    prompts = [shlex.split(line)[2:] for line in said if line.startswith("$ llmhub ")]
    assert len(prompts) == 2
    for columns in (80, 120):
        lines = len(said)
        for words in prompts:
            lines -= len(output(llmhub(*words, COLUMNS="100", **settings)).splitlines())
            lines += len(on_terminal(*words, columns=columns, folder=tmp_path, **settings).screen.splitlines())
        assert lines <= 40


def test_a_demonstration_kept_in_a_clone_is_nothing_that_git_lists(demonstrated: Path, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    subprocess.run(["git", "init", "-q", str(clone)], check=True)
    shutil.copytree(demonstrated / DEMONSTRATION, clone / DEMONSTRATION)
    listed = subprocess.run(["git", "status", "--porcelain"], cwd=clone, capture_output=True, text=True, check=True)
    assert listed.stdout == ""


def test_a_demonstration_is_kept_in_no_folder_that_holds_something(llmhub: Llmhub, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    assert "is not empty: name a new folder" in error_line(llmhub("demo", "--keep", tmp_path))
    assert "cannot be made a new folder" in error_line(llmhub("demo", "--keep", tmp_path / "mine"))
    assert (tmp_path / "mine").read_text() == "mine"

"""The update script's runner by itself: what the script is given, what is heard of it, what is read and cleared."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import sysconfig
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from llmhub.arena.boards import ModelFacts, Score
from llmhub.arena.exchange.script_output import read_output, require_text
from llmhub.arena.exchange.update_script import run_script, work_dir
from llmhub.errors import PayloadError, ScriptError
from tests.conftest import REPOSITORY
from tests.support.made_up.publications import small_publication
from tests.support.made_up.scripts import GOOD, LEAVES_GOOD_FILE, UpdateScript, update_script
from tests.support.processes.children import kill_once_ready
from tests.support.servers.http import serve_folder

TIMEOUT = 60.0

Run = Callable[[str], "tuple[UpdateScript, list[str]]"]


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Path]:
    """Return the folder of a run."""
    with work_dir(tmp_path) as path:
        yield path


@pytest.fixture
def run(tmp_path: Path, directory: Path) -> Run:
    """Return a function that runs a script with this body, and returns it and what it said."""

    def run_body(body: str) -> tuple[UpdateScript, list[str]]:
        script, lines = update_script(tmp_path, body), list[str]()
        run_script(script.path, directory, TIMEOUT, lines.append)
        return script, lines

    return run_body


def failure(run: Run, body: str) -> str:
    with pytest.raises(ScriptError) as raised:
        run(body)
    return str(raised.value)


# -- what the script is given

SECRETS = (
    "OPENAI_API_KEY",
    "ANTHROPIC_API_KEY",
    "HF_TOKEN",
    "HUGGING_FACE_HUB_TOKEN",
    "AWS_SECRET_ACCESS_KEY",
    "GITHUB_TOKEN",
    "SECRET",
    "LLMHUB_CONFIG_DIR",
    "LLMHUB_ARENA_CACHE_DIR",
    "LLMHUB_SOMETHING_NEW",
    "PYTHONPATH",
    "PYTHONSTARTUP",
    "LD_LIBRARY_PATH",
    "XLC_ALL",
)
NEEDED = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "LC_MESSAGES",
    "SYSTEMROOT",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "LLMHUB_ARENA_SOURCE_URL",
    "LLMHUB_ARENA_LEADERBOARDS",
)
_TELL = """note("given", json.dumps({
    "environment": dict(os.environ), "folder": os.getcwd(), "mode": os.stat(".").st_mode, "files": os.listdir("."),
    "data": os.listdir("data"), "group": os.getpgid(0), "session": os.getsid(0), "pid": os.getpid(),
    "stdin": sys.stdin.read(), "arguments": sys.argv, "python": sys.executable,
    "temporary": os.stat(os.environ["TMPDIR"]).st_mode,
}))"""


def given(run: Run) -> tuple[UpdateScript, dict[str, Any]]:
    script, _ = run(_TELL)
    told: dict[str, Any] = json.loads(script.wait_for("given")[0])
    return script, told


def test_of_the_environment_the_script_gets_what_a_download_needs_and_nothing_else(
    run: Run, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (*SECRETS, *NEEDED):
        # A locale that there is, or Python would set one of its own.
        monkeypatch.setenv(name, "C.UTF-8" if name.startswith(("LC_", "LANG")) else f"/canary/{name}")
    _, told = given(run)
    environment = told["environment"]
    assert {name: environment.get(name) for name in NEEDED} == {name: os.environ[name] for name in NEEDED}
    assert environment["TMPDIR"] == str(directory / "tmp")
    # macOS adds names of its own to every process.
    assert set(environment) - set(NEEDED) - {"TMPDIR", "__CF_USER_TEXT_ENCODING"} <= {
        name for name in os.environ if name.startswith("LC_")
    }
    assert not [value for value in environment.values() if any(f"/canary/{name}" == value for name in SECRETS)]


def test_what_the_environment_lacks_the_script_does_not_get(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NEEDED:
        monkeypatch.delenv(name, raising=False)
    _, told = given(run)
    assert set(told["environment"]) & set(NEEDED) == set()


def test_the_script_runs_alone_in_a_private_folder_that_contains_an_empty_data(run: Run, directory: Path) -> None:
    script, told = given(run)
    assert Path(told["folder"]).resolve() == directory.resolve()
    assert stat.S_IMODE(told["mode"]) == 0o700
    assert sorted(told["files"]) == ["data", "tmp"]
    assert told["data"] == []
    assert told["pid"] == told["group"] == told["session"] != os.getpid()
    assert told["stdin"] == ""
    assert told["arguments"] == [str(script.path)]
    assert Path(told["python"]).samefile(sys.executable)


def test_two_runs_never_share_a_folder_and_none_outlives_its_run(tmp_path: Path) -> None:
    before = set(tmp_path.iterdir())
    with work_dir(tmp_path) as first, work_dir(tmp_path) as second:
        assert first != second
        (second / "data" / "deep").mkdir()
        (second / "data" / "deep" / "file").write_text("x")
    assert set(tmp_path.iterdir()) == before


# -- where it imports from


_OWN_JSON = "a stranger's json.py ran"


def test_nothing_beside_the_script_and_nothing_in_the_current_folder_is_imported(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    current = tmp_path / "current"
    current.mkdir()
    for folder in (tmp_path, current):
        (folder / "json.py").write_text(f"raise SystemExit({_OWN_JSON!r})")
        (folder / "made_up_module.py").touch()
    monkeypatch.chdir(current)
    for entry in ("", ".", str(tmp_path), str(current)):
        monkeypatch.syspath_prepend(entry)
    script, _ = run(
        "import importlib.util; note('found', json.dumps([json.__file__, sys.path, "
        "importlib.util.find_spec('made_up_module') is None]))"
    )
    origin, path, absent = json.loads(script.wait_for("found")[0])
    assert Path(origin) == Path(json.__file__)
    assert absent
    assert all(Path(entry).is_absolute() for entry in path)


@pytest.mark.parametrize("where", ["elsewhere", "the current folder"])
def test_the_script_imports_what_its_parent_can_by_pythonpath(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    target = tmp_path / "target"
    target.mkdir()
    (target / "made_up_module.py").write_text("VALUE = 7")
    if where == "the current folder":
        monkeypatch.chdir(target)
    monkeypatch.setenv("PYTHONPATH", str(target))
    monkeypatch.syspath_prepend(target)
    script, _ = run("import made_up_module; note('value', made_up_module.VALUE)")
    assert script.wait_for("value") == ["7"]


def test_an_install_by_target_and_pythonpath_runs_the_shipped_script(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = getattr(sys, "_base_executable", sys.executable)
    if Path(base).parent.samefile(Path(sys.executable).parent):
        pytest.skip("these tests run in no virtual environment: there is no Python beside it that lacks duckdb")
    packages = sysconfig.get_path("purelib")
    code = "import sys; from llmhub.cli import main; sys.argv[1:] = ['arena', 'refresh']; main()"
    with serve_folder(small_publication(tmp_path / "publication")) as server:
        done = subprocess.run(
            [base, "-c", code],
            env=os.environ | {"PYTHONPATH": f"{REPOSITORY}:{packages}", "LLMHUB_ARENA_SOURCE_URL": server.url},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=TIMEOUT,
        )
    assert (done.returncode, "stored snapshot 1" in done.stdout + done.stderr) == (0, True), done


# -- whom it may kill


@pytest.mark.parametrize("body", ["pass", "time.sleep(600)"], ids=["it ends", "it hangs"])
def test_its_process_group_is_killed_only_while_its_number_is_taken(
    tmp_path: Path, directory: Path, monkeypatch: pytest.MonkeyPatch, body: str
) -> None:
    kill = os.killpg
    killed: list[int] = []

    def checked(number: int, sign: int) -> None:
        # Of a child that was asked after, nothing is known any more: its number can be another's by now.
        os.waitid(os.P_PID, number, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        killed.append(number)
        kill(number, sign)

    monkeypatch.setattr(os, "killpg", checked)
    script = update_script(tmp_path, body)
    with suppress(ScriptError):
        run_script(script.path, directory, TIMEOUT if body == "pass" else 1.0, lambda _: None)
    assert killed == script.pids


# -- what is heard of it


def test_each_line_on_stderr_is_heard_and_nothing_on_stdout(run: Run) -> None:
    _, lines = run(
        "print('not this'); print('one', file=sys.stderr); print('\\n two \\n\\nthree', end='', file=sys.stderr)"
    )
    assert lines == ["one", "two", "three"]


@pytest.mark.parametrize("stream", ["stderr", "stdout"])
def test_output_without_end_or_line_fills_no_memory_and_blocks_nothing(run: Run, stream: str) -> None:
    tracemalloc.start()
    try:
        script, lines = run(f"for _ in range(32): sys.{stream}.write('x' * (1 << 20))")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert script.runs == 1
    assert peak < 4 << 20
    assert len(lines) <= 1
    assert all(len(line) <= 300 for line in lines)


@pytest.mark.parametrize("said", ["MemoryError", "cannot allocate memory for thread-local data: ABORT"])
def test_a_script_that_found_no_memory_is_told_as_such_with_what_to_do(run: Run, said: str) -> None:
    reason = failure(run, f"print({said!r}, file=sys.stderr); sys.exit(127)")
    assert reason.startswith("the update script exited with 127: there is too little memory for it: end other programs")


def test_a_flood_of_lines_is_not_kept(run: Run) -> None:
    reason = failure(run, "for n in range(20_000): print('line', n, 'x' * 500, file=sys.stderr)\nsys.exit(1)")
    assert "line 19999" in reason
    assert len(reason) < 500


def test_a_line_after_one_that_is_too_long_is_heard_from_its_beginning(run: Run) -> None:
    _, lines = run("print('x' * 5000, file=sys.stderr); print('next', file=sys.stderr)")
    assert [line[:4] for line in lines] == ["xxxx", "next"]


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        (b"\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
        (b"\x1b]0;title\x07", r"\x1b]0;title\x07"),
        (b"\xff\xfe bad", "�� bad"),
        ("right \u202e left".encode(), r"right \u202e left"),
        (b"50%\r100%", r"50%\r100%"),
        (b"nul\0byte", r"nul\x00byte"),
        (b"error: no luck", "no luck"),
    ],
)
def test_what_the_script_says_is_heard_harmless(run: Run, said: bytes, heard: str) -> None:
    reason = failure(run, f"sys.stderr.buffer.write({said!r} + b'\\n'); sys.exit(1)")
    assert reason == f"the update script exited with 1: {heard}"


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("http://user:s3cret@proxy.example:3128/x", "http://***@proxy.example:3128/x"),
        ("https://s3cret@proxy.example", "https://***@proxy.example"),
        ("socks5h://user:s3c@ret@proxy.example/a@b", "socks5h://***@proxy.example/a@b"),
        ("at 'http://u:s3cret@one/' and http://v:s3cret@two", "at 'http://***@one/' and http://***@two"),
        ("http://proxy.example/who@where", "http://proxy.example/who@where"),
        ("me@example.org", "me@example.org"),
    ],
)
def test_user_and_password_in_an_address_are_not_heard(run: Run, said: str, heard: str) -> None:
    reason = failure(run, f"print('cannot reach', {said!r}, file=sys.stderr); sys.exit(1)")
    assert reason.endswith(f": cannot reach {heard}")
    assert "s3cret" not in reason


@pytest.mark.parametrize("before", range(1980, 2004, 4))
def test_a_password_is_not_heard_where_a_long_line_is_cut(run: Run, before: int) -> None:
    address = "http://user:s3cret-s3cret-s3cret@proxy.example/"
    script = f"sys.stderr.write('x' * {before} + {address!r}); sys.stderr.flush(); sys.exit(1)"
    assert "s3cret" not in failure(run, script)


def test_a_script_that_closes_its_output_is_waited_for(run: Run) -> None:
    script, lines = run(f"os.close(1); os.close(2); time.sleep(0.3); {LEAVES_GOOD_FILE}; note('done')")
    assert script.wait_for("done")
    assert lines == []


def test_no_thread_goes_on_after_a_run(run: Run) -> None:
    before = threading.active_count()
    script, _ = run(LEAVES_GOOD_FILE)
    assert script.runs == 1
    assert threading.active_count() <= before


# -- what is read of what it leaves


def leave(directory: Path, name: str, content: object) -> None:
    (directory / "data" / name).write_text(json.dumps(content))


def test_upstreams_keys_alone_are_read_and_what_they_do_not_say_is_unknown(directory: Path) -> None:
    leave(directory, "leaderboard-text.json", GOOD)
    output = read_output(directory)
    assert output.revision is None
    (text,) = output.leaderboards.values()
    assert text.published_on is None
    assert text.boards["overall"] == {
        "made-up-a": Score(1400.125, 1391.875, 1409.625),
        "made-up-b": Score(1300.0, 1291.75, 1309.5),
    }
    assert text.models.get("made-up-a", ModelFacts()) == ModelFacts()


def test_what_the_account_of_the_run_says_is_read(directory: Path) -> None:
    names = ("text", "text-style-control", "vision", "vision-style-control", "image")
    for name in names:
        leave(directory, f"leaderboard-{name}.json", GOOD)
    published = {"text": {"published_on": "2026-01-05", "rows": 2}, "vision": {"published_on": None}}
    leave(directory, "leaderboard-meta.json", {"revision": "abc", "leaderboards": published, "source": "made up"})
    output = read_output(directory)
    assert output.revision == "abc"
    assert set(output.leaderboards) == {*names[:4], "text-to-image"}
    assert {name: each.published_on for name, each in output.leaderboards.items() if each.published_on} == {
        "text": date(2026, 1, 5)
    }


def test_only_the_files_that_are_named_in_the_contract_are_read(directory: Path) -> None:
    leave(directory, "leaderboard-text.json", GOOD)
    leave(directory, "leaderboard-new.json", ["something else"])
    (directory / "data" / "elo_results.pkl").write_bytes(b"\x80\x04.")
    (directory / "leaderboard-vision.json").write_text("not in data")
    assert set(read_output(directory).leaderboards) == {"text"}


def test_what_the_account_of_the_run_lists_is_read_whatever_it_is_called(directory: Path) -> None:
    listed = ("text", "text-to-image", "search", "image", "meta", "made-up-new")
    files = ("text", "image", "search", "x--image", "x--meta", "made-up-new", "not-listed")
    for name in files:
        leave(directory, f"leaderboard-{name}.json", GOOD)
    leave(directory, "leaderboard-meta.json", {"leaderboards": {name: {} for name in (*listed, "left-out", "../x")}})
    assert set(read_output(directory).leaderboards) == set(listed)


@pytest.mark.parametrize("name", ["leaderboard-text.json", "leaderboard-vision.json", "leaderboard-meta.json"])
def test_a_link_is_not_followed_even_to_a_file_of_the_run(directory: Path, name: str) -> None:
    (directory / "target.json").write_text(json.dumps(GOOD))
    leave(directory, "leaderboard-text.json", GOOD)
    (directory / "data" / name).unlink(missing_ok=True)
    (directory / "data" / name).symlink_to("../target.json")
    with pytest.raises(ScriptError, match=f"{name} as a symbolic link"):
        read_output(directory)


@pytest.mark.parametrize("day", ["yesterday", "2026-02-30", 5, []])
def test_a_publication_date_that_is_no_day_is_refused(directory: Path, day: object) -> None:
    leave(directory, "leaderboard-text.json", GOOD)
    leave(directory, "leaderboard-meta.json", {"leaderboards": {"text": {"published_on": day}}})
    with pytest.raises(PayloadError, match=r"leaderboard-meta\.json"):
        read_output(directory)


def test_only_the_text_leaderboard_is_required(directory: Path) -> None:
    leave(directory, "leaderboard-vision.json", GOOD)
    with pytest.raises(ScriptError, match=r"left no data/leaderboard-text\.json"):
        require_text(directory)
    leave(directory, "leaderboard-text.json", GOOD)
    require_text(directory)


# -- what is cleared


_DIES_AT_WORK = """
import sys
from pathlib import Path
from llmhub.arena.exchange.update_script import work_dir
with work_dir(Path(sys.argv[1])) as directory:
    (directory / "data" / "leaderboard-text.json").write_text("{")
    print("ready", flush=True)
    sys.stdin.readline()
"""


def test_runs_that_were_left_behind_are_cleared_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "arena"
    folder.mkdir()
    kill_once_ready(_DIES_AT_WORK, folder)
    (left,) = folder.iterdir()
    # What 0.2 called its runs' folders, and others their experiments.
    (folder / "run-3").mkdir()
    (folder / "run-3" / "file").touch()
    (folder / ".llmhub-run-0123456789abcdef").mkdir()
    (folder / ".llmhub-run-0123456789abcdef" / "file").touch()
    with work_dir(folder):
        assert not left.exists()
    assert sorted(path.name for path in folder.iterdir()) == [".llmhub-run-0123456789abcdef", "run-3"]
    assert len(list(folder.rglob("file"))) == 2


@pytest.mark.parametrize("linux", [True, False])
def test_only_processes_of_a_run_are_ended_with_it(
    tmp_path: Path, directory: Path, monkeypatch: pytest.MonkeyPatch, *, linux: bool
) -> None:
    # What other systems do, psutil does here too.
    monkeypatch.setattr("llmhub.arena.exchange.update_script._LINUX", linux)
    with work_dir(tmp_path) as other:
        processes = [
            subprocess.Popen(
                [sys.executable, "-S", "-E", "-c", "import time; time.sleep(600)"],
                env={**os.environ, "TMPDIR": str(temporary)},
            )
            for temporary in (other / "tmp", directory / "tmp", tmp_path)
        ]
    of_the_run, of_another, of_none = processes
    try:
        assert of_the_run.wait(TIMEOUT) == -signal.SIGKILL
        assert (of_another.poll(), of_none.poll()) == (None, None)
    finally:
        for process in processes:
            process.kill()
            process.wait()


def test_where_proc_is_not_mounted_a_run_ends_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llmhub.arena.exchange.update_script._PROCESSES", tmp_path / "proc")
    with work_dir(tmp_path) as folder:
        assert folder.is_dir()
    assert not folder.exists()

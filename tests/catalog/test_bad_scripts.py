"""Update scripts that go wrong in every way: the run is refused whole, and nothing of it stays behind."""

import json
import signal
from dataclasses import dataclass

import pytest

from llmhub.catalog.arena_source import arena_status, load_arena_models, refresh_arena
from llmhub.errors import RefreshError
from llmhub.progress import shown_by
from tests.catalog.conftest import NOON, STORED_RATINGS, Arena, Freeze, Log, UseScript
from tests.support.checks.telling import Told
from tests.support.made_up.scripts import (
    HANGS,
    IN_GROUP,
    LEAVES_GOOD_FILE,
    OWN_SESSION,
    WITHOUT_ENVIRONMENT,
    UpdateScript,
    end,
    starts_grandchildren,
    wait_until_gone,
)
from tests.support.processes.children import run_limited


@dataclass(frozen=True, slots=True)
class Bad:
    """A script's body, and what the reason for refusing its run must name."""

    name: str
    body: str
    reasons: tuple[str, ...]


def _leaves(name: str, content: str, *reasons: str, file: str = "leaderboard-text.json") -> Bad:
    return Bad(name, f"leave({file!r}, {content})", (f"data/{file}", *reasons))


TRUNCATED = "json.dumps(GOOD)[:-30]"
SECOND_FILE = f"{LEAVES_GOOD_FILE}; leave('leaderboard-image.json', GOOD); "

BAD = [
    Bad("no file", "pass", ("exited with 0", "leaderboard-text.json")),
    Bad("other files only", "leave('leaderboard-vision.json', GOOD)", ("left no data/leaderboard-text.json",)),
    Bad("good file, exit 1", f"{LEAVES_GOOD_FILE}; sys.exit('error: it is only half')", ("exited with 1", "half")),
    Bad("good file, exit 3, silent", f"{LEAVES_GOOD_FILE}; sys.exit(3)", ("exited with 3", "said nothing")),
    Bad("good file, killed", f"{LEAVES_GOOD_FILE}; os.kill(os.getpid(), 9)", ("SIGKILL",)),
    Bad("good file, alarm", f"{LEAVES_GOOD_FILE}; os.kill(os.getpid(), 14)", ("SIGALRM",)),
    Bad("exception", f"{LEAVES_GOOD_FILE}; raise KeyError('results')", ("exited with 1", "KeyError: 'results'")),
    Bad("a crash", "os.kill(os.getpid(), 11)", ("ended by SIGSEGV",)),
    Bad(
        "much to say",
        "sys.stderr.write('x' * 5_000_000); sys.stdout.write('y' * 5_000_000); sys.exit(3)",
        ("exited with 3: xxx",),
    ),
    Bad("a password in what it says", "sys.exit('http://me:pa@ss@host/x')", ("exited with 1: http://***@host/x",)),
    Bad("syntax error", "exec('this is no Python')", ("exited with 1", "SyntaxError")),
    _leaves("empty file", "''", "not valid JSON"),
    _leaves("truncated JSON", TRUNCATED, "not valid JSON"),
    _leaves("two documents", "json.dumps(GOOD) * 2", "not valid JSON"),
    _leaves("HTML", "'<!doctype html>'", "not valid JSON"),
    _leaves("a list", "[GOOD]", "top level"),
    _leaves("null", "None", "top level"),
    _leaves("no category", "{}", "full", "overall board"),
    _leaves("no overall board", "{'chinese': GOOD['chinese']}", "full", "chinese"),
    _leaves("an empty overall board", "GOOD | {'full': {}}", "full", "at least one model"),
    _leaves("two overall boards", "GOOD | {'overall': GOOD['full']}", "second overall board"),
    _leaves("NaN", "GOOD | {'full': {'m': GOOD['full']['made-up-a'] | {'rating': float('nan')}}}", "full.m.rating"),
    _leaves(
        "infinity", "GOOD | {'full': {'m': GOOD['full']['made-up-a'] | {'rating': float('inf')}}}", "full.m.rating"
    ),
    _leaves("a string for a rating", "GOOD | {'full': {'m': GOOD['full']['made-up-a'] | {'rating': '1400'}}}", "1400"),
    _leaves("a boolean for a rating", "GOOD | {'full': {'m': GOOD['full']['made-up-a'] | {'rating': True}}}", "rating"),
    _leaves("no rating", "GOOD | {'full': {'m': {'rating_q025': 1, 'rating_q975': 2}}}", "full.m.rating"),
    _leaves("a model that is a list", "GOOD | {'full': {'m': [1, 2, 3]}}", "full.m"),
    _leaves(
        "a rating outside its interval",
        "GOOD | {'full': {'m': {'rating': 3, 'rating_q025': 1, 'rating_q975': 2}}}",
        "full.m.rating_q975",
    ),
    _leaves("a fault in another category", "GOOD | {'math': {'m': {'rating': None}}}", "math.m"),
    Bad(
        "not UTF-8",
        "(Path('data') / 'leaderboard-text.json').write_bytes(json.dumps(GOOD).encode().replace(b'-a', b'\\xff'))",
        ("data/leaderboard-text.json",),
    ),
    Bad(
        "a malformed optional leaderboard",
        f"{LEAVES_GOOD_FILE}; leave('leaderboard-vision.json', {TRUNCATED})",
        ("data/leaderboard-vision.json", "not valid JSON"),
    ),
    Bad(
        "a malformed account of the run",
        f"{LEAVES_GOOD_FILE}; leave('leaderboard-meta.json', {{'leaderboards': []}})",
        ("data/leaderboard-meta.json",),
    ),
    Bad(
        "two files for one leaderboard",
        f"{SECOND_FILE}leave('leaderboard-text-to-image.json', GOOD)",
        ("second file for text-to-image",),
    ),
    Bad(
        "a link to a good file",
        "Path('good').write_text(json.dumps(GOOD)); Path('data/leaderboard-text.json').symlink_to('../good')",
        ("data/leaderboard-text.json", "symbolic link"),
    ),
    Bad(
        "a link to nowhere",
        "Path('data/leaderboard-text.json').symlink_to('nowhere')",
        ("data/leaderboard-text.json", "symbolic link"),
    ),
    Bad(
        "a link for an optional file",
        f"{LEAVES_GOOD_FILE}; Path('data/leaderboard-vision.json').symlink_to('leaderboard-text.json')",
        ("data/leaderboard-vision.json", "symbolic link"),
    ),
    Bad(
        "a link for the data folder",
        f"Path('data').rename('real'); Path('data').symlink_to('real'); {LEAVES_GOOD_FILE}",
        ("replaced its data folder",),
    ),
    Bad("no data folder", "Path('data').rmdir()", ("leaderboard-text.json",)),
    Bad(
        "a named pipe",
        "os.mkfifo('data/leaderboard-text.json')",
        ("data/leaderboard-text.json", "not a regular file"),
    ),
    Bad(
        "a named pipe for an optional file",
        f"{LEAVES_GOOD_FILE}; os.mkfifo('data/leaderboard-vision.json')",
        ("data/leaderboard-vision.json", "not a regular file"),
    ),
    Bad(
        "a folder",
        "Path('data/leaderboard-text.json').mkdir()",
        ("data/leaderboard-text.json", "not a regular file"),
    ),
    Bad(
        "a file larger than any leaderboard",
        f"{LEAVES_GOOD_FILE}; os.truncate('data/leaderboard-text.json', 65 << 20)",
        ("data/leaderboard-text.json", "64 MiB"),
    ),
]


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.name)
def test_a_run_that_goes_wrong_is_refused_whole_and_the_stored_snapshot_answers(
    arena: Arena, use_script: UseScript, log: Log, bad: Bad
) -> None:
    arena.seed(days=3)
    before = arena.db.read_bytes()
    script = use_script(bad.body)
    assert {name: model.rating for name, model in load_arena_models().items()} == STORED_RATINGS
    warning = log.only("WARNING")
    for part in (*bad.reasons, "3 days old"):
        assert part in warning
    assert warning.isprintable()
    assert script.runs == 1
    assert arena.db.read_bytes() == before
    assert arena.left_behind() == set()


@pytest.mark.skipif(not hasattr(signal, "SIGRTMIN"), reason="this system's signals all have names")
def test_a_script_that_is_ended_by_a_signal_without_a_name_is_refused(arena: Arena, use_script: UseScript) -> None:
    script = use_script(f"{LEAVES_GOOD_FILE}; os.kill(os.getpid(), {signal.SIGRTMIN + 6})")
    with pytest.raises(RefreshError, match=f"signal {signal.SIGRTMIN + 6}"):
        refresh_arena()
    assert script.runs == 1
    assert arena.left_behind() == set()


@pytest.mark.parametrize("name", ["no file", "truncated JSON", "good file, exit 1"])
def test_without_a_store_a_run_that_goes_wrong_makes_none(
    arena: Arena, use_script: UseScript, log: Log, name: str
) -> None:
    (bad,) = (bad for bad in BAD if bad.name == name)
    script = use_script(bad.body)
    assert load_arena_models() == {}
    error = log.only("ERROR")
    assert all(part in error for part in bad.reasons)
    assert script.runs == 1
    assert not arena.db.exists()
    assert arena.left_behind() == set()


def test_a_missing_script_is_a_failure_that_names_it(arena: Arena, monkeypatch: pytest.MonkeyPatch, log: Log) -> None:
    arena.seed(days=3)
    before = arena.db.read_bytes()
    monkeypatch.setenv("LLMHUB_ARENA_SCRIPT", str(arena.folder / "no-such-script.py"))
    assert {name: model.rating for name, model in load_arena_models().items()} == STORED_RATINGS
    warning = log.only("WARNING")
    assert "no-such-script.py is missing" in warning
    assert "LLMHUB_ARENA_SCRIPT" in warning
    assert arena.db.read_bytes() == before


def test_what_a_script_leaves_beside_the_named_files_is_ignored_and_goes_with_its_run(
    arena: Arena, use_script: UseScript
) -> None:
    script = use_script(
        f"{LEAVES_GOOD_FILE}; leave('notes.json', 'no JSON'); Path('results.pkl').write_bytes(b'x'); "
        "Path(os.environ['TMPDIR'], 'download').mkdir(); Path('data/deep').mkdir(); "
        "Path('data/deep/link').symlink_to('/')"
    )
    refreshed = refresh_arena()
    assert (refreshed.ran, script.runs) == (True, 1)
    assert dict(refreshed.snapshot.leaderboards) == {"text": None}
    assert arena.left_behind() == set()


# -- scripts that hang


def _assert_killed(script: UpdateScript, arena: Arena) -> None:
    pids = [int(text) for text in (*script.wait_for("hangs"), *script.wait_for("grandchild-*", len(HANGING)))]
    try:
        wait_until_gone(pids)
    finally:
        end(pids)
    assert script.runs == 1
    assert arena.left_behind() == set()


HANGING = (IN_GROUP, OWN_SESSION, WITHOUT_ENVIRONMENT)
HANGS_WITH_GRANDCHILDREN = f"{starts_grandchildren(*HANGING)}; {HANGS}"


def test_a_script_that_hangs_is_killed_at_the_timeout_with_all_that_it_started(
    arena: Arena, use_script: UseScript, monkeypatch: pytest.MonkeyPatch, log: Log
) -> None:
    arena.seed(days=3)
    before = arena.db.read_bytes()
    monkeypatch.setenv("LLMHUB_ARENA_TIMEOUT", "2")
    script = use_script(HANGS_WITH_GRANDCHILDREN)
    assert {name: model.rating for name, model in load_arena_models().items()} == STORED_RATINGS
    assert "was killed: it had not ended after 2 s (LLMHUB_ARENA_TIMEOUT)" in log.only("WARNING")
    assert arena.db.read_bytes() == before
    _assert_killed(script, arena)


def test_a_script_that_hangs_while_time_stands_still_is_killed_at_the_timeout(
    arena: Arena, use_script: UseScript, monkeypatch: pytest.MonkeyPatch, log: Log, freeze_either_way: Freeze
) -> None:
    monkeypatch.setenv("LLMHUB_ARENA_TIMEOUT", "2")
    script = use_script(HANGS_WITH_GRANDCHILDREN)
    with freeze_either_way(NOON):
        assert load_arena_models() == {}
    assert "killed" in log.only("ERROR")
    _assert_killed(script, arena)


@pytest.mark.parametrize("code", [0, 1])
def test_what_a_script_that_has_ended_left_running_is_killed(arena: Arena, use_script: UseScript, code: int) -> None:
    script = use_script(f"{starts_grandchildren(IN_GROUP, OWN_SESSION)}; {LEAVES_GOOD_FILE}; sys.exit({code})")
    if code:
        with pytest.raises(RefreshError, match="exited with 1"):
            refresh_arena()
    else:
        assert refresh_arena().ran
    pids = [int(text) for text in script.wait_for("grandchild-*", 2)]
    try:
        wait_until_gone(pids)
    finally:
        end(pids)
    assert arena.left_behind() == set()


# -- what is said of it


@pytest.mark.parametrize(
    "said",
    [
        b"error: \xff\xfe bad \x1b[31mred\x1b[0m \x1b]0;title\x07 \xe2\x80\xae evil\r over\x00",
        b"[bold]x[/bold]\x9b31m",
    ],
)
def test_what_a_script_says_is_harmless_wherever_it_is_shown(
    arena: Arena, use_script: UseScript, log: Log, said: bytes
) -> None:
    use_script(f"sys.stderr.buffer.write({said!r} + b'\\n'); sys.exit(1)")
    told = Told()
    with pytest.raises(RefreshError) as raised, shown_by(told):
        refresh_arena()
    lines = told.said["running the update script"]
    assert load_arena_models() == {}
    failure = arena_status().last_failure
    assert failure is not None
    for text in (str(raised.value), log.only("ERROR"), failure.reason, *lines):
        assert text.isprintable()
    assert len(lines) == 1
    assert json.loads((arena.folder / "refresh-failure.json").read_text())["reason"] == failure.reason


def test_a_failure_that_cannot_be_written_down_is_told_and_leaves_nothing(
    arena: Arena, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLMHUB_ARENA_SCRIPT", "/nowhere/update.py")
    code = """
    from llmhub.catalog.arena_source import refresh_arena
    from llmhub.errors import RefreshError
    try:
        refresh_arena()
    except RefreshError as error:
        print(error)
    """
    expected = f"no folder for a run can be made in {arena.folder}: File too large: make room, and try again"
    assert run_limited(0, code) == expected
    assert arena.names() == {"refresh.lock"}

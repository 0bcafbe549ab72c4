"""Real processes that find the store stale at once, and refreshes that are killed; tests/faults has 32 at once."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from llmhub.catalog.arena_source import load_arena_models, refresh_arena
from tests.catalog.conftest import STORED_RATINGS, Arena, UseScript
from tests.support.made_up.scripts import (
    GOOD_RATINGS,
    HANGS,
    IN_GROUP,
    LEAVES_GOOD_FILE,
    OWN_SESSION,
    PATIENCE_SECONDS,
    UpdateScript,
    end,
    is_alive,
    starts_grandchildren,
    wait_until_gone,
)
from tests.support.processes.children import forked_python
from tests.support.processes.forked import Piped

# Asks as the first argument says; leaves the note waits-PID in the second one's folder once it waits on the lock.
_CALLER = """
import json, logging, os, sys
from pathlib import Path
from llmhub.catalog import arena_source
from llmhub.catalog.arena_source import load_arena_models, refresh_arena

# On a busy machine the others may take longer than who has an answer waits; test_waiting.py is about that.
arena_source.SECONDS_TO_AN_ANSWER = 60.0

class Said(logging.Handler):
    def emit(self, record):
        if record.name.startswith("llmhub"):
            said.append([record.levelname, record.getMessage()])
        elif "not acquired" in record.getMessage():
            (Path(sys.argv[2]) / f"waits-{os.getpid()}").touch()

said = []
logging.getLogger("llmhub").addHandler(Said())
logging.getLogger("filelock").addHandler(Said())
logging.getLogger("filelock").setLevel(logging.DEBUG)
ran = None
if sys.argv[1] != "load":
    ran = refresh_arena(force=sys.argv[1] == "force").ran
models = {name: model.model_dump() for name, model in load_arena_models().items()}
print(json.dumps({"models": models, "said": said, "ran": ran}))
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one process got."""

    models: dict[str, dict[str, Any]]
    said: list[list[str]]
    ran: bool | None

    @property
    def ratings(self) -> dict[str, float]:
        return {name: model["rating"] for name, model in self.models.items()}


@contextmanager
def callers(count: int, script: UpdateScript, ask: str = "load") -> Iterator[list[Piped]]:
    """Start processes that ask for the models; none outlives the block."""
    with ExitStack() as alive:
        yield [alive.enter_context(forked_python(_CALLER, ask, script.notes)) for _ in range(count)]


def answers(children: list[Piped]) -> list[Answer]:
    """Wait for the processes and return what each got."""
    outputs = [child.communicate(timeout=2 * PATIENCE_SECONDS) for child in children]
    assert [errors for _, errors in outputs] == [""] * len(children)
    return [Answer(**json.loads(output)) for output, _ in outputs]


def race(count: int, script: UpdateScript, ask: str = "load") -> list[Answer]:
    """Let processes ask; the script, which waits for the note `all-wait`, ends when all the others wait for it."""
    with callers(count, script, ask) as children:
        script.wait_for("run-*")
        script.wait_for("waits-*", count - 1)
        script.leave("all-wait")
        return answers(children)


def test_an_earlier_failure_keeps_no_process_from_running_the_script(arena: Arena, use_script: UseScript) -> None:
    arena.seed(days=2)
    script = use_script("(NOTES / 'all-wait').exists() or sys.exit('error: no luck'); " + LEAVES_GOOD_FILE)
    load_arena_models()
    assert script.runs == 1
    script.leave("all-wait")
    with callers(2, script) as children:
        assert [answer.ratings for answer in answers(children)] == [GOOD_RATINGS] * 2
    assert script.runs == 2


def test_refreshes_forced_at_once_share_one_run_of_a_fresh_store(arena: Arena, use_script: UseScript) -> None:
    arena.seed(hours=1)
    script = use_script(f"wait_for('all-wait'); {LEAVES_GOOD_FILE}")
    found = race(3, script, "force")
    assert sorted(answer.ran is True for answer in found) == [False, False, True]
    assert [answer.ratings for answer in found] == [GOOD_RATINGS] * 3
    assert script.runs == 1
    assert len(arena.snapshots()) == 2


def test_readers_of_a_fresh_store_do_not_wait_for_a_forced_run(arena: Arena, use_script: UseScript) -> None:
    arena.seed(hours=1)
    script = use_script(f"note('under-way'); wait_for('read'); {LEAVES_GOOD_FILE}")
    with callers(1, script, "force") as forcing:
        script.wait_for("under-way")
        with callers(2, script) as reading:
            assert [answer.ratings for answer in answers(reading)] == [STORED_RATINGS] * 2
        script.leave("read")
        (forced,) = answers(forcing)
    assert forced.ratings == GOOD_RATINGS
    assert script.runs == 1


# -- refreshes that are killed


def test_after_a_refresh_that_was_killed_the_next_one_ends_its_children_clears_up_and_succeeds(
    arena: Arena, use_script: UseScript
) -> None:
    hangs = f"{starts_grandchildren(IN_GROUP, OWN_SESSION)}; {HANGS}"
    script = use_script(f"if not (NOTES / 'works').exists(): {hangs}\n{LEAVES_GOOD_FILE}")
    with callers(1, script) as children:
        left = [int(text) for text in (*script.wait_for("hangs"), *script.wait_for("grandchild-*", 2))]
        children[0].kill()
        children[0].wait()
    try:
        assert all(is_alive(pid) for pid in left)
        assert any(name.startswith(".llmhub-run-") for name in arena.names())
        script.leave("works")
        assert refresh_arena().ran
        wait_until_gone(left)
    finally:
        end(left)
    assert {name: model.rating for name, model in load_arena_models().items()} == GOOD_RATINGS
    assert script.runs == 2
    assert arena.left_behind() == set()


def test_a_process_that_waits_for_one_that_is_killed_runs_the_script_itself(
    arena: Arena, use_script: UseScript
) -> None:
    script = use_script(f"(NOTES / 'works').exists() or (note('hangs'), time.sleep(600)); {LEAVES_GOOD_FILE}")
    with callers(1, script) as first:
        script.wait_for("hangs")
        with callers(1, script) as second:
            script.wait_for("waits-*")
            script.leave("works")
            first[0].kill()
            (answer,) = answers(second)
    assert answer.ratings == GOOD_RATINGS
    assert answer.said == []
    assert script.runs == 2
    wait_until_gone(script.pids)
    assert arena.left_behind() == set()


def test_a_run_of_another_store_is_left_alone(
    arena: Arena, use_script: UseScript, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLMHUB_ARENA_CACHE_DIR", str(tmp_path / "other"))
    script = use_script(
        f"if not Path.cwd().is_relative_to({str(arena.folder)!r}): note('under-way'); wait_for('done')\n"
        + LEAVES_GOOD_FILE
    )
    with callers(1, script) as other:
        script.wait_for("under-way")
        monkeypatch.delenv("LLMHUB_ARENA_CACHE_DIR")
        assert refresh_arena().ran
        script.leave("done")
        (answer,) = answers(other)
    assert answer.ratings == GOOD_RATINGS
    assert answer.said == []
    assert script.runs == 2

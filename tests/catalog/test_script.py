"""The update script's runner, through the policy: real scripts in real child processes."""

from __future__ import annotations

import json
import stat
import threading
from pathlib import Path

import pytest

from llmhub.catalog.arena_source import load_arena_models
from tests.catalog.conftest import Arena, UseScript
from tests.support.made_up.scripts import GOOD_RATINGS, LEAVES_GOOD_FILE


def ratings() -> dict[str, float]:
    return {name: model.rating for name, model in load_arena_models().items()}


def test_the_script_sees_what_a_download_needs_and_no_secret(
    arena: Arena, use_script: UseScript, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "HF_TOKEN", "AWS_SECRET_ACCESS_KEY", "PYTHONPATH", "MY_SECRET")
    needed = ("LC_ALL", "HTTPS_PROXY", "no_proxy", "SSL_CERT_FILE", "LLMHUB_ARENA_SOURCE_URL")
    for name in (*secrets, *needed):
        monkeypatch.setenv(name, "C.UTF-8" if name == "LC_ALL" else f"/canary-{name}")
    script = use_script(
        "note('seen', json.dumps([dict(os.environ), os.getpgid(0) == os.getpid(), os.stat('.').st_mode, "
        f"sys.stdin.read(), os.getcwd()])); {LEAVES_GOOD_FILE}"
    )
    assert ratings() == GOOD_RATINGS
    environment, leads_group, mode, given, folder = json.loads(script.wait_for("seen")[0])
    assert not set(secrets) & environment.keys()
    assert "LLMHUB_CONFIG_DIR" not in environment
    assert set(needed) | {"PATH", "HOME"} <= environment.keys()
    assert leads_group
    assert (stat.S_IMODE(mode), given) == (0o700, "")
    assert Path(folder).parents[1] == arena.folder
    assert not Path(folder).exists()


def test_no_thread_goes_on_after_a_run(use_script: UseScript) -> None:
    before = threading.active_count()
    use_script(LEAVES_GOOD_FILE)
    assert ratings() == GOOD_RATINGS
    assert threading.active_count() <= before

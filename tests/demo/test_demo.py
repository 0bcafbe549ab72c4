from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Llmhub


def test_the_demo_shows_history_diff_and_board_the_same_each_time_and_leaves_nothing(
    llmhub: Llmhub, home: Path, tmp_path: Path
) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    awkward = {"LLMHUB_OFFLINE": "1", "HTTP_PROXY": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9"}
    runs = [llmhub("demo", TMPDIR=str(temporary), **variables) for variables in ({}, awkward)]
    for run in runs:
        assert (run.returncode, run.stderr) == (0, "")
    shown = runs[0].stdout
    assert shown == runs[1].stdout
    for part in ("MADE UP", "$ llmhub arena history", "$ llmhub arena diff", "$ llmhub arena show", "renamed (1)"):
        assert part in shown
    assert "scale shift +20.0" in shown
    assert shown.rstrip().endswith("llmhub arena status")
    assert list(temporary.iterdir()) == []
    assert not (home / "llmhub").exists()


def test_the_demo_needs_no_connection_but_loopback() -> None:
    alone = ["unshare", "--net", "--map-root-user", "sh", "-c"]
    probe = subprocess.run([*alone, "ip link set lo up"], capture_output=True, check=False)
    if probe.returncode:
        pytest.skip("this system makes no network namespace for a test (unshare --net, ip)")
    command = f"ip link set lo up && exec {sys.executable} -m llmhub demo"
    run = subprocess.run([*alone, command], capture_output=True, text=True, check=False, env=dict(os.environ))
    assert (run.returncode, run.stderr) == (0, "")
    assert "text / overall: 8 models" in run.stdout

"""The real command in this process, for cases too many to start one each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from llmhub.cli import main

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(capfd: pytest.CaptureFixture[str]) -> Command:
    """Return a function that runs a command in this process: exit code, stdout and stderr."""

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(list(map(str, arguments)))
        out, err = capfd.readouterr()
        return int(ended.value.code or 0), out, err

    return run

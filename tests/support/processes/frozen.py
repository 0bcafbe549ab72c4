"""Run the `llmhub` command at several moments, in one forked process with a frozen clock.

One process serves all moments, because freezing the clock takes freezegun a look at every module.
"""

from __future__ import annotations

import json
import sys
from contextlib import redirect_stdout
from io import StringIO

import freezegun

from llmhub.cli import main as llmhub


def main(moments: str, *arguments: str) -> None:
    """Run a command at each moment, and print a JSON list of the exit codes and outputs.

    Args:
        moments: the moments, separated by commas: a `tests.support.processes.forks.Job` takes only texts.
        arguments: the command's arguments.
    """
    found = []
    first, *others = moments.split(",")
    with freezegun.freeze_time(first, ignore=["filelock", "subprocess"]) as clock:
        for moment in (first, *others):
            clock.move_to(moment)
            with redirect_stdout(StringIO()) as said:
                try:
                    llmhub(list(arguments))
                except SystemExit as ended:
                    found.append((ended.code, said.getvalue()))
    json.dump(found, sys.stdout)

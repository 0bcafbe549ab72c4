"""Run the `llmhub` command at several moments, in one forked process whose clock stands still.

Once, because to freeze the clock freezegun looks through every module of the process.
"""

from __future__ import annotations

import json
import sys
from contextlib import redirect_stdout
from io import StringIO

import freezegun

from llmhub.cli import main as llmhub


def main(moments: str, *arguments: str) -> None:
    """Run a command at each of these moments, with commas between; for `tests.support.forks.Job`.

    Prints a JSON list of the exit code and the output of each.
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

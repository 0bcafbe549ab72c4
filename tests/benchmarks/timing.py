"""Two things timed against each other in one run, so that what else the machine does falls on both."""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter

Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Ratio:
    """How long the one took, and how long what it is compared with: the shortest times, in seconds."""

    ours: float
    theirs: float

    @property
    def value(self) -> float:
        """Return ours as a multiple of theirs."""
        return self.ours / self.theirs


def compare(ours: Work, theirs: Work, *, rounds: int, prepare: Work = lambda: None) -> Ratio:
    """Time two pieces of work in turn, after one round that does not count.

    Args:
        ours: what is measured.
        theirs: what it is measured against.
        rounds: how often each is timed; the shortest times are returned, which other processes disturbed least.
        prepare: is called before each of them, and not timed.
    """
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds + 1):
        # Which goes first alternates, in case the first leaves something behind that the second profits from.
        order = (0, 1) if number % 2 else (1, 0)
        for which in order:
            prepare()
            gc.collect()
            gc.disable()
            begun = perf_counter()
            (ours, theirs)[which]()
            taken = perf_counter() - begun
            gc.enable()
            if number:
                times[which].append(taken)
    return Ratio(min(times[0]), min(times[1]))


def process(command: Sequence[str], environment: dict[str, str]) -> Work:
    """Return the work of running a command to its end; it must exit with 0.

    Compiled modules are kept, as wherever llmhub is installed.
    """
    kept = {name: value for name, value in environment.items() if name != "PYTHONDONTWRITEBYTECODE"}

    def run() -> None:
        subprocess.run(command, env=kept, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)

    return run


# Between this process and the one that is measured: Linux counts a child's memory from its parent's at its start.
_MEASURE = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def peak(command: Sequence[str], environment: dict[str, str]) -> float:
    """Return the most memory, in MB, that a command or one of its children takes; it must exit with 0."""
    measured = [sys.executable, "-c", _MEASURE, *command]
    done = subprocess.run(measured, env=environment, capture_output=True, text=True, check=True)
    # Linux counts kilobytes, macOS bytes.
    return int(done.stdout) / (1024**2 if sys.platform == "darwin" else 1024)

"""Every reading command against a ten-line click program, in a place with a year of prices: see `a_year`.

What is compared is processor time, user and system, as other processes disturb it least. `arena verify` and `doctor`
are not among the commands: they examine everything.
"""

from __future__ import annotations

import os
import pty
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.a_year import make_place
from tests.benchmarks.cases import TEN_LINES, Result

_ROUNDS = 7
_FEW, _MANY = 8, 476
_MOST_MEGABYTES = 120

_JSON, _TERMINAL = 3.0, 5.0
# What looks through the whole past, or prints thousands of lines, has targets of its own.
_OTHER_TARGETS: Mapping[str, tuple[float, float]] = {
    "catalog retirements": (5.5, 5.5),
    "catalog retirements --mine": (5.5, 5.5),
    "catalog show --all": (11, 12),
    "catalog show --all --top 5": (6.5, 6.5),
    "catalog cost --quality 1 --input 10M": (4.5, 5),
    "catalog show --at 2026-03-01": (12, 12),
}
_COMMANDS = """
arena status
arena history
arena history gpt-4.1-2025-04-14
arena show
arena diff
arena diff 2025-03-07 latest --all
arena movers 2025-03-07
catalog show
catalog show --quality 2 --can tools --max-price 5
catalog show --one-each
catalog show --all
catalog show --all --top 5
catalog show --at 2026-03-01
catalog pick --quality 2
catalog explain openai/gpt-4.1
catalog explain google/gemini-2.5-pro
catalog providers
catalog diff
catalog diff 30d latest
catalog history openai/gpt-4.1
catalog compare openai/gpt-4.1 openai/gpt-4.1-mini
catalog cost openai/gpt-4.1 --input 10M
catalog cost --quality 1 --input 10M
catalog retirements
catalog retirements --mine
"""


@dataclass(slots=True)
class _Measured:
    """The least processor time of a command in seconds, and the most memory in MB."""

    seconds: float = float("inf")
    megabytes: float = 0.0


def reading_results(folder: Path) -> Iterator[Result]:
    """Measure in an empty folder, with 8 and with 476 models that can be called."""
    for models in (_FEW, _MANY):
        yield from _results(folder / str(models), models)


def _results(folder: Path, models: int) -> Iterator[Result]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LLMHUB_", "PYTHON"))}
    environment = kept | make_place(folder, models) | {"COLUMNS": "100", "TERM": "xterm"}
    program = folder / "greet.py"
    program.write_text(TEN_LINES)
    llmhub = str(Path(sys.executable).with_name("llmhub"))
    click = ("click", "")
    commands = {click: [sys.executable, str(program), "--help"], ("--help", ""): [llmhub, "--help"]}
    for line in _COMMANDS.split("\n")[1:-1]:
        commands[line, "--json"] = [llmhub, *line.split(), "--json"]
        commands[line, "terminal"] = [llmhub, "--no-pager", *line.split()]
    found = {name: _Measured() for name in commands}
    for number in range(_ROUNDS + 1):
        for name in list(commands)[:: 1 if number % 2 else -1]:
            seconds, megabytes = _used(commands[name], environment, terminal=name[1] == "terminal")
            if number:
                found[name].seconds = min(found[name].seconds, seconds)
            found[name].megabytes = max(found[name].megabytes, megabytes)
    base = found.pop(click).seconds
    for (line, form), measured in found.items():
        most = 1.2 if line == "--help" else _OTHER_TARGETS.get(line, (_JSON, _TERMINAL))[form == "terminal"]
        ratio = measured.seconds / base
        detail = f"{measured.seconds * 1000:.0f} ms against {base * 1000:.0f} ms; {measured.megabytes:.0f} MB"
        yield Result(f"{models}: {line} {form}", f"{ratio:.2f}", f"at most {most:g}", ratio <= most, detail)
    largest = max(found.items(), key=lambda one: one[1].megabytes)
    yield Result(
        f"{models}: most memory of a reading command, MB",
        f"{largest[1].megabytes:.0f}",
        f"under {_MOST_MEGABYTES}",
        largest[1].megabytes < _MOST_MEGABYTES,
        " ".join(largest[0]),
    )


def _used(command: list[str], environment: Mapping[str, str], *, terminal: bool) -> tuple[float, float]:
    """Run a command, on a terminal or without one; return its processor time in seconds and its memory in MB.

    Raises:
        RuntimeError: it failed.
    """
    if terminal:
        child, screen = pty.fork()
        if not child:
            os.execve(command[0], command, environment)  # noqa: S606 -- the command that is measured
        try:
            while os.read(screen, 65536):
                pass
        except OSError:
            # The end of a terminal whose program has ended.
            pass
        os.close(screen)
    else:
        to_nothing = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in (0, 1, 2)]
        child = os.posix_spawn(command[0], command, environment, file_actions=to_nothing)
    _, ended, usage = os.wait4(child, 0)
    if os.waitstatus_to_exitcode(ended):
        raise RuntimeError(f"{' '.join(command)} exited with {os.waitstatus_to_exitcode(ended)}")
    # Linux counts kilobytes, macOS bytes.
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024)

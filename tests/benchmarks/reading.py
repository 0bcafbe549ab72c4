"""Every reading command against a ten-line click program, in a place with a year of prices: see `a_year`.

What is compared is processor time, user and system, as other processes disturb it least. `arena verify` and `doctor`
are not among the commands: they examine everything.
"""

from __future__ import annotations

import os
import pty
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.benchmarks.a_year import make_place
from tests.benchmarks.cases import TEN_LINES, Result
from tests.benchmarks.timing import peak

_ROUNDS = 5
_FEW, _MANY = 8, 476
_MOST_MEGABYTES = 120

_JSON, _TERMINAL = 3.0, 5.0
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
catalog show --at 2026-03-01 --all
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
    least = dict.fromkeys(commands, float("inf"))
    for number in range(_ROUNDS + 1):
        for name in list(commands)[:: 1 if number % 2 else -1]:
            seconds = _used(commands[name], environment, terminal=name[1] == "terminal")
            if number:
                least[name] = min(least[name], seconds)
    base = least.pop(click)
    for (line, form), seconds in least.items():
        most = 1.2 if line == "--help" else (_JSON, _TERMINAL)[form == "terminal"]
        detail = f"{seconds * 1000:.0f} ms against {base * 1000:.0f} ms"
        yield Result(
            f"{models}: {line} {form}", f"{seconds / base:.2f}", f"at most {most:g}", seconds <= most * base, detail
        )
    yield _memory(f"{models}: most memory of a reading command, MB", commands, environment)


def _memory(what: str, commands: Mapping[tuple[str, str], list[str]], environment: dict[str, str]) -> Result:
    taken = {line: peak(command, environment) for (line, form), command in commands.items() if form == "--json"}
    line = max(taken, key=lambda line: taken[line])
    return Result(what, f"{taken[line]:.0f}", f"under {_MOST_MEGABYTES}", taken[line] < _MOST_MEGABYTES, line)


def _used(command: list[str], environment: Mapping[str, str], *, terminal: bool) -> float:
    """Run a command, on a terminal or without one, and return its processor time in seconds.

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
    return usage.ru_utime + usage.ru_stime

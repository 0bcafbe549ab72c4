"""Show long output of a command in a pager, as git does, where standard output is a terminal."""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

import click

from llmhub import settings

_OFF = f"{__name__}.off"
_STYLE = "\x1b["


def switch_off(context: click.Context, _: click.Parameter, value: bool) -> None:  # noqa: FBT001 -- click's signature
    """Do what `--no-pager` in front of a command says."""
    if value:
        context.meta[_OFF] = True


def page_unless_off(context: click.Context, _: click.Parameter, value: bool) -> None:  # noqa: FBT001 -- the same
    """Page what the command prints, unless `--no-pager` is given, here or in front of the command."""
    if value or _OFF in context.meta or context.resilient_parsing:
        return
    # What looks for a pager imports much: only output on a terminal pays for it.
    if sys.stdout is not None and sys.stdout.isatty() and (words := pager()):
        context.with_resource(_paged(words))


def pager() -> list[str]:
    """Return the words of the pager's command line; none where the user wants none, or there is none."""
    import shlex
    from shutil import which

    asked = settings.pager()
    if os.environ.get("TERM", "dumb") == "dumb" or asked in {"", "cat"}:
        return []
    try:
        words = shlex.split("less" if asked is None else asked)
    except ValueError:
        # A quotation mark without its end: print without a pager.
        return []
    return words if words and which(words[0]) else []


class _TerminalBuffer(io.BytesIO):
    """Collects what a command prints on a terminal."""

    def isatty(self) -> bool:
        return True


@contextmanager
def _paged(words: Sequence[str]) -> Iterator[None]:
    """Collect what is printed in the block, and show it in the pager if the terminal is too low for it."""
    terminal = sys.stdout
    collected = _TerminalBuffer()
    sys.stdout = io.TextIOWrapper(collected, encoding=terminal.encoding, errors=terminal.errors, write_through=True)
    try:
        yield
    finally:
        sys.stdout.flush()
        text = collected.getvalue().decode(terminal.encoding, terminal.errors or "strict")
        sys.stdout = terminal
        if not _is_long(text) or not _shown_in(words, text):
            terminal.write(text)
            terminal.flush()


def _is_long(text: str) -> bool:
    """Say whether a text takes more lines than the terminal has, beside the one of the next prompt."""
    from shutil import get_terminal_size

    from llmhub.cli.screen.layout import text_width

    size = get_terminal_size()
    lines = (click.unstyle(line) if _STYLE in line else line for line in text.splitlines())
    return sum(max(1, -(-text_width(line) // size.columns)) for line in lines) >= size.lines


def _shown_in(words: Sequence[str], text: str) -> bool:
    """Show a text in the pager until the user leaves it, and say whether it could be started."""
    import subprocess

    # less leaves at once where all fits, keeps styles, and leaves the text on the screen.
    environment = {"LESS": "FRX", "LV": "-c", **os.environ}
    try:
        process = subprocess.Popen(words, stdin=subprocess.PIPE, env=environment)  # noqa: S603 -- the user's own choice
    except OSError:
        return False
    # Ctrl-C is for the pager, which goes on.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with suppress(OSError):
            process.communicate(text.encode(sys.stdout.encoding, "backslashreplace"))
        process.wait()
    finally:
        signal.signal(signal.SIGINT, before)
    return True

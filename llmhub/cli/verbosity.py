"""The options --quiet and --verbose of every command, and log messages on the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from llmhub.cli.terminal import say
from llmhub.errors import printable

if TYPE_CHECKING:
    import logging

_CHOSEN = f"{__name__}.chosen"
_PARTS = f"{__name__}.parts"


def is_quiet() -> bool:
    """Say whether the running command has --quiet."""
    context = click.get_current_context(silent=True)
    return context is not None and context.meta.get(_CHOSEN) == "quiet"


@contextmanager
def errors_as_warnings() -> Iterator[None]:
    """Show the library's errors as warnings in the block: the command goes on without a part of its result."""
    meta = click.get_current_context().meta
    meta[_PARTS] = True
    try:
        yield
    finally:
        del meta[_PARTS]


def add_options(command: click.Command) -> None:
    """Give a command --quiet and --verbose, unless it has them."""
    if any(parameter.name == "quiet" for parameter in command.params):
        return
    about = {
        "quiet": "Only results, warnings and errors.",
        "verbose": "Say on stderr what is done, and how long it takes.",
    }
    command.params += [
        click.Option([f"-{name[0]}", f"--{name}"], is_flag=True, expose_value=False, callback=_choose, help=text)
        for name, text in about.items()
    ]


def _choose(context: click.Context, option: click.Parameter, value: bool) -> None:  # noqa: FBT001 -- click's signature
    if not value or context.resilient_parsing:
        return
    if context.meta.setdefault(_CHOSEN, option.name) != option.name:
        raise click.UsageError("--quiet and --verbose exclude each other: give one of them", context)
    show_log_messages(context)


def show_log_messages(context: click.Context) -> None:
    """Print the library's warnings and errors on stderr, one harmless line each; with --verbose all it logs."""
    import logging

    class OneLine(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            text = printable(record.getMessage())
            if record.levelno < logging.WARNING:
                text = f"[{record.relativeCreated / 1000:.3f} s] {text}"
            level = (
                "warning" if record.levelno >= logging.ERROR and _PARTS in context.meta else record.levelname.lower()
            )
            say(f"{level}: {text}")

    level = logging.DEBUG if context.meta.get(_CHOSEN) == "verbose" else logging.WARNING
    logger: logging.Logger = logging.getLogger("llmhub")
    logger.handlers[:] = [OneLine(level)]
    logger.setLevel(level)
    logger.propagate = False

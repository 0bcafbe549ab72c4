"""The command line: parses, calls, renders; what it shows is decided elsewhere.

Every command imports what it needs when it runs, so that `llmhub --help` starts as fast as click itself.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from types import FrameType
from typing import NoReturn

import click

from llmhub.cli import streams
from llmhub.cli.groups import Group, Lazy
from llmhub.cli.help_texts import add_help
from llmhub.cli.verbosity import add_options, show_log_messages
from llmhub.errors import InvalidPolicyError, InvalidReferenceError, LlmhubError, NotFoundError, printable
from llmhub.memory import REMEDY, WHAT, is_little_memory

FAILED, WRONG_USAGE, INTERRUPTED = 1, 2, 130

_PROGRAM = "llmhub"

COMMANDS = {
    "arena": Lazy("llmhub.cli.arena:arena", "LMArena's leaderboards, with history and diffs."),
    "audit": Lazy(
        "llmhub.cli.audit:audit", "Find model ids in code and configuration, and say what is wrong with them."
    ),
    "catalog": Lazy("llmhub.cli.catalog:catalog", "The models that you can call: price, rating, tiers, and why."),
    "completion": Lazy("llmhub.cli.completion:completion", "Print the script that completes commands in a shell."),
    "demo": Lazy("llmhub.cli.demo:demo", "Show it all on made-up data, without network."),
    "doctor": Lazy("llmhub.cli.doctor:doctor", "Look at all that llmhub rests on, and say what to do."),
    "remote": Lazy("llmhub.cli.remote:remote", "A store that a team shares, in PostgreSQL or as a whole file."),
    "report": Lazy("llmhub.cli.report:report", "Write a site to look at and to send: board, models, prices, changes."),
}


def _print_version(context: click.Context, _: click.Parameter, value: bool) -> None:  # noqa: FBT001 -- click's signature
    if value and not context.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"llmhub {version('llmhub-catalog')}")
        context.exit()


def _without_pager(context: click.Context, option: click.Parameter, value: bool) -> None:  # noqa: FBT001 -- the same
    if value:
        from llmhub.cli.screen.pager import switch_off

        switch_off(context, option, value)


class _Root(Group):
    """The whole program."""

    def invoke(self, ctx: click.Context) -> object:
        """Run a command; an interrupt is told by `main`, without the empty line that click says first."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise click.Abort from None


@click.group(
    cls=_Root, lazy=COMMANDS, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.option(
    "--version", is_flag=True, callback=_print_version, expose_value=False, is_eager=True, help="Show the version."
)
@click.option("--no-pager", is_flag=True, expose_value=False, callback=_without_pager, help="Print without a pager.")
@click.pass_context
def cli(context: click.Context) -> None:
    """Which language models can you call, how good are they, and what changed?

    Exit codes: 0 done, 1 failed, 2 wrong usage (an unknown snapshot, model or board too), 3 findings, 130
    interrupted. LLMHUB_DEBUG=1 shows a traceback with an error.
    """
    if os.environ.get("NO_COLOR"):
        context.color = False
    show_log_messages(context)


add_help(cli)
add_options(cli)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the `llmhub` command and exit with its code; an error is one line on stderr."""
    streams.prepare()
    # A build that is cancelled is interrupted: without this, the update script would go on for minutes.
    signal.signal(signal.SIGTERM, _interrupt)
    # Not where whoever started the process wants no Ctrl-C heard.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupt)
    try:
        code = _run(arguments)
        if (lost := streams.lost()) is not None:
            code = _told_of_output(lost)
    except (KeyboardInterrupt, click.Abort) as error:
        _end_interrupted(error)
    except Exception as error:  # noqa: BLE001 -- all that goes wrong ends here, as one line
        # Libraries that are interrupted at work can make another error of it.
        if _heard:
            _end_interrupted(error)
        # Whatever the command made of it, lost output is what went wrong.
        lost = streams.lost()
        code = _told(error) if lost is None else _told_of_output(lost)
    sys.exit(code)


_heard: list[int] = []
"""The signals that told the process to end."""


def _interrupt(number: int, _: FrameType | None) -> None:
    _heard.append(number)
    raise KeyboardInterrupt


def _told_of_output(lost: OSError) -> int:
    """Say that output is lost, and return the exit code; that nobody reads it any more is no failure."""
    if isinstance(lost, BrokenPipeError):
        return 0
    _say(streams.why(lost))
    return FAILED


def _told(error: Exception) -> int:
    """Say on stderr why a command failed, and return its exit code.

    Raises:
        Exception: the error itself, if nobody has foreseen it and LLMHUB_DEBUG asks for its traceback.
    """
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message(), err=True)
        return error.exit_code
    if isinstance(error, click.ClickException):
        _say(_usage_line(error))
        return error.exit_code
    if is_little_memory(error):
        _say(f"{WHAT}: {REMEDY}")
        return FAILED
    if isinstance(error, NotFoundError | InvalidReferenceError | InvalidPolicyError):
        _say(str(error))
        return WRONG_USAGE
    if isinstance(error, LlmhubError):
        _say(str(error))
    elif isinstance(error, OSError):
        from llmhub.settings import CURRENT_FOLDER_IS_GONE

        _say(CURRENT_FOLDER_IS_GONE if _nowhere() else f"the operating system reports {error}")
    elif _debugging():
        raise error
    else:
        _say(f"internal error: {type(error).__name__}: {error} (please report it, with what LLMHUB_DEBUG=1 shows)")
    return FAILED


def _nowhere() -> bool:
    """Say whether the folder that this process is in was removed."""
    try:
        os.getcwd()  # noqa: PTH109 -- asks the system, and gives no path that anybody uses
    except FileNotFoundError:
        return True
    return False


def _end_interrupted(error: BaseException) -> NoReturn:
    """Say that the command was interrupted, and end the process now.

    Python itself would wait for what libraries do at the end, and kill the process by the signal, with another exit
    code, where that came during an import.
    """
    # What follows takes milliseconds, and would be left half done.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    # A terminal has just shown ^C where the cursor was.
    click.echo("\ninterrupted" if sys.stderr.isatty() else "interrupted", err=True)
    _let_go(error)
    with suppress(OSError, ValueError):
        sys.stdout.flush()
    os._exit(INTERRUPTED)


def _let_go(error: BaseException | None) -> None:
    """Let go of all that the interrupted code held: where the interrupt came while it cleaned up, it did not end that.

    A connection to the store rolls back as it goes, and takes its journal with it.
    """
    import gc
    import traceback

    while error is not None:
        traceback.clear_frames(error.__traceback__)
        error = error.__cause__ or error.__context__
    gc.collect()


def _run(arguments: Sequence[str] | None) -> int:
    """Run the command and return its exit code; that nobody reads its output any more is no failure."""
    if f"_{_PROGRAM.upper()}_COMPLETE" in os.environ:
        from llmhub.cli.completion import register

        register()
    try:
        return cli.main(arguments, prog_name=_PROGRAM, standalone_mode=False) or 0
    except SystemExit:
        # Outside its standalone mode click exits for a broken pipe and nothing else.
        return 0


def _usage_line(error: click.ClickException) -> str:
    message = error.format_message()
    context = error.ctx if isinstance(error, click.UsageError) else None
    return f"{message.rstrip('.')} (see `{context.command_path} --help`)" if context else message


def _say(message: str) -> None:
    if _debugging():
        import traceback

        traceback.print_exc()
    click.echo(f"error: {printable(message)}", err=True)


def _debugging() -> bool:
    return os.environ.get("LLMHUB_DEBUG", "") not in {"", "0"}

"""The command line: parses options, calls the library, and renders the results.

Each command imports its modules when it runs, so that `llmhub --help` starts as fast as click itself.
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

from llmhub.cli.groups import Group, Lazy
from llmhub.cli.help_texts import add_help
from llmhub.cli.screen import streams
from llmhub.cli.terminal import say
from llmhub.cli.verbosity import add_options, show_log_messages
from llmhub.errors import InvalidPolicyError, InvalidReferenceError, LlmhubError, NotFoundError, printable
from llmhub.memory import REMEDY, TOO_LITTLE, is_out_of_memory

FAILED, WRONG_USAGE, INTERRUPTED = 1, 2, 130

_PROGRAM = "llmhub"

COMMANDS = {
    "arena": Lazy("llmhub.cli.arena:arena", "LMArena's leaderboards, with history and diffs."),
    "audit": Lazy(
        "llmhub.cli.audit:audit", "Find model ids in code and configuration, and say what is wrong with them."
    ),
    "catalog": Lazy("llmhub.cli.catalog:catalog", "The models that you can call: price, rating, tiers, and why."),
    "completion": Lazy(
        "llmhub.cli.completion.command:completion", "Print the script that completes commands in a shell."
    ),
    "demo": Lazy("llmhub.cli.demo:demo", "Show llmhub on made-up data, without network."),
    "doctor": Lazy("llmhub.cli.doctor:doctor", "Check everything that llmhub needs, and say what to do."),
    "mcp": Lazy("llmhub.cli.mcp:mcp", "Answer agents over the Model Context Protocol on stdin and stdout."),
    "remote": Lazy("llmhub.cli.remote:remote", "A store that a team shares, in PostgreSQL or as a whole file."),
    "report": Lazy("llmhub.cli.report:report", "Write a web site of the board, models, prices and changes."),
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
        """Run a command; `main` reports an interrupt, without the empty line that click prints first."""
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
    # A cancelled build sends SIGTERM: without this, the update script would go on for minutes.
    signal.signal(signal.SIGTERM, _interrupt)
    # Unless the parent process made this one ignore Ctrl-C.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupt)
    try:
        code = _run(arguments)
        if (lost := streams.lost()) is not None:
            code = _report_lost_output(lost)
    except (KeyboardInterrupt, click.Abort) as error:
        _end_interrupted(error)
    except Exception as error:  # noqa: BLE001 -- all that goes wrong ends here, as one line
        # Libraries can turn an interrupt into another error.
        if _signals:
            _end_interrupted(error)
        # Whatever the command made of it, the fault is the lost output.
        lost = streams.lost()
        code = _report(error) if lost is None else _report_lost_output(lost)
    sys.exit(code)


_signals: list[int] = []
"""The signals that asked the process to end."""


def _interrupt(number: int, _: FrameType | None) -> None:
    _signals.append(number)
    raise KeyboardInterrupt


def _report_lost_output(lost: OSError) -> int:
    """Report lost output, and return the exit code; a closed pipe is not a failure."""
    if isinstance(lost, BrokenPipeError):
        return 0
    _say(streams.why(lost))
    return FAILED


def _report(error: Exception) -> int:
    """Print why a command failed on stderr, and return its exit code.

    Raises:
        Exception: the error itself, if it is unexpected and LLMHUB_DEBUG asks for its traceback.
    """
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message(), err=True)
        return error.exit_code
    if isinstance(error, click.ClickException):
        _say(_usage_line(error))
        return error.exit_code
    if is_out_of_memory(error):
        _say(f"{TOO_LITTLE}: {REMEDY}")
        return FAILED
    if isinstance(error, NotFoundError | InvalidReferenceError | InvalidPolicyError):
        _say(str(error))
        return WRONG_USAGE
    if isinstance(error, LlmhubError):
        _say(str(error))
    elif isinstance(error, OSError):
        from llmhub.settings import CURRENT_FOLDER_IS_GONE

        _say(CURRENT_FOLDER_IS_GONE if _is_in_removed_folder() else f"the operating system reports {error}")
    elif _debugging():
        raise error
    else:
        _say(f"internal error: {type(error).__name__}: {error} (please report it, with what LLMHUB_DEBUG=1 shows)")
    return FAILED


def _is_in_removed_folder() -> bool:
    """Say whether the current folder was removed."""
    try:
        os.getcwd()  # noqa: PTH109 -- asks the system, and gives no path that anybody uses
    except FileNotFoundError:
        return True
    return False


def _end_interrupted(error: BaseException) -> NoReturn:
    """Report that the command was interrupted, and end the process now.

    Python itself would wait for the exit handlers of libraries; after a signal during an import it would end with
    another exit code.
    """
    # The next steps take milliseconds, and must not be interrupted again.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    # The terminal has just printed ^C on the current line.
    click.echo("\ninterrupted" if sys.stderr.isatty() else "interrupted", err=True)
    _release(error)
    with suppress(OSError, ValueError):
        sys.stdout.flush()
    os._exit(INTERRUPTED)


def _release(error: BaseException | None) -> None:
    """Release the objects of the interrupted code, which it may not have cleaned up itself.

    A connection to the store then rolls back and removes its journal.
    """
    import gc
    import traceback

    while error is not None:
        traceback.clear_frames(error.__traceback__)
        error = error.__cause__ or error.__context__
    gc.collect()


def _run(arguments: Sequence[str] | None) -> int:
    """Run the command and return its exit code; a closed pipe is not a failure."""
    if f"_{_PROGRAM.upper()}_COMPLETE" in os.environ:
        from llmhub.cli.completion.command import register

        register()
    try:
        return cli.main(arguments, prog_name=_PROGRAM, standalone_mode=False) or 0
    except SystemExit:
        # Outside its standalone mode click raises Exit only for a broken pipe.
        return 0


def _usage_line(error: click.ClickException) -> str:
    # click lists choices over several lines.
    message = " ".join(error.format_message().split())
    context = error.ctx if isinstance(error, click.UsageError) else None
    return f"{message.rstrip('.')} (see `{context.command_path} --help`)" if context else message


def _say(message: str) -> None:
    if _debugging():
        import traceback

        traceback.print_exc()
    say(f"error: {printable(message)}")


def _debugging() -> bool:
    return os.environ.get("LLMHUB_DEBUG", "") not in {"", "0"}

"""The options that commands share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from llmhub.arena.completion import Kind

Command = TypeVar("Command", bound=Callable[..., Any])
Value = TypeVar("Value")

REFERENCES = (
    "A reference is latest, previous (the last real change: the newest earlier publication whose models, ratings or "
    "intervals differ), latest~N, an id (12), a date (2025-05-20: the newest at or before its end, UTC), an ISO time, "
    "or an age (36h, 7d, 2w)."
)
"""The help on references, below the options of commands that take one."""

FINDINGS = 3
"""The exit code of a command that succeeded and found something."""

MOST = 1_000_000_000
"""The greatest number of lines to ask for: more than any list has, and within SQLite's integers."""


def json_option(command: Command) -> Command:
    """Give a command `--json`; its parameter `output` is then `json`, otherwise None."""
    return form_option("--json", help="Print one JSON document.")(command)


def list_options(command: Command) -> Command:
    """Give a command that prints a list `--json`, `--csv` and `--no-pager`; its parameter is `output`."""
    return json_option(form_option("--csv", help="Print CSV.")(pager_option(command)))


def form_option(flag: str, *, help: str) -> Callable[[Command], Command]:  # noqa: A002 -- click's word
    """Return a decorator for a flag that chooses the form of the output; two forms exclude each other."""
    return click.option(flag, is_flag=True, expose_value=False, callback=choose_form, help=help)


def choose_form(context: click.Context, option: click.Parameter, value: Any) -> Any:
    """Store the form of output that an option asks for, and return the option's value.

    Raises:
        UsageError: another option asks for another form.
    """
    before = context.params.setdefault("output", None)
    form = option.opts[0].lstrip("-")
    if value is None or value is False or context.resilient_parsing:
        return value
    if before not in {None, form}:
        raise click.UsageError(f"--{before} and --{form} exclude each other: give one of them", context)
    context.params["output"] = form
    return value


def pager_option(command: Command) -> Command:
    """Give a command `--no-pager`: without it, output that is longer than the terminal is shown in a pager."""
    from llmhub.cli.screen.pager import page_unless_off

    return click.option(
        "--no-pager", is_flag=True, expose_value=False, callback=page_unless_off, help="Print without a pager."
    )(command)


def output_option(
    parameter: str,
    *,
    help: str,  # noqa: A002 -- click's word
    folder: bool = False,
    printed: bool = False,
) -> Callable[[Command], Command]:
    """Return a decorator for `-o`, the file or folder that a command writes; its parameter is a path.

    Args:
        parameter: the parameter's name.
        help: what the option is for.
        folder: whether it is a folder.
        printed: whether the command prints what it would write if the option is missing or `-`; the parameter is then
            None.
    """
    return click.option(
        "-o",
        "--output",
        parameter,
        required=not printed,
        type=TargetType(folder=folder, printed=printed),
        metavar="DIR" if folder else "FILE",
        help=help,
    )


def board_options(command: Command) -> Command:
    """Give a command `--leaderboard` and `--category`."""
    named: dict[str, Any] = {"metavar": "NAME", "show_default": True}
    leaderboard = click.option(
        "--leaderboard", default="text", type=NameType("leaderboard"), help="Leaderboard.", **named
    )
    category = click.option("--category", default="overall", type=NameType("category"), help="Category.", **named)
    return leaderboard(category(command))


class NameType(click.ParamType[str]):
    """The name of a model, leaderboard or category."""

    name = "name"

    def __init__(self, kind: Kind | Literal["callable", "provider"] | None = None) -> None:
        """Make the type for names of one kind, which a shell completes; None stands for names without completion."""
        self._kind = kind

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the name; bytes that are not UTF-8 are refused, since no stored name has any."""
        if any("\ud800" <= character <= "\udfff" for character in value):
            self.fail(f"{value!r} is not text in UTF-8", param, ctx)
        return value

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Return the names that complete a word."""
        from llmhub.cli.completion import candidates

        match self._kind:
            case None:
                return super().shell_complete(ctx, param, incomplete)
            case "callable":
                return candidates.callable_models(incomplete)
            case "provider":
                return candidates.providers(incomplete)
            case kind:
                leaderboard = ctx.params.get("leaderboard")
                return candidates.names(kind, incomplete, leaderboard=leaderboard)


class PathType(click.ParamType["Path | None"]):
    """A file or folder; the code that reads or writes there says why it cannot."""

    name = "path"

    def __init__(self, *, folder: bool = False) -> None:
        """Make the type for files, or for folders: a shell completes the one or the other."""
        self._what: Literal["file", "dir"] = "dir" if folder else "file"

    def convert(self, value: str | Path, param: click.Parameter | None, ctx: click.Context | None) -> Path | None:
        """Return the path; an empty one, as of an unset variable of a shell, is not the current folder."""
        if value == "":
            self.fail("the path is empty", param, ctx)
        return Path(value)

    def shell_complete(self, _ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Let the shell complete paths."""
        from click.shell_completion import CompletionItem

        return [CompletionItem(incomplete, type=self._what)]


class TargetType(PathType):
    """A file or folder to write to."""

    def __init__(self, *, folder: bool = False, printed: bool = False) -> None:
        """Make the type for files, or for folders; with `printed`, a `-` is None and stands for standard output."""
        super().__init__(folder=folder)
        self._printed = printed

    def convert(self, value: str | Path, param: click.Parameter | None, ctx: click.Context | None) -> Path | None:
        """Return the path."""
        if value != "-":
            return super().convert(value, param, ctx)
        if not self._printed:
            self.fail("the result cannot be printed: give a path ('./-' if it is called so)", param, ctx)
        return None


class NumberType(click.FloatRange):
    """A number within bounds; nan and inf are refused."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the number."""
        number: float = super().convert(value, param, ctx)
        if not isfinite(number):
            self.fail(f"{value!r} is not a finite number", param, ctx)
        return number


class ReferenceType(click.ParamType[str]):
    """A reference to a snapshot; see `REFERENCES`."""

    name = "reference"

    def shell_complete(self, _ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Return the references that complete a word."""
        from llmhub.cli.completion import candidates

        return candidates.references(incomplete)


class _ParsedType(click.ParamType[Value]):
    """A value that a function makes of the text."""

    def _parsed(self, text: str) -> Value:
        """Return the value.

        Raises:
            ValueError: the text names none.
        """
        raise NotImplementedError

    def convert(self, value: str | Value, param: click.Parameter | None, ctx: click.Context | None) -> Value:
        """Return the value; a default may be one already."""
        if not isinstance(value, str):
            return value
        try:
            return self._parsed(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class TokensType(_ParsedType[int]):
    """A number of tokens, such as 250000, 250,000, 250k or 1.5M."""

    name = "tokens"

    def _parsed(self, text: str) -> int:
        from llmhub.offers.billing.amounts import tokens_of

        return tokens_of(text)


class AgeType(_ParsedType[timedelta]):
    """A length of time such as 12h, 7d or 2w."""

    name = "age"

    def _parsed(self, text: str) -> timedelta:
        from llmhub.arena.references import parse_age

        return parse_age(text)


class MomentType(_ParsedType[datetime]):
    """A UTC moment: a date, which is its 00:00, or an ISO time."""

    name = "date"

    def _parsed(self, text: str) -> datetime:
        from llmhub.arena.references import parse_moment

        return parse_moment(text)


class SpanType(_ParsedType[datetime]):
    """The beginning or end of a span of time: a date, an ISO time, or an age.

    A date that begins a span is its 00:00, one that ends it its last moment.
    """

    name = "date"

    def __init__(self, *, end: bool) -> None:
        self._end = end

    def _parsed(self, text: str) -> datetime:
        from llmhub.arena.references import parse_since, parse_until

        return (parse_until if self._end else parse_since)(text, datetime.now(UTC))


def span_options(command: Command) -> Command:
    """Give a command `--since` and `--until`; their parameters are moments in UTC or None."""
    since = click.option("--since", type=SpanType(end=False), metavar="DATE", help="From this date, time or age on.")
    until = click.option("--until", type=SpanType(end=True), metavar="DATE", help="Up to the end of this date.")
    return since(until(command))

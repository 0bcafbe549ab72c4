"""`llmhub completion`: the completion of command lines in bash, zsh and fish.

As with click's own completion, the shell calls the program with a variable set. The differences serve names with
spaces, quotes, commas and the characters at which bash breaks words.
"""

from __future__ import annotations

import os
import re
from typing import Any, ClassVar

import click
from click import Command
from click.shell_completion import (
    BashComplete,
    FishComplete,
    ShellComplete,
    ZshComplete,
    add_completion_class,
    split_arg_string,
)

PROGRAM = "llmhub"
VARIABLE = f"_{PROGRAM.upper()}_COMPLETE"
"""The variable with which a shell asks, named as click names it."""

SHELLS = ("bash", "zsh", "fish")

_BASH = """\
%(complete_func)s() {
    local line
    COMPREPLY=()
    while IFS= read -r line; do
        case "${line%%%%,*}" in
            plain) COMPREPLY+=("${line#*,}") ;;
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
        esac
    done < <(COMP_LINE="${COMP_LINE:0:COMP_POINT}" COMP_WORDBREAKS="$COMP_WORDBREAKS" \\
        %(complete_var)s=bash_complete "$1" 2>/dev/null)
}

complete -o nosort -F %(complete_func)s %(prog_name)s
"""

_FISH = """\
function %(complete_func)s
    set -l response (env %(complete_var)s=fish_complete COMP_WORDS=(commandline -cp) \\
        COMP_CWORD=(commandline -ct) %(prog_name)s 2>/dev/null)
    for completion in $response
        set -l parts (string split -m 1 "," -- $completion)
        switch $parts[1]
            case dir
                __fish_complete_directories $parts[2]
            case file
                __fish_complete_path $parts[2]
            case plain
                echo $parts[2]
        end
    end
end

complete --no-files --command %(prog_name)s --arguments "(%(complete_func)s)"
"""

_NEEDS_NO_QUOTES = re.compile(r"[\w@%+=:,./-]")
_SPECIAL_IN_QUOTES = {"'": "'", '"': '"$`\\!'}


class Bash(BashComplete):
    """Answers with the exact text that replaces the word in bash."""

    source_template: ClassVar[str] = _BASH

    def __init__(self, cli: Command, ctx_args: Any, prog_name: str, complete_var: str) -> None:
        super().__init__(cli, ctx_args, prog_name, complete_var)
        line = os.environ.get("COMP_LINE", "")
        self._word = Word(line, os.environ.get("COMP_WORDBREAKS", "\"'><=;|&(:"))

    def source(self) -> str:
        """Return the script, without click's check of bash's version."""
        return ShellComplete.source(self)

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the words before the one to complete, and the typed part of that one."""
        if "COMP_LINE" not in os.environ:
            return super().get_completion_args()
        words = split_arg_string(os.environ["COMP_LINE"])
        return (words[1:-1], words[-1]) if self._word.raw else (words[1:], "")

    def complete(self) -> str:
        """Return a line for each answer that bash can use."""
        found = self.get_completions(*self.get_completion_args())
        lines = [(item.type, item.value if item.type != "plain" else self._word.replaced(item.value)) for item in found]
        return "\n".join(f"{kind},{value}" for kind, value in lines if value is not None)


class Word:
    """The last word of a line of bash, which may end in the middle of it.

    Attributes:
        raw: the word as it was typed.
        quote: the quotation mark that is open at its end; empty without one.
    """

    def __init__(self, line: str, breaks: str) -> None:
        """Find the last word of `line`, where bash replaces only what follows the last of the characters `breaks`."""
        begin = seen = 0
        quote, escaped = "", False
        for place, character in enumerate(line, 1):
            if escaped:
                escaped = False
            elif character == "\\" and quote != "'":
                escaped = True
            elif quote:
                quote = "" if character == quote else quote
            elif character.isspace():
                begin = seen = place
            elif character in "\"'":
                quote, seen = character, place
            elif character in breaks:
                seen = place
        self.raw, self.quote = line[begin:], quote
        # The part that bash leaves on the line.
        self._before = _unquoted(line[begin:seen].removesuffix(quote) if quote else line[begin:seen])

    def replaced(self, value: str) -> str | None:
        """Return the text that makes the word `value` if bash replaces its part with it.

        None if the part that bash leaves is not the beginning of `value`.
        """
        option, sign, _ = self.raw.partition("=")
        whole = f"{option}=" + value if sign and option.startswith("--") and not value.startswith("-") else value
        if not whole.startswith(self._before):
            return None
        rest = whole[len(self._before) :]
        if self.quote:
            return None if set(rest) & set(_SPECIAL_IN_QUOTES[self.quote]) else rest
        return "".join(c if _NEEDS_NO_QUOTES.match(c) else f"\\{c}" for c in rest)


def _unquoted(text: str) -> str:
    return "".join(split_arg_string(text))


class Fish(FishComplete):
    """A completion whose values may contain a comma."""

    source_template: ClassVar[str] = _FISH


def register() -> None:
    """Register these with click; its own completion for zsh suffices."""
    add_completion_class(Bash)
    add_completion_class(Fish)


def script(shell: str) -> str:
    """Return the script that a shell sources."""
    kinds: dict[str, type[ShellComplete]] = {"bash": Bash, "zsh": ZshComplete, "fish": Fish}
    return kinds[shell](Command(PROGRAM), {}, PROGRAM, VARIABLE).source()


_LINES = """\b
bash   eval "$(llmhub completion bash)"        in ~/.bashrc (bash 4.4 or later)
zsh    eval "$(llmhub completion zsh)"         in ~/.zshrc, after compinit
fish   llmhub completion fish | source         in ~/.config/fish/config.fish"""


@click.command(epilog=_LINES)
@click.argument("shell", type=click.Choice(SHELLS))
def completion(*, shell: str) -> None:
    """Print the script that completes commands in a shell.

    With it the Tab key completes commands, options and files, and from what is stored on this machine the names of
    models, leaderboards, categories and providers, and the newest snapshots. One line makes it so:
    """
    click.echo(script(shell), nl=False)

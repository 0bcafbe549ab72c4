"""The help of a command: its function's docstring, also if Python runs without docstrings (-OO)."""

from __future__ import annotations

import sys

import click

_NO_DOCSTRINGS = 2


def add_help(command: click.Command) -> None:
    """Give a command without help the docstring of its function."""
    if command.help is None and command.callback is not None and sys.flags.optimize >= _NO_DOCSTRINGS:
        command.help = _docstring_in_source(command.callback)


def _docstring_in_source(function: object) -> str | None:
    """Return the docstring from a function's source; None if there is none, or no source."""
    import ast
    import inspect

    try:
        source = inspect.getsource(inspect.unwrap(function))  # type: ignore[arg-type]  # a callable; unwrap checks
    except OSError:
        return None
    (definition,) = ast.parse(source).body
    if not isinstance(definition, ast.FunctionDef):
        raise TypeError(source)
    return ast.get_docstring(definition)

"""What commands share that store several files or leaderboards: results, printed one by one or in one document.

A part that fails does not stop the others; the command then exits with 1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NoReturn

import click

from llmhub.cli import render
from llmhub.errors import LlmhubError, counted

Say = Callable[[str], None]
"""What prints a line of a result."""


def saying(output: str | None) -> Say:
    """Return what prints a line of a result: nothing if a document will hold all of them."""
    return render.outcome if output is None else lambda _: None


def failed(error: LlmhubError) -> LlmhubError:
    """Print on stderr why a part failed, and return the error as its result."""
    render.warn(f"error: {error}")
    return error


def with_totals(parts: str, results: Sequence[dict[str, object]]) -> dict[str, object]:
    """Return the document of several results, and how many of them have each status.

    Args:
        parts: what they are results of: the document's key for them.
        results: each with a `status`: stored, known, or failed.
    """
    found = [one["status"] for one in results]
    return {parts: list(results)} | {status: found.count(status) for status in ("stored", "known", "failed")}


def exit_failed(context: click.Context, number: int, of: int, part: str) -> NoReturn:
    """Say how many parts could not be stored, and exit with 1."""
    render.warn(f"{number:,} of {counted(of, part)} could not be stored")
    context.exit(1)

"""`llmhub demo`: the whole main job, offline, on made-up data."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from llmhub.cli import render
from llmhub.cli.catalog import catalog
from llmhub.cli.catalog.refresh import say_how_many
from llmhub.cli.options import TargetType
from llmhub.errors import FileInTheWayError, OutputError
from llmhub.files import written_whole

# The first questions of a newcomer; each command prints few lines, so that all of them fit on a screen.
_SHOWN = (
    ("show", "--top", "2"),
    ("diff", "2026-01-05"),
)
_TO_TRY = (
    "catalog explain openai/fictional-pro-3",
    "arena history invented-70b --since 2025-12-22",
    "catalog history openai/imaginary-opus-2",
)
_FOR_REAL = ("catalog refresh", "catalog show", "doctor")
_IGNORED = "# Made by llmhub demo.\n*\n"


@click.command()
@click.option(
    "--keep",
    type=TargetType(folder=True),
    metavar="DIR",
    help="Keep the data in this folder, to try other commands; replaces earlier data of a demo there.",
)
@click.pass_context
def demo(context: click.Context, *, keep: Path | None) -> None:
    """Show llmhub on made-up data, without network.

    It starts a server on this machine that publishes made-up leaderboards and prices and answers as OpenAI and
    models.dev do. In a temporary home it runs the shipped refresh, update script included, three times, 25 hours apart;
    it back-fills half a year of earlier leaderboards, imports half a year of prices, and builds the catalog. Two
    commands show the result.
    """
    # --help lists this command without these imports.
    from llmhub.demo import CONFIG, demonstrated_catalog, demonstration, past_prices, past_publications
    from llmhub.installation import shell_word
    from llmhub.settings import absolute

    kept = None if keep is None else absolute(keep)
    with _home(kept) as home, demonstration(home) as refreshes:
        runs = len(list(refreshes))
        weeks, documents = past_publications(), past_prices(home)
        render.line(f"MADE UP, all of it: {runs + weeks} leaderboards, {documents} days of prices, half a year")
        with demonstrated_catalog() as built:
            say_how_many(built)
            for words in _SHOWN:
                _prompt("catalog", *words)
                catalog.main(list(words), prog_name="llmhub catalog", standalone_mode=False, parent=context)
    click.echo()
    if kept is None:
        render.line("That was made up, and is gone again. For the real thing, with network:")
    else:
        render.line("That was made up, and is kept. To try other commands on it, in this shell:")
        render.line(f"  export LLMHUB_OFFLINE=1 LLMHUB_CONFIG_DIR={shell_word(str(kept / CONFIG))}")
    for command in _FOR_REAL if kept is None else _TO_TRY:
        render.line(f"  llmhub {command}")


@contextmanager
def _home(kept: Path | None) -> Iterator[Path]:
    """Give the demonstration a folder: the one to keep, emptied of an earlier demonstration, or a temporary one."""
    from tempfile import TemporaryDirectory

    from llmhub.demo import forget

    if kept is None:
        with TemporaryDirectory(prefix="llmhub-demo-", ignore_cleanup_errors=True) as home:
            yield Path(home)
        return
    try:
        kept.mkdir(mode=0o700, parents=True, exist_ok=True)
        empty = not any(kept.iterdir())
    except OSError as error:
        raise OutputError(f"{kept} cannot be made a new folder ({error.strerror}): name another one") from error
    if empty:
        # So that git ignores it, in any repository.
        with written_whole(kept / ".gitignore", force=False, durable=False) as file:
            file.write_text(_IGNORED, encoding="utf-8")
    elif not forget(kept):
        raise FileInTheWayError(f"{kept} is not empty: name a new folder to keep the demonstration in")
    yield kept


def _prompt(*words: str) -> None:
    click.echo()
    click.secho(f"$ llmhub {' '.join(words)}", bold=True)

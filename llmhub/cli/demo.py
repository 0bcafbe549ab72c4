"""`llmhub demo`: the whole main job, offline, on made-up data."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from llmhub.cli import render
from llmhub.cli.arena import arena
from llmhub.cli.catalog import catalog
from llmhub.cli.catalog.refresh import say_what_came
from llmhub.errors import FileInTheWayError, OutputError

_SHOWN = (
    ("history",),
    ("diff", "latest~2", "latest~1"),
    ("diff",),
    ("show",),
    ("backfill",),
    ("history", "fictional-pro-3", "--since", "2025-12-08"),
    ("movers", "2025-10-13"),
)
_SHOWN_OF_CATALOG = (
    ("show",),
    ("explain", "openai/fictional-flash-3"),
    ("providers",),
)


@click.command()
@click.option(
    "--keep",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Keep it all in this new folder, to try other commands on.",
)
@click.pass_context
def demo(context: click.Context, *, keep: Path | None) -> None:
    """Show it all on made-up data, without network.

    In a temporary home the shipped refresh runs three times, 25 hours apart, the update script in its child
    process included, against a server on this machine that publishes made-up leaderboards. Then the commands
    that look at the store show what it holds, and half a year of earlier publications is back-filled. Last, the
    catalog is built: any-llm asks that server for its models as it would ask OpenAI, and models.dev is the
    server's too.
    """
    # --help lists this command and imports none of it.
    from llmhub.demo import CONFIG, demonstrated_catalog, demonstration
    from llmhub.installation import shell_word
    from llmhub.settings import absolute

    kept = None if keep is None else absolute(keep)
    with _home(kept) as home, demonstration(home) as refreshes:
        render.line("All models, ratings and votes below are MADE UP: this shows how llmhub works, not how models are.")
        for refreshed in refreshes:
            snapshot = refreshed.snapshot
            _prompt("arena", "refresh", comment=f"at {render.moment_text(snapshot.taken_at)} UTC")
            render.line(f"stored {render.snapshot_text(snapshot)}: {snapshot.boards} boards")
        for words in _SHOWN:
            _prompt("arena", *words)
            arena.main(list(words), prog_name="llmhub arena", standalone_mode=False, parent=context)
        with demonstrated_catalog() as built:
            _prompt("catalog", "refresh", comment=f"at {render.moment_text(built.built_at)} UTC")
            say_what_came(built)
            for words in _SHOWN_OF_CATALOG:
                _prompt("catalog", *words)
                catalog.main(list(words), prog_name="llmhub catalog", standalone_mode=False, parent=context)
    click.echo()
    if kept is None:
        render.line("That was made up, and its store and its catalog are gone again. For the real thing, with network:")
        for command in ("catalog refresh", "catalog show", "arena show --top 20", "arena status"):
            render.line(f"  llmhub {command}")
    else:
        render.line("That was made up, and is kept. To try other commands on it, in this shell:")
        render.line(f"  export LLMHUB_OFFLINE=1 LLMHUB_CONFIG_DIR={shell_word(str(kept / CONFIG))}")


@contextmanager
def _home(kept: Path | None) -> Iterator[Path]:
    """Give the demonstration an empty folder: the one to keep, or one that goes afterwards."""
    from tempfile import TemporaryDirectory

    if kept is None:
        with TemporaryDirectory(prefix="llmhub-demo-", ignore_cleanup_errors=True) as home:
            yield Path(home)
        return
    try:
        kept.mkdir(mode=0o700, parents=True, exist_ok=True)
        empty = not any(kept.iterdir())
    except OSError as error:
        raise OutputError(f"{kept} cannot be made a new folder ({error.strerror}): name another one") from error
    if not empty:
        raise FileInTheWayError(f"{kept} is not empty: name a new folder to keep the demonstration in")
    yield kept


def _prompt(*words: str, comment: str = "") -> None:
    click.echo()
    click.secho(f"$ llmhub {' '.join(words)}{f'   # {comment}' if comment else ''}", bold=True)

"""`llmhub demo`: the whole main job, offline, on made-up data."""

from __future__ import annotations

import click

from llmhub.cli import render
from llmhub.cli.arena import arena
from llmhub.cli.catalog import catalog, say_what_came

_SHOWN = (
    ("history",),
    ("history", "invented-70b"),
    ("diff", "latest~2", "latest~1"),
    ("diff",),
    ("show",),
)
_SHOWN_OF_CATALOG = (
    ("show",),
    ("explain", "openai/fictional-flash-3"),
    ("providers",),
)


@click.command()
@click.pass_context
def demo(context: click.Context) -> None:
    """Show it all on made-up data, without network.

    In a temporary home the shipped refresh runs three times, 25 hours apart, the update script in its child
    process included, against a server on this machine that publishes made-up leaderboards. Then the commands
    that look at the store show what it holds. Last, the catalog is built: any-llm asks that server for its models as
    it would ask OpenAI, and models.dev is the server's too.
    """
    from pathlib import Path  # noqa: PLC0415
    from tempfile import TemporaryDirectory  # noqa: PLC0415

    # --help lists this command and imports none of it.
    from llmhub.demo import demonstrated_catalog, demonstration  # noqa: PLC0415

    render.line("All models, ratings and votes below are MADE UP: this shows how llmhub works, not how models are.")
    with (
        TemporaryDirectory(prefix="llmhub-demo-", ignore_cleanup_errors=True) as home,
        demonstration(Path(home)) as refreshes,
    ):
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
    render.line("That was made up, and its store and its catalog are gone again. For the real thing, with network:")
    for command in ("catalog refresh", "catalog show", "arena show --top 20", "arena status"):
        render.line(f"  llmhub {command}")


def _prompt(*words: str, comment: str = "") -> None:
    click.echo()
    click.secho(f"$ llmhub {' '.join(words)}{f'   # {comment}' if comment else ''}", bold=True)

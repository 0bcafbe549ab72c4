"""`llmhub mcp`: let agents ask, over the Model Context Protocol."""

from __future__ import annotations

import click


@click.command()
def mcp() -> None:
    """Answer agents over the Model Context Protocol on stdin and stdout.

    Tools: search, pick, compare, explain, cost, changed, retirements. They answer from what is stored: `llmhub catalog
    refresh` brings it up to date. Needs the extra `mcp`.
    """
    from llmhub.agents.server import serve
    from llmhub.cli.screen import streams

    streams.need_reader()
    serve()

"""`llmhub doctor`: what is wrong with this installation, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from llmhub.cli import progress, render
from llmhub.cli.options import FINDINGS, json_option
from llmhub.errors import counted

if TYPE_CHECKING:
    from llmhub.doctor import Examination, Finding


@click.command()
@click.option("--offline", is_flag=True, help="Ask no server, as with LLMHUB_OFFLINE.")
@json_option
@click.pass_context
def doctor(context: click.Context, *, offline: bool, output: str | None) -> None:
    """Check everything that llmhub needs, and say what to do.

    It checks versions, settings, folders, the store, the update script, the catalog, providers' keys (only whether they
    are set), the remote, and the servers that llmhub downloads from. It makes, writes and runs nothing. The exit code
    is 3 if there are errors; warnings do not count.
    """
    from llmhub.doctor import examine

    with progress.shown("checking everything"):
        found = examine(offline=offline)
    if output == "json":
        render.echo_json(_json(found))
    else:
        _show(found)
    if found.count("error"):
        context.exit(FINDINGS)


def _json(found: Examination) -> dict[str, object]:
    return {
        "errors": found.count("error"),
        "warnings": found.count("warning"),
        "findings": [
            {"part": part, "level": one.level, "check": one.check, "message": one.message, "remedy": one.remedy}
            for part, findings in found.parts.items()
            for one in findings
        ],
    }


def _show(found: Examination) -> None:
    for part, findings in found.parts.items():
        render.heading(part, apart=part != next(iter(found.parts)))
        for finding in findings:
            if not finding.minor:
                _show_finding(finding)
        if minor := [finding.check for finding in findings if finding.minor]:
            render.line(f"  {'ok':<8} {len(minor)} without a key or an address: {', '.join(minor)}")
    errors, warnings = found.count("error"), found.count("warning")
    click.echo()
    render.line(
        "all is well" if not errors + warnings else f"{counted(errors, 'error')}, {counted(warnings, 'warning')}"
    )


def _show_finding(finding: Finding) -> None:
    render.line(f"  {finding.level:<8} {finding.check}: {finding.message}")
    if finding.remedy:
        render.line(f"  {'':<8} -> {finding.remedy}")

"""`llmhub audit`: the model ids in code and configuration, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from llmhub.cli import progress, render
from llmhub.cli.options import FINDINGS, AgeType, PathType, SpanType, TargetType
from llmhub.errors import counted

if TYPE_CHECKING:
    from llmhub.audit.report import AuditReport, Finding, Level, Verdict

_LEVELS = ("error", "warning", "note")
_FORMATS = ("text", "json", "sarif", "github")
_DOCUMENTS = ("json", "sarif")
_MOST_PLACES = 20


@click.command()
@click.argument("paths", nargs=-1, type=PathType(), metavar="[PATH]...")
@click.option(
    "--within",
    type=AgeType(),
    default="90d",
    show_default=True,
    metavar="AGE",
    help="How soon a last day is worth a warning.",
)
@click.option(
    "--since",
    type=SpanType(end=False),
    default="90d",
    show_default=True,
    metavar="DATE",
    help="Note prices that rose since then: a date, time or age.",
)
@click.option(
    "--fail-on",
    type=click.Choice(_LEVELS),
    default="error",
    show_default=True,
    help="The level from which findings make the exit code 3.",
)
@click.option(
    "--format", "output", type=click.Choice(_FORMATS), default="text", show_default=True, help="The form of the output."
)
@click.option("--json", "output", flag_value="json", help="Print one JSON document, as --format json.")
@click.option("--docs", is_flag=True, help="Also read Markdown, comments and docstrings.")
@click.option("--baseline", type=PathType(), metavar="FILE", help="Leave out the findings in FILE.")
@click.option(
    "--write-baseline",
    type=TargetType(),
    metavar="FILE",
    help="Write all findings to FILE, and exit with 0.",
)
@click.pass_context
def audit(
    context: click.Context,
    *,
    paths: tuple[Path, ...],
    within: timedelta,
    since: datetime,
    fail_on: Level,
    output: str,
    docs: bool,
    baseline: Path | None,
    write_baseline: Path | None,
) -> None:
    """Find model ids in code and configuration, and say what is wrong with them.

    It reads the text files in each PATH (default: the current folder) that git does not ignore: strings in code, values
    in configuration, arguments, and the code of notebooks.

    A finding is an error if the model is retired; a warning if it retires --within that time, or is deprecated without
    a day; a note if it became dearer, is superseded by a newer model of its lab, or is dominated by a callable one that
    costs no more and is rated significantly better.

    It answers from what is stored and asks no server. A comment `llmhub: ignore` excludes its line. The exit code is 3
    if there are findings of the level that --fail-on names, or worse.
    """
    from llmhub.audit.baseline import write_baseline as write
    from llmhub.audit.run import audit as run
    from llmhub.settings import absolute

    if baseline is not None and write_baseline is not None:
        raise click.UsageError("--write-baseline writes all findings: give it without --baseline")
    with progress.shown("reading files"):
        report = run(
            paths or (Path(),), within=within, since=since, docs=docs, baseline=baseline, now=datetime.now(UTC)
        )
    if write_baseline is not None:
        write(absolute(write_baseline), report.findings)
        if output not in _DOCUMENTS:
            render.outcome(f"wrote {counted(len(report.findings), 'finding')} to {write_baseline}")
            return
    _SHOWN[output](report)
    if write_baseline is None and report.fails(fail_on):
        context.exit(FINDINGS)


# -- as documents


def _show_json(report: AuditReport) -> None:
    render.echo_json(
        {
            "findings": [_json(finding) for finding in report.findings],
            "files": report.files,
            "skipped": dict(report.skipped),
            "models": report.models,
            "known": report.known,
        }
    )


def _json(finding: Finding) -> dict[str, Any]:
    verdict = finding.verdict
    return {
        "level": finding.level,
        "check": verdict.check,
        "model": verdict.model,
        "path": finding.path,
        "line": finding.line,
        "column": finding.column,
        "message": verdict.message,
        "retires_on": render.day_json(verdict.retires_on),
        "source": verdict.source,
        "replacements": [one._asdict() for one in verdict.replacements],
        "citation": verdict.citation,
        "written": finding.written,
        "cell": finding.cell,
    }


def _show_sarif(report: AuditReport) -> None:
    from importlib.metadata import version

    from llmhub.audit.sarif import sarif

    render.echo_json(sarif(report, version=version("llmhub-catalog")))


def _show_annotations(report: AuditReport) -> None:
    from llmhub.audit.annotations import annotated

    for line in annotated(report):
        click.echo(line, color=True)
    _conclude(report, render.note)


# -- for people


def _show_text(report: AuditReport) -> None:
    by_verdict: dict[Verdict, list[Finding]] = {}
    for finding in report.findings:
        by_verdict.setdefault(finding.verdict, []).append(finding)
    for verdict in sorted(by_verdict, key=lambda one: (_LEVELS.index(one.level), one.check, one.model)):
        _show_verdict(verdict, by_verdict[verdict])
    _conclude(report, render.line)


def _show_verdict(verdict: Verdict, findings: list[Finding]) -> None:
    render.heading(f"{verdict.level}: {verdict.check}: {verdict.message}")
    if verdict.citation:
        render.line(f"  see {verdict.citation}")
    for finding in findings[:_MOST_PLACES]:
        as_what = "" if finding.written == verdict.model else f"  {finding.written}"
        render.line(f"  {finding.place}{as_what}")
    if len(findings) > _MOST_PLACES:
        render.line(f"  and {counted(len(findings) - _MOST_PLACES, 'more place')}: --json lists all")
    if verdict.replacements:
        render.echo_table(
            ("  instead", "in", "out", "rating"),
            (
                (
                    f"  {one.model}",
                    _dollars(one.price_input_per_million),
                    _dollars(one.price_output_per_million),
                    render.number(one.rating),
                )
                for one in verdict.replacements
            ),
            left=("  instead",),
        )
    click.echo()


def _dollars(price: float | None) -> str:
    from llmhub.cli.catalog.texts import dollars

    return dollars(price)


def _conclude(report: AuditReport, say: Callable[[str], None]) -> None:
    """Say how many findings there are, and what was read."""
    levels = [finding.level for finding in report.findings]
    counts = [counted(levels.count(level), level) for level in _LEVELS if level in levels]
    found = ", ".join(counts) if counts else "no findings"
    known = f", and {counted(report.known, 'finding')} of the baseline" if report.known else ""
    read = f"{counted(report.models, 'model id')} in {counted(report.files, 'file')}"
    say(f"{found}{known}: {read}{_left_out(report.skipped)}")


def _left_out(skipped: Mapping[str, int]) -> str:
    if not skipped:
        return ""
    return f"; left out: {', '.join(f'{count:,} {reason}' for reason, count in sorted(skipped.items()))}"


_SHOWN: Mapping[str, Callable[[AuditReport], None]] = {
    "text": _show_text,
    "json": _show_json,
    "sarif": _show_sarif,
    "github": _show_annotations,
}

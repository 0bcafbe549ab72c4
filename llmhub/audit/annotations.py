"""Write an audit's findings as workflow commands, which GitHub shows beside the lines. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from llmhub.audit.report import AuditReport, Level
from llmhub.errors import printable

_COMMANDS: dict[Level, str] = {"error": "error", "warning": "warning", "note": "notice"}


def annotated(report: AuditReport) -> Iterator[str]:
    """Yield a line for each finding.

    File names and messages are escaped, so that each finding stays one command: GitHub reads `%0A` as the end of a
    line, and `:` and `,` as the end of a property.
    """
    for finding in report.findings:
        instead = ", ".join(one.model for one in finding.verdict.replacements)
        message = f"{finding.verdict.message}. Instead: {instead}." if instead else f"{finding.verdict.message}."
        properties = {
            "file": finding.path,
            "line": str(finding.line),
            "endLine": str(finding.line),
            "col": str(finding.column),
            "endColumn": str(finding.column + len(finding.written)),
            "title": f"llmhub: {finding.verdict.check}",
        }
        given = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
        yield f"::{_COMMANDS[finding.level]} {given}::{_data(message)}"


def _data(text: str) -> str:
    r"""Return a message as GitHub reads it.

    Examples:
        >>> _data("100%\n::error::x")
        '100%25%0A::error::x'
    """
    # After `printable`: GitHub reads an escaped line end as one, and shows other control characters as text.
    escaped = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return printable(escaped)


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")

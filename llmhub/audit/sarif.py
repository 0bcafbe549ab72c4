"""Write an audit's findings as SARIF 2.1.0, which code hosts show beside the lines. Pure."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from llmhub.audit.report import LEVEL_OF, SAYS, AuditReport, Finding

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_HOME = "https://pypi.org/project/llmhub-catalog/"


def sarif(report: AuditReport, *, version: str) -> dict[str, Any]:
    """Return the SARIF document.

    Args:
        report: what was found.
        version: llmhub's.
    """
    checks = list(LEVEL_OF)
    seen: Counter[tuple[str, str, str]] = Counter()
    results = []
    for finding in report.findings:
        key = (finding.verdict.check, finding.verdict.model, finding.path)
        results.append(_result(finding, checks.index(finding.verdict.check), seen[key]))
        seen[key] += 1
    driver = {
        "name": "llmhub audit",
        "version": version,
        "informationUri": _HOME,
        "rules": [
            {
                "id": check,
                "shortDescription": {"text": SAYS[check]},
                "defaultConfiguration": {"level": level},
            }
            for check, level in LEVEL_OF.items()
        ],
    }
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _result(finding: Finding, rule: int, number: int) -> dict[str, Any]:
    verdict = finding.verdict
    region = {
        "startLine": finding.line,
        "startColumn": finding.column,
        "endColumn": finding.column + len(finding.written),
    }
    instead = ", ".join(one.model for one in verdict.replacements)
    return {
        "ruleId": verdict.check,
        "ruleIndex": rule,
        "level": finding.level,
        "message": {"text": f"{verdict.message}. Instead: {instead}." if instead else f"{verdict.message}."},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": uri(finding.path)}, "region": region}}],
        # Lines move: a finding is known by its model, its file and its number there.
        "partialFingerprints": {"llmhub/v1": _fingerprint(finding, number)},
        "properties": {
            "model": verdict.model,
            "written": finding.written,
            "retiresOn": None if verdict.retires_on is None else verdict.retires_on.isoformat(),
            "source": verdict.source,
            "citation": verdict.citation,
        },
    }


def uri(path: str) -> str:
    """Return a path as a URI, escaped; a relative path stays relative.

    Examples:
        >>> uri("src/a b%.py"), uri("/srv/a:b.py")
        ('src/a%20b%25.py', 'file:///srv/a%3Ab.py')
    """
    posix = PurePath(path).as_posix()
    quoted = quote(posix, safe="/")
    return f"file://{quoted}" if posix.startswith("/") else quoted


def _fingerprint(finding: Finding, number: int) -> str:
    said = "\0".join((finding.verdict.check, finding.verdict.model, finding.path, str(number)))
    return hashlib.sha256(said.encode(errors="replace")).hexdigest()

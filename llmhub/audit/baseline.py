"""Read and write a baseline: a file of known findings, which an audit leaves out.

A finding is known by its check, its model and its file, and counts as often as it was there. Line numbers do not count,
since lines move. A model that was near its end and is retired now is a new finding.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from llmhub.audit.report import Finding
from llmhub.errors import BaselineError, OutputError
from llmhub.files import read_regular, reason_of, require_own, without_bom, written_whole

_VERSION = 1
_MOST_BYTES = 64 << 20
_KEY = "llmhub_audit_baseline"

_BEGINS = re.compile(rb'\s*\{\s*"llmhub_audit_baseline"')

Known = Counter[tuple[str, str, str]]


def is_baseline(text: bytes) -> bool:
    """Say whether a text is a baseline; its ids are not findings."""
    return _BEGINS.match(text) is not None


def read_baseline(path: Path) -> Known:
    """Return how often each finding is known.

    Raises:
        BaselineError: the file cannot be read, or is not a baseline.
    """
    try:
        document = json.loads(without_bom(read_regular(path, _MOST_BYTES)))
    except OSError as error:
        raise BaselineError(f"{path} cannot be read ({error.strerror}): write it with --write-baseline") from error
    except (ValueError, RecursionError):
        document = None
    if not (isinstance(document, dict) and document.get(_KEY) == _VERSION):
        raise BaselineError(f"{path} is not a baseline of this version: write a new one with --write-baseline")
    return Counter(dict(_entries(document.get("findings"), path)))


def _entries(listed: Any, path: Path) -> Iterable[tuple[tuple[str, str, str], int]]:
    for entry in listed if isinstance(listed, list) else (None,):
        found = [entry.get(name) for name in ("check", "model", "path", "count")] if isinstance(entry, dict) else []
        check, model, file, count = found or (None, None, None, None)
        if not (isinstance(check, str) and isinstance(model, str) and isinstance(file, str) and type(count) is int):
            raise BaselineError(f"{path} has an entry that is not a finding: write a new one with --write-baseline")
        yield (check, model, file), count


def without_known(findings: Iterable[Finding], known: Known) -> tuple[tuple[Finding, ...], int]:
    """Return the findings that are not known, and how many were."""
    left = known.copy()
    new = []
    count = 0
    for finding in findings:
        key = _key(finding)
        if left[key] > 0:
            left[key] -= 1
            count += 1
        else:
            new.append(finding)
    return tuple(new), count


def write_baseline(path: Path, findings: Iterable[Finding]) -> None:
    """Write a baseline of these findings, in place of an earlier one.

    Raises:
        FileInTheWayError: another file is there.
        OutputError: the file cannot be written.
    """
    try:
        require_own(path, _BEGINS)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {reason_of(error, 'name another file')}") from error
    counted = sorted(Counter(map(_key, findings)).items())
    listed = [{"check": check, "model": model, "path": file, "count": count} for (check, model, file), count in counted]
    with written_whole(path, force=True) as temporary:
        temporary.write_text(json.dumps({_KEY: _VERSION, "findings": listed}, indent=2) + "\n", encoding="ascii")


def _key(finding: Finding) -> tuple[str, str, str]:
    return finding.verdict.check, finding.verdict.model, finding.path

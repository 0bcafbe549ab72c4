"""Find the model ids in code and configuration, and say what is wrong with them: retired, dearer, outclassed.

Names are imported on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmhub.lazy import lazily

if TYPE_CHECKING:
    from llmhub.audit.report import AuditReport, Finding, Replacement, Verdict
    from llmhub.audit.run import audit

__all__ = ["AuditReport", "Finding", "Replacement", "Verdict", "audit"]

_HOME = {
    "AuditReport": "llmhub.audit.report",
    "Finding": "llmhub.audit.report",
    "Replacement": "llmhub.audit.report",
    "Verdict": "llmhub.audit.report",
    "audit": "llmhub.audit.run",
}


if not TYPE_CHECKING:
    __getattr__ = lazily(__name__, _HOME)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})

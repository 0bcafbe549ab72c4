"""The values that an audit returns. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal, NamedTuple, get_args

Level = Literal["error", "warning", "note"]
Check = Literal["retired", "retires", "deprecated", "dearer", "superseded", "dominated"]

LEVELS: tuple[Level, ...] = get_args(Level)
"""The levels, the worst first."""

LEVEL_OF: Mapping[Check, Level] = {
    "retired": "error",
    "retires": "warning",
    "deprecated": "warning",
    "dearer": "note",
    "superseded": "note",
    "dominated": "note",
}
"""The checks, the worst first, and the level of their findings."""

SAYS: Mapping[Check, str] = {
    "retired": "The model's last day has passed, or its provider stopped listing it.",
    "retires": "The model's last day is near.",
    "deprecated": "A source calls the model deprecated, and names no day.",
    "dearer": "The model's price rose.",
    "superseded": "The model's lab offers a newer model of the same line at no higher price.",
    "dominated": "A callable model costs no more and is rated significantly better.",
}
"""What a finding of each check means."""


class Replacement(NamedTuple):
    """A callable model that can replace another.

    Attributes:
        model: its id in the catalog, as any-llm takes it.
        price_input_per_million: US dollars; None if it is unknown.
        price_output_per_million: US dollars; None if it is unknown.
        rating: points on LMArena's scale; None if it was not rated.
    """

    model: str
    price_input_per_million: float | None = None
    price_output_per_million: float | None = None
    rating: float | None = None


class Verdict(NamedTuple):
    """What is wrong with a model.

    Attributes:
        check: what found it.
        model: the offer, as `provider/model_id`; the id alone where it may mean several providers' offers.
        message: one sentence.
        retires_on: its last day; None if none is known.
        source: the source of the statement.
        citation: the page that the source cites, usually the provider's.
        replacements: callable models, the best first.
    """

    check: Check
    model: str
    message: str
    retires_on: date | None = None
    source: str | None = None
    citation: str | None = None
    replacements: tuple[Replacement, ...] = ()

    @property
    def level(self) -> Level:
        """Its level."""
        return LEVEL_OF[self.check]


class Finding(NamedTuple):
    """A verdict, and one place where the model is named.

    Attributes:
        verdict: what is wrong.
        written: the id as it is written there.
        path: the file, relative to the current folder where it is below it.
        line: from 1.
        column: from 1, in characters.
        cell: of a notebook, from 1; None elsewhere.
    """

    verdict: Verdict
    written: str
    path: str
    line: int
    column: int
    cell: int | None = None

    @property
    def level(self) -> Level:
        """Its level."""
        return self.verdict.level

    @property
    def place(self) -> str:
        """The file, line and column, as editors and terminals take them, and the cell of a notebook."""
        cell = "" if self.cell is None else f" (cell {self.cell})"
        return f"{self.path}:{self.line}:{self.column}{cell}"


class AuditReport(NamedTuple):
    """What an audit found.

    Attributes:
        findings: by file and line.
        files: how many files were read.
        skipped: how many files were left out, by reason.
        known: how many findings are left out because the baseline has them.
        models: how many mentions of models were found.
    """

    findings: tuple[Finding, ...]
    files: int
    skipped: Mapping[str, int]
    known: int = 0
    models: int = 0

    def fails(self, level: Level) -> bool:
        """Say whether a finding is of this level, or of a worse one."""
        return any(LEVELS.index(finding.level) <= LEVELS.index(level) for finding in self.findings)

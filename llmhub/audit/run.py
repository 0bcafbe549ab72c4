"""Audit files: find the ids of models in them, and judge each by what is stored. Asks no server."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from llmhub import progress
from llmhub.audit.baseline import is_baseline, read_baseline, without_known
from llmhub.audit.finding.kinds import kind_of, kind_of_script
from llmhub.audit.finding.known import Known
from llmhub.audit.finding.scanning import Mention, Scanner
from llmhub.audit.finding.texts import Left, read_text
from llmhub.audit.finding.walking import files_below, require_paths
from llmhub.audit.judging.facts import Facts, gather, known_keys
from llmhub.audit.judging.judge import Judge
from llmhub.audit.judging.ratings import ratings_of
from llmhub.audit.report import LEVEL_OF, AuditReport, Finding
from llmhub.catalog.matching.overrides import load_overrides
from llmhub.errors import NotFoundError, NothingKnownError
from llmhub.store import SnapshotStore

WITHIN = timedelta(days=90)
"""By default, a last day counts if it is at most this far ahead, and a price that rose if it did so in this time."""

_CHECKS = tuple(LEVEL_OF)


def audit(
    paths: Iterable[str | os.PathLike[str]] = (".",),
    *,
    within: timedelta = WITHIN,
    since: datetime | None = None,
    docs: bool = False,
    baseline: str | os.PathLike[str] | None = None,
    store: str | os.PathLike[str] | None = None,
    now: datetime | None = None,
) -> AuditReport:
    """Find the model ids in code and configuration, and say what is wrong with them, by what is stored here.

    Args:
        paths: files and folders; of folders the text files that git does not ignore.
        within: a last day counts if it is at most this far ahead.
        since: a price counts if it rose after this moment, timezone-aware; by default 90 days ago.
        docs: also read texts for people: Markdown, comments, docstrings.
        baseline: a file of known findings, which are left out.
        store: the arena store; by default the user's own.
        now: the current moment, timezone-aware; by default the clock's.

    Raises:
        PathNotFoundError: a path does not exist.
        NothingKnownError: the store has no ids yet, so that nothing could be found.
        BaselineError: the baseline cannot be used.
        StoreError: the store cannot be read; see its children.
    """
    given = [Path(path) for path in paths]
    require_paths(given)
    now = now or datetime.now(UTC)
    known_before = None if baseline is None else read_baseline(Path(baseline))
    overrides = load_overrides()
    with SnapshotStore.open(store) as opened:
        # Two connections: others may write to the store while files are read.
        with opened.reading() as connection:
            keys = known_keys(connection)
        if not keys:
            raise NothingKnownError(
                "the store knows no ids yet: `llmhub catalog refresh` stores today's, `llmhub catalog import` those of "
                "dated documents"
            )
        known = Known(keys, overrides)
        scanned = _scan(given, Scanner(known, docs=docs), docs=docs)
        judge = None
        if scanned.mentions:
            wanted = {key for _, one in scanned.mentions for choice in one.meant.choices for key in choice}
            with opened.reading() as connection:
                facts = gather(connection, wanted, since=since or now - WITHIN, now=now, overrides=overrides)
            rated = _with_ratings(facts, wanted, opened, now)
            judge = Judge(rated, known, within=within)
    findings = tuple(sorted(_findings(scanned.mentions, judge), key=_order))
    count = 0
    if known_before is not None:
        findings, count = without_known(findings, known_before)
    return AuditReport(findings, scanned.files, dict(scanned.skipped), count, len(scanned.mentions))


class _Scanned(NamedTuple):
    mentions: list[tuple[str, Mention]]
    files: int
    skipped: Counter[str]


def _scan(paths: list[Path], scanner: Scanner, *, docs: bool) -> _Scanned:
    mentions: list[tuple[str, Mention]] = []
    skipped: Counter[str] = Counter()
    files = 0
    here = os.getcwd()  # noqa: PTH109 -- compared as text, thousands of times
    with progress.step("reading files", "files") as step:
        for path in files_below(paths):
            kind = kind_of(path)
            if kind == "docs" and not docs:
                skipped["documentation"] += 1
                continue
            text = read_text(path)
            if isinstance(text, Left):
                skipped[text.reason] += 1
                continue
            if is_baseline(text):
                skipped["baseline"] += 1
                continue
            if kind == "other":
                kind = kind_of_script(text[:200]) or kind
            files += 1
            step.at(files)
            if found := scanner.mentions(text, kind):
                name = _shown(path, here)
                mentions.extend((name, mention) for mention in found)
    return _Scanned(mentions, files, skipped)


def _shown(path: str, here: str) -> str:
    """Return a path relative to the current folder where it is below it; bytes that are not text are escaped."""
    name = os.path.abspath(path)  # noqa: PTH100 -- without links resolved
    if name.startswith(here.rstrip(os.sep) + os.sep):
        name = os.path.relpath(name, here)
    return os.fsencode(name).decode(errors="backslashreplace")


def _with_ratings(facts: Facts, wanted: Iterable[str], store: SnapshotStore, now: datetime) -> Facts:
    """Add the ratings of found offers that cannot be called, where something rated can be called instead."""
    missing = [key for key in sorted(set(wanted)) if key in facts.current and key not in facts.ratings]
    if not missing or not any(model.arena_ci_low is not None for model in facts.models):
        return facts
    try:
        board = store.scores("latest", now=now)
        offers = store.offers(now=now)
    except NotFoundError:
        return facts
    matched = ratings_of([key for key in missing if key in offers], offers, board, facts.overrides)
    return facts._replace(ratings={**matched, **facts.ratings})


def _findings(mentions: Iterable[tuple[str, Mention]], judge: Judge | None) -> Iterator[Finding]:
    if judge is None:
        return
    for path, mention in mentions:
        for verdict in judge.verdicts(mention.meant):
            yield Finding(verdict, mention.meant.written, path, mention.line, mention.column, mention.cell)


def _order(finding: Finding) -> tuple[str, int, int, int]:
    return finding.path, finding.line, finding.column, _CHECKS.index(finding.verdict.check)

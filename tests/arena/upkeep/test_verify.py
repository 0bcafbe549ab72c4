from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from llmhub.arena import SnapshotStore
from llmhub.arena.upkeep.verify import CLEAR, RESTORE, Verification, verify
from llmhub.errors import StoreError, StoreUnusableError
from llmhub.storage.sqlite_errors import waiting_at_most
from tests.support.made_up.boards import DAY, NOW, board, many, text


@pytest.fixture
def filled(store: SnapshotStore, path: Path) -> Path:
    """Store two snapshots with two leaderboards."""
    store.add(text(a=1400.0, b=1300.0) | {"vision": {"ocr": board(a=1200.0)}}, taken_at=NOW - DAY)
    store.add(text(a=1401.0, b=1300.0), taken_at=NOW)
    store.close()
    return path


def changed(path: Path, *statements: str) -> Verification:
    """Change a store behind its back, and check it."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        for statement in statements:
            connection.execute(statement)
    before = path.read_bytes()
    found = verify(path, now=NOW)
    assert path.read_bytes() == before
    return found


def by_check(found: Verification, level: str) -> list[str]:
    return sorted({finding.check for finding in found.findings if finding.level == level})


def test_a_sound_store_has_no_findings_and_all_of_it_was_looked_at(filled: Path) -> None:
    assert verify(filled, now=NOW) == Verification((), errors=0, hints=0, boards=3, scores=5)


def test_no_store_and_an_empty_file_have_no_findings(path: Path) -> None:
    assert verify(path) == Verification((), 0, 0, 0, 0)
    path.touch()
    assert verify(path) == Verification((), 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("statements", "checks", "message"),
    [
        (["UPDATE score SET rating = 1399.9 WHERE rating = 1400.0"], ["digests"], "text / overall (board 1) is not"),
        (["UPDATE score SET votes = 7 WHERE rating = 1400.0"], ["digests"], "its digest is another"),
        (["UPDATE score SET votes = NULL WHERE rating = 1400.0"], ["digests"], "its digest is another"),
        (["UPDATE model SET name = 'c' WHERE name = 'a'"], ["digests"], "its digest is another"),
        (["UPDATE ranking SET category = 'x' WHERE category = 'ocr'"], ["digests"], "vision / x"),
        (["DELETE FROM score WHERE rating = 1200.0"], ["digests"], "vision / ocr"),
        (["UPDATE score SET rating = 9e999, upper = NULL WHERE rating = 1400.0"], ["digests", "values"], "impossible"),
        (["UPDATE score SET upper = 1.0 WHERE rating = 1400.0"], ["digests", "values"], "impossible"),
        (["UPDATE score SET votes = -1 WHERE rating = 1400.0"], ["digests", "values"], "1 impossible score:"),
        (["UPDATE score SET votes = 'many' WHERE rating = 1400.0"], ["digests", "values"], "impossible"),
        (["UPDATE snapshot SET source = 'rumour'"], ["values"], "of source 'rumour', which does not exist"),
        (["UPDATE snapshot SET taken_at = '2026-01-10' WHERE id = 2"], ["values"], "10': that is not a moment"),
        (["UPDATE snapshot SET taken_at = 12 WHERE id = 2"], ["values"], "that is not a moment"),
        (["UPDATE snapshot_leaderboard SET published_on = 'Monday'"], ["values"], "'Monday': that is not a date"),
        (["UPDATE model SET name = '' WHERE name = 'a'"], ["digests", "values"], "model: 1 row without a name"),
        (["UPDATE model SET name = ' \u2003' WHERE name = 'a'"], ["digests", "values"], "model: 1 row without a name"),
        (
            ["UPDATE ranking SET leaderboard = '  ' WHERE category = 'ocr'"],
            ["digests", "values"],
            "ranking: 1 row without",
        ),
        (
            ["UPDATE snapshot_leaderboard SET leaderboard = ' ' WHERE leaderboard = 'vision'"],
            ["values"],
            "board: 1 row without",
        ),
        (
            ["DELETE FROM model WHERE name = 'a'"],
            ["digests", "references"],
            "score: 3 rows without the model named in it",
        ),
        (["DELETE FROM board WHERE id = 3"], ["references"], "without the board named in it"),
        (["DELETE FROM snapshot WHERE id = 1"], ["references"], "without the snapshot named in it"),
        (["DELETE FROM snapshot_leaderboard WHERE snapshot_id = 2"], ["snapshots"], "which it does not list"),
        (["DELETE FROM snapshot_board WHERE snapshot_id = 2"], ["snapshots"], "snapshot 2 has no board"),
        (["DELETE FROM sqlite_sequence"], ["snapshots"], "could get an id that was given before"),
        (["DROP TABLE snapshot_leaderboard"], ["snapshots", "values"], "could not be finished: no such table"),
        (["UPDATE model SET name = CAST(x'ff41' AS TEXT) WHERE name = 'a'"], ["digests"], "its digest is another"),
        (["UPDATE board SET digest = 'text' WHERE id = 1"], ["digests"], "its digest is another"),
    ],
)
def test_damage_is_an_error_that_says_what_and_where_and_what_to_do(
    filled: Path, statements: Sequence[str], checks: Sequence[str], message: str
) -> None:
    found = changed(filled, *statements)
    errors = [finding for finding in found.findings if finding.level == "error"]
    assert set(checks) <= set(by_check(found, "error"))
    assert any(message in finding.message for finding in errors), errors
    assert {finding.remedy for finding in errors} == {RESTORE}
    assert found.errors == len(errors) > 0


def test_what_is_left_over_is_a_hint_with_the_command_that_removes_it(filled: Path) -> None:
    found = changed(filled, "INSERT INTO model (name) VALUES ('nobody')")
    assert (found.errors, found.hints) == (0, 1)
    (hint,) = found.findings
    assert (hint.level, hint.check, hint.remedy) == ("hint", "orphans", CLEAR)
    assert hint.message == "1 model on no board of any snapshot"


def test_a_name_with_a_nul_which_earlier_versions_stored_is_a_hint_and_costs_nothing(filled: Path) -> None:
    found = changed(filled, "INSERT INTO model (name) VALUES (CAST(x'610062' AS TEXT))")
    assert found.errors == 0
    assert any("model: 1 name with a NUL" in finding.message for finding in found.findings)


def test_orphaned_boards_are_hints_beside_the_damage_that_made_them(filled: Path) -> None:
    found = changed(filled, "DELETE FROM snapshot_board WHERE snapshot_id = 1")
    assert by_check(found, "hint") == ["orphans"]
    assert "2 boards of no snapshot, with 3 scores" in [finding.message for finding in found.findings]


def test_a_snapshot_that_is_dated_in_the_future_is_a_hint(store: SnapshotStore, path: Path) -> None:
    store.add(text(a=1.0), taken_at=NOW + DAY)
    (hint,) = verify(path, now=NOW).findings
    assert (hint.level, hint.remedy) == ("hint", None)
    assert verify(path, now=NOW + DAY).findings == ()


def test_many_findings_of_one_kind_are_cut_short_and_counted(store: SnapshotStore, path: Path) -> None:
    store.add({"text": {f"c{number}": board(a=1.0) for number in range(30)}}, taken_at=NOW)
    store.close()
    found = changed(path, "UPDATE score SET votes = 1")
    assert (len(found.findings), found.errors) == (21, 30)
    assert found.findings[-1].message == "10 more like these"


@pytest.mark.parametrize("kept", [0.3, 0.6, 0.95])
def test_a_file_that_was_cut_off_has_findings(store: SnapshotStore, path: Path, kept: float) -> None:
    store.add(many(3000), taken_at=NOW)
    store.close()
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * kept)])
    assert verify(path, now=NOW).errors > 0


@pytest.mark.parametrize("page", range(1, 30, 3))
def test_a_page_of_rubbish_has_findings_and_no_traceback(store: SnapshotStore, path: Path, page: int) -> None:
    store.add(many(3000), taken_at=NOW)
    store.close()
    content = bytearray(path.read_bytes())
    content[page * 4096 : (page + 1) * 4096] = b"\xa5" * 4096
    path.write_bytes(content)
    try:
        found = verify(path, now=NOW)
    except StoreUnusableError:
        # The rubbish lies over the table that names the schema's revision.
        assert page < 10
    else:
        assert found.errors > 0


def test_a_file_of_rubbish_is_one_finding(path: Path) -> None:
    path.write_bytes(b"rubbish" * 1000)
    (finding,) = verify(path).findings
    assert (finding.level, finding.check, finding.remedy) == ("error", "file", RESTORE)


def test_another_programs_file_is_none_of_ours_to_check(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    with pytest.raises(StoreUnusableError, match="another program's"):
        verify(path)


def test_every_finding_is_printable_whatever_the_names(store: SnapshotStore, path: Path) -> None:
    store.add({"\x1b[31m": {"two\nlines": board(a=1.0)}}, taken_at=NOW)
    store.close()
    (finding,) = changed(path, "UPDATE score SET votes = 1").findings
    assert finding.message.isprintable()


def test_a_store_that_another_process_keeps_is_no_finding(filled: Path) -> None:
    with waiting_at_most(0.05), closing(sqlite3.connect(filled, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError, match="in use by another process"):
            verify(filled)

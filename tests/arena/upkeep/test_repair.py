"""A damaged store: what holds of it is saved, what is lost is told, and the damaged file is never written to."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from llmhub.arena import SnapshotStore
from llmhub.arena.boards import Leaderboard, ModelFacts
from llmhub.arena.upkeep.page_records import Pages, records
from llmhub.arena.upkeep.repair import Repaired, repair
from llmhub.arena.upkeep.verify import verify
from llmhub.errors import StoreDamagedError, StoreUnusableError
from llmhub.offers.sql.storing import offer_writer
from tests.arena.upkeep.filled_stores import Content, changed, content, fill, names
from tests.offers.offers import offer
from tests.support.effort import PROFILE, by_profile
from tests.support.made_up.boards import DAY, NOW, score, sound, text

PAGE = 4096
STEP = by_profile(ci=8, nightly=4)
"""One of so many pages is damaged, in four tests beside each other."""


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, Content]:
    """Return a sound store's bytes and content."""
    path = tmp_path_factory.mktemp("filled") / "arena.db"
    fill(path)
    return path.read_bytes(), content(path)


def assert_repaired(path: Path, done: Repaired, damaged: bytes, whole: Content, *, dates: bool = True) -> Content:
    """Check that what is kept is as it was, that all else is told to be lost, and that the damaged file is untouched.

    Nothing proves a publication date: where bits were turned over in it, `dates` are not compared.
    """
    kept = content(path)
    for key, (*known, day) in kept.items():
        assert known == [*whole[key][:-1]]
        assert day in {None, whole[key][-1]} or not dates
    lost = {(loss.snapshot_id, loss.part) for loss in done.lost}
    assert lost == whole.keys() - kept.keys()
    assert done.damaged is not None
    assert done.damaged.read_bytes() == damaged
    assert sound(path)
    assert verify(path, now=NOW).errors == 0
    assert path.stat().st_mode & 0o777 == 0o600
    assert names(path) == {path.name, done.damaged.name}
    return kept


def flipped(page: bytes, seed: int) -> bytes:
    """Return a page with one bit in a hundred bytes, and one in its header, turned over."""
    chance = random.Random(seed)  # noqa: S311 -- the same damage in every run
    content = bytearray(page)
    for at in [chance.randrange(12), *(chance.randrange(len(page)) for _ in range(len(page) // 100))]:
        content[at] ^= 1 << chance.randrange(8)
    return bytes(content)


@pytest.mark.parametrize("part", range(4))
@pytest.mark.parametrize("kind", ["flipped", "zero"])
def test_whichever_page_is_damaged_the_rest_is_saved_and_nothing_is_lost_in_silence(
    path: Path, filled: tuple[bytes, Content], part: int, kind: str
) -> None:
    before, whole = filled
    unsaved = 0
    # By default each page is damaged in one of the two ways, every night in both.
    first = 1 + part + (4 if PROFILE == "ci" and kind == "zero" else 0)
    for page in range(first, len(before) // PAGE, STEP):
        for one in names(path):
            path.with_name(one).unlink()
        start = page * PAGE
        old = before[start : start + PAGE]
        damaged = before[:start] + (flipped(old, page) if kind == "flipped" else bytes(PAGE)) + before[start + PAGE :]
        path.write_bytes(damaged)
        try:
            done = repair(path, now=NOW)
        except StoreDamagedError:
            # The page led to all scores, or to all boards of all snapshots.
            unsaved += 1
            assert (path.read_bytes(), names(path)) == (damaged, {"arena.db"})
            continue
        if done.sound:
            # What was turned over lies where SQLite keeps nothing.
            assert content(path) == whole
            assert path.read_bytes() == damaged
        else:
            assert_repaired(path, done, damaged, whole, dates=kind == "zero")
    # The list of tables is known of every revision; only which snapshot has which board stands nowhere else.
    assert unsaved <= (kind == "zero")


def test_scores_that_no_page_leads_to_any_more_are_read_from_their_own_pages(path: Path) -> None:
    fill(path, days=60)
    whole = content(path)
    with closing(sqlite3.connect(path)) as connection:
        (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'score'").fetchone()
    before = path.read_bytes()
    damaged = before[: (root - 1) * PAGE] + bytes(PAGE) + before[root * PAGE :]
    path.write_bytes(damaged)
    kept = assert_repaired(path, repair(path, now=NOW), damaged, whole)
    # Only the lines that stood on the page itself are gone, and with them their boards.
    assert len(kept) > len(whole) / 10


def page_of(path: Path, name: str) -> int:
    """Return on which page the tree of a table begins."""
    with closing(sqlite3.connect(path)) as connection:
        (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (name,)).fetchone()
        return int(root)


def schema_pages(path: Path) -> list[int]:
    """Return the pages that the list of tables goes on to after the file's first page."""
    pages = Pages(path.read_bytes())
    kinds = {"table", "index", "view"}
    return [n for n in range(2, len(pages) + 1) if any(len(one) == 5 and one[0] in kinds for one in records(pages[n]))]


def without(content: bytes, *pages: int) -> bytes:
    """Return a file of whose pages some are zeroes."""
    for number in pages:
        content = content[: (number - 1) * PAGE] + bytes(PAGE) + content[number * PAGE :]
    return content


@pytest.mark.parametrize("packed", [False, True], ids=["as written", "rewritten"])
def test_with_the_list_of_tables_gone_and_even_the_files_header_all_is_saved(path: Path, *, packed: bool) -> None:
    fill(path, days=30)
    if packed:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("VACUUM")
    whole, before = content(path), path.read_bytes()
    list_of_tables = schema_pages(path)
    assert len(list_of_tables) > 1
    one = [without(before, number) for number in list_of_tables]
    for damaged in (*one, without(before, *list_of_tables), bytes(100) + before[100:], without(before, 1)):
        for name in names(path):
            path.with_name(name).unlink()
        path.write_bytes(damaged)
        done = repair(path, now=NOW)
        if not done.sound:
            assert assert_repaired(path, done, damaged, whole) == whole
            assert (done.lost, done.unknown) == ((), ())
        assert content(path) == whole


@pytest.mark.parametrize("packed", [False, True], ids=["as written", "rewritten"])
def test_with_the_list_of_tables_gone_prices_are_not_taken_for_boards(path: Path, *, packed: bool) -> None:
    fill(path, days=6)
    moments = [NOW - number * DAY for number in range(4)]
    # More price lists than boards: their table is the larger one of two with the same columns.
    keys = [f"made-up-{provider}/model-{number}" for provider in range(9) for number in range(20)]
    with offer_writer(path) as writer:
        for number, moment in enumerate(reversed(moments)):
            prices = {key: offer(key, price_input_per_million=float(number)) for key in keys}
            writer.add_offers(prices, taken_at=moment)
            writer.add_listings({"made-up-1": [f"model-{number}"]}, taken_at=moment)
    if packed:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("VACUUM")
    whole, before = content(path), path.read_bytes()
    damaged = without(before, *schema_pages(path), 1)
    path.write_bytes(damaged)
    done = repair(path, now=NOW)
    assert (done.lost, done.unknown, done.others) == ((), (), 2 * len(moments))
    assert content(path) == whole
    with SnapshotStore.open(path) as store:
        found = {
            float(number): store.offers(f"{moment:%Y-%m-%d}", now=NOW)
            for number, moment in enumerate(reversed(moments))
        }
    for price, offers in found.items():
        assert {key: one.price_input_per_million for key, one in offers.items()} == dict.fromkeys(keys, price)


def test_which_boards_a_snapshot_has_is_told_by_elimination_where_its_page_is_gone(path: Path) -> None:
    fill(path, days=1)
    whole = content(path)
    damaged = without(path.read_bytes(), page_of(path, "snapshot_board"))
    path.write_bytes(damaged)
    assert assert_repaired(path, repair(path, now=NOW), damaged, whole) == whole
    # Both snapshots list a leaderboard of which there is one board.
    fill(path, days=2)
    whole = content(path)
    for name in names(path) - {path.name}:
        path.with_name(name).unlink()
    damaged = without(path.read_bytes(), page_of(path, "snapshot_board"))
    path.write_bytes(damaged)
    kept = assert_repaired(path, repair(path, now=NOW), damaged, whole)
    assert kept.keys() == {(1, "vision"), (2, "vision")}


@pytest.mark.parametrize(
    ("statement", "lost", "unknown"),
    [
        ("UPDATE score SET votes = 7 WHERE board_id = 1 AND model_id = 1", {(1, "text"), (2, "text")}, 0),
        ("DELETE FROM score WHERE board_id = 1", {(1, "text"), (2, "text")}, 0),
        ("DELETE FROM board WHERE id = 1", {(1, "text"), (2, "text")}, 0),
        ("DELETE FROM snapshot WHERE id = 3", {(3, "text")}, 0),
        ("DELETE FROM snapshot_leaderboard WHERE snapshot_id = 3", set(), 1),
        ("DELETE FROM snapshot_board WHERE snapshot_id = 3", {(3, "text")}, 0),
        ("UPDATE snapshot_board SET board_id = 1 WHERE snapshot_id = 8 AND ranking_id = 1", {(8, "text")}, 0),
        ("UPDATE snapshot SET taken_at = 'soon' WHERE id = 4", {(4, "text"), (4, "vision")}, 0),
        ("UPDATE snapshot_leaderboard SET published_on = 'Monday' WHERE snapshot_id = 3", set(), 1),
        ("UPDATE model SET name = 'another' WHERE name = 'made-up-000'", None, 0),
        ("UPDATE model SET license_as_of = 12 WHERE name = 'made-up-000'", set(), 1),
        ("DELETE FROM sqlite_master WHERE name = 'sqlite_autoindex_model_1'", set(), 0),
        ("DELETE FROM sqlite_master WHERE name = 'sqlite_autoindex_snapshot_1'", set(), 0),
        ("DELETE FROM alembic_version", set(), 0),
    ],
)
def test_rows_and_indexes_that_are_gone_or_wrong_cost_what_hung_on_them(
    path: Path, filled: tuple[bytes, Content], statement: str, lost: set[tuple[int, str]] | None, unknown: int
) -> None:
    before, whole = filled
    path.write_bytes(before)
    damaged = changed(path, statement)
    if "license_as_of" in statement:
        # No check looks at it, so that alone it is no damage.
        damaged = changed(path, "DELETE FROM alembic_version")
    done = repair(path, now=NOW)
    kept = assert_repaired(path, done, damaged, whole)
    if lost is None:
        lost = {key for key, (_, _, boards, _) in whole.items() if any("made-up-000" in b for b in boards.values())}  # type: ignore[attr-defined]  # a board
    assert whole.keys() - kept.keys() == lost
    assert len(done.unknown) == unknown
    assert all(loss.reason for loss in done.lost)


def test_snapshots_keep_their_ids_and_a_lost_one_is_not_given_again(path: Path) -> None:
    fill(path, days=3)
    changed(path, "DELETE FROM snapshot WHERE id = 3")
    done = repair(path, now=NOW)
    assert [one.id for one in done.kept] == [2, 1]
    assert [(loss.snapshot_id, loss.taken_at, loss.part) for loss in done.lost] == [(3, None, "text")]
    with SnapshotStore.open(path) as store:
        assert store.add(text(a=1.0), taken_at=NOW).id == 4


def test_facts_of_models_revision_and_script_are_saved_too(path: Path) -> None:
    with SnapshotStore.open(path) as store:
        given = Leaderboard({"overall": {"a": score(1.0)}}, {"a": ModelFacts("Made up", "MIT")}, date(2026, 1, 2))
        store.add({"text": given}, taken_at=NOW, revision="abc", script="/some/script.py")
        before, facts = store.snapshots(), store.publication(store.snapshots()[0])
    changed(path, "DELETE FROM alembic_version")
    repair(path)
    with SnapshotStore.open(path) as store:
        assert store.snapshots() == before
        assert store.publication(before[0]) == facts


@pytest.mark.parametrize("kept", [0.7, 0.8, 0.95])
def test_of_a_file_that_was_cut_off_the_rest_is_saved(path: Path, kept: float) -> None:
    fill(path, days=60)
    whole = content(path)
    damaged = path.read_bytes()[: int(path.stat().st_size * kept) // PAGE * PAGE]
    path.write_bytes(damaged)
    left = assert_repaired(path, repair(path, now=NOW), damaged, whole)
    assert left
    assert left != whole


def test_a_sound_store_stays_as_it_is(path: Path, filled: tuple[bytes, Content]) -> None:
    path.write_bytes(filled[0])
    status = path.stat()
    assert repair(path) == Repaired(sound=True)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == (filled[0], status.st_mtime_ns)
    assert names(path) == {"arena.db"}


def test_where_there_is_no_store_nothing_is_made(tmp_path: Path) -> None:
    assert repair(tmp_path / "nowhere" / "arena.db") == Repaired(sound=True)
    assert not (tmp_path / "nowhere").exists()


def test_a_dry_run_says_what_would_be_saved_and_changes_nothing(path: Path, filled: tuple[bytes, Content]) -> None:
    path.write_bytes(filled[0])
    damaged = changed(path, "DELETE FROM score WHERE board_id = 1")
    told = repair(path, now=NOW, dry_run=True)
    assert told.damaged is None
    assert path.read_bytes() == damaged
    assert names(path) == {"arena.db"}
    done = repair(path, now=NOW)
    assert (done.kept, done.lost, done.boards, done.scores) == (told.kept, told.lost, told.boards, told.scores)


def words(path: Path) -> None:
    path.write_text("This was a store once.\n" * 400)


def no_scores(path: Path) -> None:
    changed(path, "DELETE FROM score")


@pytest.mark.parametrize("damage", [words, no_scores])
def test_where_nothing_can_be_saved_that_is_said_with_the_remedy_and_nothing_is_changed(
    path: Path, damage: Callable[[Path], None]
) -> None:
    fill(path, days=1)
    damage(path)
    before = path.read_bytes()
    with pytest.raises(
        StoreDamagedError, match=r"nothing can be saved of .*; it was not touched: restore it from a copy"
    ):
        repair(path)
    assert path.read_bytes() == before
    assert names(path) == {"arena.db"}


def another_programs(path: Path) -> None:
    path.unlink()
    changed(path, "CREATE TABLE theirs (id INTEGER)")


def newer(path: Path) -> None:
    changed(path, "UPDATE alembic_version SET version_num = '9999'", "DELETE FROM score")


@pytest.mark.parametrize(("make", "said"), [(another_programs, "another program's"), (newer, "newer llmhub")])
def test_another_programs_file_and_a_newer_ones_are_refused(
    path: Path, make: Callable[[Path], None], said: str
) -> None:
    fill(path, days=1)
    make(path)
    before = path.read_bytes()
    with pytest.raises(StoreUnusableError, match=said):
        repair(path)
    assert path.read_bytes() == before
    assert names(path) == {"arena.db"}

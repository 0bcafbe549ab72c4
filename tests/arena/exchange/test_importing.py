from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest

from llmhub.arena import SnapshotStore
from llmhub.arena.exchange.importing import (
    PublicationFile,
    identify,
    import_publication,
    in_order,
    read_leaderboard_file,
)
from llmhub.errors import PayloadError, SnapshotConflictError
from tests.support.made_up.boards import DAY, NOW, board, payload, rows, text, upstream_row
from tests.support.processes.children import run_unprivileged

DATE = datetime(2025, 5, 20, tzinfo=UTC)


def file_with(folder: Path, rating: float, name: str = "leaderboard-text.json") -> Path:
    """Write a leaderboard file of one model and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    content = payload({"full": {"a": upstream_row(rating)}})
    path = folder / name
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return path


@pytest.mark.parametrize(
    ("path", "leaderboard", "taken_at"),
    [
        ("2025-05-20/leaderboard-text.json", "text", DATE),
        ("2025-05-20/leaderboard-text.json.gz", "text", DATE),
        ("2025-05-20/leaderboard-text-style-control.json.gz", "text-style-control", DATE),
        ("2025-05-20/leaderboard-vision.json", "vision", DATE),
        ("2025-05-20/leaderboard-vision-style-control.json", "vision-style-control", DATE),
        ("2025-05-20/leaderboard-image.json", "text-to-image", DATE),
        ("2025-05-20/leaderboard-text-to-image.json", "text-to-image", DATE),
        ("2025-05-20-leaderboard-text.json", "text", DATE),
        ("arena-2025-05-20-final/data/leaderboard-text.json", "text", DATE),
        ("2024-01-01/2025-05-20/leaderboard-text.json", "text", DATE),
    ],
)
def test_the_name_says_the_leaderboard_and_the_nearest_folder_the_date(
    tmp_path: Path, path: str, leaderboard: str, taken_at: datetime
) -> None:
    assert identify(tmp_path / path) == PublicationFile(tmp_path / path, leaderboard, taken_at)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("2025-05-20/leaderboard-search.json", "says no known leaderboard.*--leaderboard"),
        ("2025-05-20/text.json", "says no known leaderboard.*leaderboard-text.json"),
        ("2025-05-20/leaderboard-text.json.bz2", "--leaderboard"),
        ("2025-05-20/leaderboard-text.jsonl", "--leaderboard"),
        ("somewhere/leaderboard-text.json", "has no date.*--taken-at"),
        ("20250520/leaderboard-text.json", "has no date.*--taken-at"),
        ("12025-05-201/leaderboard-text.json", "has no date.*--taken-at"),
        ("2025-05-20 to 2025-05-21/leaderboard-text.json", "2 dates.*--taken-at"),
        ("2025-02-30/leaderboard-text.json", "day is out of range.*--taken-at"),
    ],
)
def test_a_path_that_does_not_say_names_the_option_that_does(path: str, message: str) -> None:
    # Not in tmp_path, whose own name could have a date in it; nothing is read or written.
    with pytest.raises(PayloadError, match=message):
        identify(Path("/nowhere") / path)


def test_what_is_given_goes_before_what_the_path_says(tmp_path: Path) -> None:
    found = identify(tmp_path / "2025-05-20" / "leaderboard-text.json", leaderboard="search", taken_at=NOW)
    assert (found.leaderboard, found.taken_at) == ("search", NOW)


@pytest.mark.parametrize("name", ["leaderboard-text.json", "leaderboard-text.json.gz"])
def test_a_file_becomes_a_snapshot_of_its_date(store: SnapshotStore, tmp_path: Path, name: str) -> None:
    imported = import_publication(store, identify(file_with(tmp_path / "2025-05-20", 1400.0, name)))
    assert imported.new
    assert imported.snapshot == store.latest()
    assert (imported.snapshot.source, imported.snapshot.taken_at) == ("arena-catalog", DATE)
    assert imported.snapshot.published_on == DATE.date()
    assert store.scores() == {"a": board(a=1400.0)["a"]._replace(votes=None)}


def test_importing_the_same_file_again_is_no_news(store: SnapshotStore, path: Path, tmp_path: Path) -> None:
    publication = identify(file_with(tmp_path / "2025-05-20", 1400.0))
    first = import_publication(store, publication)
    before = path.read_bytes()
    again = import_publication(store, publication)
    assert (again.snapshot, again.new) == (first.snapshot, False)
    assert path.read_bytes() == before


def test_another_version_of_a_file_is_refused(store: SnapshotStore, path: Path, tmp_path: Path) -> None:
    import_publication(store, identify(file_with(tmp_path / "2025-05-20", 1400.0)))
    before = rows(path)
    with pytest.raises(SnapshotConflictError, match=r"arena-catalog at 2025-05-20.*overall differ"):
        import_publication(store, identify(file_with(tmp_path / "again" / "2025-05-20", 1401.0)))
    assert rows(path) == before


def test_a_vision_file_on_top_of_everything_changes_nothing_for_text(store: SnapshotStore, tmp_path: Path) -> None:
    store.add(text(a=1400.0, b=1300.0), taken_at=NOW)
    store.add(text(a=1410.0, b=1300.0), taken_at=NOW + DAY)
    later = NOW + 3 * DAY

    def answers() -> object:
        found = [store.resolve(reference, now=later) for reference in ("latest", "latest~1", "previous", "1d")]
        return found, store.scores(now=later), store.track("a"), store.diff(now=later)

    before = answers()
    file = file_with(tmp_path / "2026-01-12", 1100.0, "leaderboard-vision.json")
    assert import_publication(store, identify(file)).snapshot.taken_at > NOW + DAY
    assert answers() == before


def test_publications_go_in_by_date_and_those_of_one_date_as_given() -> None:
    days = {"c": 2, "b": 1, "a": 1, "d": 0}
    given = [PublicationFile(Path(name), "text", DATE + number * DAY) for name, number in days.items()]
    assert [publication.path.name for publication in in_order(given)] == ["d", "b", "a", "c"]


def missing(path: Path) -> None:
    """Leave nothing at the path."""


def folder(path: Path) -> None:
    path.mkdir()


def not_gzip(path: Path) -> None:
    path.write_bytes(b'{"full": {}}')


def cut_off(path: Path) -> None:
    path.write_bytes(gzip.compress(bytes(100_000))[:-9])


def garbled(path: Path) -> None:
    content = bytearray(gzip.compress(payload({"full": {"a": upstream_row(1.0)}})))
    content[20] ^= 0xFF
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (missing, "found no such file"),
        (folder, "cannot be read: Is a directory"),
        (not_gzip, "cannot be read: Not a gzipped file"),
        (cut_off, "found damaged gzip data"),
        (garbled, r"damaged gzip data|cannot be read: CRC check failed"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, make: object, message: str) -> None:
    path = tmp_path / "leaderboard-text.json.gz"
    assert callable(make)
    make(path)
    with pytest.raises(PayloadError, match=message) as caught:
        read_leaderboard_file(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert str(caught.value).isprintable()


def test_a_file_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    path = file_with(tmp_path, 1400.0)
    path.chmod(0)
    code = """
    import sys
    from pathlib import Path
    from llmhub.arena.exchange.importing import read_leaderboard_file
    from llmhub.errors import PayloadError
    try:
        read_leaderboard_file(Path(sys.argv[1]))
    except PayloadError as error:
        print(error)
    """
    assert run_unprivileged(code, path) == f"{path}: cannot be read: Permission denied"


def test_an_error_in_a_file_names_the_file_and_writes_nothing(store: SnapshotStore, path: Path, tmp_path: Path) -> None:
    file = file_with(tmp_path / "2025-05-20", float("nan"))
    with pytest.raises(PayloadError) as caught:
        import_publication(store, identify(file))
    assert str(caught.value).startswith(f"{file}: full.a.rating: found nan")
    assert not path.exists()


@pytest.mark.needs_shared
def test_the_twelve_real_dates_make_twelve_snapshots_in_order_and_again_none(
    store: SnapshotStore, path: Path, shared_data: Path
) -> None:
    files = sorted((shared_data / "arena-catalog").glob("*/*.json.gz"), reverse=True)
    publications = in_order([identify(file) for file in files])
    assert sum(import_publication(store, publication).new for publication in publications) == len(files) == 59
    taken = [snapshot.taken_at.date().isoformat() for snapshot in reversed(store.snapshots())]
    assert taken == sorted({file.parent.name for file in files})
    assert len(taken) == 12
    before = path.read_bytes()
    assert not any(import_publication(store, publication).new for publication in publications)
    assert path.read_bytes() == before

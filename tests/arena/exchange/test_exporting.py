from __future__ import annotations

import gzip
import json
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmhub.arena import Leaderboard, ModelFacts, Score, SnapshotStore
from llmhub.arena.boards import Board, Snapshot
from llmhub.arena.exchange.exporting import Format, export, find_snapshot
from llmhub.arena.exchange.importing import identify, import_dataset, import_publication
from llmhub.arena.exchange.json_files import parse_leaderboard
from llmhub.arena.sql.digest import board_digest
from llmhub.arena.upstream import upstream_shape
from llmhub.errors import BoardNotFoundError, FileInTheWayError, OutputError, PayloadError
from tests.support.effort import by_profile
from tests.support.made_up.boards import ANY_BOARDS, DAY, NOW, board, many, score, text
from tests.support.processes.children import run_limited

DAY_OF = date(2026, 1, 9)

# Floats that only their shortest exact form brings back, unknown bounds and votes, and a tie.
ODD = {
    "third": Score(1000 / 3, 1000 / 3 - 1e-13, 400.0, 0),
    "unknown": Score(1301.1368441320633),
    "half": Score(0.1 + 0.2, None, 5e2, (1 << 53) - 1),
    "tie": Score(1000 / 3, 0.0, 1e9, 7),
    "名前 'quoted' \"twice\"\n": score(1.0),
}


@pytest.fixture
def odd(store: SnapshotStore) -> Snapshot:
    """Store a snapshot with known and unknown leaderboards and names that are no file's."""
    facts = {"third": ModelFacts("Made-Up Labs", "MIT"), "tie": ModelFacts(None, "Proprietary")}
    given = {
        "text": Leaderboard({"overall": ODD, "hard_prompts": board(a=1.0), "coding": {}}, facts, DAY_OF),
        "text-to-image": Leaderboard({"overall": board(i=1.0)}, published_on=DAY_OF - DAY),
        "webdev": Leaderboard({"overall": board(w=1.0)}),
        "image": Leaderboard({"overall": board(x=1.0)}),
        "../../evil": Leaderboard({"overall": board(e=1.0)}),
    }
    return store.add(given, taken_at=NOW, revision="abc", script="/home/someone/private/script.py")


def digests(path: Path) -> set[tuple[str, str, str, bytes]]:
    asked = """
        SELECT date(taken_at), leaderboard, category, digest
          FROM snapshot_board sb JOIN snapshot s ON s.id = snapshot_id
          JOIN board b ON b.id = board_id JOIN ranking r ON r.id = b.ranking_id
    """
    with closing(sqlite3.connect(path)) as connection:
        return set(connection.execute(asked))


def names_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_a_publication_is_what_was_added(store: SnapshotStore) -> None:
    given = {
        "text": Leaderboard({"overall": ODD, "empty": {}}, {name: ModelFacts() for name in ODD}, DAY_OF),
        "vision": Leaderboard({"ocr": board(a=1.0)}, {"a": ModelFacts("Lab", "MIT")}),
    }
    taken = store.add(given, taken_at=NOW)
    assert store.publication(taken) == given
    assert store.publication(taken, "vision") == {"vision": given["vision"]}
    assert store.publication(taken, "search") == {}


def test_what_is_exported_and_imported_elsewhere_has_the_same_digests_and_dates(
    store: SnapshotStore, path: Path, odd: Snapshot, tmp_path: Path
) -> None:
    done = export(store, odd, tmp_path / "out")
    assert {file.leaderboard for file in done.files} == set(odd.leaderboards)
    assert all(file.lost is None for file in done.files)
    other = tmp_path / "other.db"
    with SnapshotStore.open(other) as again:
        imported = [import_publication(again, identify(file.path)).snapshot for file in done.files][-1]
        assert imported.taken_at == NOW
        assert imported.leaderboards == {
            **odd.leaderboards,
            **dict.fromkeys(("webdev", "image", "../../evil"), NOW.date()),
        }
        assert again.publication(imported)["text"].models == store.publication(odd)["text"].models
    assert digests(other) == digests(path)


@pytest.mark.parametrize("kind", ["json", "parquet"])
def test_no_leaderboards_name_leads_out_of_the_folder(
    store: SnapshotStore, odd: Snapshot, tmp_path: Path, kind: Format
) -> None:
    folder = tmp_path / "deep" / "out"
    export(store, odd, folder, format=kind)
    found = names_in(tmp_path / "deep")
    assert len(found) == 6
    assert all(name.startswith("out/") for name in found)
    plain = {
        "json": {"leaderboard-text.json", "leaderboard-image.json", "leaderboard-webdev.json"},
        "parquet": {f"{subset}/latest-00000-of-00001.parquet" for subset in ("text", "text_to_image", "webdev")},
    }
    assert {f"out/{name}" for name in plain[kind] | {"leaderboard-meta.json"}} <= found


def test_the_meta_file_says_what_the_files_are_and_whom_to_name(
    store: SnapshotStore, odd: Snapshot, tmp_path: Path
) -> None:
    done = export(store, odd, tmp_path, leaderboard="text")
    meta = json.loads(done.meta.read_text())
    assert meta == {
        "source": "script",
        "taken_at": "2026-01-10T12:00:00Z",
        "revision": "abc",
        "attribution": "LMArena leaderboard dataset, "
        "https://huggingface.co/datasets/lmarena-ai/leaderboard-dataset, CC-BY-4.0",
        "leaderboards": {
            "text": {"file": "leaderboard-text.json", "published_on": "2026-01-09", "boards": 3, "rows": 6}
        },
    }
    assert "private" not in done.meta.read_text()


def test_files_that_are_there_are_only_written_over_by_force_and_none_is_before_all_are(
    store: SnapshotStore, odd: Snapshot, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "leaderboard-webdev.json").write_text("precious")
    with pytest.raises(FileInTheWayError, match=r"leaderboard-webdev\.json is there already.*--force"):
        export(store, odd, folder)
    assert names_in(folder) == {"leaderboard-webdev.json"}
    assert (folder / "leaderboard-webdev.json").read_text() == "precious"
    export(store, odd, folder, force=True)
    assert "precious" not in (folder / "leaderboard-webdev.json").read_text()
    assert len(names_in(folder)) == 6


def test_a_folder_that_cannot_be_made_is_one_error(store: SnapshotStore, odd: Snapshot, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be made"):
        export(store, odd, tmp_path / "file" / "out")


def test_a_category_that_upstreams_files_cannot_hold_is_refused_and_parquet_holds_it(
    store: SnapshotStore, tmp_path: Path
) -> None:
    taken = store.add({"text": {"overall": board(a=1.0), "full": board(a=2.0)}}, taken_at=NOW)
    with pytest.raises(OutputError, match=r"category 'full'.*--format parquet"):
        export(store, taken, tmp_path / "json")
    assert not (tmp_path / "json").exists()
    (file,) = export(store, taken, tmp_path / "parquet", format="parquet").files
    with SnapshotStore.open(tmp_path / "other.db") as other:
        import_dataset(other, file.path)
    assert digests(tmp_path / "other.db") == digests(store.path)


def test_what_import_would_refuse_or_lose_is_said(store: SnapshotStore, tmp_path: Path) -> None:
    taken = store.add({"text": {"coding": board(a=1.0), "math": {}}}, taken_at=NOW)
    (as_json,) = export(store, taken, tmp_path / "json").files
    assert as_json.lost == "it has no overall board, which import asks for: use Parquet"
    with pytest.raises(PayloadError, match=r"found coding, math, expected an overall board"):
        import_publication(store, identify(as_json.path))
    (as_parquet,) = export(store, taken, tmp_path / "parquet", format="parquet").files
    assert as_parquet.lost == "boards without a model have no line: math"


@pytest.mark.parametrize("kind", ["json", "parquet"])
def test_a_disk_that_takes_no_more_is_one_plain_line_and_leaves_nothing(
    store: SnapshotStore, path: Path, tmp_path: Path, kind: str
) -> None:
    store.add(many(1000), taken_at=NOW)
    code = """
    import sys
    from pathlib import Path
    from llmhub.arena import SnapshotStore
    from llmhub.arena.exchange.exporting import export
    from llmhub.errors import OutputError
    try:
        with SnapshotStore.open(sys.argv[1]) as store:
            export(store, store.snapshots()[0], Path(sys.argv[2]), format=sys.argv[3])
    except OutputError as error:
        print(error)
    """
    said = run_limited(4_096, code, path, tmp_path / "out", kind)
    assert said.endswith(": File too large: make room, and try again")
    assert "exception" not in said
    assert names_in(tmp_path / "out") == set()


def test_parquet_has_the_datasets_columns_and_is_imported_with_the_same_digests(
    store: SnapshotStore, path: Path, tmp_path: Path
) -> None:
    facts = {"third": ModelFacts("Made-Up Labs", "MIT")}
    taken = store.add({"text": Leaderboard({"overall": ODD, "x": board(a=1.0)}, facts, DAY_OF)}, taken_at=NOW)
    (file,) = export(store, taken, tmp_path / "out", format="parquet").files
    assert file.path == tmp_path / "out" / "text" / "latest-00000-of-00001.parquet"
    with duckdb.connect() as connection:
        columns = connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(file.path)]).fetchall()
        lines = connection.execute("SELECT * FROM read_parquet(?)", [str(file.path)]).fetchall()
    assert [(name, kind) for name, kind, *_ in columns] == [
        ("model_name", "VARCHAR"),
        ("organization", "VARCHAR"),
        ("license", "VARCHAR"),
        ("rating", "DOUBLE"),
        ("rating_lower", "DOUBLE"),
        ("rating_upper", "DOUBLE"),
        ("variance", "DOUBLE"),
        ("vote_count", "DOUBLE"),
        ("rank", "DOUBLE"),
        ("category", "VARCHAR"),
        ("leaderboard_publish_date", "VARCHAR"),
    ]
    first, second = lines[0], lines[1]
    assert first == ("unknown", "", "", 1301.1368441320633, *(None,) * 4, 1.0, "overall", "2026-01-09")
    assert (second[0], second[1:3], second[8]) == ("third", ("Made-Up Labs", "MIT"), 2.0)
    assert {(line[0], line[8]) for line in lines} >= {("tie", 2.0), ("half", 5.0)}
    other = tmp_path / "other.db"
    with SnapshotStore.open(other) as again:
        assert len(import_dataset(again, file.path).new) == 1
        (snapshot,) = again.snapshots()
    assert (snapshot.source, snapshot.taken_at.date(), snapshot.published_on) == ("dataset", DAY_OF, DAY_OF)
    assert {found[1:] for found in digests(other)} == {found[1:] for found in digests(path)}


def test_more_votes_than_floats_can_count_are_exact_in_parquet(store: SnapshotStore, tmp_path: Path) -> None:
    taken = store.add({"text": {"overall": {"a": Score(1.0, None, None, (1 << 53) + 1)}}}, taken_at=NOW)
    (file,) = export(store, taken, tmp_path / "out's", format="parquet").files
    with SnapshotStore.open(tmp_path / "other.db") as other:
        import_dataset(other, file.path)
    assert digests(tmp_path / "other.db") == digests(store.path)


def countable(given: Board) -> bool:
    """Say whether floating-point numbers, in which JSON's are read, have every vote count of a board."""
    return all((score.votes or 0) <= 1 << 53 for score in given.values())


def test_vote_counts_that_json_would_round_are_said(store: SnapshotStore, tmp_path: Path) -> None:
    taken = store.add({"text": {"overall": {"a": Score(1.0, None, None, (1 << 53) + 1)}}}, taken_at=NOW)
    (file,) = export(store, taken, tmp_path / "out").files
    assert file.lost == "vote counts above 9,007,199,254,740,992 are rounded by import: use Parquet"


@given(ANY_BOARDS.filter(bool).filter(countable))
def test_any_board_in_upstreams_shape_is_parsed_to_the_same_digest(given: Board) -> None:
    shape = upstream_shape(Leaderboard({"overall": given}))
    parsed = parse_leaderboard(json.dumps(shape, ensure_ascii=False).encode(), "file").boards["overall"]
    assert board_digest("text", "overall", parsed) == board_digest("text", "overall", given)


@given(st.dictionaries(st.sampled_from(["overall", "hard_prompts", "coding", "x"]), ANY_BOARDS, min_size=1))
def test_a_shape_has_every_board_and_line(boards: dict[str, Board]) -> None:
    shape = upstream_shape(Leaderboard(boards))
    assert {len(models) for models in shape.values()} == {len(one) for one in boards.values()}
    assert len(shape) == len(boards)


def test_a_snapshot_is_found_among_those_that_have_the_leaderboard(store: SnapshotStore) -> None:
    store.add(text(a=1.0), taken_at=NOW - 2 * DAY)
    store.add({"vision": {"ocr": board(a=1.0)}}, taken_at=NOW - DAY)
    assert find_snapshot(store, "latest").id == 1
    assert find_snapshot(store, "latest", "vision").id == 2
    with pytest.raises(BoardNotFoundError, match="no snapshot has leaderboard 'search'"):
        find_snapshot(store, "latest", "search")
    with pytest.raises(BoardNotFoundError, match="snapshot 1 has no leaderboard 'vision'; it has text"):
        export(store, find_snapshot(store, "1"), Path("/nowhere"), leaderboard="vision")


@pytest.mark.parametrize(
    ("meta", "message"),
    [
        (b"{", "not valid JSON"),
        (b'{"taken_at": "soon"}', "taken_at: 'soon' is not a date"),
        (b'{"taken_at": 12}', "taken_at: found 12"),
        (b'{"taken_at": "2026-01-01", "leaderboards": {"text": {"published_on": "x"}}}', "published_on: found 'x'"),
    ],
)
def test_a_malformed_meta_file_beside_an_import_is_named_unless_nothing_is_asked_of_it(
    tmp_path: Path, meta: bytes, message: str
) -> None:
    (tmp_path / "leaderboard-meta.json").write_bytes(meta)
    file = tmp_path / "leaderboard-text.json"
    with pytest.raises(PayloadError, match=message) as caught:
        identify(file)
    assert str(caught.value).startswith(str(tmp_path / "leaderboard-meta.json"))
    assert identify(file, leaderboard="text", taken_at=NOW).taken_at == NOW


def test_the_update_scripts_own_meta_file_dates_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "2025-05-20"
    folder.mkdir()
    content = {"source": "https://x", "revision": "r", "leaderboards": {"text": {"published_on": "2020-01-01"}}}
    (folder / "leaderboard-meta.json").write_text(json.dumps(content))
    found = identify(folder / "leaderboard-text.json")
    assert (found.taken_at.date(), found.published_on) == (date(2025, 5, 20), None)


@pytest.mark.needs_shared
def test_every_real_file_comes_back_with_equal_numbers(
    store: SnapshotStore, path: Path, shared_data: Path, tmp_path: Path
) -> None:
    days = sorted((shared_data / "arena-catalog").glob("20*-*-*"))[:: by_profile(ci=3, nightly=1)]
    files = [file for day in days for file in sorted(day.glob("leaderboard-*.json.gz"))]
    for file in files:
        import_publication(store, identify(file))
    other = SnapshotStore.open(tmp_path / "other.db")
    for snapshot in store.snapshots():
        export(store, snapshot, tmp_path / str(snapshot.taken_at.date()))
        for exported in (tmp_path / str(snapshot.taken_at.date())).glob("leaderboard-*[!a].json"):
            import_publication(other, identify(exported))
    compared = 0
    for file in files:
        theirs: dict[str, dict[str, dict[str, Any]]] = json.loads(gzip.decompress(file.read_bytes()))
        ours = json.loads((tmp_path / file.parent.name / file.name.removesuffix(".gz")).read_text(encoding="utf-8"))
        assert ours.keys() == theirs.keys()
        for category, models in theirs.items():
            assert ours[category].keys() == models.keys()
            for model, row in models.items():
                assert {key: ours[category][model][key] for key in row} == row
                compared += 1
    assert compared > by_profile(ci=20_000, nightly=90_000)
    assert digests(other.path) == digests(path)
    other.close()

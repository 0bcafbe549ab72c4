"""What the update script writes of a publication, and which publications it refuses."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.support.made_up.publications import COLUMNS, LATEST, SUBSETS, Row, row, small_publication, write_publication
from tests.support.servers.http import DatasetServer, html, serve_folder, status
from tests.vendor.desk import FILES, META, NAN, Desk, Sound


class TestASoundPublication:
    def test_writes_the_five_files_and_meta_and_nothing_else(self, sound: Sound) -> None:
        run = sound.run
        assert run.code == 0, run.stderr
        assert run.stdout == ""
        assert run.files == {*FILES.values(), META}
        assert [path.name for path in run.directory.iterdir()] == ["data"]

    def test_asks_for_text_first_and_for_each_subset_once(self, sound: Sound) -> None:
        assert sound.requests == [f"/{subset}/{LATEST}" for subset in SUBSETS]

    def test_says_one_line_per_leaderboard(self, sound: Sound) -> None:
        assert sound.run.lines == [
            "text: 20 rows, published 2026-01-05",
            "text-style-control: 20 rows, published 2026-01-05",
            "vision: 5 rows, published 2026-01-05",
            "vision-style-control: 5 rows, published 2026-01-05",
            "text-to-image: 10 rows, published 2026-01-05",
        ]

    def test_has_upstreams_keys_sorted_and_models_best_first(self, sound: Sound) -> None:
        text = sound.run.load(FILES["text"])
        assert list(text) == ["coding", "full", "hard_6", "math"]
        assert list(text["full"]) == [
            "made-up-aurora-2",
            "made-up-aurora-1",
            "made-up-birch-70b",
            "made-up-birch-7b",
            "made-up-comet",
        ]
        assert text["full"]["made-up-aurora-2"] == {
            "rating": 1451.123456789012,
            "rating_q975": 1456.123456789012,
            "rating_q025": 1446.123456789012,
            "vote_count": 12001,
            "organization": "Made-Up Labs",
            "license": "Proprietary",
        }

    def test_meta_has_source_revision_and_what_each_leaderboard_brought(self, sound: Sound) -> None:
        meta = sound.run.load(META)
        counts = {
            "text": 20,
            "text-style-control": 20,
            "vision": 5,
            "vision-style-control": 5,
            "text-to-image": 10,
        }
        assert meta == {
            "source": sound.url,
            "revision": None,
            "leaderboards": {
                name: {"published_on": "2026-01-05", "rows": rows, "dropped": 0} for name, rows in counts.items()
            },
        }

    def test_an_earlier_runs_files_are_replaced(self, desk: Desk, server: DatasetServer) -> None:
        desk.run(server.url)
        small_publication(desk.folder, published_on="2026-01-06", shift=1.0)
        run = desk.run(server.url)
        assert run.load(FILES["text"])["full"]["made-up-aurora-1"]["rating"] == 1421.25
        assert run.load(META)["leaderboards"]["text"]["published_on"] == "2026-01-06"

    def test_every_renamed_category_gets_upstreams_key_and_others_keep_theirs(self, desk: Desk) -> None:
        keys = {
            "overall": "full",
            "hard_prompts": "hard_6",
            "hard_prompts_english": "hard_english_6",
            "instruction_following": "if",
            "longer_query": "long_user",
            "multi_turn": "multiturn",
            "exclude_ties": "no_tie",
            "non_english": "non_english",
        }
        ratings = dict(zip(keys, range(1000, 1100, 10), strict=False))
        run = desk.run_on([row("m", float(rating), category=name) for name, rating in ratings.items()])
        text = run.load(FILES["text"])
        assert {key: board["m"]["rating"] for key, board in text.items()} == {
            keys[name]: rating for name, rating in ratings.items()
        }

    def test_the_publication_date_is_the_newest_in_the_file(self, desk: Desk) -> None:
        run = desk.run_on(
            [
                row("a", 1000.0, published_on="2026-01-03"),
                row("a", 1000.0, category="math", published_on="2026-02-01"),
                row("b", 1000.0, published_on="2025-12-31"),
            ]
        )
        assert run.load(META)["leaderboards"]["text"]["published_on"] == "2026-02-01"

    def test_columns_that_are_not_needed_may_be_absent_or_new(self, desk: Desk) -> None:
        run = desk.run_on([row("a", 1000.0)], drop=["variance", "rank"], retype={"brand_new": "INTEGER[]"})
        assert run.code == 0, run.stderr

    def test_names_in_any_script_are_written_as_utf8(self, desk: Desk) -> None:
        run = desk.run_on([row("модель-模型-🤖", 1000.0)])
        raw = (desk.directory / "data" / FILES["text"]).read_bytes()
        assert run.code == 0
        assert "модель-模型-🤖".encode() in raw

    def test_a_directory_whose_name_looks_like_a_wildcard_or_a_partition_changes_nothing(self, tmp_path: Path) -> None:
        odd = Desk(tmp_path / "category=coding" / "a[b]*?")
        run = odd.run_on([row("a", 1000.0)])
        assert run.code == 0, run.stderr
        assert list(run.load(FILES["text"])) == ["full"]


class TestRealData:
    @pytest.mark.needs_shared
    def test_every_value_equals_the_source_to_the_last_bit(self, desk: Desk, shared_data: Path) -> None:
        with serve_folder(shared_data / "dataset") as running:
            run = desk.run(running.url)
        assert run.code == 0, run.stderr
        text = run.load(FILES["text"])
        assert len(text["full"]) == 282
        query = "SELECT model_name, rating, rating_lower, rating_upper, vote_count, category FROM read_parquet(?)"
        with duckdb.connect() as connection:
            source = connection.execute(query, [str(shared_data / "dataset" / "text" / LATEST)]).fetchall()
        keys = {
            "overall": "full",
            "hard_prompts": "hard_6",
            "hard_prompts_english": "hard_english_6",
            "instruction_following": "if",
            "longer_query": "long_user",
            "multi_turn": "multiturn",
            "exclude_ties": "no_tie",
        }
        expected: dict[str, dict[str, Any]] = {}
        for model, rating, lower, upper, votes, category in source:
            expected.setdefault(keys.get(category, category), {})[model] = (rating, lower, upper, votes)
        assert {
            key: {
                model: (score["rating"], score["rating_q025"], score["rating_q975"], score["vote_count"])
                for model, score in board.items()
            }
            for key, board in text.items()
        } == expected


class TestWhatARowMayHold:
    def test_rows_without_a_finite_rating_are_dropped_and_counted(self, desk: Desk) -> None:
        lost = [row(f"lost{rating}", rating, None, None) for rating in (NAN, math.inf, -math.inf, None)]
        run = desk.run_on([row("sound", 1000.0), *lost])
        assert run.code == 0, run.stderr
        assert list(run.load(FILES["text"])["full"]) == ["sound"]
        text = run.load(META)["leaderboards"]["text"]
        assert text == {"published_on": "2026-01-05", "rows": 1, "dropped": 4}
        assert run.lines[0] == "text: 1 rows, published 2026-01-05, 4 dropped (no finite rating)"

    def test_bounds_are_as_in_the_source_and_null_where_unknown(self, desk: Desk) -> None:
        bounds = [(None, None), (NAN, NAN), (1190.0, None), (NAN, 1210.0), (1200.5, 1200.5)]
        run = desk.run_on([row(f"m{n}", 1200.5, *pair) for n, pair in enumerate(bounds)])
        full = run.load(FILES["text"])["full"]
        assert [(full[f"m{n}"]["rating_q025"], full[f"m{n}"]["rating_q975"]) for n in range(5)] == [
            (None, None),
            (None, None),
            (1190.0, None),
            (None, 1210.0),
            (1200.5, 1200.5),
        ]

    def test_votes_are_a_whole_number_or_null(self, desk: Desk) -> None:
        votes = [NAN, None, 0.0, 123456.0]
        run = desk.run_on([row(f"m{n}", 1200.5, votes=count) for n, count in enumerate(votes)])
        full = run.load(FILES["text"])["full"]
        assert repr([full[f"m{n}"]["vote_count"] for n in range(4)]) == "[None, None, 0, 123456]"

    def test_a_blank_organization_or_licence_is_null(self, desk: Desk) -> None:
        blanks = ["", "  ", None]
        run = desk.run_on([row(f"m{n}", 1200.5, organization=b, license=b) for n, b in enumerate(blanks)])
        full = run.load(FILES["text"])["full"]
        assert [(score["organization"], score["license"]) for score in full.values()] == [(None, None)] * 3

    @pytest.mark.parametrize(
        "retype",
        [
            {"vote_count": "BIGINT", "rank": "BIGINT"},
            {"vote_count": "UINTEGER"},
            {"vote_count": "FLOAT"},
            {"rating": "FLOAT", "rating_lower": "FLOAT", "rating_upper": "FLOAT"},
        ],
    )
    def test_the_number_columns_may_have_any_sensible_type(self, desk: Desk, retype: dict[str, str]) -> None:
        run = desk.run_on([row("m", 1200.5)], retype=retype)
        assert run.code == 0, run.stderr
        written = run.load(FILES["text"])["full"]["m"]
        assert (written["rating"], written["vote_count"]) == (1200.5, 1000)

    def test_equal_rows_for_one_model_are_kept_once(self, desk: Desk) -> None:
        run = desk.run_on([row("m", 1200.5), row("m", 1200.5)])
        assert run.code == 0, run.stderr
        assert run.load(META)["leaderboards"]["text"]["rows"] == 1


def at_row_2(column: str) -> tuple[str, ...]:
    return (f"text/{LATEST}, row 2", f"column {column}")


class TestWhatARowMayNotHold:
    @pytest.mark.parametrize(
        ("line", "column", "found"),
        [
            (row("m", 1200.0, 1200.5, 1300.0), "rating_lower", "1200.5"),
            (row("m", 1200.0, 1100.0, 1199.5), "rating_upper", "1199.5"),
            (row("m", 1200.0, -math.inf, 1300.0), "rating_lower", "-inf"),
            (row("m", 1200.0, 1100.0, math.inf), "rating_upper", "inf"),
            (row("m", 1200.0, votes=-1.0), "vote_count", "-1.0"),
            (row("m", 1200.0, votes=1.5), "vote_count", "1.5"),
            (row("m", 1200.0, votes=math.inf), "vote_count", "inf"),
            (row("m", 1200.0, published_on="20260105"), "leaderboard_publish_date", "'20260105'"),
            (row("m", 1200.0, published_on="2026-02-30"), "leaderboard_publish_date", "'2026-02-30'"),
            (row("m", 1200.0, published_on=None), "leaderboard_publish_date", "null"),
            (row("sound", 1001.0), "model_name", "a second, different row"),
        ],
    )
    def test_the_message_names_file_column_row_model_and_category(
        self, desk: Desk, line: Row, column: str, found: str
    ) -> None:
        run = desk.run_on([row("sound", 1000.0), line])
        name = line["model_name"]
        run.failed_saying(*at_row_2(column), f"(model '{name}', category 'overall')", found)

    @pytest.mark.parametrize("blank", ["", " ", None])
    def test_a_model_has_a_name(self, desk: Desk, blank: str | None) -> None:
        desk.run_on([row("sound", 1000.0), row(blank, 1000.0)]).failed_saying(*at_row_2("model_name"))

    @pytest.mark.parametrize("blank", ["", " ", None])
    def test_a_category_has_a_name(self, desk: Desk, blank: str | None) -> None:
        run = desk.run_on([row("sound", 1000.0), row("m", 1000.0, category=blank)])
        run.failed_saying(*at_row_2("category"))

    def test_the_row_number_counts_all_rows_of_a_long_file(self, desk: Desk) -> None:
        rows = [row(f"m{number}", 1000.0) for number in range(1, 5001)]
        rows[4999]["vote_count"] = -5.0
        desk.run_on(rows).failed_saying("row 5000 (model 'm5000', category 'overall')")


class TestWhatABoardMayNotLack:
    def test_an_overall_category(self, desk: Desk) -> None:
        run = desk.run_on([row("m", 1000.0, category="chinese")])
        run.failed_saying(f"text/{LATEST}", "column category", "'overall'")

    def test_a_rating_on_overall(self, desk: Desk) -> None:
        run = desk.run_on([row("m", NAN), row("m", 1000.0, category="chinese")])
        run.failed_saying("column category", "'overall'")

    def test_rows(self, desk: Desk) -> None:
        desk.run_on([]).failed_saying("column category", "'overall'")

    def test_one_meaning_per_key(self, desk: Desk) -> None:
        run = desk.run_on([row("a", 1000.0), row("b", 1000.0, category="full")])
        run.failed_saying("column category", "'overall'", "'full'")

    @pytest.mark.parametrize("column", [name for name in COLUMNS if name not in {"variance", "rank"}])
    def test_a_required_column(self, desk: Desk, column: str) -> None:
        run = desk.run_on([row("m", 1000.0)], drop=[column])
        run.failed_saying(f"text/{LATEST}", f"column {column}: found no such column, expected ")

    @pytest.mark.parametrize(
        ("column", "kind", "expected"),
        [
            ("rating", "VARCHAR", "DOUBLE or FLOAT"),
            ("rating", "BIGINT", "DOUBLE or FLOAT"),
            ("rating_lower", "DECIMAL(18,3)", "DOUBLE or FLOAT"),
            ("vote_count", "VARCHAR", "DOUBLE or FLOAT or TINYINT"),
            ("model_name", "BLOB", "VARCHAR"),
            ("category", "VARCHAR[]", "VARCHAR"),
            ("leaderboard_publish_date", "DATE", "VARCHAR"),
        ],
    )
    def test_the_columns_type(self, desk: Desk, column: str, kind: str, expected: str) -> None:
        line = row("m", 1000.0)
        line[column] = None if kind == "VARCHAR[]" else line[column]
        run = desk.run_on([line], retype={column: kind})
        run.failed_saying(f"text/{LATEST}", f"column {column}: found {kind}, expected {expected}")


class TestALeaderboardThatFails:
    def test_text_failing_writes_nothing_and_asks_for_nothing_more(self, desk: Desk, server: DatasetServer) -> None:
        server.fail("text", status(404), always=True)
        run = desk.run(server.url)
        run.failed_saying("text: ", f"{server.url}/text/{LATEST}", "HTTP 404", "nothing was written")
        assert server.requests == [f"/text/{LATEST}"]

    def test_text_failing_leaves_an_earlier_runs_files_as_they_are(self, desk: Desk, server: DatasetServer) -> None:
        desk.run(server.url)
        before = {path.name: path.read_bytes() for path in (desk.directory / "data").iterdir()}
        server.fail("text", html(), always=True)
        assert desk.run(server.url).code == 1
        assert {path.name: path.read_bytes() for path in (desk.directory / "data").iterdir()} == before

    @pytest.mark.parametrize("subset", SUBSETS[1:])
    def test_a_missing_other_one_is_reported_in_a_line_and_left_out(
        self, desk: Desk, server: DatasetServer, subset: str
    ) -> None:
        server.fail(subset, status(404), always=True)
        run = desk.run(server.url)
        name = subset.replace("_", "-")
        assert run.code == 0
        assert run.files == {META, *FILES.values()} - {FILES[name]}
        assert set(run.load(META)["leaderboards"]) == set(FILES) - {name}
        assert len(run.lines) == 5
        (line,) = [line for line in run.lines if line.startswith(f"{name}: left out: ")]
        assert "HTTP 404" in line

    def test_a_malformed_other_one_is_left_out(self, desk: Desk, server: DatasetServer) -> None:
        write_publication(desk.folder, "vision", [row("m", 1000.0)], drop=["rating"])
        run = desk.run(server.url)
        assert run.code == 0
        assert FILES["vision"] not in run.files
        assert any("vision: left out: " in line and "column rating" in line for line in run.lines)

    def test_a_publication_of_text_alone_is_enough(self, desk: Desk) -> None:
        run = desk.run_on([row("m", 1000.0)])
        assert run.code == 0
        assert run.files == {FILES["text"], META}

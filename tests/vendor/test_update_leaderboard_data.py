"""The update script as a real child process against real local servers; its limits, in this process."""

import gzip
import json
import math
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import duckdb
import pytest

from tests.support.forks import Job, shared_forks
from tests.support.publications import (
    COLUMNS,
    LATEST,
    SUBSETS,
    Row,
    row,
    small_publication,
    write_publication,
)
from tests.support.servers import (
    TRUSTED,
    DatasetServer,
    LocalServer,
    Request,
    Response,
    endless,
    hanging,
    html,
    ok,
    redirect,
    serve_folder,
    status,
    truncated,
)

SCRIPT = Path(__file__).resolve().parents[2] / "vendor" / "arena" / "update_leaderboard_data.py"
FILES = {
    "text": "leaderboard-text.json",
    "text-style-control": "leaderboard-text-style-control.json",
    "vision": "leaderboard-vision.json",
    "vision-style-control": "leaderboard-vision-style-control.json",
    "text-to-image": "leaderboard-image.json",
}
META = "leaderboard-meta.json"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
OTHER_COMMIT = "f" * 40
NAN = math.nan


@dataclass(frozen=True)
class Run:
    """What one run of the script left: exit code, output, and the directory that it ran in."""

    code: int
    stdout: str
    stderr: str
    directory: Path

    @property
    def lines(self) -> list[str]:
        return self.stderr.splitlines()

    @property
    def files(self) -> set[str]:
        return {path.name for path in (self.directory / "data").iterdir()}

    def load(self, name: str) -> Any:
        def refuse(constant: str) -> None:
            raise AssertionError(constant)

        text = (self.directory / "data" / name).read_text(encoding="utf-8")
        return json.loads(text, parse_constant=refuse)

    def failed_saying(self, *parts: str) -> None:
        """Exit 1, nothing left behind, and all parts in the last line, which is one of at most a few."""
        assert self.code == 1, self.stderr
        assert self.stdout == ""
        assert self.files == set()
        assert [path.name for path in self.directory.iterdir()] == ["data"]
        assert "Traceback" not in self.stderr
        assert self.lines[-1].startswith("error: ")
        for part in parts:
            assert part in self.lines[-1]


class Desk:
    """A directory with data/ in it to run the script in, and a folder for a publication to be served."""

    def __init__(self, path: Path) -> None:
        self.directory = path / "run"
        (self.directory / "data").mkdir(parents=True)
        self.folder = path / "publication"
        self.folder.mkdir()

    def run(self, source: str, *arguments: str, **environment: str) -> Run:
        allowed = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
        variables = allowed | {"LLMHUB_ARENA_SOURCE_URL": source, "SSL_CERT_FILE": str(TRUSTED)} | environment
        words = [str(SCRIPT), *arguments]
        job = Job("tests.support.forks:run_script", words, variables, str(self.directory), patience=120)
        finished = shared_forks().run(job).run
        return Run(finished.returncode, finished.stdout, finished.stderr, self.directory)

    def run_on(self, rows: list[Row], **options: Any) -> Run:
        """Run on a publication of `text` alone."""
        write_publication(self.folder, "text", rows, **options)
        with serve_folder(self.folder) as server:
            return self.run(server.url)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def server(desk: Desk) -> Iterator[DatasetServer]:
    """Serve the small publication, sound as yet."""
    small_publication(desk.folder)
    with serve_folder(desk.folder) as running:
        yield running


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """Import the script as a module."""
    spec = spec_from_file_location("update_leaderboard_data", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@dataclass(frozen=True)
class Sound:
    """A run on the small publication, which is only read: where it asked, and for what."""

    run: Run
    url: str
    requests: list[str]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Sound:
    """Run once on the small publication, by an address that ends with a slash, and with the certificates of httpx."""
    desk = Desk(tmp_path_factory.mktemp("sound"))
    small_publication(desk.folder)
    with serve_folder(desk.folder) as server:
        return Sound(desk.run(server.url + "/", SSL_CERT_FILE=""), server.url, server.requests)


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


class TestTransfers:
    @pytest.mark.parametrize("code", [429, 500, 503])
    def test_what_may_pass_is_tried_again(self, desk: Desk, server: DatasetServer, code: int) -> None:
        server.fail("text", status(code), status(code))
        assert desk.run(server.url).code == 0
        assert server.requests.count(f"/text/{LATEST}") == 3

    def test_three_tries_are_all(self, desk: Desk, server: DatasetServer) -> None:
        server.fail("text", status(503), always=True)
        run = desk.run(server.url)
        run.failed_saying("failed 3 times", "HTTP 503")
        assert server.requests == [f"/text/{LATEST}"] * 3

    @pytest.mark.parametrize("code", [204, 206, 304, 403])
    def test_what_will_not_pass_is_not_tried_again(self, desk: Desk, server: DatasetServer, code: int) -> None:
        empty = code in {204, 304}
        answer = Response(status=code, with_length=not empty, body=b"" if empty else b"no")
        server.fail("text", answer, always=True)
        desk.run(server.url).failed_saying(f"HTTP {code}")
        assert server.requests == [f"/text/{LATEST}"]

    def test_retry_after_is_honoured(self, desk: Desk, server: DatasetServer) -> None:
        server.fail("text", status(429, retry_after=2))
        started = time.monotonic()
        assert desk.run(server.url).code == 0
        assert time.monotonic() - started > 2

    def test_a_body_cut_short_is_tried_again(self, desk: Desk, server: DatasetServer) -> None:
        body = server.body("text")
        server.fail("text", truncated(body, len(body) // 2), truncated(body, 0))
        assert desk.run(server.url).code == 0
        assert server.requests.count(f"/text/{LATEST}") == 3

    def test_a_body_cut_short_without_a_content_length_is_tried_again(self, desk: Desk, server: DatasetServer) -> None:
        body = server.body("text")
        server.fail("text", truncated(body, len(body) // 2, with_length=False))
        assert desk.run(server.url).code == 0
        assert server.requests.count(f"/text/{LATEST}") == 2

    def test_a_body_always_cut_short_fails(self, desk: Desk, server: DatasetServer) -> None:
        body = server.body("text")
        server.fail("text", truncated(body, len(body) - 1), always=True)
        desk.run(server.url).failed_saying("failed 3 times")

    def test_an_endless_body_ends_at_the_cap(self, desk: Desk, server: DatasetServer) -> None:
        server.fail("text", endless(), always=True)
        desk.run(server.url).failed_saying("larger than the 67,108,864 bytes allowed")
        assert server.requests == [f"/text/{LATEST}"]

    @pytest.mark.parametrize("answer", [html(), ok(b""), ok(b"PAR"), ok(b"{}"), ok(b"\x1b[2Jboo" * 100)])
    def test_other_content_with_200_is_no_parquet_file(
        self, desk: Desk, server: DatasetServer, answer: Response
    ) -> None:
        server.fail("text", answer, always=True)
        run = desk.run(server.url)
        run.failed_saying("not a Parquet file")
        assert "\x1b" not in run.stderr

    @pytest.mark.parametrize("answer", [ok(b"PAR1PAR1"), ok(b"PAR1" + b"\0" * 500 + b"PAR1")])
    def test_a_file_that_only_looks_like_parquet_fails(
        self, desk: Desk, server: DatasetServer, answer: Response
    ) -> None:
        server.fail("text", answer, always=True)
        desk.run(server.url).failed_saying(f"text/{LATEST}", "cannot be read as Parquet")

    def test_an_answer_that_is_not_http_fails_in_a_line(self, desk: Desk) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            listening.settimeout(30)
            child = subprocess.Popen(
                [sys.executable, str(SCRIPT)],
                cwd=desk.directory,
                env={"LLMHUB_ARENA_SOURCE_URL": f"http://127.0.0.1:{listening.getsockname()[1]}"},
                stderr=subprocess.PIPE,
                text=True,
            )
            for _ in range(3):
                connection, _ = listening.accept()
                connection.sendall(b"SSH-2.0-\x1b[31mnonsense\r\n\r\n")
                connection.close()
            _, stderr = child.communicate(timeout=60)
        assert child.returncode == 1
        assert "failed 3 times" in stderr.splitlines()[-1]
        assert "Traceback" not in stderr
        assert "\x1b" not in stderr


class TestAddresses:
    def test_nobody_listening_fails_after_three_tries(self, desk: Desk) -> None:
        with LocalServer(lambda _: status(500)) as gone:
            address = gone.url
        desk.run(address).failed_saying("failed 3 times", "refused", address, "check the network")

    @pytest.mark.parametrize("host", ["no-such-host.invalid", "a" * 64 + ".invalid"])
    def test_a_host_that_cannot_be_found_fails_in_a_line(self, desk: Desk, host: str) -> None:
        desk.run(f"http://{host}").failed_saying("LLMHUB_ARENA_SOURCE_URL")

    def test_a_port_that_does_not_exist_is_not_cut_down_to_one_that_does(
        self, desk: Desk, server: DatasetServer
    ) -> None:
        beyond = 65536 + int(server.url.rpartition(":")[2])
        desk.run(f"http://127.0.0.1:{beyond}").failed_saying("port", "65535", "LLMHUB_ARENA_SOURCE_URL")
        assert not server.requests

    @pytest.mark.parametrize(
        "address",
        [
            "ftp://127.0.0.1/x",
            "file:///etc/passwd",
            "127.0.0.1:80",
            "http://",
            "https:///x",
            "http://h/?a=b",
            "http://h/#x",
            "http://user:hunter2/x@h/",
            "http://[::1",
            "mirror:hunter2@h/x",
        ],
    )
    def test_an_address_that_cannot_be_used_is_refused_and_not_repeated(self, desk: Desk, address: str) -> None:
        run = desk.run(address)
        run.failed_saying("LLMHUB_ARENA_SOURCE_URL")
        assert "hunter2" not in run.stderr

    def test_user_and_password_are_sent_but_never_shown_or_stored(self, desk: Desk, server: DatasetServer) -> None:
        server.fail("vision", status(404), always=True)
        run = desk.run(f"http://me:hunter2@127.0.0.1:{server.port}")
        assert run.code == 0
        assert all(request.headers["authorization"].startswith("Basic ") for request in server.received)
        for text in (run.stderr, *(path.read_text() for path in (desk.directory / "data").iterdir())):
            assert "hunter2" not in text
            assert "me:" not in text
        assert run.load(META)["source"] == server.url

    def test_an_unusable_proxy_variable_fails_in_a_line_without_its_password(self, desk: Desk) -> None:
        run = desk.run("http://127.0.0.1:9", HTTP_PROXY="nonsense://me:hunter2@127.0.0.1")
        run.failed_saying("HTTP_PROXY")
        assert "hunter2" not in run.stderr


class TestRedirectsAndRevisions:
    def test_redirects_to_another_host_are_followed_without_the_password(
        self, desk: Desk, server: DatasetServer
    ) -> None:
        def onward(request: Request) -> Response:
            return redirect(f"http://localhost:{server.port}{request.path}?signed=1")

        with LocalServer(onward) as front:
            run = desk.run(f"http://me:hunter2@127.0.0.1:{front.port}")
        assert run.code == 0, run.stderr
        assert all("authorization" not in request.headers for request in server.received)
        assert {request.query for request in server.received} == {"signed=1"}

    def test_redirects_without_end_are_given_up(self, desk: Desk) -> None:
        with LocalServer(lambda request: redirect(request.path)) as around:
            desk.run(around.url).failed_saying("more than 5 redirects")
            assert len(around.requests) == 6

    @pytest.mark.parametrize("location", ["ftp://127.0.0.1/x", "file:///etc/passwd", "http://[oops"])
    def test_a_redirect_to_what_is_no_web_address_is_refused(self, desk: Desk, location: str) -> None:
        with LocalServer(lambda _: redirect(location)) as around:
            desk.run(around.url).failed_saying("text: ")

    def test_the_body_of_a_redirect_is_not_read(self, desk: Desk, server: DatasetServer) -> None:
        def onward(request: Request) -> Response:
            headers = {"Location": server.url + request.path}
            return Response(302, headers, b"x" * 65_536, with_length=False, endless=True)

        with LocalServer(onward) as front:
            assert desk.run(front.url).code == 0

    def test_the_revision_that_the_redirect_names_is_asked_for_from_then_on(
        self, desk: Desk, server: DatasetServer
    ) -> None:
        def onward(request: Request) -> Response:
            return redirect(server.url + request.path.split("main")[-1].split(COMMIT)[-1], commit=COMMIT)

        with LocalServer(onward) as front:
            run = desk.run(f"{front.url}/datasets/x/resolve/main/")
            assert front.requests == [
                f"/datasets/x/resolve/{'main' if subset == 'text' else COMMIT}/{subset}/{LATEST}" for subset in SUBSETS
            ]
        assert run.code == 0, run.stderr
        meta = run.load(META)
        assert meta["revision"] == COMMIT
        assert meta["source"] == f"{front.url}/datasets/x/resolve/main"

    def test_a_revision_named_by_the_final_answer_counts_too(self, desk: Desk) -> None:
        small_publication(desk.folder)
        with serve_folder(desk.folder, commit=COMMIT) as running:
            run = desk.run(running.resolve_url)
            assert running.requests[1].endswith(f"/resolve/{COMMIT}/text_style_control/{LATEST}")
        assert run.load(META)["revision"] == COMMIT

    def test_a_leaderboard_of_another_revision_is_left_out_saying_so(self, desk: Desk) -> None:
        small_publication(desk.folder)
        with serve_folder(desk.folder, commit=COMMIT) as running:
            running.fail("vision", ok(running.body("vision"), commit=OTHER_COMMIT))
            run = desk.run(running.url)
            assert running.requests == [f"/{subset}/{LATEST}" for subset in SUBSETS]
        assert run.code == 0
        assert FILES["vision"] not in run.files
        (line,) = [line for line in run.lines if line.startswith("vision: left out: ")]
        assert COMMIT in line
        assert OTHER_COMMIT in line

    @pytest.mark.parametrize("commit", ["../../evil", "abc", "g" * 40, "0" * 65, "ABCDEF01234"])
    def test_a_revision_that_is_no_commit_id_is_not_used(self, desk: Desk, commit: str) -> None:
        small_publication(desk.folder)
        with serve_folder(desk.folder, commit=commit) as running:
            run = desk.run(running.resolve_url)
            assert all("/resolve/main/" in path for path in running.requests)
        assert run.code == 0
        assert run.load(META)["revision"] is None


class TestTheMachine:
    def test_data_must_be_there(self, desk: Desk, server: DatasetServer) -> None:
        (desk.directory / "data").rmdir()
        run = desk.run(server.url)
        assert run.code == 1
        assert run.lines == [f"error: no directory data/ in {desk.directory}; create it or run where it is"]
        assert server.requests == []
        assert list(desk.directory.iterdir()) == []

    def test_arguments_are_wrong_usage(self, desk: Desk, server: DatasetServer) -> None:
        run = desk.run(server.url, "--help")
        assert run.code == 2
        assert len(run.lines) == 1
        assert "takes no arguments" in run.lines[0]
        assert server.requests == []

    def test_a_file_that_cannot_be_replaced_fails_in_a_line(self, desk: Desk, server: DatasetServer) -> None:
        (desk.directory / "data" / FILES["vision"] / "in the way").mkdir(parents=True)
        run = desk.run(server.url)
        assert run.code == 1
        assert "Traceback" not in run.stderr
        assert run.lines[-1].startswith("error: cannot write ")
        assert not [name for name in run.files if name.endswith(".tmp")]
        assert META not in run.files

    @pytest.mark.skipif(sys.platform == "win32", reason="resource limits are a Unix thing")
    @pytest.mark.parametrize(("allowed", "where"), [(1_000, "download"), (30_000, "data")])
    def test_a_disk_without_room_fails_in_a_line(self, desk: Desk, allowed: int, where: str) -> None:
        # A limit on the size of files stands in for a full disk: write() fails midway in the same way.
        path = write_publication(desk.folder, "text", [row(f"m{number}", 1000.0) for number in range(500)])
        assert 1_000 < path.stat().st_size < 30_000
        code = (
            "import resource, runpy, signal, sys\n"
            "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
            f"resource.setrlimit(resource.RLIMIT_FSIZE, ({allowed}, {allowed}))\n"
            f"sys.argv = [{str(SCRIPT)!r}]\n"
            f"runpy.run_path({str(SCRIPT)!r}, run_name='__main__')\n"
        )
        with serve_folder(desk.folder) as running:
            finished = subprocess.run(
                [sys.executable, "-B", "-c", code],
                cwd=desk.directory,
                env={"LLMHUB_ARENA_SOURCE_URL": running.url},
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
        assert finished.returncode == 1, finished.stderr
        assert "Traceback" not in finished.stderr
        assert re.match(r"error: cannot write .*File too large", finished.stderr.splitlines()[-1])
        assert ("text: 500 rows" in finished.stderr) == (where == "data")
        assert [path.name for path in desk.directory.iterdir()] == ["data"]
        assert list((desk.directory / "data").iterdir()) == []

    def test_control_characters_in_names_reach_stderr_escaped_and_the_file_as_they_are(self, desk: Desk) -> None:
        name = "evil\x1b]0;owned\x07\n\u202egpt"
        run = desk.run_on([row("sound", 1000.0), row(name, 1000.0, votes=-1.0)])
        run.failed_saying("vote_count", r"evil\x1b]0;owned\x07\n\u202egpt")
        assert len(run.lines) == 1
        assert name in desk.run_on([row(name, 1000.0)]).load(FILES["text"])["full"]

    @pytest.mark.skipif(sys.platform == "win32", reason="signals are a Unix thing")
    def test_ctrl_c_exits_130_in_a_line_and_clears_its_download(self, desk: Desk, server: DatasetServer) -> None:
        server.fail("text", hanging(), always=True)
        child = subprocess.Popen(
            [sys.executable, str(SCRIPT)],
            cwd=desk.directory,
            env={"LLMHUB_ARENA_SOURCE_URL": server.url},
            stderr=subprocess.PIPE,
            text=True,
        )
        deadline = time.monotonic() + 30
        while not server.requests and time.monotonic() < deadline:
            time.sleep(0.02)
        child.send_signal(signal.SIGINT)
        _, stderr = child.communicate(timeout=30)
        assert child.returncode == 130
        assert stderr.splitlines() == ["error: interrupted; run it again"]
        assert [path.name for path in desk.directory.iterdir()] == ["data"]


class TestLimits:
    """What takes too long to wait for in a child process: the script's own functions, with smaller limits."""

    def collect(self, script: ModuleType, url: str, folder: Path, **limits: float) -> Callable[[], Any]:
        return lambda: script.download_all(url, folder, script.Limits(first_pause=0.01, **limits))

    def test_importing_does_nothing(self, desk: Desk, server: DatasetServer) -> None:
        code = "import update_leaderboard_data"
        finished = subprocess.run(
            [sys.executable, "-B", "-c", code],
            cwd=desk.directory,
            env={"LLMHUB_ARENA_SOURCE_URL": server.url, "PYTHONPATH": str(SCRIPT.parent)},
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert (finished.returncode, finished.stdout, finished.stderr) == (0, b"", b"")
        assert server.requests == []
        assert list((desk.directory / "data").iterdir()) == []

    def test_a_server_that_hangs_once_after_its_headers_costs_a_try(
        self, script: ModuleType, tmp_path: Path, server: DatasetServer
    ) -> None:
        server.fail("text", hanging())
        _, publications = self.collect(script, server.url, tmp_path, read=0.5)()
        assert list(publications) == list(SUBSETS)
        assert server.requests.count(f"/text/{LATEST}") == 2

    def test_a_server_that_hangs_before_its_headers_always_fails(
        self, script: ModuleType, tmp_path: Path, server: DatasetServer
    ) -> None:
        server.fail("text", Response(delay=60), always=True)
        with pytest.raises(script.UpdateError, match=r"failed 3 times: .*timed out"):
            self.collect(script, server.url, tmp_path, read=0.2)()

    def test_a_server_that_drips_is_given_up_at_the_deadline(
        self, script: ModuleType, tmp_path: Path, server: DatasetServer
    ) -> None:
        server.fail("text", Response(body=b"P", with_length=False, endless=True), always=True)
        with pytest.raises(script.UpdateError, match=r"the 0\.3 s allowed for a run are used up"):
            self.collect(script, server.url, tmp_path, total=0.3, file_bytes=2**40)()

    def test_other_leaderboards_that_hang_do_not_cost_text_its_run(
        self,
        script: ModuleType,
        tmp_path: Path,
        server: DatasetServer,
        capfd: pytest.CaptureFixture[str],
    ) -> None:
        for subset in SUBSETS[1:]:
            server.fail(subset, hanging(), always=True)
        started = time.monotonic()
        _, publications = self.collect(script, server.url, tmp_path, read=0.4, total=1.0)()
        assert list(publications) == ["text"]
        assert time.monotonic() - started < 3
        assert capfd.readouterr().err.count("left out") == 4

    def test_bytes_damaged_within_a_file_are_an_update_error_or_harmless_and_the_next_file_is_read(
        self, script: ModuleType, tmp_path: Path, server: DatasetServer
    ) -> None:
        body, refused = server.body("text"), 0
        for position in range(4, len(body) - 12, len(body) // 80):
            damage = bytes(byte ^ 0xFF for byte in body[position : position + 8])
            path = tmp_path / f"damaged-at-{position}.parquet"
            path.write_bytes(body[:position] + damage + body[position + 8 :])
            try:
                script.parse_publication(script.read_parquet(path, "text", script.Limits()), "text")
            except script.UpdateError:
                refused += 1
        assert refused > 40
        sound = tmp_path / "sound.parquet"
        sound.write_bytes(body)
        assert script.parse_publication(script.read_parquet(sound, "text", script.Limits()), "text").rows == 20

    def test_the_number_of_rows_is_bounded(self, script: ModuleType, tmp_path: Path, server: DatasetServer) -> None:
        with pytest.raises(script.UpdateError, match="more than the 19 rows allowed"):
            self.collect(script, server.url, tmp_path, rows=19)()

    def test_the_whole_run_ends_before_llmhub_would_kill_it(self, script: ModuleType) -> None:
        limits = script.Limits()
        # A try, or a pause, that began just before the deadline still runs to its end.
        assert limits.total + limits.longest_pause + limits.connect + limits.read < 300

    def test_retry_after_is_read_as_seconds_or_date_and_nonsense_is_none(self, script: ModuleType) -> None:
        now = datetime(2026, 1, 5, 12, tzinfo=UTC)
        later = format_datetime(now + timedelta(seconds=90), usegmt=True)
        earlier = format_datetime(now - timedelta(seconds=90), usegmt=True)
        values = ["7", later, later.replace("GMT", "-0000"), earlier, None, "", "soon", "-3", "1.5", "٣"]
        assert [script.seconds_asked(value, now) for value in values] == [7, 90, 90, 0, *[None] * 6]

    def test_a_server_that_asks_for_a_long_pause_is_left_alone(
        self, script: ModuleType, tmp_path: Path, server: DatasetServer
    ) -> None:
        server.fail("text", status(503, retry_after=86_400))
        with pytest.raises(script.UpdateError, match="HTTP 503 and asks to wait 86,400 s; try again then"):
            self.collect(script, server.url, tmp_path)()
        assert len(server.requests) == 1

    def test_a_packed_answer_is_refused_unread(self, script: ModuleType, tmp_path: Path, server: DatasetServer) -> None:
        bomb = gzip.compress(bytes(1 << 20))
        server.fail("text", Response(headers={"Content-Encoding": "gzip"}, body=bomb), always=True)
        with pytest.raises(script.UpdateError, match="packed as gzip, expected the file as it is"):
            self.collect(script, server.url, tmp_path)()

    def test_exceptions_from_the_proxies_lose_what_httpx_fails_at_and_nothing_else(self, script: ModuleType) -> None:
        kept = {"NO_PROXY": "localhost,10.0.0.0/8,::1,http://x", "no_proxy": "::1"}
        assert script.usable_exceptions(kept) == {}
        assert script.usable_exceptions({"NO_PROXY": "localhost, fd00::/8,10.0.0.0/8"}) == {
            "NO_PROXY": "localhost,10.0.0.0/8"
        }

    def test_a_run_with_an_ipv6_network_in_no_proxy_succeeds(self, desk: Desk, server: DatasetServer) -> None:
        assert desk.run(server.url, NO_PROXY="fd00::/8,127.0.0.1", HTTP_PROXY="http://127.0.0.1:9").code == 0

    def test_a_socks_proxy_without_its_package_says_which_to_install(
        self, script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("ALL_PROXY", "socks5://user:s3cret@127.0.0.1:9")
        monkeypatch.setitem(sys.modules, "socksio", None)
        with pytest.raises(script.UpdateError, match="a SOCKS proxy needs a package: pip install socksio") as caught:
            self.collect(script, "http://nowhere.invalid", tmp_path)()
        assert "s3cret" not in str(caught.value)

    def test_what_to_check_names_the_proxies_that_are_set(self, script: ModuleType) -> None:
        assert script.what_to_check({"https_proxy": "http://x", "NO_PROXY": "y"}) == "the network, HTTPS_PROXY"
        assert script.what_to_check({}) == "the network"

    def test_a_redirect_from_https_to_http_is_refused(self, script: ModuleType, tmp_path: Path) -> None:
        # No certificate that httpx would trust can be made here, so its transport stands in for the network.
        import httpx

        answers = httpx.MockTransport(lambda _: httpx.Response(302, headers={"Location": "http://h/x"}))
        with httpx.Client(transport=answers) as client:
            downloader = script.Downloader(client, script.Limits(), time.monotonic() + 10)
            with pytest.raises(script.UpdateError, match="redirects from https to http, refused"):
                downloader.fetch("https://h/x", tmp_path / "x")

    def test_a_text_longer_than_any_name_is_refused_before_it_is_fetched(
        self, script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        for column in ("model_name", "organization", "license", "category", "leaderboard_publish_date"):
            line = row("m", 1000.0) | {column: "x" * 2_001}
            path = write_publication(tmp_path, "text", [row("sound", 1000.0), line])
            with pytest.raises(script.UpdateError, match=f"column {column}: found a text of 2,001 bytes"):
                next(script.read_parquet(path, "text", script.Limits()))

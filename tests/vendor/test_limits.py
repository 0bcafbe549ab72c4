"""The update script on a machine that lacks something, and at its limits of time and size."""

from __future__ import annotations

import gzip
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.support.made_up.publications import LATEST, SUBSETS, row, write_publication
from tests.support.servers.http import DatasetServer, Response, hanging, serve_folder, status
from tests.vendor.desk import FILES, META, SCRIPT, Desk


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

    def downloading(self, script: ModuleType, url: str, folder: Path, **limits: float) -> Callable[[], Any]:
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
        _, publications = self.downloading(script, server.url, tmp_path, read=0.5)()
        assert list(publications) == list(SUBSETS)
        assert server.requests.count(f"/text/{LATEST}") == 2

    def test_a_server_that_hangs_before_its_headers_always_fails(
        self, script: ModuleType, tmp_path: Path, server: DatasetServer
    ) -> None:
        server.fail("text", Response(delay=60), always=True)
        with pytest.raises(script.UpdateError, match=r"failed 3 times: .*timed out"):
            self.downloading(script, server.url, tmp_path, read=0.2)()

    def test_a_server_that_drips_is_given_up_at_the_deadline(
        self, script: ModuleType, tmp_path: Path, server: DatasetServer
    ) -> None:
        server.fail("text", Response(body=b"P", with_length=False, endless=True), always=True)
        with pytest.raises(script.UpdateError, match=r"the 0\.3 s allowed for a run are used up"):
            self.downloading(script, server.url, tmp_path, total=0.3, file_bytes=2**40)()

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
        _, publications = self.downloading(script, server.url, tmp_path, read=0.4, total=1.0)()
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
            self.downloading(script, server.url, tmp_path, rows=19)()

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
            self.downloading(script, server.url, tmp_path)()
        assert len(server.requests) == 1

    def test_a_packed_answer_is_refused_unread(self, script: ModuleType, tmp_path: Path, server: DatasetServer) -> None:
        bomb = gzip.compress(bytes(1 << 20))
        server.fail("text", Response(headers={"Content-Encoding": "gzip"}, body=bomb), always=True)
        with pytest.raises(script.UpdateError, match="packed as gzip, expected the file as it is"):
            self.downloading(script, server.url, tmp_path)()

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
            self.downloading(script, "http://nowhere.invalid", tmp_path)()
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

"""Downloads of the update script against real local servers: what it tries again, whom it asks, and what it refuses."""

from __future__ import annotations

import socket
import subprocess
import sys
import time

import pytest

from tests.support.made_up.publications import LATEST, SUBSETS, small_publication
from tests.support.servers.http import (
    DatasetServer,
    LocalServer,
    Request,
    Response,
    endless,
    html,
    ok,
    redirect,
    serve_folder,
    status,
    truncated,
)
from tests.vendor.desk import COMMIT, FILES, META, OTHER_COMMIT, SCRIPT, Desk


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

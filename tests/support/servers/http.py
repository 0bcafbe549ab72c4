"""Real HTTP servers on 127.0.0.1 for tests, with faults.

``LocalServer`` answers each request with what a function returns. ``DatasetServer`` (made by ``serve_folder``) serves a
folder of publications; tests add faults to it. Answers are ``Response`` values, made by ``ok``, ``status``, ``html``...

    with serve_folder(folder) as server:
        server.fail("text", status(503), status(429, retry_after=0))   # the first two requests; then the file
        run(server.url)
        assert server.requests == ["/text/latest-00000-of-00001.parquet"] * 3
"""

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BufferedIOBase
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Self

LATEST = "latest-00000-of-00001.parquet"
PARQUET_TYPE = "application/vnd.apache.parquet"
TRUSTED = Path(__file__).with_name("trusted.pem")
"""The certificate of the one authority that the processes of the tests trust; its key was not kept."""

# Longer than any time-out under test. When the server stops, a hanging answer ends at once.
LONGEST_HANG = 600.0


@dataclass(frozen=True, slots=True)
class Request:
    """One GET request: ``headers`` have lower-case names; ``number`` counts the requests for its path, from 1."""

    path: str
    query: str
    headers: Mapping[str, str]
    number: int


@dataclass(frozen=True, slots=True)
class Response:
    """An answer, with its faults.

    Attributes:
        status: the HTTP status.
        headers: the headers; Content-Length is added.
        body: the bytes to send.
        announced: the Content-Length; by default the body's length. After a shorter body the connection is closed.
        with_length: whether there is a Content-Length; without one the connection's end is the body's end.
        delay: how many seconds to wait before the headers; ends when the server stops.
        hang: how many seconds to wait before the body; ends when the server stops.
        endless: send the body again and again.
        drip: send the body byte by byte, and wait this many seconds before each byte.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    announced: int | None = None
    with_length: bool = True
    delay: float = 0.0
    hang: float = 0.0
    endless: bool = False
    drip: float = 0.0


def ok(body: bytes, *, content_type: str = "application/octet-stream", commit: str | None = None) -> Response:
    """Return an answer of status 200 with this body; ``commit`` becomes its header X-Repo-Commit."""
    headers = {"Content-Type": content_type} | ({"X-Repo-Commit": commit} if commit else {})
    return Response(headers=headers, body=body)


def status(code: int, *, retry_after: float | str | None = None) -> Response:
    """Return an answer of this status, with a Retry-After header (seconds, or an HTTP date) if that is given."""
    headers = {"Content-Type": "text/plain"}
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    return Response(status=code, headers=headers, body=f"status {code}\n".encode())


def truncated(body: bytes, sent: int, *, with_length: bool = True) -> Response:
    """Return an answer that breaks off after ``sent`` bytes; its Content-Length, if it has one, is the whole body's."""
    return Response(body=body[:sent], announced=len(body), with_length=with_length)


def hanging(seconds: float = LONGEST_HANG) -> Response:
    """Return an answer whose body comes only after ``seconds``."""
    return Response(body=b"PAR1 but late", hang=seconds)


def endless(chunk: bytes = b"PAR1" * 16_384) -> Response:
    """Return an answer whose body never ends."""
    return Response(body=chunk, with_length=False, endless=True)


def redirect(location: str, *, commit: str | None = None, code: int = 302) -> Response:
    """Return a redirect to an address; ``commit`` becomes its header X-Repo-Commit, as in the real dataset's."""
    return Response(status=code, headers={"Location": location} | ({"X-Repo-Commit": commit} if commit else {}))


def html(text: str = "<!doctype html><title>Sign in</title>") -> Response:
    """Return a web page with status 200, as captive portals and login pages answer."""
    return ok(text.encode(), content_type="text/html; charset=utf-8")


class LocalServer:
    """A server on a free port of 127.0.0.1 that answers with ``handler(request)``; a context manager.

    Each connection has a thread of its own. If the handler raises, the answer is a 500, and the end of the ``with``
    block raises the same error.
    """

    def __init__(self, handler: Callable[[Request], Response]) -> None:
        self._handler = handler
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._received: list[Request] = []
        self._counts: Counter[str] = Counter()
        self._errors: list[Exception] = []
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler_class())
        # With the default of half a second every stop would take so long.
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return self._http.server_port

    @property
    def url(self) -> str:
        """Its address, without a trailing slash."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def received(self) -> list[Request]:
        """Every request so far, in order of arrival."""
        with self._lock:
            return list(self._received)

    @property
    def requests(self) -> list[str]:
        """The path of every request so far (without its query), in order of arrival."""
        return [request.path for request in self.received]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop serving, end hanging answers, and raise what a handler raised, unless the block raised an error."""
        self._stopping.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()
        if self._errors and error is None:
            raise self._errors[0]

    def answer(self, target: str, headers: Mapping[str, str]) -> Response:
        """Record the request and return the handler's answer; if that raises, keep the error and return a 500."""
        path, _, query = target.partition("?")
        with self._lock:
            self._counts[path] += 1
            request = Request(path, query, headers, self._counts[path])
            self._received.append(request)
        try:
            return self._handler(request)
        except Exception as error:  # noqa: BLE001 -- the test must see whatever a handler raises
            self._errors.append(error)
            return status(500)

    def _send_body(self, connection: BufferedIOBase, response: Response) -> None:
        """Send a response's body with its faults, until the server stops."""
        self._stopping.wait(response.hang)
        if response.drip:
            for byte in response.body:
                if self._stopping.wait(response.drip):
                    return
                connection.write(bytes([byte]))
            return
        connection.write(response.body)
        while response.endless and not self._stopping.is_set():
            connection.write(response.body)

    def _handler_class(self) -> type[BaseHTTPRequestHandler]:
        """Return the handler class for http.server, bound to this server."""
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # An idle connection that is kept alive must not hold its thread forever.
            timeout = 60
            # Otherwise the body waits until the client has acknowledged the headers.
            disable_nagle_algorithm = True

            def handle(self) -> None:
                # Clients under test close connections before, during and after an answer.
                with suppress(ConnectionError):
                    super().handle()

            def do_GET(self) -> None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                try:
                    self._send(server.answer(self.path, headers))
                except ConnectionError:
                    # The client has closed the connection, which many tests want.
                    self.close_connection = True

            def _send(self, response: Response) -> None:
                server._stopping.wait(response.delay)
                self.send_response(response.status)
                for name, value in response.headers.items():
                    self.send_header(name, value)
                length = len(response.body) if response.announced is None else response.announced
                if response.with_length:
                    self.send_header("Content-Length", str(length))
                if not response.with_length or length != len(response.body) or response.hang:
                    self.send_header("Connection", "close")
                self.end_headers()
                server._send_body(self.wfile, response)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base class's name
                """Say nothing: requests are recorded."""

        return Handler


class DatasetServer(LocalServer):
    """Serves ``<folder>/<subset>/latest-00000-of-00001.parquet`` under every prefix, after the faults that were set.

    Only the last two parts of a path count. So ``server.url`` and ``server.resolve_url`` serve the same files; the
    latter ends in ``/resolve/main`` as the real address does, so that a client can pin a revision. ``commit`` is the
    X-Repo-Commit of every answer. A missing file is a 404.
    """

    def __init__(self, folder: Path, *, commit: str | None = None) -> None:
        super().__init__(self._serve)
        self.folder = folder
        self.commit = commit
        self._faults: dict[str, list[Response]] = {}
        self._always: dict[str, Response] = {}

    @property
    def resolve_url(self) -> str:
        """The base address, in the form of the real one."""
        return f"{self.url}/datasets/made-up/resolve/main"

    def fail(self, subset: str, *responses: Response, always: bool = False) -> None:
        """Answer the next requests for a subset's file with these, in order, and later ones with the file.

        With ``always``, answer later ones with the last of these.
        """
        self._faults.setdefault(subset, []).extend(responses)
        if always:
            self._always[subset] = responses[-1]

    def body(self, subset: str) -> bytes:
        """Return the bytes of a subset's file, to make a fault of them."""
        return (self.folder / subset / LATEST).read_bytes()

    def _serve(self, request: Request) -> Response:
        """Return the next fault for the path's subset, else the file, else 404."""
        *_, subset, name = ("", "", *PurePosixPath(request.path).parts)
        with self._lock:
            waiting = self._faults.get(subset, [])
            fault = waiting.pop(0) if waiting else self._always.get(subset)
        if fault is not None:
            return fault
        # Look names up instead of joining a path: a request must not lead out of the folder.
        folders = {entry.name: entry for entry in self.folder.iterdir() if entry.is_dir()}
        files = {entry.name: entry for entry in folders[subset].iterdir()} if subset in folders else {}
        if name not in files:
            return status(404)
        return ok(files[name].read_bytes(), content_type=PARQUET_TYPE, commit=self.commit)


def serve_folder(folder: Path, *, commit: str | None = None) -> DatasetServer:
    """Return a ``DatasetServer`` for a folder; it serves inside a ``with`` block."""
    return DatasetServer(folder, commit=commit)

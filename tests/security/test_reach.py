"""How far downloads reach: http and https alone, never from https to http, and no redirect without an end."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.catalog.sources import OFFERS, modelsdev
from tests.cli.support import Run
from tests.conftest import Llmhub
from tests.publications import FULL, LATEST, row, small_publication, write_publication
from tests.servers import LocalServer, Request, Response, ok, redirect

Ask = Callable[..., Run]
# What each downloader is told to ask, and where its answer shows.
DOWNLOADERS = {
    "the update script": (("arena", "refresh"), "LLMHUB_ARENA_SOURCE_URL", ""),
    "the back-fill": (("arena", "backfill"), "LLMHUB_ARENA_SOURCE_URL", ""),
    "models.dev": (("catalog", "refresh"), "LLMHUB_MODELSDEV_URL", "/api.json"),
}


class TlsServer(LocalServer):
    """A local server that speaks TLS, with a certificate of its own for 127.0.0.1."""

    def __init__(self, handler: Callable[[Request], Response], certificate: Path) -> None:
        super().__init__(handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self._http.socket = context.wrap_socket(self._http.socket, server_side=True)

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a new key and its self-signed certificate, in one file."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl, which makes the certificate, is not installed")
    folder = tmp_path_factory.mktemp("certificate")
    made = folder / "both.pem"
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=127.0.0.1",
            "-addext",
            "subjectAltName=IP:127.0.0.1",
            "-keyout",
            folder / "key.pem",
            "-out",
            folder / "certificate.pem",
        ],
        check=True,
        capture_output=True,
        timeout=60,
    )
    made.write_bytes((folder / "key.pem").read_bytes() + (folder / "certificate.pem").read_bytes())
    return made


@pytest.fixture(params=DOWNLOADERS)
def ask(request: pytest.FixtureRequest, llmhub: Llmhub) -> Ask:
    """Return a function that makes one of the downloaders ask at an address."""
    arguments, variable, path = DOWNLOADERS[request.param]

    def run(address: str, **variables: str) -> Run:
        # No provider is configured: the catalog asks models.dev and nobody else.
        empty = {"LLMHUB_PROVIDERS": "openai"} if path else {}
        return llmhub(*arguments, **{variable: f"{address}{path}", **empty, **variables})

    return run


@pytest.fixture
def publication(tmp_path: Path) -> Iterator[Callable[[Request], Response]]:
    """Return a handler that answers each of the downloaders with what it wants."""
    folder = small_publication(tmp_path / "publication")
    write_publication(folder, "text", [row("made-up-a", 1400.0)], name=FULL)

    def handler(request: Request) -> Response:
        if request.path == "/api.json":
            return modelsdev(OFFERS)
        *_, subset, name = request.path.split("/")
        return ok((folder / subset / (FULL if name == FULL else LATEST)).read_bytes())

    yield handler


def said(run: Run) -> str:
    assert "Traceback" not in run.stderr
    assert "internal error" not in run.stderr
    return run.stdout + run.stderr


def test_https_is_asked_and_its_certificate_checked(
    ask: Ask, certificate: Path, publication: Callable[[Request], Response]
) -> None:
    with TlsServer(publication, certificate) as server:
        assert "CERTIFICATE_VERIFY_FAILED" in said(ask(server.url))
        assert server.received == []
        run = ask(server.url, SSL_CERT_FILE=str(certificate))
        assert "CERTIFICATE_VERIFY_FAILED" not in said(run)
        assert server.received != []


def test_a_redirect_from_https_to_http_is_refused_and_not_asked(
    ask: Ask, certificate: Path, publication: Callable[[Request], Response]
) -> None:
    with (
        LocalServer(publication) as plain,
        TlsServer(lambda request: redirect(f"{plain.url}{request.path}"), certificate) as secure,
    ):
        run = ask(secure.url, SSL_CERT_FILE=str(certificate))
        assert "redirects from https to http" in said(run)
        assert secure.received != []
        assert plain.received == []


@pytest.mark.parametrize("target", ["file:///etc/hostname", "ftp://127.0.0.1/x", "gopher://127.0.0.1/", "data:,x"])
def test_a_redirect_to_another_scheme_is_refused(ask: Ask, target: str) -> None:
    with LocalServer(lambda _: redirect(target)) as server:
        run = ask(server.url)
        text = said(run)
    assert target.partition(":")[0] in text or "cannot be asked for" in text or "answered HTTP 302" in text
    assert Path("/etc/hostname").read_text(encoding="utf-8").strip() not in text


def test_redirects_without_an_end_are_given_up(ask: Ask) -> None:
    with LocalServer(lambda request: redirect(f"/{request.number}{request.path}")) as server:
        assert "more than 5 redirects" in said(ask(server.url))
        assert len(server.received) < 40


@pytest.mark.parametrize("address", ["file:///etc/hostname", "ftp://127.0.0.1", "javascript:x", "127.0.0.1", "//x"])
def test_an_address_that_is_neither_http_nor_https_is_refused(ask: Ask, address: str) -> None:
    text = said(ask(address))
    assert "http or https" in text
    assert Path("/etc/hostname").read_text(encoding="utf-8").strip() not in text

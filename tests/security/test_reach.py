"""How far downloads reach: http and https alone, never from https to http, and no redirect without an end."""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from llmhub.arena import SnapshotStore
from llmhub.arena.exchange.backfill import backfill
from llmhub.catalog.modelsdev_source import fetch_modelsdev_json
from llmhub.doctor import network
from llmhub.errors import SettingsError, SourceError
from llmhub.settings import arena_script
from llmhub.web.large_file import Limits
from tests.support.made_up.publications import FULL, LATEST, row, small_publication, write_publication
from tests.support.servers.http import LocalServer, Request, Response, ok, redirect
from tests.support.servers.sources import OFFERS, modelsdev

Ask = Callable[[str], str]


def _update_script(address: str, folder: Path) -> None:
    spec = spec_from_file_location("update_leaderboard_data", arena_script())
    assert spec is not None
    assert spec.loader is not None
    script = module_from_spec(spec)
    spec.loader.exec_module(script)
    try:
        base = script.source_address({script.SOURCE_VARIABLE: address})
        script.download_all(str(base), folder, script.Limits(first_pause=0.01))
    except script.UpdateError as error:
        raise SourceError(str(error)) from error


def _backfill(address: str, _: Path) -> None:
    os.environ["LLMHUB_ARENA_SOURCE_URL"] = address
    with SnapshotStore.open() as store:
        backfill(store, limits=Limits(first_pause=0.01))


def _modelsdev(address: str, _: Path) -> None:
    os.environ["LLMHUB_MODELSDEV_URL"] = f"{address}/api.json"
    fetch_modelsdev_json()


def _doctor(address: str, _: Path) -> None:
    os.environ["LLMHUB_ARENA_SOURCE_URL"] = address
    os.environ["LLMHUB_MODELSDEV_URL"] = f"{address}/api.json"
    for found in network.look(offline=False, seconds=30.0):
        if found.level != "ok":
            raise SourceError(found.message)


DOWNLOADERS = {
    "the update script": _update_script,
    "the back-fill": _backfill,
    "models.dev": _modelsdev,
    "the doctor": _doctor,
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
def ask(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Return a function that makes one of the downloaders ask at an address, and returns why it refused."""
    for name in ("LLMHUB_ARENA_SOURCE_URL", "LLMHUB_MODELSDEV_URL"):
        # Set here, so that it is put back.
        monkeypatch.setenv(name, "")
    monkeypatch.chdir(tmp_path)

    def run(address: str) -> str:
        try:
            DOWNLOADERS[request.param](address, tmp_path)
        except (SourceError, SettingsError) as error:
            return str(error)
        return ""

    return run


@pytest.fixture
def publication(tmp_path: Path) -> Callable[[Request], Response]:
    """Return a handler that answers each of the downloaders with what it wants."""
    folder = small_publication(tmp_path / "publication")
    write_publication(folder, "text", [row("made-up-a", 1400.0)], name=FULL)

    def handler(request: Request) -> Response:
        if request.path == "/api.json":
            return modelsdev(OFFERS)
        *_, subset, name = request.path.split("/")
        return ok((folder / subset / (FULL if name == FULL else LATEST)).read_bytes())

    return handler


def test_https_is_asked_and_its_certificate_checked(
    ask: Ask, certificate: Path, publication: Callable[[Request], Response], monkeypatch: pytest.MonkeyPatch
) -> None:
    with TlsServer(publication, certificate) as server:
        assert "CERTIFICATE_VERIFY_FAILED" in ask(server.url)
        assert server.received == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert ask(server.url) == ""
        assert server.received != []


def test_a_redirect_from_https_to_http_is_refused_and_not_asked(
    ask: Ask, certificate: Path, publication: Callable[[Request], Response], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with (
        LocalServer(publication) as plain,
        TlsServer(lambda request: redirect(f"{plain.url}{request.path}"), certificate) as secure,
    ):
        assert "redirects from https to http" in ask(secure.url)
        assert secure.received != []
        assert plain.received == []


def test_a_redirect_from_a_public_address_to_a_local_one_is_refused_and_not_asked(
    ask: Ask, publication: Callable[[Request], Response], monkeypatch: pytest.MonkeyPatch
) -> None:
    with LocalServer(publication) as inside:
        local = f"http://localhost:{inside.port}"
        # As a proxy it is asked for public addresses too, which no test could reach otherwise.
        with LocalServer(lambda request: redirect(f"{local}/{request.path.split('/', 3)[-1]}")) as proxy:
            monkeypatch.setenv("HTTP_PROXY", proxy.url)
            monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
            said = ask("http://public.invalid")
            assert "redirects from a public address to " in said
            assert "localhost" in said
            assert inside.received == []
            assert proxy.received != []


def test_who_set_a_local_address_may_be_led_to_another(ask: Ask, publication: Callable[[Request], Response]) -> None:
    with (
        LocalServer(publication) as there,
        LocalServer(lambda request: redirect(f"http://127.0.0.1:{there.port}{request.path}")) as here,
    ):
        assert ask(here.url) == ""
        assert there.received != []


@pytest.mark.parametrize("target", ["file:///etc/hostname", "ftp://127.0.0.1/x", "gopher://127.0.0.1/", "data:,x"])
def test_a_redirect_to_another_scheme_is_refused(ask: Ask, target: str) -> None:
    with LocalServer(lambda _: redirect(target)) as server:
        assert ask(server.url) != ""


def test_redirects_without_an_end_are_given_up(ask: Ask) -> None:
    with LocalServer(lambda request: redirect(f"/{request.number}{request.path}")) as server:
        assert "more than 5 redirects" in ask(server.url)
        assert len(server.received) < 40


@pytest.mark.parametrize("address", ["file:///etc/hostname", "ftp://127.0.0.1", "javascript:x", "127.0.0.1", "//x"])
def test_an_address_that_is_neither_http_nor_https_is_refused(ask: Ask, address: str) -> None:
    assert "http or https" in ask(address)

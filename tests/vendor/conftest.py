"""Fixtures of the update script's tests: a place to run it in, a server, and the script as a module."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

from tests.support.made_up.publications import small_publication
from tests.support.servers.http import DatasetServer, serve_folder
from tests.vendor.desk import SCRIPT, Desk, Sound


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


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Sound:
    """Run once on the small publication, by an address that ends with a slash, and with the certificates of httpx."""
    desk = Desk(tmp_path_factory.mktemp("sound"))
    small_publication(desk.folder)
    with serve_folder(desk.folder) as server:
        return Sound(desk.run(server.url + "/", SSL_CERT_FILE=""), server.url, server.requests)

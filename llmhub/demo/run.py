"""The demonstration's three refreshes, each the shipped one against a local server."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from llmhub.catalog.arena_source import Refreshed, refresh_arena
from llmhub.demo.publications import editions, write_publication

# What the caller has set must not reach the demonstration: it has a home, a source and a script of its own.
_OTHER_SETTINGS = ("LLMHUB_ARENA_CACHE_DIR", "LLMHUB_ARENA_SCRIPT", "LLMHUB_ARENA_TIMEOUT", "LLMHUB_OFFLINE")


@contextmanager
def demonstration(home: Path) -> Iterator[Iterator[Refreshed]]:
    """Refresh a store in `home` three times, 25 hours apart, from made-up publications on a local server.

    Inside the `with` block this process's LLMHUB_* variables name that home, so that any llmhub command shows
    its store; they are as before afterwards.

    Args:
        home: an empty folder.

    Yields:
        What each refresh came to, as it is done.

    Raises:
        RefreshError: a refresh failed.
    """
    source, config = home / "made-up-source", home / "config"
    source.mkdir()
    with _serving(source) as url:
        settings = {"LLMHUB_CONFIG_DIR": str(config), "LLMHUB_ARENA_SOURCE_URL": url}
        # Where both are set, the lower-case one counts.
        settings |= dict.fromkeys(("NO_PROXY", "no_proxy"), "127.0.0.1")
        with _environment(settings, without=_OTHER_SETTINGS):
            yield _refreshes(source)


def _refreshes(source: Path) -> Iterator[Refreshed]:
    for moment, board in editions():
        write_publication(source, moment, board)
        yield refresh_arena(now=moment)


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Write nothing: stderr is for what the user should read."""


@contextmanager
def _serving(folder: Path) -> Iterator[str]:
    """Serve a folder on 127.0.0.1, and give its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def _environment(settings: Mapping[str, str], *, without: tuple[str, ...]) -> Iterator[None]:
    """Set and unset variables of this process, and put them back."""
    before = {name: os.environ.get(name) for name in (*settings, *without)}
    os.environ.update(settings)
    for name in without:
        os.environ.pop(name, None)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value

"""The demonstration's refreshes and its catalog, made by the shipped code against a local server."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import create_connection
from threading import Thread
from typing import TYPE_CHECKING

from llmhub import settings
from llmhub.arena.refresh import Refreshed, refresh_arena
from llmhub.demo import offers, prices
from llmhub.demo.past import past_editions
from llmhub.demo.publications import FIRST_MOMENT, STEP, editions, write_past, write_publication
from llmhub.errors import SourceError
from llmhub.files import is_own_file, written_whole
from llmhub.folders import is_own_folder, make_private_folder, remove_own_folder

if TYPE_CHECKING:
    from llmhub.catalog.schema import Catalog

CONFIG = "config"
"""The name of the folder in a demonstration's home for LLMHUB_CONFIG_DIR."""

_SOURCE = "made-up-source"
_SECONDS_TO_CONNECT = 5.0
_MADE_UP_TEXT = "llmhub demo made all of this up."
_MADE_UP = re.compile(re.escape(_MADE_UP_TEXT.encode()))

# The caller's settings must not reach the demonstration: it has its own home, source and script.
_OTHER_SETTINGS = ("LLMHUB_ARENA_CACHE_DIR", "LLMHUB_ARENA_SCRIPT", "LLMHUB_ARENA_TIMEOUT", "LLMHUB_OFFLINE")
# The same holds for variables that SDKs read: proxies, certificates, and settings of the user's own provider.
_OF_HTTP = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
_OF_TLS = ("SSL_CERT_FILE", "SSL_CERT_DIR")
_OF_THE_PROVIDER = ("OPENAI_", "ANY_LLM_")


@contextmanager
def demonstration(home: Path) -> Iterator[Iterator[Refreshed]]:
    """Refresh a store in `home` three times, 25 hours apart, from made-up publications on a local server.

    The server also has half a year of weekly publications before them, for `llmhub arena backfill`, and `past_prices`
    stores what models.dev said in that time.

    Inside the `with` block this process's LLMHUB_* variables name that home, so that any llmhub command shows its
    store; afterwards they are restored.

    Args:
        home: an empty folder.

    Yields:
        The result of each refresh, when it is done.

    Raises:
        SourceError: a server on this machine cannot be reached.
        RefreshError: a refresh failed.
    """
    source, config = home / _SOURCE, home / CONFIG
    make_private_folder(source)
    offers.write_offers(source)
    write_past(source, past_editions())
    with _serving(source) as url:
        variables = {
            "LLMHUB_CONFIG_DIR": str(config),
            "LLMHUB_ARENA_SOURCE_URL": url,
            "LLMHUB_PROVIDERS": offers.PROVIDER,
            "LLMHUB_MODELSDEV_URL": f"{url}/{offers.MODELSDEV_FILE}",
            "LLMHUB_LITELLM_URL": "off",
            "OPENAI_API_KEY": offers.KEY,
            "OPENAI_BASE_URL": url,
            # If both are set, the lower-case one counts.
            "NO_PROXY": "127.0.0.1",
            "no_proxy": "127.0.0.1",
        }
        of_the_provider = [name for name in os.environ if name.startswith(_OF_THE_PROVIDER) and name not in variables]
        with _environment(variables, without=(*_OTHER_SETTINGS, *_OF_HTTP, *_OF_TLS, *of_the_provider)):
            # The file marks the data as made up, so that a report of a kept folder says it too.
            make_private_folder(config)
            with written_whole(settings.made_up_file(), force=False, mode=0o600) as made_up:
                made_up.write_text(f"{_MADE_UP_TEXT}\n", encoding="utf-8")
            yield _refreshes(source)


def forget(home: Path) -> bool:
    """Remove the demonstration that an earlier `demonstration` made in a folder, and say whether there was one.

    Nothing else in the folder is touched.
    """
    mark = home / CONFIG / settings.made_up_file().name
    if not (is_own_folder(home / CONFIG) and is_own_file(mark, _MADE_UP)):
        return False
    for name in (CONFIG, _SOURCE):
        remove_own_folder(home / name)
    return True


def past_publications() -> int:
    """Store half a year of made-up weekly publications, inside `demonstration`, and return their number.

    Raises:
        SourceError: the server did not give them; see also `llmhub.arena.exchange.backfill.backfill`.
    """
    from llmhub.arena.exchange.backfill import backfill
    from llmhub.store import SnapshotStore

    with SnapshotStore.open() as store:
        backfill(store)
    return len(past_editions())


def past_prices(home: Path) -> int:
    """Store half a year of made-up prices, inside `demonstration`, and return the number of their documents.

    Raises:
        StoreError: the store could not be written.
    """
    from llmhub.offers.importing import Document, import_documents
    from llmhub.offers.sql.storing import offer_writer

    written = prices.write_past_prices(home / _SOURCE / prices.FOLDER)
    with offer_writer(settings.arena_db()) as writer:
        for done in import_documents(writer, [Document(path, moment) for path, moment in written]):
            if done.error is not None:
                raise done.error
        last = FIRST_MOMENT + len(editions()) * STEP - timedelta(days=1)
        writer.add_listings(prices.listed_before(), taken_at=last)
        writer.add_matches({(offers.PROVIDER, prices.RETIRED): prices.RETIRED})
    return len(written)


@contextmanager
def demonstrated_catalog() -> Iterator[Catalog]:
    """Build the catalog inside `demonstration`, 25 hours after the last of its three refreshes.

    The sources are really asked: any-llm for its provider's models, models.dev, and the update script once more,
    because the store is over 24 hours old. Inside the `with` block LLMHUB_OFFLINE is set, so that any llmhub command
    shows this catalog, whatever the clock says.

    Raises:
        CacheError: the catalog could not be saved.
    """
    from llmhub.catalog.cache import save_catalog
    from llmhub.catalog.pipeline import build_now

    moment = FIRST_MOMENT + len(editions()) * STEP
    built = build_now(moment, recorded=True)
    # The other two sources have the clock's moment, which would differ in each demonstration.
    sources = tuple(source.model_copy(update={"as_of": source.as_of and moment}) for source in built.sources)
    dated = built.model_copy(update={"sources": sources})
    save_catalog(dated)
    with _environment({"LLMHUB_OFFLINE": "1"}):
        yield dated


def _refreshes(source: Path) -> Iterator[Refreshed]:
    for moment, board in editions():
        write_publication(source, moment, board)
        yield refresh_arena(now=moment)


class _Quiet(SimpleHTTPRequestHandler):
    # A provider's list of models has no ending in its name, and SDKs require its content type.
    extensions_map = {**SimpleHTTPRequestHandler.extensions_map, "": "application/json"}  # noqa: RUF012 -- the base class's own

    def log_message(self, *_: object) -> None:
        """Write nothing: stderr is for messages to the user."""


@contextmanager
def _serving(folder: Path) -> Iterator[str]:
    """Serve a folder on 127.0.0.1, and yield its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            _require_reached(server.server_port)
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def _require_reached(port: int) -> None:
    """Connect once to a server on this machine; some sandboxes have no loopback interface.

    Raises:
        SourceError: it cannot be reached.
    """
    try:
        create_connection(("127.0.0.1", port), _SECONDS_TO_CONNECT).close()
    except OSError as error:
        raise SourceError(
            f"the demonstration serves what it makes up on 127.0.0.1, which cannot be reached here ({error}): "
            "bring the loopback interface up (`ip link set lo up`), and try again"
        ) from error


@contextmanager
def _environment(variables: Mapping[str, str], without: tuple[str, ...] = ()) -> Iterator[None]:
    """Set and unset variables of this process, and restore them afterwards."""
    before = {name: os.environ.get(name) for name in (*variables, *without)}
    os.environ.update(variables)
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

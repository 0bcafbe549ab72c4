"""Downloads every publication of a leaderboard from the dataset, and imports them."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date
from pathlib import Path

from llmhub import settings
from llmhub.arena.database import database
from llmhub.arena.exchange.importing import ImportedDataset, import_dataset
from llmhub.arena.refresh_lock import NO_LOCKS
from llmhub.arena.store import BoardStore
from llmhub.errors import FileInTheWayError, PayloadError, SettingsError, SourceError
from llmhub.folders import give_up_own_folder, is_own_folder, own_folder
from llmhub.progress import step
from llmhub.storage.locks import held
from llmhub.web.large_file import Limits, ServedFile, discard, fetch

FULL = "full-00000-of-00001.parquet"
"""The file of a subset that has all its dates."""

_FOLDER = ".llmhub-backfill"
_SUBSET = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)*")


def backfill(
    store: BoardStore,
    leaderboard: str = "text",
    *,
    since: date | None = None,
    limits: Limits | None = None,
) -> ImportedDataset:
    """Download all publications of a leaderboard and store those that are missing, as snapshots of source `dataset`.

    The file lies in a folder of llmhub's own beside the store until it has been imported. The next call continues an
    interrupted download, and repeats a killed import from the complete file, if the server still has the same one. This
    does not make the store fresh: only a run of the update script does.

    Args:
        store: where to.
        leaderboard: the dataset's subset, with hyphens.
        since: the oldest publication date to store; by default the first there is.
        limits: limits on time and size; see `Limits`.

    Raises:
        SourceError: the download is incomplete, the network may not be used, or another process is back-filling;
            the part that arrived is kept.
        PayloadError: the file cannot be imported; see `import_dataset`. It is not kept.
        SettingsError: no subset can have that name, or LLMHUB_ARENA_SOURCE_URL is not an address.
        StoreError: the store could not be written; see its children.
    """
    subset = leaderboard.replace("-", "_")
    if not _SUBSET.fullmatch(subset):
        raise SettingsError(f"leaderboard {leaderboard!r} cannot be one of the dataset's: give a name such as text")
    if settings.offline():
        raise SourceError("LLMHUB_OFFLINE is set, so nothing was downloaded: unset it, or import a file")
    url = f"{settings.arena_source_url()}/{subset}/{FULL}"
    database.require_writable(store.path)
    target = store.path.parent / _FOLDER / subset / FULL
    lock = store.path.parent / "backfill.lock"
    busy = SourceError(f"another process is back-filling and holds {lock}: wait for it to end")
    with held(lock, seconds=0, busy=busy, unwritable=SourceError, advice=NO_LOCKS):
        try:
            served = _downloaded(url, target, f"downloading {leaderboard}", limits)
            done = import_dataset(store, target, leaderboard=leaderboard, since=since, revision=served.revision)
            discard(target)
        except PayloadError:
            discard(target)
            raise
        finally:
            # A partial download and another leaderboard's file stay.
            if is_own_folder(target.parent.parent):
                with suppress(OSError):
                    target.parent.rmdir()
                    give_up_own_folder(target.parent.parent)
    return done


def _downloaded(url: str, target: Path, what: str, limits: Limits | None) -> ServedFile:
    try:
        own_folder(target.parent.parent)
        target.parent.mkdir(mode=0o700, exist_ok=True)
        with step(what, "bytes") as downloading:
            return fetch(url, target, watch=downloading.at, limits=limits)
    except FileInTheWayError as error:
        raise SourceError(str(error)) from error
    except OSError as error:
        raise SourceError(
            f"{target.parent} cannot be written ({error.strerror}): make room, or make it writable"
        ) from error

"""Download one large file; resume after interruptions, give up on stalled servers.

The part that has arrived lies beside the target as ``<name>.part``; ``<name>.json`` records the whole file's address,
ETag and size. A part is continued only if the server says that the file is still the same.
"""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, BinaryIO

from llmhub import background
from llmhub.errors import SourceError
from llmhub.files import read_regular, written_whole
from llmhub.web.client import client, followed, request_for, shown, translated
from llmhub.web.retries import TransientError, is_transient, longest_of, retried, retry_later_error

if TYPE_CHECKING:
    import httpx
    from tenacity import RetryCallState

_log = logging.getLogger(__name__)

Watch = Callable[[int, int], None]
"""Is called with the number of bytes that have arrived and the whole file's size, 0 if the server does not say."""

_MAX_RECORD_BYTES = 65_536
# Shorter pauses are not reported.
_PAUSE_TO_TELL = 3.0
_OK, _PARTIAL, _NOT_MODIFIED, _UNSATISFIABLE = 200, 206, 304, 416
# A weak ETag promises the same meaning, not the same bytes.
_STRONG_ETAG = re.compile(r'"[\x21\x23-\x7e]{1,200}"')
_RANGE = re.compile(r"bytes (\d{1,15})-\d{1,15}/(\d{1,15})", re.ASCII)
_NUMBER = re.compile(r"\d{1,15}", re.ASCII)
_REVISION = re.compile(r"[0-9a-f]{7,64}")


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits on time and size. Times are in seconds, sizes in bytes.

    Attributes:
        stall: within this time a server must send `least`, headers included.
        least: see `stall`.
        tries: after this many tries in a row with less than `least`, give up.
        first_pause: the pause before the second of these tries; each later pause is twice as long.
        longest_pause: the longest pause; if a server asks for a longer one, give up.
        most: the largest file that is accepted.
        poll: the time between two checks of the progress.
    """

    stall: float = 60.0
    least: int = 65_536
    tries: int = 4
    first_pause: float = 0.5
    longest_pause: float = 30.0
    most: int = 4 * 1024**3
    poll: float = 0.1


@dataclass(frozen=True, slots=True)
class ServedFile:
    """What a server says about the file; None is unknown.

    Attributes:
        url: its address, without user name and password.
        etag: its strong ETag.
        size: in bytes.
        revision: the revision of the dataset.
    """

    url: str
    etag: str | None = None
    size: int | None = None
    revision: str | None = None


@dataclass(frozen=True, slots=True)
class Expected:
    """What a file should be.

    Attributes:
        begins: its first bytes.
        called: what such a file is called, in errors.
        setting: what names its address, in errors.
    """

    begins: bytes
    called: str
    setting: str


PARQUET = Expected(b"PAR1", "Parquet", "LLMHUB_ARENA_SOURCE_URL")
STORE = Expected(b"SQLite format 3\0", "a store of llmhub", "the remote's address")


def fetch(
    url: str,
    target: Path,
    *,
    watch: Watch = lambda _done, _total: None,
    limits: Limits | None = None,
    expected: Expected = PARQUET,
    unless: str | None = None,
) -> ServedFile:
    """Download the file at `url` to `target`, and return what the server says about it.

    A part that an earlier call left is continued, and a whole file is kept, if the server says that the file is still
    the same. The caller ensures that only one process at a time does this, and that the folder is llmhub's own.

    Args:
        url: an http or https address; its user name and password are sent and never shown.
        target: the file to make; it exists whole or not at all.
        watch: see `Watch`; called in this thread.
        limits: see `Limits`.
        expected: what the file should be.
        unless: an ETag: nothing is downloaded if it is still the file's, and there is no target then.

    Raises:
        SourceError: the download failed; the message names the address. What arrived is kept for the next call.
        OSError: it could not be written.
    """
    limits = limits or Limits()
    kept = _Kept(target, shown(url))
    vain = 0

    def attempt() -> ServedFile:
        nonlocal vain
        before = kept.received
        try:
            return _watched(_Transfer(url, kept, limits, expected, unless), watch, limits)
        finally:
            vain = vain + 1 if kept.received - before < limits.least else 0

    def pause(state: RetryCallState) -> float:
        own: float = limits.first_pause * 2.0 ** max(0, vain - 1)
        return min(limits.longest_pause, longest_of(own, state))

    try:
        _log.info("downloading %s, of which %d bytes are there", shown(url), kept.received)
        return retried(attempt, last=lambda _: vain >= limits.tries, pause=pause)
    except SourceError as error:
        if not (kept.received or kept.whole):
            # There is nothing that the next call could continue.
            kept.forget()
        raise SourceError(f"{shown(url)}: {error}") from None


def discard(target: Path) -> None:
    """Remove a downloaded file, its part and its record."""
    for path in (target, *_companions(target)):
        path.unlink(missing_ok=True)


def _companions(target: Path) -> tuple[Path, Path]:
    return target.with_name(f"{target.name}.part"), target.with_name(f"{target.name}.json")


class _Kept:
    """The parts of a download on the disk."""

    def __init__(self, target: Path, url: str) -> None:
        self.target = target
        self.part, self._record = _companions(target)
        self.served = self._recorded(url)
        self.received = _size(self.part)

    def _recorded(self, url: str) -> ServedFile:
        try:
            found = ServedFile(**json.loads(read_regular(self._record, _MAX_RECORD_BYTES)))
        except (OSError, ValueError, TypeError):
            # The record is missing or damaged, so the part cannot be continued.
            return ServedFile(url)
        return found if found.url == url else ServedFile(url)

    @property
    def whole(self) -> bool:
        """Whether the target exists and is the recorded file."""
        return self.served.etag is not None and self.target.is_file() and _size(self.target) == self.served.size

    def begin(self, served: ServedFile) -> BinaryIO:
        """Start again: return an empty part for a new file."""
        self.target.unlink(missing_ok=True)
        self.part.unlink(missing_ok=True)
        file = self.part.open("xb")
        self.received = 0
        self.served = served
        self._write_record()
        return file

    def _write_record(self) -> None:
        # The record lies in a folder marked as llmhub's own.
        with written_whole(self._record, force=True, mode=0o600, durable=False) as temporary:
            temporary.write_text(json.dumps(asdict(self.served)), encoding="utf-8")

    def resume(self, size: int) -> BinaryIO:
        """Return the part, opened to append to it up to this size."""
        self.served = replace(self.served, size=size)
        return self.part.open("ab")

    def forget(self) -> None:
        """Remove the file, its part and its record."""
        discard(self.target)
        self.received = 0
        self.served = ServedFile(self.served.url)

    def finish(self, size: int) -> None:
        """Move the part to the target, once it is on the disk."""
        with self.part.open("rb") as file:
            os.fsync(file.fileno())
        self.served = replace(self.served, size=size)
        self._write_record()
        self.part.replace(self.target)


def _watched(transfer: _Transfer, watch: Watch, limits: Limits) -> ServedFile:
    """Run a transfer in another thread, and give it up if the server stalls."""
    outcome = background.start(transfer.run, name="llmhub-download")
    # Count the looks: a caller's tests may have frozen the clock.
    looks, counted = 0, 0
    try:
        while not background.has_ended(outcome, seconds=limits.poll):
            watch(*transfer.progress)
            looks += 1
            if transfer.arrived - counted >= limits.least:
                looks, counted = 0, transfer.arrived
            elif looks * limits.poll > limits.stall:
                raise TransientError(f"sent less than {limits.least:,} bytes in {limits.stall:g} s: try again later")
        return outcome.result()
    finally:
        transfer.give_up()


class _Transfer:
    """One try to download the missing part of a file."""

    def __init__(self, url: str, kept: _Kept, limits: Limits, expected: Expected, unless: str | None) -> None:
        self.arrived = 0
        self._expected = expected
        self._unless = unless
        self._url = url
        self._kept = kept
        self._limits = limits
        self._lock = Lock()
        self._given_up = False

    @property
    def progress(self) -> tuple[int, int]:
        """How many bytes have arrived, and the whole size; 0 if unknown."""
        return self._kept.received, self._kept.served.size or 0

    def give_up(self) -> None:
        """Stop writing, though the thread may still be waiting for a server."""
        with self._lock:
            self._given_up = True

    def run(self) -> ServedFile:
        """Download, and return what the server says about the file."""
        import httpx

        stall = self._limits.stall
        # Ask for no compression: sizes and ranges then count the file's own bytes.
        headers = {"Accept-Encoding": "identity"}
        # `_watched` gives up a silent server first, with a reason; this time-out ends the thread that is left behind.
        timeout = httpx.Timeout(2 * stall + 5, connect=min(15.0, stall))
        with (
            translated(f": check {self._expected.setting}"),
            client(headers, timeout=timeout) as asking,
            self._answer(asking) as (response, said),
        ):
            self._take(response, said)
        return self._kept.served

    @contextmanager
    def _answer(self, asking: httpx.Client) -> Iterator[tuple[httpx.Response, ServedFile]]:
        """Send the request, follow redirects, and give the last answer and what all answers said about the file."""
        said = ServedFile(self._kept.served.url)

        def hear(response: httpx.Response) -> None:
            nonlocal said
            said = _said(said, response)

        request = request_for(asking, self._url, self._condition())
        with followed(asking, request, heard=hear) as response:
            yield response, said

    def _condition(self) -> dict[str, str]:
        kept = self._kept
        if self._unless is not None and not kept.received:
            return {"If-None-Match": self._unless}
        if kept.served.etag is None:
            return {}
        if kept.whole:
            return {"If-None-Match": kept.served.etag}
        return {"Range": f"bytes={kept.received}-", "If-Range": kept.served.etag} if kept.received else {}

    def _take(self, response: httpx.Response, said: ServedFile) -> None:
        kept = self._kept
        status = response.status_code
        if status == _NOT_MODIFIED and self._unless is not None and not kept.received:
            kept.served = replace(kept.served, etag=self._unless)
            return
        if status == _NOT_MODIFIED and kept.whole:
            return
        size = self._size_if_continued(response, said) if status == _PARTIAL else None
        if status == _UNSATISFIABLE or (status == _PARTIAL and size is None):
            with self._lock:
                self._check()
                kept.forget()
            raise TransientError(f"answered HTTP {status} with another part than was asked for: try again later")
        if is_transient(response):
            raise self._retried_if_short(retry_later_error(response))
        if status not in {_OK, _PARTIAL}:
            named = " and the leaderboard's name" if self._expected is PARQUET else ""
            raise SourceError(f"answered HTTP {status}: check {self._expected.setting}{named}")
        if response.headers.get("content-encoding", "identity").strip().lower() not in {"", "identity"}:
            raise SourceError(f"answered with a packed file, expected it as it is: check {self._expected.setting}")
        with self._lock:
            self._check()
            file = kept.resume(size) if size else kept.begin(replace(said, size=_announced(response, said)))
        with file:
            self._receive(response, file)
        self._finish()

    def _retried_if_short(self, error: TransientError) -> SourceError:
        """Return the error for a server that asks to wait: one that is retried only if the wait is short enough."""
        if error.retry_after > self._limits.longest_pause:
            return SourceError(f"{error}: try again then")
        if error.retry_after >= _PAUSE_TO_TELL:
            _log.warning("%s: %s: waiting", self._kept.served.url, error)
        return error

    def _size_if_continued(self, response: httpx.Response, said: ServedFile) -> int | None:
        """Return the whole size if an answer continues the part on the disk, else None."""
        served = self._kept.served
        found = _RANGE.fullmatch(response.headers.get("content-range", "").strip())
        if found is None or int(found[1]) != self._kept.received or said.etag not in {None, served.etag}:
            return None
        size = int(found[2])
        return size if served.size in {None, size} else None

    def _receive(self, response: httpx.Response, file: BinaryIO) -> None:
        for chunk in response.iter_raw():
            if not self._kept.received and not chunk.startswith(self._expected.begins[: len(chunk)]):
                raise SourceError(
                    f"answered with something that begins with {chunk[:20]!r}, expected {self._expected.called}: "
                    f"check {self._expected.setting}"
                )
            with self._lock:
                self._check()
                file.write(chunk)
                self._kept.received += len(chunk)
                self.arrived += len(chunk)
            if max(self.progress) > self._limits.most:
                raise SourceError(
                    f"larger than the {self._limits.most:,} bytes allowed: check {self._expected.setting}"
                )

    def _finish(self) -> None:
        kept = self._kept
        expected = kept.served.size
        if expected is not None and kept.received < expected:
            raise TransientError(f"broke off after {kept.received:,} of {expected:,} bytes: try again later")
        with self._lock:
            self._check()
            if expected not in {None, kept.received}:
                found = kept.received
                kept.forget()
                raise SourceError(f"sent {found:,} bytes, expected {expected:,}: try again later")
            kept.finish(kept.received)

    def _check(self) -> None:
        if self._given_up:
            raise SourceError("given up")


def _said(before: ServedFile, response: httpx.Response) -> ServedFile:
    """Return what is known about a file after one more answer; only the last answer's ETag belongs to the file."""
    etag, revision, size = (response.headers.get(name, "") for name in ("etag", "x-repo-commit", "x-linked-size"))
    return ServedFile(
        before.url,
        etag if _STRONG_ETAG.fullmatch(etag) else None,
        int(size) if _NUMBER.fullmatch(size) else before.size,
        revision if _REVISION.fullmatch(revision) else before.revision,
    )


def _announced(response: httpx.Response, said: ServedFile) -> int | None:
    length = response.headers.get("content-length", "")
    size = int(length) if _NUMBER.fullmatch(length) else None
    if None not in {size, said.size} and size != said.size:
        raise TransientError(f"announced {size:,} bytes of a file of {said.size:,}: try again later")
    return said.size if size is None else size


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0

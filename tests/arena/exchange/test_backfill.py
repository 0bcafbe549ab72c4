"""Back-filling from a real server: a download that breaks off, changes, lies or never ends, and its import."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from llmhub.arena import SnapshotStore
from llmhub.arena.exchange.backfill import backfill
from llmhub.errors import PayloadError, SettingsError, SourceError
from llmhub.folders import MARK
from llmhub.settings import arena_dir
from llmhub.web import large_file
from llmhub.web.large_file import Limits
from tests.support.made_up.publications import FULL, row, write_publication
from tests.support.servers.http import LocalServer, Request, Response, endless, hanging, html, redirect, status

DAYS = [f"2025-01-{day:02}" for day in range(1, 21)]
QUICK = Limits(stall=1.0, least=1, tries=3, first_pause=0.01, longest_pause=0.05, poll=0.02)


@pytest.fixture(scope="module")
def body(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return a file of twenty dates."""
    rows = [row(f"made-up-{number}", 1400.0 - number, published_on=day) for day in DAYS for number in range(5)]
    return write_publication(tmp_path_factory.mktemp("dataset"), "text", rows, name=FULL).read_bytes()


class Dataset(LocalServer):
    """Serves one file as the dataset's host does: with an ETag, and from where a client asks for it.

    `first` are answers that are given before that, each made of the request.
    """

    def __init__(self, body: bytes, *, ranges: bool = True, etag: str = '"one"') -> None:
        super().__init__(self._answer)
        self.body, self.ranges, self.etag = body, ranges, etag
        self.first: list[Callable[[Request], Response]] = []

    def _answer(self, request: Request) -> Response:
        if self.first:
            return self.first.pop(0)(request)
        return self.whole_or_rest(request)

    def whole_or_rest(self, request: Request) -> Response:
        """Answer as a sound server."""
        headers = {"ETag": self.etag, "Content-Type": "application/octet-stream", "X-Repo-Commit": "ab" * 20}
        if request.headers.get("if-none-match") == self.etag:
            return Response(status=304, headers=headers)
        asked = re.fullmatch(r"bytes=(\d+)-", request.headers.get("range", ""))
        if asked and self.ranges and request.headers.get("if-range") == self.etag:
            start, size = int(asked[1]), len(self.body)
            headers["Content-Range"] = f"bytes {start}-{size - 1}/{size}"
            return Response(status=206, headers=headers, body=self.body[start:])
        return Response(headers=headers, body=self.body)

    def half(self, request: Request) -> Response:
        """Break off in the middle of what is asked for."""
        answer = self.whole_or_rest(request)
        sent = answer.body[: len(answer.body) // 2]
        return Response(answer.status, answer.headers, sent, announced=len(answer.body))

    @property
    def asked_from(self) -> list[str]:
        """The Range of each request, empty where the whole was asked for."""
        return [request.headers.get("range", "") for request in self.received]


@pytest.fixture
def dataset(body: bytes, monkeypatch: pytest.MonkeyPatch) -> Iterator[Dataset]:
    """Serve the file as the dataset's text."""
    with Dataset(body) as server:
        monkeypatch.setenv("LLMHUB_ARENA_SOURCE_URL", server.url)
        yield server


@pytest.fixture
def store() -> Iterator[SnapshotStore]:
    """Open this test's own store."""
    with SnapshotStore.open() as opened:
        yield opened


def left() -> set[str]:
    """Return what lies in the arena folder beside the store and the lock."""
    return {path.name for path in arena_dir().rglob("*") if path.is_file()} - {
        *("arena.db", "backfill.lock", "upgrade.lock", MARK)
    }


def stored(store: SnapshotStore) -> list[str]:
    return [f"{snapshot.taken_at:%Y-%m-%d}" for snapshot in reversed(store.snapshots())]


def test_all_dates_are_stored_and_the_file_is_not_kept(dataset: Dataset, store: SnapshotStore) -> None:
    done = backfill(store, limits=QUICK)
    assert (len(done.new), stored(store), left()) == (20, DAYS, set())
    assert dataset.requests == [f"/text/{FULL}"]
    newest = store.latest()
    assert newest is not None
    assert (newest.source, newest.revision) == ("dataset", "ab" * 20)
    assert store.newest_run() is None, "only a run of the update script makes the store fresh"
    before = store.path.read_bytes()
    assert backfill(store, limits=QUICK).new == ()
    assert store.path.read_bytes() == before


def test_only_what_was_published_since_a_day_is_stored(dataset: Dataset, store: SnapshotStore) -> None:
    backfill(store, since=date(2025, 1, 15), limits=QUICK)
    assert stored(store) == DAYS[14:]


def test_a_download_that_breaks_off_goes_on_where_it_was(dataset: Dataset, store: SnapshotStore, body: bytes) -> None:
    dataset.first = [dataset.half, dataset.half]
    backfill(store, limits=QUICK)
    half = len(body) // 2
    assert dataset.asked_from == ["", f"bytes={half}-", f"bytes={half + (len(body) - half) // 2}-"]
    assert (stored(store), left()) == (DAYS, set())


def test_what_came_before_a_failure_is_used_by_the_next_call(
    dataset: Dataset, store: SnapshotStore, body: bytes
) -> None:
    dataset.first = [dataset.half, *[lambda _: status(503)] * 3]
    with pytest.raises(SourceError, match="503"):
        backfill(store, limits=QUICK)
    assert stored(store) == []
    assert f"{FULL}.part" in left()
    asked = len(dataset.received)
    backfill(store, limits=QUICK)
    assert dataset.asked_from[asked:] == [f"bytes={len(body) // 2}-"]
    assert (stored(store), left()) == (DAYS, set())


def test_a_part_of_another_file_is_not_continued(dataset: Dataset, store: SnapshotStore) -> None:
    dataset.first = [dataset.half, *[lambda _: status(503)] * 3]
    with pytest.raises(SourceError):
        backfill(store, limits=QUICK)
    dataset.etag = '"another"'
    backfill(store, limits=QUICK)
    assert (stored(store), left()) == (DAYS, set())


def test_a_server_that_knows_no_parts_is_asked_for_the_whole_again(dataset: Dataset, store: SnapshotStore) -> None:
    dataset.ranges = False
    dataset.first = [dataset.half]
    backfill(store, limits=QUICK)
    assert (stored(store), left()) == (DAYS, set())


def test_redirects_are_followed_and_not_for_ever(dataset: Dataset, store: SnapshotStore) -> None:
    dataset.first = [lambda _: redirect("/elsewhere?signed=made-up")]
    backfill(store, limits=QUICK)
    assert stored(store) == DAYS
    dataset.first = [lambda _: redirect("/round")] * 20
    with pytest.raises(SourceError, match="redirects"):
        backfill(store, limits=QUICK)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (status(404), "HTTP 404"),
        (html(), "expected Parquet"),
        (hanging(), "sent less than"),
        (endless(b"PAR1" * 1000), "larger than"),
        (redirect("file:///etc/passwd"), "file"),
        (Response(headers={"X-Linked-Size": "7"}, body=b"PAR1 and more"), "announced 13 bytes of a file of 7"),
    ],
    ids=["not there", "a page", "hangs", "without end", "leads to a file", "of another size"],
)
def test_what_is_not_the_file_is_refused_in_time_and_nothing_is_stored(
    dataset: Dataset, store: SnapshotStore, answer: Response, said: str
) -> None:
    dataset.first = [lambda _: answer] * 20
    limits = Limits(stall=0.5, least=1, tries=2, first_pause=0.01, most=1_000_000, poll=0.02)
    with pytest.raises(SourceError, match=said) as caught:
        backfill(store, limits=limits)
    assert dataset.url in str(caught.value)
    assert stored(store) == []
    assert FULL not in left(), "nothing half is there as a whole"


@pytest.mark.parametrize("wish", ["75", "99999999999999999999", "Sat, 01 Jan 2200 00:00:00 GMT"])
def test_a_server_that_asks_for_a_long_pause_is_not_waited_for(
    dataset: Dataset, store: SnapshotStore, wish: str
) -> None:
    dataset.first = [lambda _: status(503, retry_after=wish)] * 20
    with pytest.raises(SourceError, match=r"answered HTTP 503, and asks to wait [\d,]+ (s|h): try again then"):
        backfill(store, limits=QUICK)
    assert len(dataset.received) == 1


def test_a_pause_that_a_server_asks_for_is_said(
    dataset: Dataset, store: SnapshotStore, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(large_file, "_PAUSE_TO_TELL", 1.0)
    dataset.first = [lambda _: status(429, retry_after=1)]
    backfill(store, limits=replace(QUICK, longest_pause=30.0))
    (said,) = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert said == f"{dataset.url}/text/{FULL}: answered HTTP 429, and asks to wait 1 s: waiting"


def test_a_server_that_sent_nothing_of_the_file_leaves_nothing(dataset: Dataset, store: SnapshotStore) -> None:
    dataset.first = [lambda _: html()]
    with pytest.raises(SourceError, match="expected Parquet"):
        backfill(store, limits=QUICK)
    assert left() == set()
    assert not (arena_dir() / "backfill").exists()


def test_a_file_that_cannot_be_imported_is_not_kept(dataset: Dataset, store: SnapshotStore) -> None:
    dataset.body = b"PAR1 and nothing that follows from it"
    with pytest.raises(PayloadError):
        backfill(store, limits=QUICK)
    assert (stored(store), left()) == ([], set())


def test_without_network_nothing_is_asked(
    dataset: Dataset, store: SnapshotStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLMHUB_OFFLINE", "1")
    with pytest.raises(SourceError, match="LLMHUB_OFFLINE"):
        backfill(store)
    assert dataset.requests == []


def test_a_name_that_leads_elsewhere_is_refused(dataset: Dataset, store: SnapshotStore) -> None:
    with pytest.raises(SettingsError, match="cannot be one of the dataset's"):
        backfill(store, "../../api")
    assert dataset.requests == []


def test_the_moment_of_a_publication_is_the_beginning_of_its_day_in_utc(dataset: Dataset, store: SnapshotStore) -> None:
    backfill(store, limits=QUICK)
    assert store.snapshots()[-1].taken_at == datetime(2025, 1, 1, tzinfo=UTC)
    assert Path(store.path).stat().st_mode & 0o777 == 0o600

"""A whole store on a web server or in a file: fetched by its ETag, checked before a byte of it is believed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from llmhub import settings
from llmhub.arena import SnapshotStore
from llmhub.arena.boards import Score
from llmhub.arena.team.store import opened_here, pull_here, remote_status
from llmhub.arena.upkeep.backup import backup
from llmhub.arena.upkeep.verify import verify
from llmhub.catalog.cache import read_catalog, save_catalog
from llmhub.errors import RemoteError, RemoteFormatError, RemoteUnreachableError
from llmhub.folders import make_private_folder
from llmhub.offers.fields import LITELLM
from llmhub.remote.address import parse
from llmhub.remote.pulling import Choice
from tests.conftest import Llmhub
from tests.support.made_up import models as made
from tests.support.made_up.stored_offers import store_offers
from tests.support.processes.commands import ago, error_line
from tests.support.servers.http import LocalServer, Request, Response, status, truncated

DAY = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    """Return a copy of a store as `llmhub arena backup` makes it."""
    with SnapshotStore.open(tmp_path / "keeper/arena.db") as store:
        for day in range(3):
            boards = {"text": {"overall": {"a": Score(1.0 + day)}}, "vision": {"overall": {"b": Score(2.0 + day)}}}
            store.add(boards, taken_at=DAY + timedelta(days=day))
    backup(tmp_path / "keeper/arena.db", tmp_path / "shared.db")
    return tmp_path / "shared.db"


def pull(url: str, path: Path, choice: Choice | None = None, *, seconds: float = 5.0) -> int:
    with opened_here(parse(url), path, everything=choice is not None, seconds=seconds) as origin:
        done = pull_here(origin, path, choice or Choice())
    assert (done.conflicts, done.refused) == ([], [])
    return len(done.new)


@contextmanager
def served(shared: Path, *, etag: str | None, faults: list[Response] | None = None) -> Iterator[LocalServer]:
    left = list(faults or ())

    def answer(request: Request) -> Response:
        if left:
            return left.pop(0)
        headers = {"ETag": etag} if etag else {}
        if etag and request.headers.get("if-none-match") == etag:
            return Response(status=304, headers=headers)
        return Response(headers=headers, body=shared.read_bytes())

    with LocalServer(answer) as server:
        yield server


def test_an_unchanged_store_is_not_downloaded_again_and_nothing_of_it_stays_behind(
    shared: Path, tmp_path: Path
) -> None:
    path = tmp_path / "home/arena.db"
    with served(shared, etag='"one"') as server:
        url = f"{server.url}/arena.db"
        assert pull(url, path) == 3
        assert pull(url, path) == 0
        assert server.received[1].headers["if-none-match"] == '"one"'
    assert not (tmp_path / "home/remote/arena.db").exists()
    with served(shared, etag=None) as server:
        # Without an ETag it is compared again, and known.
        url = f"{server.url}/arena.db"
        assert [pull(url, path) for _ in range(2)] == [0, 0]
        assert remote_status(parse(url), path).last_pull is not None


def test_a_download_that_breaks_off_is_told_and_the_next_one_completes(shared: Path, tmp_path: Path) -> None:
    path = tmp_path / "home/arena.db"
    broken = truncated(shared.read_bytes(), 9_000)
    with served(shared, etag='"one"', faults=[broken, broken, status(404)]) as server:
        url = f"{server.url}/arena.db"
        with pytest.raises(RemoteUnreachableError, match=r"closed connection|broke off after|answered HTTP 404"):
            pull(url, path)
        assert not path.exists()
    with served(shared, etag='"one"') as server:
        assert pull(f"{server.url}/arena.db", path) == 3


def test_the_catalog_says_at_once_what_a_pull_brings_of_the_end_of_models(tmp_path: Path, llmhub: Llmhub) -> None:
    ending = {"openai/gpt-4.1": made.offer("openai/gpt-4.1", retires_on="2999-01-01", retires_source="made up")}
    store_offers(tmp_path / "shared.db", ending, taken_at=ago(hours=1), source=LITELLM)
    make_private_folder(settings.config_dir())
    save_catalog(made.catalog_of(made.line("openai/gpt-4.1")))
    assert llmhub("remote", "pull", f"file://{tmp_path}/shared.db").returncode == 0
    catalog = read_catalog()
    assert catalog is not None
    assert [model.retires_on for model in catalog.models] == ["2999-01-01"]


def test_nothing_of_a_damaged_store_is_believed(shared: Path, tmp_path: Path) -> None:
    path = tmp_path / "home/arena.db"
    with closing(sqlite3.connect(shared)) as connection:
        connection.execute("UPDATE score SET rating = rating + 1, upper = NULL WHERE board_id = 1")
        connection.commit()
    for url in (f"file://{shared}",):
        with pytest.raises(RemoteError, match=r"is not a sound store \(.*digest.*nothing of it was taken over"):
            pull(url, path)
    assert not path.exists()
    shared.write_bytes(shared.read_bytes()[:20_000])
    with pytest.raises(RemoteError):
        pull(f"file://{shared}", path)
    with served(shared, etag='"x"') as server, pytest.raises(RemoteError):
        pull(f"{server.url}/arena.db", path)
    assert not path.exists()


def test_a_store_of_a_newer_llmhub_is_named_and_left(shared: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(shared)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    for url in (f"file://{shared}",):
        with pytest.raises(RemoteFormatError, match="newer llmhub"):
            pull(url, tmp_path / "home/arena.db")


def test_what_is_no_store_is_refused_in_one_line(llmhub: Llmhub, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<!doctype html>")
    with served(page, etag=None) as server:
        line = error_line(llmhub("remote", "pull", f"{server.url}/arena.db"))
        assert "expected a store of llmhub: check the remote's address" in line
    assert "nothing.db does not exist: check the address" in error_line(
        llmhub("remote", "pull", f"file://{tmp_path}/nothing.db")
    )
    assert "can only be read" in error_line(llmhub("remote", "push", f"file://{page}"))
    assert "llmhub arena backup" in error_line(llmhub("remote", "init", f"file://{page}"))
    assert "no remote is set" in error_line(llmhub("remote", "pull"))


def test_a_pull_can_be_of_some_days_and_leaderboards_and_a_later_one_brings_the_rest(
    shared: Path, tmp_path: Path
) -> None:
    path, url = tmp_path / "home/arena.db", f"file://{shared}"
    assert pull(url, path, Choice(since=DAY + timedelta(days=2), parts=("vision",))) == 1
    with SnapshotStore.open(path) as store:
        assert [sorted(one.leaderboards) for one in store.snapshots()] == [["vision"]]
    # The snapshot that is there gets its other leaderboard.
    assert pull(url, path) == 3
    with SnapshotStore.open(path) as store:
        assert [sorted(one.leaderboards) for one in store.snapshots()] == [["text", "vision"]] * 3
    assert verify(path).errors == 0


def test_a_file_that_does_not_answer_is_given_up_after_the_time_that_was_allowed(shared: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(shared, isolation_level=None)) as other:
        # As with a share whose server is gone, reading waits.
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(RemoteUnreachableError, match=r"no answer within 0\.2 s"):
            pull(f"file://{shared}", tmp_path / "home/arena.db", seconds=0.2)
    assert pull(f"file://{shared}", tmp_path / "home/arena.db") == 3


def test_what_another_program_wrote_beside_the_file_is_news(shared: Path, tmp_path: Path) -> None:
    url, path = f"file://{shared}", tmp_path / "home/arena.db"
    with closing(sqlite3.connect(shared)) as other:
        assert other.execute("PRAGMA journal_mode = WAL").fetchone() == ("wal",)
        assert pull(url, path) == 3
        other.execute("UPDATE snapshot SET revision = 'another' WHERE id = 1")
        other.commit()
        with opened_here(parse(url), path) as origin:
            assert not origin.unchanged


def test_what_lies_in_the_place_of_a_store_is_told_with_what_belongs_there(shared: Path, tmp_path: Path) -> None:
    empty, text, half = (tmp_path / name for name in ("empty.db", "text.db", "half.db"))
    empty.touch()
    text.write_text("no store " * 1000)
    half.write_bytes(shared.read_bytes()[:20_000])
    for path in (empty, text, half, tmp_path):
        with pytest.raises(RemoteError, match=r"expected a copy that `llmhub arena backup` made$") as error:
            pull(f"file://{path}", tmp_path / "home/arena.db")
        assert "repair" not in str(error.value)
        assert "move it away" not in str(error.value)

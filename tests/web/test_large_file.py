"""A large file is given up where nothing comes, by a count that no clock can stop."""

from __future__ import annotations

import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest
from freezegun import freeze_time

from llmhub.errors import SourceError
from llmhub.web.large_file import Limits, fetch

LIMITS = Limits(stall=0.3, least=1, tries=1, poll=0.02)


def test_a_server_that_sends_nothing_is_given_up_though_the_clock_is_frozen(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/file"
        with (
            freeze_time(datetime(2026, 1, 1, tzinfo=UTC)),
            pytest.raises(SourceError, match=r"sent less than 1 bytes in 0.3 s: try again later"),
        ):
            fetch(url, tmp_path / "file", limits=LIMITS)
    assert not (tmp_path / "file").exists()

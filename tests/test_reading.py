from __future__ import annotations

import os
from pathlib import Path

import pytest

from llmhub.reading import open_regular


def test_only_a_regular_file_is_read_and_nobody_is_waited_for(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("content")
    with open_regular(tmp_path / "file") as file:
        assert file.read() == b"content"
    os.mkfifo(tmp_path / "pipe")
    for path, why in (
        (tmp_path / "pipe", "no regular file"),
        (Path("/dev/zero"), "no regular file"),
        (tmp_path, "direct"),
    ):
        with pytest.raises(OSError, match=why):
            open_regular(path)

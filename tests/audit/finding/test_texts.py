"""Files of every sort: a text comes back in UTF-8, or the reason why it is left out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from llmhub.audit.finding.texts import MOST_BYTES, Left, as_utf8, read_text
from tests.audit.made_up import written

TEXT = 'x = "gpt-4"\n'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_text_is_read_in_any_encoding_of_unicode(encoding: str) -> None:
    text = as_utf8(TEXT.encode(encoding))
    assert text == TEXT.encode()
    assert written(text) == ["gpt-4"]


@pytest.mark.parametrize("data", [b"\x7fELF\0\0\1\2\3\xff\xfe", b'x = "gpt-4"\0\n', b"\0" * 100, b"PK\3\4\0\0gpt-4"])
def test_what_holds_a_nul_is_binary(data: bytes) -> None:
    assert as_utf8(data) == Left("binary")


def test_other_bytes_are_kept_and_an_empty_file_is_an_empty_text() -> None:
    assert as_utf8(b"caf\xe9 gpt-4") == b"caf\xe9 gpt-4"
    assert as_utf8(b"") == b""


def test_a_file_that_is_none_or_too_large_or_unreadable_says_so(tmp_path: Path) -> None:
    large = tmp_path / "large.json"
    with large.open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    fifo = tmp_path / "fifo.py"
    os.mkfifo(fifo)
    circle = tmp_path / "circle.py"
    circle.symlink_to(circle)
    assert read_text(large) == Left("too large")
    assert read_text(fifo) == Left("not a regular file")
    assert read_text(tmp_path) == Left("not a regular file")
    assert read_text(circle) == Left("not a regular file")
    # Gone since the folder was listed.
    assert read_text(tmp_path / "gone.py") == Left("unreadable")


def test_a_file_that_grows_while_it_is_read_is_read_as_far_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.py"
    path.write_text(TEXT)
    real = os.fstat

    def grows(descriptor: int) -> os.stat_result:
        found = real(descriptor)
        with path.open("a") as file:
            file.write('y = "gpt-4o"\n')
        return found

    monkeypatch.setattr(os, "fstat", grows)
    text = read_text(path)
    assert isinstance(text, bytes)
    assert text.startswith(TEXT.encode())

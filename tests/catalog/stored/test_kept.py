"""A kept answer is read for as long as it was made of what is there now, and never where a byte of it is wrong."""

from __future__ import annotations

import logging
import os
import zipfile
from pathlib import Path

import pytest

from llmhub.catalog.stored import kept
from llmhub.catalog.stored.kept import keep, kept_parts, made_of

PARTS = {"head": b'{"made":"up"}', "empty": b"", "lines": b"one\ntwo\n"}


def keep_now(path: Path, made: str | None) -> None:
    """Keep the parts as an answer of which nothing changed while it was made."""
    keep(path, made, lambda: PARTS, now=made)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "made-up.kept"
    keep_now(path, made_of("made up"))
    return path


def test_each_part_is_read_alone_and_in_any_order(file: Path) -> None:
    made = made_of("made up")
    assert kept_parts(file, made, "lines", "head") == [PARTS["lines"], PARTS["head"]]
    assert kept_parts(file, made, *PARTS) == list(PARTS.values())
    assert kept_parts(file, made, "head", "other") is None
    assert kept_parts(file.with_name("other.kept"), made, "head") is None


def test_what_is_made_of_other_facts_is_not_read(file: Path) -> None:
    assert made_of("made up") == made_of("made up") != made_of("made", "up")
    assert kept_parts(file, made_of("made down"), "head") is None
    assert kept_parts(file, made_of("made up", None), "head") is None, "a fact that is unknown"
    keep_now(file, made_of("made down"))
    assert kept_parts(file, made_of("made up"), "head") is None, "one answer a file"


def test_no_flipped_byte_and_no_cut_gives_a_wrong_part(file: Path) -> None:
    made, whole = made_of("made up"), file.read_bytes()
    for place in range(len(whole)):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert kept_parts(file, made, *PARTS) in (None, list(PARTS.values())), place
        file.write_bytes(whole[:place])
        assert kept_parts(file, made, *PARTS) is None, place
    file.write_bytes(whole + b"more")
    assert kept_parts(file, made, *PARTS) == list(PARTS.values())


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"\n", b"[]\n", b"null\n", b"{}\n", b"\xff\xfe\n", b"[" * 20_000, b'{"made_of":'),
        *(b'{"made_of":"%b"}\n', b'{"made_of":"%b","parts":[]}\n', b'{"made_of":"%b","parts":{"head":[0,-1,"x"]}}\n'),
        *(b'{"made_of":"%b","parts":{"head":[-999,1,"x"]}}\n', b'{"made_of":"%b","parts":{"head":[0,1e9,"x"]}}\n'),
        *(b'{"made_of":"%b","parts":{"head":[0,%b0,"x"]}}\n', b'{"made_of":"%b","parts":{"head":[%b0,1,"x"]}}\n'),
    ],
)
def test_a_strange_file_counts_as_not_there(tmp_path: Path, content: bytes) -> None:
    made = made_of("made up")
    assert made is not None
    file = tmp_path / "made-up.kept"
    file.write_bytes(content.replace(b"%b0", b"9" * 30).replace(b"%b", made.encode()))
    assert kept_parts(file, made, "head") is None


def test_something_else_in_its_place_is_neither_read_nor_replaced(tmp_path: Path) -> None:
    made = made_of("made up")
    place = tmp_path / "place"
    (place / "folder").mkdir(parents=True)
    os.mkfifo(place / "pipe")
    (place / "notes").write_text("mine")
    for name in ("folder", "pipe", "notes"):
        assert kept_parts(place / name, made, "head") is None
        keep_now(place / name, made)
    assert (place / "notes").read_text() == "mine"
    assert sorted(entry.name for entry in place.iterdir()) == ["folder", "notes", "pipe"]


def test_where_nothing_can_be_written_only_the_log_says_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    with caplog.at_level(logging.INFO):
        keep_now(in_the_way / "made-up.kept", made_of("made up"))
    assert [record.levelno for record in caplog.records] == [logging.INFO]


def test_other_code_makes_it_again(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "llmhub"
    for name in ("catalog/a.py", "catalog/data/b.json", "offers/c.py", "report/d.py"):
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).touch()
    monkeypatch.setattr(kept, "_PACKAGE", os.fspath(package))
    found = made_of("made up")
    assert found == made_of("made up")
    assert kept_parts(file, found, "head") is None
    (package / "report" / "d.py").write_text("more")
    (package / "catalog" / "__pycache__").mkdir()
    kept._code.cache_clear()
    assert made_of("made up") == found
    for name in ("catalog/a.py", "catalog/data/b.json", "catalog/new.py"):
        (package / name).write_text("more")
        assert made_of("made up") == found, "the code of this process is still the old one"
        kept._code.cache_clear()
        found, before = made_of("made up"), found
        assert found != before, name


def test_from_a_zip_file_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as packed:
        packed.writestr("llmhub/catalog/a.py", "")
    monkeypatch.setattr(kept, "_PACKAGE", str(tmp_path / "all.zip" / "llmhub"))
    assert made_of("made up") is None
    keep_now(tmp_path / "made-up.kept", made_of("made up"))
    assert not (tmp_path / "made-up.kept").exists()


def test_of_what_changed_while_it_was_made_nothing_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "made-up.kept"
    for made, now in ((made_of("before"), made_of("after")), (made_of("before"), None), (None, made_of("after"))):
        keep(file, made, lambda: pytest.fail("the parts are not asked for"), now=now)
    assert not file.exists()

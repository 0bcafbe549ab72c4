from __future__ import annotations

import errno
import fcntl
import os
import re
import shutil
from pathlib import Path

import pytest

from llmhub import settings
from llmhub.doctor import places
from llmhub.doctor.findings import Finding, Look
from tests.support.processes.children import run_unprivileged

DOCS = Path(__file__).parents[2] / "docs"
SECRET = "sk-made-up-CANARY"  # noqa: S105 -- made up


def by_check(look: Look) -> dict[str, Finding]:
    return {found.check: found for found in look()}


def levels(look: Look) -> list[str]:
    return [found.level for found in look()]


def test_each_setting_has_its_value_and_its_origin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMHUB_ARENA_TIMEOUT", "7")
    documented = (DOCS / "reference" / "settings.md").read_text(encoding="utf-8")
    assert set(places.SETTINGS) == set(re.findall(r"^\| `(LLMHUB_[A-Z_]+)`", documented, re.MULTILINE))
    found = by_check(places.look_at_settings)
    assert set(found) == set(places.SETTINGS)
    assert {one.level for one in found.values()} == {"ok"}
    assert found["LLMHUB_ARENA_TIMEOUT"].message == "7 s (set by you)"
    assert found["LLMHUB_MODELSDEV_URL"].message == f"{settings.MODELSDEV_URL} (default)"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LLMHUB_ARENA_TIMEOUT", "soon"),
        ("LLMHUB_MODELSDEV_URL", f"models.dev/{SECRET}"),
        ("LLMHUB_ARENA_SOURCE_URL", f"http://{SECRET}@:0"),
        ("LLMHUB_PROVIDERS", " , "),
        ("LLMHUB_CONFIG_DIR", "~nobody-of-this-name/llmhub"),
    ],
)
def test_a_setting_that_cannot_be_used_is_an_error_and_keeps_no_other_from_being_looked_at(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    found = by_check(places.look_at_settings)
    assert found[name].level == "error"
    assert name in found[name].message
    assert set(found) == set(places.SETTINGS)
    assert SECRET not in str(found)


def test_no_password_of_an_address_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMHUB_ARENA_SOURCE_URL", f"https://user:{SECRET}@example.invalid/main?token={SECRET}")
    found = by_check(places.look_at_settings)["LLMHUB_ARENA_SOURCE_URL"]
    assert found.message == "https://example.invalid/main (set by you)"


def test_a_variable_that_is_misspelled_is_a_warning_with_the_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMHUB_OFLINE", SECRET)
    found = by_check(places.look_at_settings)["LLMHUB_OFLINE"]
    assert found.level == "warning"
    assert "did you mean LLMHUB_OFFLINE" in found.message
    assert SECRET not in str(found)


def test_folders_that_are_not_there_yet_can_be_made(home: Path) -> None:
    assert levels(places.look_at_folders) == ["ok", "ok"]
    assert list(home.iterdir()) == []


def test_a_file_in_a_folders_place_is_an_error(home: Path) -> None:
    (home / "llmhub").write_text("")
    assert levels(places.look_at_folders)[0] == "error"


def test_what_others_can_write_is_a_warning_with_the_command_that_closes_it(home: Path) -> None:
    (home / "llmhub" / "arena").mkdir(parents=True)
    (home / "llmhub").chmod(0o777)
    settings.arena_db().write_bytes(b"")
    settings.arena_db().chmod(0o622)
    found = [one for one in places.look_at_folders() if one.check == "permissions"]
    assert [one.remedy for one in found] == [f"chmod go-w {home / 'llmhub'}", f"chmod go-w {settings.arena_db()}"]
    (home / "llmhub").chmod(0o700)
    settings.arena_db().chmod(0o600)
    assert set(levels(places.look_at_folders)) == {"ok"}


def test_a_folder_that_cannot_be_written_is_an_error(home: Path) -> None:
    home.chmod(0o500)
    try:
        said = run_unprivileged(
            "from llmhub.doctor import places; print([one.level for one in places.look_at_folders()])"
        )
    finally:
        home.chmod(0o700)
    assert said == "['error', 'error']"


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="only Linux has it")
def test_a_file_system_that_keeps_no_files_is_not_called_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMHUB_CONFIG_DIR", "/proc/llmhub")
    found, *_ = places.look_at_folders()
    what = "/proc/llmhub, not there yet, lies on a file system that cannot hold files"
    assert (found.level, found.message, found.remedy) == ("error", what, "set LLMHUB_CONFIG_DIR to another folder")


def test_a_file_system_that_is_mounted_for_reading_is_not_to_be_made_writable(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.statvfs(home)

    def read_only(_: Path) -> os.statvfs_result:
        return os.statvfs_result([*tuple(real)[:8], os.ST_RDONLY, real.f_namemax])

    monkeypatch.setattr(os, "statvfs", read_only)
    found, *_ = places.look_at_folders()
    assert found.message.endswith("lies on a file system that is mounted read-only")
    assert found.remedy == "set LLMHUB_CONFIG_DIR to another folder"


def test_a_disk_that_is_nearly_full_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage:
        free = 3 * 1024 * 1024

    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage)
    assert [(one.level, "only 3 MiB free" in one.message) for one in places.look_at_folders()] == [
        ("warning", True)
    ] * 2


def test_the_script_that_came_with_llmhub_is_well() -> None:
    (found,) = places.look_at_script()
    assert (found.level, found.message.endswith("(the one shipped with llmhub)")) == ("ok", True)


def test_a_script_of_ones_own_must_be_a_file_that_can_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "own.py"
    monkeypatch.setenv("LLMHUB_ARENA_SCRIPT", str(own))
    assert levels(places.look_at_script) == ["error"]
    own.mkdir()
    assert levels(places.look_at_script) == ["error"]
    own.rmdir()
    own.write_text("")
    own.chmod(0o000)
    program = "from llmhub.doctor import places; print([one.message for one in places.look_at_script()])"
    assert "cannot be read" in run_unprivileged(program)
    own.chmod(0o644)
    assert levels(places.look_at_script) == ["ok"]


@pytest.mark.parametrize("open_to_others", ["script", "folder", "both"])
def test_a_script_that_others_can_change_or_replace_is_not_called_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, open_to_others: str
) -> None:
    own = tmp_path / "scripts" / "own.py"
    own.parent.mkdir()
    own.write_text("")
    monkeypatch.setenv("LLMHUB_ARENA_SCRIPT", str(own))
    own.chmod(0o644 if open_to_others == "folder" else 0o664)
    own.parent.chmod(0o755 if open_to_others == "script" else 0o777)
    found = list(places.look_at_script())
    assert {one.level for one in found} == {"warning"}
    expected = {"script": [own], "folder": [own.parent], "both": [own, own.parent]}[open_to_others]
    assert [one.remedy for one in found] == [f"chmod go-w {path}" for path in expected]
    # In a sticky folder, such as /tmp, nobody can replace another's file.
    own.chmod(0o644)
    own.parent.chmod(0o1777)
    assert levels(places.look_at_script) == ["ok"]


@pytest.mark.parametrize("made", [False, True], ids=["no lock file", "a lock file"])
@pytest.mark.parametrize("code", [errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS], ids=lambda code: errno.errorcode[code])
def test_a_file_system_without_locks_is_an_error_that_says_what_to_set(
    home: Path, monkeypatch: pytest.MonkeyPatch, code: int, *, made: bool
) -> None:
    def answer(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    (home / "llmhub" / "arena").mkdir(parents=True)
    if made:
        (home / "llmhub" / "arena" / "refresh.lock").touch()
    before = (home / "llmhub" / "arena").stat().st_mtime_ns
    assert "locks" not in [one.check for one in places.look_at_folders()]
    monkeypatch.setattr(fcntl, "flock", answer)
    (found,) = [one for one in places.look_at_folders() if one.check == "locks"]
    assert found.level == "error"
    assert found.message.startswith(f"the file system of {home / 'llmhub' / 'arena'} lacks locks")
    assert found.remedy == "set LLMHUB_ARENA_CACHE_DIR to a folder on a local disk"
    assert (home / "llmhub" / "arena").stat().st_mtime_ns == before, "nothing is written for the try"

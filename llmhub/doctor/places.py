"""Check the settings, and the folders and files that they name."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Mapping
from pathlib import Path

from llmhub import settings
from llmhub.arena.refresh_lock import require_locks
from llmhub.arena.team.store import shared_address
from llmhub.doctor.findings import Finding, Findings
from llmhub.errors import LlmhubError, StoreReadOnlyError, printable
from llmhub.installation import install_line, shell_word
from llmhub.nearest import did_you_mean
from llmhub.web.client import shown

_LEAST_FREE_MIB = 200
_MIB = 1024 * 1024
_OTHERS_MAY_WRITE = 0o022
_MOST_SHOWN = 200


def _timeout() -> str:
    return f"{settings.arena_timeout():g} s"


def _providers() -> str:
    return ", ".join(settings.providers() or ("all that have a key",))


def _remote() -> str:
    return "none" if settings.remote_url() is None else shared_address().shown


def _pager() -> str:
    asked = settings.pager()
    return "less -FRX" if asked is None else asked or "none"


SETTINGS: Mapping[str, Callable[[], object]] = {
    "LLMHUB_CONFIG_DIR": settings.config_dir,
    "LLMHUB_ARENA_CACHE_DIR": settings.arena_dir,
    "LLMHUB_ARENA_SCRIPT": settings.arena_script,
    "LLMHUB_ARENA_TIMEOUT": _timeout,
    "LLMHUB_ARENA_SOURCE_URL": lambda: shown(settings.arena_source_url()),
    "LLMHUB_ARENA_LEADERBOARDS": lambda: ", ".join(settings.arena_leaderboards()),
    "LLMHUB_MODELSDEV_URL": lambda: shown(settings.modelsdev_url()),
    "LLMHUB_LITELLM_URL": lambda: shown(settings.litellm_url() or "off"),
    "LLMHUB_PROVIDERS": _providers,
    "LLMHUB_REMOTE_URL": _remote,
    "LLMHUB_OFFLINE": lambda: "yes" if settings.offline() else "no",
    "LLMHUB_PAGER": _pager,
    "LLMHUB_DEBUG": lambda: "yes" if settings.setting("LLMHUB_DEBUG") not in {"", "0"} else "no",
}
"""Each setting, and its value."""


def look_at_settings() -> Findings:
    """Check each setting's value and origin, and look for variables that llmhub does not know."""
    for name, value in SETTINGS.items():
        origin = "set by you" if os.environ.get(name) else "default"
        try:
            yield Finding("ok", name, f"{printable(str(value()), _MOST_SHOWN)} ({origin})")
        except LlmhubError as error:
            yield Finding("error", name, str(error))
    for name in sorted(os.environ):
        if name.startswith("LLMHUB_") and name not in SETTINGS:
            hint = did_you_mean(name, SETTINGS)
            what = f"is set, but llmhub has no such setting{hint}"
            yield Finding("warning", printable(name, _MOST_SHOWN), what, "unset it, or correct its name")


def look_at_folders() -> Findings:
    """Check the folders that llmhub writes to: they exist, are writable, private, and have room."""
    for folder in dict.fromkeys((settings.config_dir(), settings.arena_dir())):
        yield from _folder(folder)
    kept = (settings.modelsdev_file(), settings.litellm_file())
    for file in (settings.arena_db(), settings.catalog_file(), settings.overrides_file(), *kept):
        if (status := _status(file)) is not None:
            yield from _open_to_others(file, status)


def look_at_script() -> Findings:
    """Check the update script that a refresh would run; it is not run."""
    script = settings.arena_script()
    own = bool(os.environ.get("LLMHUB_ARENA_SCRIPT"))
    remedy = "correct or unset LLMHUB_ARENA_SCRIPT" if own else install_line(again=True)
    status = _status(script)
    if status is None:
        yield Finding("error", "script", f"{script} does not exist", remedy)
    elif not stat.S_ISREG(status.st_mode):
        yield Finding("error", "script", f"{script} is not a file", remedy)
    elif not os.access(script, os.R_OK):
        yield Finding("error", "script", f"{script} cannot be read", f"make it readable, or {remedy}")
    elif changeable := list(_open_to_others(script, status)) + list(_replaceable_by_others(script)):
        yield from changeable
    else:
        yield Finding("ok", "script", f"{script} ({'your own' if own else 'the one shipped with llmhub'})")


def _folder(folder: Path) -> Findings:
    status = _status(folder)
    if status is not None and not stat.S_ISDIR(status.st_mode):
        yield Finding("error", "folder", f"{folder} is a file, expected a folder", "move it away")
        return
    there = next(parent for parent in (folder, *folder.parents) if _status(parent) is not None)
    what = str(folder) if status else f"{folder}, not there yet,"
    variable = "LLMHUB_CONFIG_DIR" if folder == settings.config_dir() else "LLMHUB_ARENA_CACHE_DIR"
    elsewhere = f"set {variable} to another folder"
    if why := _unable(there):
        yield Finding("error", "folder", f"{what} lies on a file system {why}", elsewhere)
        return
    if not os.access(there, os.W_OK | os.X_OK):
        yield Finding("error", "folder", f"{what} cannot be written", f"make {there} writable, or {elsewhere}")
        return
    free = shutil.disk_usage(there).free // _MIB
    room = f"{free:,} MiB free"
    if free < _LEAST_FREE_MIB:
        yield Finding("warning", "folder", f"{what} has only {room}", "make room: a store can take 100 MiB and more")
    else:
        yield Finding("ok", "folder", f"{what} can be written, {room}")
    if status is not None:
        yield from _open_to_others(folder, status)
        if folder == settings.arena_dir():
            yield from _locks(folder)


def _locks(folder: Path) -> Findings:
    """Try a lock where refreshes take theirs; nothing is written."""
    try:
        require_locks(folder)
    except StoreReadOnlyError as error:
        what, _, remedy = str(error).rpartition(": ")
        yield Finding("error", "locks", what, remedy)


def _replaceable_by_others(path: Path) -> Findings:
    """Check a file's folder: users who may write there can replace the file, unless the folder is sticky."""
    status = _status(path.parent)
    if status is not None and not status.st_mode & stat.S_ISVTX:
        yield from _open_to_others(path.parent, status)


def _unable(folder: Path) -> str | None:
    """Return why no file can be made on a folder's file system by any user; None if it may be possible."""
    if os.name != "posix":
        return None
    system = os.statvfs(folder)
    if system.f_flag & os.ST_RDONLY:
        return "that is mounted read-only"
    # Such as /proc and /sys.
    return "that cannot hold files" if system.f_blocks == 0 else None


def _open_to_others(path: Path, status: os.stat_result) -> Findings:
    if os.name == "posix" and status.st_mode & _OTHERS_MAY_WRITE:
        what = f"{path} can be written by other users (mode {stat.S_IMODE(status.st_mode):o})"
        yield Finding("warning", "permissions", what, f"chmod go-w {shell_word(str(path))}")


def _status(path: Path) -> os.stat_result | None:
    """Return a path's status; None if nothing is there."""
    try:
        return path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None

"""List the files of a folder as git sees them, without running any code of the folder's repository."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

_SECONDS = 120
# A repository's own configuration may name a program to run for these.
_HARMLESS = (
    *("-c", "core.fsmonitor=false"),
    *("-c", "core.hooksPath=/dev/null"),
    *("-c", "protocol.allow=never"),
    *("-c", "core.quotePath=false"),
)
_KEPT_VARIABLES = ("PATH", "HOME", "XDG_CONFIG_HOME", "SYSTEMROOT", "USERPROFILE", "TMPDIR", "TEMP")


def git_files(folder: str | Path) -> list[str] | None:
    """Return the files below a folder that git does not ignore, tracked or not; None if git cannot say.

    Other repositories inside the folder are folders in the answer. git cannot say if it is not installed, if the folder
    is not in a repository, or if the repository belongs to another user, whom git does not trust.
    """
    git = shutil.which("git")
    if git is None or not Path(git).is_absolute():
        return None
    listed = _output(git, folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", ".")
    if not listed and (listed is None or _output(git, folder, "check-ignore", "--", ".") is not None):
        # A user who names a folder that git ignores wants it read.
        return None
    names = dict.fromkeys(name for name in listed.split(b"\0") if name)
    return [os.path.join(folder, os.fsdecode(name)) for name in names]  # noqa: PTH118 -- a Path takes longer


def _output(git: str, folder: str | Path, *words: str) -> bytes | None:
    """Return what git prints; None if it fails, or says no."""
    try:
        done = subprocess.run(  # noqa: S603 -- git, with fixed arguments
            (git, *_HARMLESS, *words),
            cwd=folder,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def _environment() -> dict[str, str]:
    """Return git's environment: without network, and without a hook's variables that name another repository."""
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    return {
        **kept,
        "LC_ALL": "C",
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
    }

"""Keeps the output of a run that could not be stored because the store was busy; the next refresh stores it."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from llmhub.arena.exchange.script_output import ScriptOutput, read_output
from llmhub.errors import FileInTheWayError, LlmhubError, OutputError
from llmhub.files import read_regular, reason_of
from llmhub.folders import is_own_folder, remove_own_folder, workplace

_log = logging.getLogger(__name__)

_FOLDER = ".llmhub-kept-run"
_ABOUT = "about.json"
_MAX_ABOUT_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class KeptRun:
    """A run that was not stored.

    Attributes:
        output: all that it brought.
        taken_at: when it began (UTC).
        script: which script ran.
        accept_shrunken: whether its boards are taken even if they lost more than a third of their models.
    """

    output: ScriptOutput
    taken_at: datetime
    script: str
    accept_shrunken: bool = False


def keep(folder: Path, output: ScriptOutput, taken_at: datetime, script: str, *, accept_shrunken: bool) -> None:
    """Keep the output of a run beside the store, in place of what was kept before.

    Args:
        folder: where the store is.
        output: what the run brought.
        taken_at: when the run began.
        script: which script ran.
        accept_shrunken: see `KeptRun`.

    Raises:
        OutputError: it cannot be kept.
    """
    kept = folder / _FOLDER
    about = {"taken_at": taken_at.astimezone(UTC).isoformat(), "script": script, "accept_shrunken": accept_shrunken}
    try:
        with workplace(folder) as place:
            (place / "data").mkdir()
            for name, content in output.files.items():
                (place / "data" / name).write_bytes(content)
            (place / _ABOUT).write_text(json.dumps(about), encoding="utf-8")
            remove_own_folder(kept)
            if os.path.lexists(kept):
                raise FileInTheWayError(f"{kept} is there and llmhub did not make it: move it away")
            place.rename(kept)
    except OSError as error:
        raise OutputError(f"{kept} cannot be made: {reason_of(error, 'make its folder writable')}") from error


def kept_run(folder: Path) -> KeptRun | None:
    """Return the run that is kept beside the store, validated again; None if there is none, or it cannot be used."""
    kept = folder / _FOLDER
    if not is_own_folder(kept):
        return None
    try:
        about = json.loads(read_regular(kept / _ABOUT, _MAX_ABOUT_BYTES))
        taken_at = datetime.fromisoformat(about["taken_at"]).astimezone(UTC)
        return KeptRun(read_output(kept), taken_at, str(about["script"]), about.get("accept_shrunken") is True)
    except (LlmhubError, OSError, ValueError, KeyError, TypeError, RecursionError, OverflowError) as error:
        _log.warning("the output of an earlier run cannot be used, and is dropped: %s", error)
        discard(folder)
        return None


def discard(folder: Path) -> None:
    """Remove the run that is kept beside the store, if there is one."""
    remove_own_folder(folder / _FOLDER)

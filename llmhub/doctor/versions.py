"""Check the versions of everything that llmhub depends on."""

from __future__ import annotations

import platform
import sqlite3
import sys
from importlib import metadata

from llmhub.doctor.findings import Finding, Findings
from llmhub.installation import DISTRIBUTION, install_line

# The oldest that was tried; its JSON functions are always there.
_SQLITE = (3, 38, 0)


def look() -> Findings:
    """Check Python, SQLite, llmhub and each package that it needs."""
    yield Finding("ok", "Python", f"{platform.python_version()} ({sys.executable})")
    needed = ".".join(map(str, _SQLITE))
    if sqlite3.sqlite_version_info < _SQLITE:
        found = f"SQLite is {sqlite3.sqlite_version}, and {needed} is needed"
        yield Finding("error", "SQLite", found, "use a Python built with a newer SQLite")
    else:
        yield Finding("ok", "SQLite", sqlite3.sqlite_version)
    try:
        yield Finding("ok", "llmhub", metadata.version(DISTRIBUTION))
        requirements = metadata.requires(DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        yield Finding("error", "llmhub", f"{DISTRIBUTION} is imported but not installed", install_line())
        return
    yield from _packages(requirements)


def _packages(requirements: list[str]) -> Findings:
    from packaging.requirements import Requirement

    for text in requirements:
        wanted = Requirement(text)
        if wanted.marker is not None and not wanted.marker.evaluate({"extra": ""}):
            continue
        try:
            version = metadata.version(wanted.name)
        except metadata.PackageNotFoundError:
            yield Finding("error", wanted.name, "is missing", install_line())
            continue
        if wanted.specifier.contains(version, prereleases=True):
            yield Finding("ok", wanted.name, version)
        else:
            yield Finding(
                "error", wanted.name, f"{version} is installed, and {wanted.specifier} is needed", install_line()
            )

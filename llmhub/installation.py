"""Where this llmhub was installed from, and the command that reinstalls it or adds an extra."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

DISTRIBUTION = "llmhub-catalog"

_PLAIN = re.compile(r"[\w .,:;@+=~<>\[\]/-]+", re.ASCII)
_PACKAGE = Path(__file__).resolve().parent


def install_line(*extras: str, again: bool = False) -> str:
    """Return a shell command that installs llmhub from the same place as this one.

    If that place is gone, the command names the packages of the extras instead.

    Args:
        extras: what to install beside it.
        again: replace the files of llmhub itself; otherwise the command only adds missing packages.
    """
    wanted = f"[{','.join(extras)}]" if extras else ""
    requirements = _requirements(_direct_url(), wanted)
    if requirements is None:
        requirements = _packages(extras) or [f"{DISTRIBUTION}{wanted}"]
    flags = "--force-reinstall --no-deps " if again else ""
    return f"{_pip()} {flags}{' '.join(map(_quoted, requirements))}"


def _direct_url() -> Mapping[str, Any] | None:
    """Return the installer's note about where llmhub came from; None if that was a package index."""
    import json
    from importlib import metadata

    try:
        text = metadata.distribution(DISTRIBUTION).read_text("direct_url.json")
    except metadata.PackageNotFoundError:
        # A clone, or a copy of one, on Python's path.
        return {"url": _PACKAGE.parent.as_uri(), "dir_info": {}}
    try:
        noted = json.loads(text or "null")
    except ValueError:
        return None
    return noted if isinstance(noted, dict) else None


def _requirements(noted: Mapping[str, Any] | None, wanted: str) -> list[str] | None:
    """Return pip's arguments that install the same with extras; None if the place is gone."""
    if noted is None:
        return [f"{DISTRIBUTION}{wanted}"]
    url = str(noted.get("url", ""))
    if "dir_info" in noted:
        folder = _path_of(url)
        if folder is None or not (folder / "pyproject.toml").is_file():
            return None
        place = f"{'.' if _is_current(folder) else folder}{wanted}"
        return ["-e", place] if noted["dir_info"].get("editable") else [place]
    file = _path_of(url)
    if file is not None and not file.is_file():
        return None
    if "vcs_info" in noted:
        vcs = noted["vcs_info"]
        url = f"{vcs.get('vcs', 'git')}+{url}@{vcs.get('commit_id', 'HEAD')}"
    # Do not print an address that has a password, or had one that was cut out.
    return None if "@" in url.partition("://")[2].partition("/")[0] else [f"{DISTRIBUTION}{wanted} @ {url}"]


def _path_of(url: str) -> Path | None:
    """Return the path in a file: address; None for another address."""
    from urllib.parse import urlsplit
    from urllib.request import url2pathname

    parts = urlsplit(url)
    return Path(url2pathname(parts.path)) if parts.scheme == "file" else None


def _is_current(folder: Path) -> bool:
    try:
        return folder.samefile(Path.cwd())
    except OSError:
        return False


def _packages(extras: Sequence[str]) -> list[str]:
    """Return the packages of some extras, as declared."""
    from importlib import metadata

    from packaging.requirements import Requirement

    try:
        declared = [Requirement(text) for text in metadata.requires(DISTRIBUTION) or ()]
    except metadata.PackageNotFoundError:
        return []
    found: list[str] = []
    for extra in extras:
        for one in declared:
            if one.marker and one.marker.evaluate({"extra": extra}) and not one.marker.evaluate({"extra": ""}):
                one.marker = None
                found.append(str(one))
    return found


def _pip() -> str:
    """Return the command that installs into this environment."""
    if find_spec("pip") is None:
        return f"uv pip install --python {_quoted(sys.executable)}"
    import shutil

    found = shutil.which("pip")
    beside = found is not None and Path(found).parent == Path(sys.executable).parent
    return f"{'pip' if beside else f'{_quoted(sys.executable)} -m pip'} install"


def _quoted(text: str) -> str:
    """Return a word quoted for shells; in double quotes if they suffice, since Windows knows them too."""
    if re.fullmatch(r"[\w.,:@+=/-]+", text, re.ASCII):
        return text
    return f'"{text}"' if _PLAIN.fullmatch(text) else shell_word(text)


def shell_word(text: str) -> str:
    r"""Return a word that a POSIX shell reads as this text, and that is safe to print, whatever the text holds.

    Examples:
        >>> shell_word("two words"), shell_word("two\nlines")
        ("'two words'", "$'two\\nlines'")
    """
    if text.isprintable():
        import shlex

        return shlex.quote(text)
    # bash, zsh and ksh know $'...', and so does every shell from POSIX 2024 on.
    return f"$'{''.join(_escaped(byte) for byte in os.fsencode(text))}'"


def _escaped(byte: int) -> str:
    character = chr(byte)
    if character in "\\'":
        return f"\\{character}"
    if character == "\n":
        return "\\n"
    # An octal escape ends after three digits; a hexadecimal one could take in the next letter.
    return character if " " <= character <= "~" else f"\\{byte:03o}"

"""Small git repositories in the shape of models.dev's; making one takes two git processes."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple


class Link(NamedTuple):
    """A symbolic link."""

    target: str


Content = str | bytes | Link | None
"""The content of a file in a commit; None removes the file."""

Commit = tuple[datetime, Mapping[str, Content]]

PROVIDER = 'name = "Acme"\nenv = ["ACME_API_KEY"]\nnpm = "acme"\ndoc = "https://acme.invalid"\n'

ENVIRONMENT = {
    **{key: value for key, value in os.environ.items() if not key.startswith("GIT_")},
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}


def git(folder: Path, *arguments: str, content: bytes = b"") -> str:
    """Run git in a folder, and return what it prints."""
    command = ["git", "-C", str(folder), *arguments]
    done = subprocess.run(command, input=content, env=ENVIRONMENT, capture_output=True, check=True)
    return done.stdout.decode().strip()


def model(price: float = 1.0, /, **more: str) -> str:
    """Return a model's file: its price of input, and what else is given, in TOML."""
    given = "".join(f"{key} = {value}\n" for key, value in more.items())
    return f'name = "Made up"\n{given}[cost]\ninput = {price}\noutput = 2\n[limit]\ncontext = 1000\noutput = 100\n'


def clone(folder: Path, commits: Iterable[Commit], *, branch: str = "dev") -> Path:
    """Return a repository with these commits on its branch, oldest first, each with the files that it changes."""
    git(folder.parent, "init", "-q", "--template=", "-b", branch, str(folder))
    stream = bytearray()
    for moment, files in commits:
        who = f"Made Up <made@up.invalid> {int(moment.astimezone(UTC).timestamp())} +0200"
        stream += f"commit refs/heads/{branch}\ncommitter {who}\ndata 0\n".encode()
        for path, content in files.items():
            if content is None:
                stream += f"D {path}\n".encode()
                continue
            mode = "120000" if isinstance(content, Link) else "100644"
            text = content.target if isinstance(content, Link) else content
            data = text.encode() if isinstance(text, str) else text
            stream += f'M {mode} inline "{path}"\ndata {len(data)}\n'.encode() + data + b"\n"
    git(folder, "fast-import", "--quiet", content=bytes(stream))
    return folder

"""Read a local clone of a git repository with the git command: its commits, and their trees and files.

The clone need not be trusted. Nothing in it is changed, nothing is downloaded, and no program that its configuration
names is run: only rev-parse, config, rev-list and cat-file are called, without a shell, without the caller's GIT_*
variables, and with every protocol forbidden. git itself decides whether it reads the folder (`safe.directory`).
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, NamedTuple

from llmhub.errors import SourceError

_PASSED_ON = frozenset({"PATH", "HOME", "XDG_CONFIG_HOME", "USERPROFILE", "SYSTEMROOT", "TMPDIR", "TEMP"})
# fsmonitor, hooks and signatures name programs, and a repository's own configuration could set them.
_OPTIONS = (
    *("--no-pager", "--no-replace-objects", "--no-optional-locks"),
    *("-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}", "-c", "log.showSignature=false"),
    *("-c", "core.alternateRefsCommand=", "-c", "gc.auto=0", "-c", "maintenance.auto=false"),
)
_PARTIAL = r"^(remote\..*\.promisor|extensions\.partialclone)$"
_WHOLE = "`git clone https://github.com/anomalyco/models.dev` makes one"
# A model's file has 4 KiB at most, a folder of them 60 KiB.
_MAX_BYTES = 64 * 1024
_MAX_TREE = 64 * 1024 * 1024
_CHUNK = 64 * 1024
_AT_ONCE = 64
_FOLDER, _LINK = "40000", "120000"
_MAX_LINKS = 20


class Commit(NamedTuple):
    """The last commit of a day, and the moment at which it came to the branch."""

    id: str
    moment: datetime


class Entry(NamedTuple):
    """A file, folder or link in a folder of a commit."""

    mode: str
    id: str

    @property
    def is_folder(self) -> bool:
        """Say whether it is a folder."""
        return self.mode == _FOLDER

    @property
    def is_link(self) -> bool:
        """Say whether it is a symbolic link."""
        return self.mode == _LINK

    @property
    def is_file(self) -> bool:
        """Say whether it is a regular file."""
        return self.mode.startswith("100")


class _Object(NamedTuple):
    """A tree or a file; only the beginning of one that is too large."""

    id: str
    content: bytes
    whole: bool


@dataclass(frozen=True, slots=True)
class Clone:
    """A clone with all its commits and files.

    Attributes:
        path: its folder.
        git: the git command.
        head: the commit that is checked out.
    """

    path: Path
    git: str
    head: str

    @classmethod
    def at(cls, path: Path) -> Clone:
        """Return the clone in a folder.

        Raises:
            SourceError: there is no git, the folder is not a whole clone, or git refuses to read it.
        """
        git = shutil.which("git")
        if git is None:
            raise SourceError("found no git command, which reads the clone: install git")
        if not path.is_dir():
            raise SourceError(f"{path}: found no such folder, expected a clone of models.dev: {_WHOLE}")
        path = path.resolve()
        bare, shallow = _told(git, path, "rev-parse", "--is-bare-repository", "--is-shallow-repository").split()
        if bare == "true":
            raise SourceError(
                f"{path} is a bare repository, expected a clone with a work tree: "
                f"`git clone --no-checkout {path} models.dev` makes one of it"
            )
        if shallow == "true":
            raise SourceError(f"{path} is a shallow clone, which lacks the past: `git -C {path} fetch --unshallow`")
        if _run(git, path, "config", "--local", "--get-regexp", _PARTIAL)[0] == 0:
            raise SourceError(f"{path} is a partial clone (--filter), which lacks files of the past: {_WHOLE}")
        code, head, _ = _run(git, path, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
        if code != 0:
            raise SourceError(f"{path} has no commit yet, expected a clone of models.dev: {_WHOLE}")
        return cls(path, git, head.strip())

    def last_commits(self, *, now: datetime, since: datetime | None = None) -> list[Commit]:
        """Return the last commit of each day (UTC) of the branch that is checked out, oldest first.

        The moment of a commit is never before that of its parent, whatever clock it was made with. A commit that is
        dated after `now` is left out.

        Raises:
            SourceError: git cannot read them.
        """
        lines = _told(
            self.git, self.path, "rev-list", "--first-parent", "--reverse", "--timestamp", self.head
        ).splitlines()
        days: dict[str, Commit] = {}
        latest = 0
        for line in lines:
            seconds, _, number = line.partition(" ")
            if int(seconds) > now.timestamp():
                continue
            latest = max(latest, int(seconds))
            moment = datetime.fromtimestamp(latest, UTC)
            days[f"{moment:%Y-%m-%d}"] = Commit(number, moment)
        return [commit for commit in days.values() if since is None or commit.moment >= since]

    @contextmanager
    def objects(self) -> Iterator[Objects]:
        """Give a reader of trees and files, which uses one git process for all of them."""
        process = subprocess.Popen(  # noqa: S603 -- git, with the arguments of this file
            _command(self.git, self.path, "cat-file", "--batch"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # A full pipe that nobody reads would block git; its answers on stdout also say what is missing.
            stderr=subprocess.DEVNULL,
            env=_environment(self.path),
        )
        try:
            if process.stdin is None or process.stdout is None:
                raise TypeError("a pipe is missing")
            yield Objects(process.stdin, process.stdout, self.path)
        finally:
            process.kill()
            process.communicate()


class Objects:
    """Reads the trees and files of commits, and keeps the trees."""

    def __init__(self, asking: IO[bytes], answers: IO[bytes], path: Path) -> None:
        self._asking = asking
        self._answers = answers
        self._path = path
        self._trees: dict[str, dict[str, Entry]] = {}
        self._targets: dict[str, str] = {}

    def root(self, commit: str) -> Entry:
        """Return the top folder of a commit."""
        return Entry(_FOLDER, self._one(f"{commit}^{{tree}}", "tree").id)

    def folder(self, entry: Entry) -> dict[str, Entry]:
        """Return the entries of a folder, by name.

        Raises:
            SourceError: the clone lacks it.
        """
        known = self._trees.get(entry.id)
        if known is None:
            known = self._trees[entry.id] = _entries(self._one(entry.id, "tree").content, len(entry.id) // 2)
        return known

    def forget(self, *, most: int) -> None:
        """Forget the trees and links if more than `most` are kept."""
        for known in (self._trees, self._targets):
            if len(known) > most:
                known.clear()

    def files(self, numbers: Sequence[str]) -> Iterator[bytes | None]:
        """Yield the contents of files; None for one that is too large.

        Raises:
            SourceError: the clone lacks one.
        """
        for place in range(0, len(numbers), _AT_ONCE):
            for found in self._read(numbers[place : place + _AT_ONCE], "blob"):
                yield found.content if found.whole else None

    def target(self, link: Entry) -> str:
        """Return the path that a symbolic link holds."""
        if link.id not in self._targets:
            self._targets[link.id] = self._one(link.id, "blob").content.decode("utf-8", "surrogateescape")
        return self._targets[link.id]

    def find(self, root: Entry, path: Sequence[str]) -> Entry | None:
        """Return the entry at a path, and follow links; None if there is none, or a link leads out or in a circle."""
        rest, place, links = list(path), [root], 0
        while rest:
            name = rest.pop(0)
            if name in {"", "."}:
                continue
            if name == "..":
                if len(place) == 1:
                    return None
                place.pop()
                continue
            if not place[-1].is_folder:
                return None
            entry = self.folder(place[-1]).get(name)
            if entry is None:
                return None
            if entry.is_link:
                links += 1
                target = self.target(entry)
                if links > _MAX_LINKS or target.startswith("/"):
                    return None
                rest = [*target.split("/"), *rest]
                continue
            place.append(entry)
        return place[-1]

    def _one(self, name: str, kind: str) -> _Object:
        (found,) = self._read([name], kind)
        return found

    def _read(self, names: Sequence[str], kind: str) -> list[_Object]:
        """Return objects. The names must fit into the pipe: git may block on its answers before it reads all."""
        try:
            self._asking.write("".join(f"{name}\n" for name in names).encode())
            self._asking.flush()
            return [self._answer(name, kind) for name in names]
        except OSError:
            raise self._broken(f"git found no {kind} {names[0]}") from None

    def _answer(self, name: str, kind: str) -> _Object:
        header = self._answers.readline().decode("utf-8", "replace").split()
        if len(header) != len(("id", "kind", "size")) or header[1] != kind:
            raise self._broken(f"git found no {kind} {name}")
        size = int(header[2])
        most = _MAX_BYTES if kind == "blob" else _MAX_TREE
        content = self._answers.read(min(size, most))
        left = size - len(content) + 1
        while left and (rest := self._answers.read(min(left, _CHUNK))):
            left -= len(rest)
        if left:
            raise self._broken(f"git gave a part of {name}")
        return _Object(header[0], content, whole=size <= most)

    def _broken(self, why: str) -> SourceError:
        return SourceError(f"{self._path} cannot be read to the end ({why}): `git -C {self._path} fsck` says more")


def _entries(tree: bytes, width: int) -> dict[str, Entry]:
    found = {}
    place = 0
    while place < len(tree):
        end = tree.index(b"\0", place)
        mode, _, name = tree[place:end].partition(b" ")
        place = end + 1 + width
        found[name.decode("utf-8", "surrogateescape")] = Entry(mode.decode("ascii"), tree[end + 1 : place].hex())
    return found


def _told(git: str, path: Path, *arguments: str) -> str:
    """Return what git prints.

    Raises:
        SourceError: git failed; the message says why, and what to do.
    """
    code, printed, said = _run(git, path, *arguments)
    if code == 0:
        return printed
    if "dubious ownership" in said:
        raise SourceError(
            f"{path} belongs to another user, so git does not read it: if you trust it, "
            f"`git config --global --add safe.directory {path}`"
        )
    if "bare repository" in said:
        raise SourceError(f"{path} is a bare repository, expected a clone with a work tree: {_WHOLE}")
    if "not a git repository" in said:
        raise SourceError(f"{path} is not a git repository, expected a clone of models.dev: {_WHOLE}")
    why = said.strip().partition("\n")[0].removeprefix("fatal: ") or f"exit code {code}"
    raise SourceError(f"{path}: git cannot read it: {why}")


def _run(git: str, path: Path, *arguments: str) -> tuple[int, str, str]:
    try:
        done = subprocess.run(  # noqa: S603 -- git, with the arguments of this file
            _command(git, path, *arguments),
            env=_environment(path),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except OSError as error:
        raise SourceError(f"{git} cannot be run: {error.strerror or error}") from None
    return done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")


def _command(git: str, path: Path, *arguments: str) -> list[str]:
    return [git, *_OPTIONS, "-C", str(path), *arguments]


def _environment(path: Path) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if key in _PASSED_ON}
    return kept | {
        "LC_ALL": "C",
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_TERMINAL_PROMPT": "0",
        # The folder itself must be the repository, and not one of its parents.
        "GIT_CEILING_DIRECTORIES": str(path.parent),
    }

"""What a process does to the files of a folder, as strace sees it: each write, each change of a name, each sync.

    done = record(["python", "-m", "llmhub", ...], folder, variables)
    done.operations          # in the order in which the kernel finished them

Nothing that changes a file is passed over: a call of a kind that is not modelled here fails the recording.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_STRACE = shutil.which("strace")

PATIENCE_SECONDS = 300.0
_STDOUT = 1

_OPENING = {"open", "openat", "creat"}
_NAMING = {"rename", "renameat", "renameat2", "link", "linkat", "unlink", "unlinkat", "mkdir", "mkdirat", "rmdir"}
_CHANGING = {"write", "pwrite64", "ftruncate", "truncate", "sendfile"}
_SYNCING = {"fsync", "fdatasync"}
# Calls that also change files, and that nothing here makes so far: the recording fails if one is made in the folder.
_UNMODELLED = {"writev", "pwritev", "pwritev2", "fallocate", "copy_file_range", "symlink", "symlinkat", "splice"}
_TRACED = sorted({"lseek", *_OPENING, *_NAMING, *_CHANGING, *_SYNCING, *_UNMODELLED})

_CALL = re.compile(r"(?P<pid>\d+) +(?P<name>\w+)\((?P<arguments>.*)\) += (?P<result>-?\d+)")
_UNFINISHED = re.compile(r"(?P<pid>\d+) +(?P<begun>\w+\(.*) *<unfinished \.\.\.>$")
_RESUMED = re.compile(r"(?P<pid>\d+) +<\.\.\. (?P<name>\w+) resumed>(?P<rest>.*)$")
_DESCRIPTOR = re.compile(r"(?P<number>-?\d+|AT_FDCWD)(?:<(?P<path>[^>]*)>)?")
_SIZES = re.compile(r"\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Made:
    """A new file got its name."""

    path: str
    inode: int


@dataclass(frozen=True, slots=True)
class Written:
    """Bytes were written into a file."""

    inode: int
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Cut:
    """A file was given another size."""

    inode: int
    size: int


@dataclass(frozen=True, slots=True)
class Synced:
    """All that was written into a file so far is on the disk."""

    inode: int


@dataclass(frozen=True, slots=True)
class Renamed:
    """A file got another name; what had that name is gone."""

    path: str
    target: str
    inode: int


@dataclass(frozen=True, slots=True)
class Linked:
    """A file got a second name."""

    path: str
    target: str
    inode: int


@dataclass(frozen=True, slots=True)
class Unlinked:
    """A name is gone, of a file or an empty folder."""

    path: str


@dataclass(frozen=True, slots=True)
class MadeFolder:
    """A new folder."""

    path: str


@dataclass(frozen=True, slots=True)
class SyncedFolder:
    """The names in a folder are on the disk as they are."""

    path: str


@dataclass(frozen=True, slots=True)
class Reported:
    """The process itself wrote to its standard output; a child's is read by the process."""


Naming = Made | Renamed | Linked | Unlinked | MadeFolder
Operation = Naming | Written | Cut | Synced | SyncedFolder | Reported


@dataclass(slots=True)
class Recording:
    """What a process did to a folder.

    Attributes:
        folder: where it was; all paths are relative to it.
        files: what stood in its files before, by inode.
        names: which inode each file's path led to before.
        folders: which folders there were before.
        operations: what was done.
        run: how the process ended.
    """

    folder: Path
    files: dict[int, bytes]
    names: dict[str, int]
    folders: set[str]
    operations: list[Operation]
    run: subprocess.CompletedProcess[str]


def why_not() -> str | None:
    """Return why no program can be watched here; None where one can be."""
    if _STRACE is None:
        return "strace is not installed (Debian's package strace)"
    tried = subprocess.run([_STRACE, "-f", "--seccomp-bpf", "true"], check=False, capture_output=True, text=True)
    return f"strace cannot watch a program here: {tried.stderr.strip()[:200]}" if tried.returncode else None


def record(arguments: Sequence[str | Path], folder: Path, variables: Mapping[str, str]) -> Recording:
    """Run a program in a folder to its end, and record what it and its children do to the files below the folder."""
    assert _STRACE is not None, "strace is not installed"
    folder = folder.resolve()
    reading = _Reading(folder)
    files = {inode: path.read_bytes() for inode, path in reading.look()}
    names, folders = dict(reading.names), set(reading.folders)
    log = folder.with_name(f"{folder.name}.strace")
    options = ("-f", "-y", "-xx", "-s", str(1 << 26), "--seccomp-bpf", "-e", f"trace={','.join(_TRACED)}")
    run = subprocess.run(
        [_STRACE, *options, "-o", log, *map(str, arguments)],
        cwd=folder,
        env=dict(variables),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    operations = [operation for call in _calls(log) for operation in reading.operations(call)]
    log.unlink()
    return Recording(folder, files, names, folders, operations, run)


@dataclass(frozen=True, slots=True)
class _Call:
    by_child: bool
    name: str
    arguments: list[str]
    result: int


def _calls(log: Path) -> Iterator[_Call]:
    """Yield the calls that succeeded, in the order in which they ended."""
    begun: dict[str, str] = {}
    first: str | None = None
    with log.open(encoding="ascii") as lines:
        for given in lines:
            line = given.rstrip("\n")
            first = first or line.partition(" ")[0]
            if unfinished := _UNFINISHED.fullmatch(line):
                begun[unfinished["pid"]] = unfinished["begun"]
                continue
            if resumed := _RESUMED.fullmatch(line):
                line = f"{resumed['pid']} {begun.pop(resumed['pid'])}{resumed['rest']}"
            if (call := _CALL.match(line)) and int(call["result"]) >= 0:
                yield _Call(call["pid"] != first, call["name"], call["arguments"].split(", "), int(call["result"]))


def _text(hexadecimal: str) -> str:
    return os.fsdecode(_bytes(hexadecimal))


def _bytes(quoted: str) -> bytes:
    return bytes.fromhex(quoted.strip('"').replace("\\x", ""))


@dataclass(slots=True)
class _Reading:
    """Makes operations of calls; knows which file each name leads to at every moment."""

    folder: Path
    names: dict[str, int] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)
    _last: dict[str, int] = field(default_factory=dict)
    _sizes: dict[int, int] = field(default_factory=dict)
    _contents: dict[int, bytearray] = field(default_factory=dict)
    _positions: dict[tuple[int, int], int] = field(default_factory=dict)
    _appending: set[tuple[int, int]] = field(default_factory=set)
    _next: int = 1

    def look(self) -> Iterator[tuple[int, Path]]:
        """Yield every file that is there, by its new number; two names of one file are one."""
        known: dict[tuple[int, int], int] = {}
        self.folders.add(".")
        for path in sorted(self.folder.rglob("*")):
            name = str(path.relative_to(self.folder))
            if path.is_dir():
                self.folders.add(name)
                continue
            status = path.stat()
            identity = (status.st_dev, status.st_ino)
            if identity not in known:
                known[identity] = self._new()
                self._sizes[known[identity]] = status.st_size
                self._contents[known[identity]] = bytearray(path.read_bytes())
                yield known[identity], path
            self.names[name] = self._last[name] = known[identity]

    def operations(self, call: _Call) -> Iterator[Operation]:
        """Yield what a call did below the folder."""
        if call.name in _UNMODELLED:
            assert not any(self._below(argument) for argument in call.arguments), f"{call.name} is not modelled"
        elif call.name in _OPENING:
            yield from self._opened(call)
        elif call.name in _NAMING:
            yield from self._named(call)
        elif call.name in _SYNCING:
            yield from self._synced(call)
        elif call.name == "lseek":
            if (file := self._file(call.arguments[0])) is not None:
                self._positions[file] = call.result
        elif call.name == "write" and call.arguments[0].startswith(f"{_STDOUT}<"):
            if not call.by_child:
                yield Reported()
        else:
            yield from self._changed(call)

    def _new(self) -> int:
        self._next += 1
        return self._next - 1

    def _opened(self, call: _Call) -> Iterator[Operation]:
        at = call.arguments[0] if call.name == "openat" else None
        given, *rest = call.arguments[1:] if at else call.arguments
        flags = set(rest[0].split("|")) if call.name != "creat" else {"O_CREAT", "O_TRUNC"}
        if (path := self._path(given, at)) is None or path in self.folders:
            return
        if path not in self.names and "O_CREAT" in flags:
            inode = self.names[path] = self._last[path] = self._new()
            self._sizes[inode] = 0
            self._contents[inode] = bytearray()
            yield Made(path, inode)
        elif path not in self.names:
            # Without O_CREAT an unnamed file would be a temporary one without a name.
            assert "O_TMPFILE" not in flags, path
            return
        inode = self.names[path]
        if "O_TRUNC" in flags and self._sizes[inode]:
            self._sizes[inode] = 0
            self._contents[inode].clear()
            yield Cut(inode, 0)
        file = (call.result, inode)
        self._positions[file] = 0
        self._appending.discard(file)
        if "O_APPEND" in flags:
            self._appending.add(file)

    def _changed(self, call: _Call) -> Iterator[Operation]:
        if call.name == "truncate":
            path = self._path(call.arguments[0], None)
            file = None if path is None else (-1, self.names[path])
        else:
            file = self._file(call.arguments[0])
        if file is None:
            return
        inode = file[1]
        if call.name in {"ftruncate", "truncate"}:
            self._sizes[inode] = int(call.arguments[1])
            content = self._contents[inode]
            del content[self._sizes[inode] :]
            content.extend(bytes(self._sizes[inode] - len(content)))
            yield Cut(inode, self._sizes[inode])
            return
        if call.name == "pwrite64":
            offset, data = int(call.arguments[3]), _bytes(call.arguments[1])
        else:
            offset = self._sizes[inode] if file in self._appending else self._positions[file]
            data = self._sent(call) if call.name == "sendfile" else _bytes(call.arguments[1])
            self._positions[file] = offset + call.result
        self._sizes[inode] = max(self._sizes[inode], offset + call.result)
        content = self._contents[inode]
        content.extend(bytes(self._sizes[inode] - len(content)))
        content[offset : offset + call.result] = data[: call.result]
        yield Written(inode, offset, data[: call.result])

    def _sent(self, call: _Call) -> bytes:
        """Return what sendfile copied."""
        begins = _SIZES.search(call.arguments[2])
        source = self._file(call.arguments[1])
        assert begins is not None, call
        assert source is not None, f"{call.arguments[1]} is outside the folder"
        return bytes(self._contents[source[1]][int(begins[1]) :])

    def _synced(self, call: _Call) -> Iterator[Operation]:
        if (path := self._below(call.arguments[0])) is None:
            return
        if path in self.folders:
            yield SyncedFolder(path)
        elif (file := self._file(call.arguments[0])) is not None:
            yield Synced(file[1])

    def _named(self, call: _Call) -> Iterator[Operation]:
        paths = list(self._paths(call))
        path = paths[0]
        if call.name.startswith(("rename", "link")):
            target = paths[1]
            if path is None and target is None:
                return
            assert path is not None, f"{target} came from outside"
            assert target is not None, f"{path} went outside"
            if call.name.startswith("link"):
                self.names[target] = self._last[target] = self.names[path]
                yield Linked(path, target, self.names[target])
            else:
                self._rename(path, target)
                yield Renamed(path, target, self.names[target])
        elif path is None:
            return
        elif call.name.startswith("mkdir"):
            self.folders.add(path)
            yield MadeFolder(path)
        else:
            self.names.pop(path, None)
            self.folders.discard(path)
            yield Unlinked(path)

    def _rename(self, path: str, target: str) -> None:
        assert path in self.names, f"{path}: renaming folders is not modelled"
        self.names[target] = self._last[target] = self.names.pop(path)

    def _paths(self, call: _Call) -> Iterator[str | None]:
        """Yield the path or the two paths that a call names."""
        at: str | None = None
        for argument in call.arguments:
            if argument.startswith('"'):
                yield self._path(argument, at)
                at = None
            else:
                at = argument

    def _path(self, quoted: str, at: str | None) -> str | None:
        """Return a path relative to the folder; None for one outside it."""
        base = _DESCRIPTOR.match(at) if at is not None else None
        within = _text(base["path"]) if base is not None and base["path"] else str(self.folder)
        return self._relative(os.path.normpath(os.path.join(within, _text(quoted))))  # noqa: PTH118 -- texts

    def _below(self, argument: str) -> str | None:
        found = _DESCRIPTOR.match(argument)
        return self._relative(_text(found["path"])) if found is not None and found["path"] else None

    def _relative(self, path: str) -> str | None:
        if path == str(self.folder):
            return "."
        prefix = f"{self.folder}/"
        return path.removeprefix(prefix) if path.startswith(prefix) else None

    def _file(self, argument: str) -> tuple[int, int] | None:
        """Return the number of a descriptor and its file's; None for one outside the folder."""
        found = _DESCRIPTOR.match(argument)
        path = self._below(argument)
        if found is None or path is None or path in self.folders:
            return None
        # The kernel goes on naming an open file by its last name once that is gone.
        return int(found["number"]), self._last[path]

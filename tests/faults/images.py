"""What a disk may hold after the power failed: the operations up to a moment, without some that no sync has forced.

Between two syncs of a file its writes reach the disk in any order, in part, or not at all; between two syncs of a
folder its names do, in their order. An image is one such outcome.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from tests.faults.syscalls import (
    Cut,
    Linked,
    Made,
    MadeFolder,
    Naming,
    Operation,
    Recording,
    Renamed,
    Reported,
    Synced,
    SyncedFolder,
    Unlinked,
    Written,
)

Change = Written | Cut
Choice = Callable[[list[Change]], list[Change]]
Names = Callable[[list[Naming]], list[Naming]]

_SECTOR = 512


class Content:
    """What stands in a file. Images of thousands of moments share it, so that it is put together and hashed once."""

    __slots__ = ("data", "digest")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.digest = sha256(data).digest()


@dataclass(frozen=True, slots=True)
class Image:
    """One outcome of a power failure.

    Attributes:
        moment: how many operations had been made.
        how: what became of those that no sync had forced.
        reported: whether the command had written its result by then.
        ended: whether it had come to its end.
        files: what the files hold, by path.
        folders: which folders there are.
    """

    moment: int
    how: str
    reported: bool
    ended: bool
    files: Mapping[str, Content]
    folders: frozenset[str]

    def written_to(self, folder: Path) -> None:
        """Make the files and folders of this image in a folder."""
        for name in sorted(self.folders):
            (folder / name).mkdir(parents=True, exist_ok=True)
        for name, content in self.files.items():
            (folder / name).write_bytes(content.data)

    @property
    def identity(self) -> tuple[bool, frozenset[tuple[str, bytes]]]:
        """Return what is equal for images that must pass the same checks."""
        return self.reported or self.ended, frozenset((name, content.digest) for name, content in self.files.items())


def _halved(changes: list[Change]) -> list[Change]:
    return changes[: len(changes) // 2]


def _later_half(changes: list[Change]) -> list[Change]:
    return changes[len(changes) // 2 :]


def _torn(changes: list[Change]) -> list[Change]:
    """Keep all, but of the last write only its first half."""
    if not changes or isinstance(last := changes[-1], Cut):
        return changes[:-1]
    return [*changes[:-1], Written(last.inode, last.offset, last.data[: len(last.data) // 2])]


def _scattered(changes: list[Change]) -> list[Change]:
    """Keep some sectors of each write, chosen by what is written: the same at each run."""
    kept: list[Change] = []
    for change in changes:
        if isinstance(change, Cut):
            kept.append(change)
            continue
        chosen = random.Random(f"{change.offset} {len(change.data)} {len(kept)}")  # noqa: S311 -- no secret
        kept += [
            Written(change.inode, change.offset + at, change.data[at : at + _SECTOR])
            for at in range(0, len(change.data), _SECTOR)
            if chosen.random() < 0.5
        ]
    return kept


_CONTENTS: Mapping[str, Choice] = {
    "all written": lambda changes: changes,
    "nothing written": lambda _: [],
    "the first half written": _halved,
    "the later half written": _later_half,
    "the last write torn": _torn,
    "some sectors written": _scattered,
}
_NAMES: Mapping[str, Names] = {
    "all names": lambda namings: namings,
    "no name": lambda _: [],
    "the first half of the names": lambda namings: namings[: (len(namings) + 1) // 2],
}


def images(recording: Recording) -> Iterator[Image]:
    """Yield each different image that a power failure may leave during a recorded run or at its end."""
    seen: set[object] = set()
    disk = _Disk(recording)
    for moment in range(len(recording.operations) + 1):
        if moment:
            disk.do(recording.operations[moment - 1])
        for image in disk.outcomes(moment, ended=moment == len(recording.operations)):
            if (identity := image.identity) not in seen:
                seen.add(identity)
                yield image


def chosen(found: Sequence[Image], most: int | None) -> list[Image]:
    """Return so many images, evenly spaced over the run; all of those after the report are among them."""
    if most is None or len(found) <= most:
        return list(found)
    after = [image for image in found if image.reported or image.ended]
    before = [image for image in found if not (image.reported or image.ended)]
    room = max(most - len(after), most // 2)
    step = max(len(before) / room, 1.0)
    return [before[int(number * step)] for number in range(min(room, len(before)))] + after[: max(most - room, 0)]


class _Disk:
    """What is surely on the disk, and what no sync has forced there yet."""

    def __init__(self, recording: Recording) -> None:
        self._files = {inode: bytearray(content) for inode, content in recording.files.items()}
        self._names = dict(recording.names)
        self._folders = set(recording.folders)
        self._changes: dict[int, list[Change]] = {}
        self._known: dict[int, dict[str, Content]] = {}
        self._namings: list[Naming] = []
        self._reported = False

    def do(self, operation: Operation) -> None:
        """Take an operation in."""
        match operation:
            case Written() | Cut():
                self._changes.setdefault(operation.inode, []).append(operation)
                self._known.pop(operation.inode, None)
            case Synced():
                content = self._files.setdefault(operation.inode, bytearray())
                _apply(content, self._changes.pop(operation.inode, []))
                self._known.pop(operation.inode, None)
            case SyncedFolder():
                self._force(operation.path)
            case Reported():
                self._reported = True
            case _:
                self._namings.append(operation)

    def _force(self, folder: str) -> None:
        """Make the names in a folder sure. A rename is one change: it takes the file's earlier name with it."""
        forced = [naming for naming in self._namings if _folder_of(naming) == folder]
        moved = {naming.path for naming in forced if isinstance(naming, Renamed)}
        self._namings = [one for one in self._namings if _folder_of(one) != folder and one.path not in moved]
        _rename(self._names, self._folders, forced)

    def outcomes(self, moment: int, *, ended: bool) -> Iterator[Image]:
        """Yield what the disk may hold if the power fails now."""
        for of_names, choose in self._choices():
            names, folders = dict(self._names), set(self._folders)
            _rename(names, folders, choose)
            there = frozenset(folder for folder in folders if _reached(folder, folders))
            reached = {path: inode for path, inode in names.items() if _folder_above(path) in there}
            for of_contents in _CONTENTS:
                files = {path: self._content(inode, of_contents) for path, inode in reached.items()}
                yield Image(moment, f"{of_names}, {of_contents}", self._reported, ended, files, there)
                if not self._changes:
                    break

    def _choices(self) -> Iterator[tuple[str, list[Naming]]]:
        """Yield which names that no sync has forced may have reached the disk: in each folder the first so many."""
        for how, choose in _NAMES.items():
            yield how, choose(self._namings)
            if not self._namings:
                return
        folders = sorted({_folder_of(naming) for naming in self._namings})
        if len(folders) > 1:
            for folder in folders:
                yield f"the names in {folder} alone", [one for one in self._namings if _folder_of(one) == folder]

    def _content(self, inode: int, of_contents: str) -> Content:
        changes = self._changes.get(inode)
        known = self._known.setdefault(inode, {})
        how = of_contents if changes else "nothing written"
        if how not in known:
            content = bytearray(self._files.get(inode, b""))
            _apply(content, _CONTENTS[how](changes or []))
            known[how] = Content(bytes(content))
        return known[how]


def _apply(content: bytearray, changes: Sequence[Change]) -> None:
    for change in changes:
        if isinstance(change, Cut):
            del content[change.size :]
            content.extend(bytes(change.size - len(content)))
            continue
        end = change.offset + len(change.data)
        content.extend(bytes(max(end - len(content), 0)))
        content[change.offset : end] = change.data


def _folder_of(naming: Naming) -> str:
    path = naming.target if isinstance(naming, Renamed | Linked) else naming.path
    return _folder_above(path)


def _folder_above(path: str) -> str:
    return os.path.dirname(path) or "."  # noqa: PTH120 -- texts, hundreds of thousands of them


def _rename(names: dict[str, int], folders: set[str], namings: Sequence[Naming]) -> None:
    """Make changes of names, whether or not the folders above them are there."""
    for naming in namings:
        match naming:
            case Made():
                names[naming.path] = naming.inode
            case MadeFolder():
                folders.add(naming.path)
            case Unlinked():
                names.pop(naming.path, None)
                folders.discard(naming.path)
            case Linked():
                names[naming.target] = naming.inode
            case Renamed():
                names.pop(naming.path, None)
                names[naming.target] = naming.inode


def _reached(path: str, folders: set[str]) -> bool:
    """Say whether every folder above a path is there."""
    while path != ".":
        path = _folder_above(path)
        if path not in folders:
            return False
    return True


def final(recording: Recording) -> Image:
    """Return what the files hold when every operation reached the disk."""
    disk = _Disk(recording)
    for operation in recording.operations:
        disk.do(operation)
    return next(disk.outcomes(len(recording.operations), ended=True))

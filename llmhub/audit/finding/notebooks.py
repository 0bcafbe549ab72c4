"""Read the cells of a Jupyter notebook, and where each of their lines stands in the file. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

from llmhub.audit.finding.kinds import Kind

_JSON = re.compile(rb'"(?<!\\")[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{}:,]', re.DOTALL)
_MAGIC = re.compile(rb"\s*%%(\w+)")
_SHELLS = frozenset({b"bash", b"sh", b"script", b"writefile", b"cmd"})
# !llm -m x, out = !llm -m x, %env MODEL=x
_SHELL_LINE = re.compile(rb"\s*+(?:[\w, ]++=\s*+)?(?:!|%(?:env|set_env|sx|system|sh|bash|run)\s)")


class Cell(NamedTuple):
    """A cell.

    Attributes:
        number: from 1; a cell of code and its lines for the shell have one number.
        kind: the kind of its text: Python, a shell, or text for people.
        text: its source.
        places: for each line, where the string that holds it begins and ends in the file.
    """

    number: int
    kind: Kind
    text: bytes
    places: list[tuple[int, int]]


def cells_of(data: bytes) -> list[Cell]:
    """Return the cells of a notebook that have a source; none if it is not a notebook."""
    found: list[Cell] = []
    number = 0
    for is_code, strings in _raw_cells(data):
        number += 1
        pieces: list[bytes] = []
        places: list[tuple[int, int]] = []
        for start, end in strings:
            try:
                text = json.loads(data[start:end]).encode(errors="replace")
            except ValueError:
                continue
            # A string holds one line with its end; some programs write all lines as one string.
            lines = text.count(b"\n") + (not text.endswith(b"\n"))
            pieces.append(text)
            places.extend([(start, end)] * lines)
        if places:
            text = b"".join(pieces)
            kind = _kind(text) if is_code else "docs"
            found.extend(
                _apart(Cell(number, kind, text, places)) if kind == "python" else (Cell(number, kind, text, places),)
            )
    return found


def _apart(cell: Cell) -> Iterator[Cell]:
    """Yield a cell of Python, and apart from it its lines for the shell; where these were it has empty lines."""
    code, shell = cell.text.split(b"\n"), {}
    goes_on = False
    for number, line in enumerate(code):
        if goes_on or _SHELL_LINE.match(line):
            shell[number] = line
            goes_on = line.rstrip().endswith(b"\\")
    if not shell:
        yield cell
        return
    yield cell._replace(text=b"\n".join(b"" if number in shell else line for number, line in enumerate(code)))
    places = [cell.places[min(number, len(cell.places) - 1)] for number in shell]
    # The sign of the shell is no part of a word.
    yield Cell(cell.number, "lines", b"\n".join(line.replace(b"!", b" ", 1) for line in shell.values()), places)


def _kind(source: bytes) -> Kind:
    magic = _MAGIC.match(source)
    return "lines" if magic is not None and magic[1] in _SHELLS else "python"


def _raw_cells(data: bytes) -> Iterator[tuple[bool, list[tuple[int, int]]]]:
    """Yield for each cell whether it holds code, and where the strings of its source are."""
    reading = _Reading()
    for found in _JSON.finditer(data):
        token = found[0]
        if token in b"{[":
            reading.open()
        elif token in b"}]":
            if token == b"}" and _is_cell(reading.path):
                yield reading.code, reading.strings
            reading.close()
        elif token in b":,":
            reading.is_value = token == b":"
        else:
            reading.string(token, found.span())


class _Reading:
    """The state of reading a notebook: the place in it, and what is known of the cell there."""

    def __init__(self) -> None:
        self.path: list[bytes] = []
        self.is_value = False
        self.code = False
        self.strings: list[tuple[int, int]] = []
        self._key = b""

    def open(self) -> None:
        self.path.append(self._key)
        self._key, self.is_value = b"", False
        if _is_cell(self.path):
            self.code, self.strings = False, []

    def close(self) -> None:
        if self.path:
            self.path.pop()
        self._key, self.is_value = b"", False

    def string(self, token: bytes, place: tuple[int, int]) -> None:
        in_cell = _is_cell(self.path)
        if _in_source(self.path) or (in_cell and self.is_value and self._key == b"source"):
            self.strings.append(place)
        elif not self.is_value:
            self._key = token[1:-1]
        elif in_cell and self._key == b"cell_type":
            self.code = token == b'"code"'


def _is_cell(path: list[bytes]) -> bool:
    """Say whether a place is directly in one of the notebook's cells: a document, its list, an object of that."""
    return path[1:4] == [b"cells", b""]


def _in_source(path: list[bytes]) -> bool:
    return path[1:5] == [b"cells", b"", b"source"]

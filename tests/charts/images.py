"""Looking into files that charts were drawn into."""

from __future__ import annotations

import json
import struct
import zlib
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

SVG = "{http://www.w3.org/2000/svg}"


@dataclass(frozen=True)
class Png:
    """A PNG that is whole: its size in pixels, and its first pixel as #rrggbb."""

    width: int
    height: int
    corner: str


def read_png(path: Path) -> Png:
    """Return what a PNG is, after checking each of its chunks and all of its pixels' data."""
    data = path.read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    chunks: list[tuple[bytes, bytes]] = []
    place = 8
    while place < len(data):
        (length,) = struct.unpack(">I", data[place : place + 4])
        kind, body = data[place + 4 : place + 8], data[place + 8 : place + 8 + length]
        assert struct.unpack(">I", data[place + 8 + length : place + 12 + length]) == (zlib.crc32(kind + body),)
        chunks.append((kind, body))
        place += 12 + length
    assert chunks[-1] == (b"IEND", b"")
    width, height, depth, colours = struct.unpack(">IIBB", chunks[0][1][:10])
    pixels = zlib.decompress(b"".join(body for kind, body in chunks if kind == b"IDAT"))
    size = {2: 3, 6: 4}[colours]
    assert (depth, len(pixels)) == (8, height * (1 + width * size))
    # Whatever the first line is filtered by, the pixel in the corner stands there as it is.
    return Png(width, height, f"#{pixels[1:4].hex()}")


def texts(root: ET.Element) -> list[str]:
    """Return the words of an SVG."""
    return ["".join(element.itertext()) for element in root.iter(f"{SVG}text")]


@dataclass
class Page(HTMLParser):
    """A page as a browser reads it: its elements, what each script holds, and the data of its chart."""

    elements: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    scripts: list[str] = field(default_factory=list)
    title: str = ""

    def __post_init__(self) -> None:
        super().__init__()
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._inside = tag
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == self._inside:
            self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "script":
            self.scripts[-1] += data
        elif self._inside == "title":
            self.title += data

    @property
    def data(self) -> dict[str, Any]:
        """Return the specs of the chart and the data that they share."""
        return dict(json.loads(self.scripts[0]))


def read_page(path: Path) -> Page:
    """Return a page as a browser reads it."""
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    page.close()
    return page

"""Read HTML pages with html.parser: their faults, ids, links, texts and tables."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

VOID = {"meta", "link", "input", "br", "hr", "img", "wbr"}
LOADING = {"src", "srcset", "data", "poster", "action", "background", "xlink:href"}
HEADINGS = ("h1", "h2", "h3", "h4")


@dataclass(eq=False)
class Element:
    """An element, its attributes, the tags around it, and the texts in it."""

    tag: str
    attributes: dict[str, str]
    parents: tuple[str, ...]
    texts: list[str] = field(default_factory=list)

    @cached_property
    def text(self) -> str:
        """All the text in it; use it only after the whole page was read."""
        return "".join(self.texts)


@dataclass
class Page:
    """A page: its elements in order, and what is wrong with it."""

    path: Path
    elements: list[Element] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def all(self, tag: str, **wanted: str) -> list[Element]:
        """Return the elements of a tag with these attributes, such as `class_="x"` or `aria_label="y"`."""
        asked = {name.rstrip("_").replace("_", "-"): value for name, value in wanted.items()}
        return [
            one
            for one in self.elements
            if one.tag == tag and all(one.attributes.get(name) == value for name, value in asked.items())
        ]

    def one(self, tag: str, **wanted: str) -> Element:
        """Return the only such element."""
        (found,) = self.all(tag, **wanted)
        return found

    @cached_property
    def ids(self) -> Counter[str]:
        """How often each id occurs; use it only after the whole page was read."""
        return Counter(one.attributes["id"] for one in self.elements if "id" in one.attributes)

    @property
    def text(self) -> str:
        """The text of the page, without style and script."""
        return self.one("body").text

    def rows(self, table_id: str | None = None) -> list[list[str]]:
        """Return the texts of the cells of each row below the head: of one table, or of the page's first."""
        return self.rows_of(next(one for one in self.all("table") if table_id in {None, one.attributes.get("id")}))

    def rows_of(self, table: Element) -> list[list[str]]:
        """Return the same of one table."""
        found: list[list[str]] = []
        for one in self.elements[self.elements.index(table) + 1 :]:
            if one.tag == "table":
                break
            if one.tag == "tr":
                found.append([])
            elif one.tag in {"td", "th"} and "tbody" in one.parents:
                found[-1].append(" ".join(one.text.split()))
        return [row for row in found if row]


class _Reader(HTMLParser):
    def __init__(self, page: Page) -> None:
        super().__init__()
        self.page = page
        self.open: list[Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if len({name for name, _ in attrs}) < len(attrs):
            self.page.problems.append(f"<{tag}> has an attribute twice: {attrs}")
        known = {name: value or "" for name, value in attrs}
        element = Element(tag, known, tuple(one.tag for one in self.open))
        self.page.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1].tag != tag:
            self.page.problems.append(f"line {self.getpos()[0]}: </{tag}> closes {[one.tag for one in self.open[-2:]]}")
            return
        self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1].tag in {"style", "script"}:
            self.open[-1].texts.append(data)
            return
        for one in self.open:
            one.texts.append(data)


def read(path: Path) -> Page:
    """Read a page; its faults are in `problems`."""
    page = Page(path)
    reader = _Reader(page)
    text = path.read_text(encoding="utf-8")
    reader.feed(text)
    reader.close()
    page.problems += [f"<{one.tag}> is not closed" for one in reader.open]
    if not text.startswith("<!DOCTYPE html>\n<html lang="):
        page.problems.append("no doctype or language")
    page.problems += _problems(page)
    return page


def _problems(page: Page) -> list[str]:
    found = [f"id {name} twice" for name, times in page.ids.items() if times > 1]
    found += [f"{len(page.all(tag))} x <{tag}>" for tag in ("h1", "main") if len(page.all(tag)) != 1]
    if not [one for one in page.all("title") if one.parents == ("html", "head") and one.text.strip()]:
        found.append("no title")
    levels = [HEADINGS.index(one.tag) for one in page.elements if one.tag in HEADINGS]
    found += [f"a heading is left out before {b}" for a, b in pairwise(levels) if b > a + 1]
    for one in page.elements:
        found += [f"<{one.tag}> has a handler {name}" for name in one.attributes if name.startswith("on")]
        found += [f"<{one.tag} {name}> is loaded" for name in LOADING & one.attributes.keys()]
        if "style" in one.attributes:
            found.append(f"<{one.tag}> has a style of its own")
        if one.tag in {"img", "iframe", "object", "embed", "base"}:
            found.append(f"<{one.tag}> is there")
        href = one.attributes.get("href", "")
        if href.startswith(("http:", "https:", "//")) and one.tag != "a":
            found.append(f"<{one.tag} href={href}> is loaded")
        if one.tag == "th" and "scope" not in one.attributes:
            found.append(f"<th> without a scope: {one.text!r}")
        labels = {"aria-labelledby", "for"} & one.attributes.keys()
        found += [f"{name} leads nowhere" for name in labels if one.attributes[name] not in page.ids]
    tables = len(page.all("table"))
    if len(page.all("caption")) != tables:
        found.append("a table without a caption")
    return found


def broken_links(pages: dict[Path, Page]) -> list[str]:
    """Return the links on these pages that lead to no file, or to no place on one of these pages."""
    found = []
    for path, page in pages.items():
        for one in page.elements:
            href = one.attributes.get("href", "")
            if one.tag not in {"a", "use"} or href.startswith(("http:", "https:")):
                continue
            target, _, part = href.partition("#")
            there = (path.parent / unquote(target)).resolve() if target else path
            if not there.is_file() or (part and there in pages and part not in pages[there].ids):
                found.append(f"{path.name}: {href}")
    return found


def read_site(folder: Path, *, every: int = 1) -> dict[Path, Page]:
    """Return the pages of a site by their paths; of the pages of models and other boards only each `every`-th."""
    boards = sorted(folder.glob("board-*.html"))
    paths = [path for path in sorted(folder.glob("*.html")) if path not in boards]
    paths += [*boards[::every], *sorted((folder / "models").glob("*.html"))[::every]]
    return {path.resolve(): read(path) for path in paths}

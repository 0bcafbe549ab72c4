"""Check a feed against RFC 4287 (Atom) and its ids against RFC 4151 (tag URIs)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from xml.etree import ElementTree as ET

ATOM = "{http://www.w3.org/2005/Atom}"
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_TAG = re.compile(
    r"tag:[a-z0-9]([a-z0-9.-]*[a-z0-9])?,\d{4}(-\d\d(-\d\d)?)?:([A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-F]{2})*"
)
_ONCE = {
    "feed": {"generator": (0, 1), "icon": (0, 1), "logo": (0, 1), "id": (1, 1), "rights": (0, 1), "subtitle": (0, 1)},
    "entry": {"content": (0, 1), "id": (1, 1), "published": (0, 1), "rights": (0, 1), "source": (0, 1)},
}
_OFTEN = {
    "feed": {"author", "category", "contributor", "link", "entry"},
    "entry": {"author", "category", "contributor", "link", "summary"},
}


def problems(text: str) -> list[str]:
    """Return what is wrong with a feed, one line for each fault."""
    assert text.startswith('<?xml version="1.0" encoding="utf-8"?>\n')
    root = ET.fromstring(text)  # noqa: S314 -- our own document
    if root.tag != f"{ATOM}feed":
        return [f"the document element is {root.tag}"]
    return list(_container(root, "feed", authors=False))


def entries(text: str) -> list[dict[str, str]]:
    """Return the entries of a feed: the text of each element by its name, and the address of its page as `link`."""
    found = []
    for entry in ET.fromstring(text).iter(f"{ATOM}entry"):  # noqa: S314 -- our own document
        told = {child.tag.removeprefix(ATOM): child.text or "" for child in entry}
        found.append(told | {"link": next(child.attrib["href"] for child in entry.iter(f"{ATOM}link"))})
    return found


def _container(element: ET.Element, kind: str, *, authors: bool) -> Iterator[str]:
    counts = Counter(child.tag.removeprefix(ATOM) for child in element)
    allowed = {"title": (1, 1), "updated": (1, 1), **_ONCE[kind]}
    for name, (least, most) in allowed.items():
        if not least <= counts[name] <= most:
            yield f"{kind} has {counts[name]} elements {name}"
    yield from (f"{kind} has a strange {name}" for name in counts if name not in allowed and name not in _OFTEN[kind])
    for child in element:
        yield from _child(child, child.tag.removeprefix(ATOM))
    own = counts["author"] > 0
    inside = element.findall(f"{ATOM}entry")
    if not (own or authors or (inside and all(entry.find(f"{ATOM}author") is not None for entry in inside))):
        yield f"{kind} names no author"
    yield from _links(element, kind)
    for entry in inside:
        yield from _container(entry, "entry", authors=own or authors)
    ids = Counter(entry.findtext(f"{ATOM}id") for entry in inside)
    yield from (f"two entries have the id {one}" for one, count in ids.items() if count > 1)
    if kind == "feed" and element.findtext(f"{ATOM}id") in ids:
        yield "an entry has the feed's id"


def _child(child: ET.Element, name: str) -> Iterator[str]:
    text = child.text or ""
    if name == "updated" and not _MOMENT.fullmatch(text):
        yield f"{text!r} is no moment of RFC 3339"
    if name == "id" and not _TAG.fullmatch(text):
        yield f"{text!r} is no tag URI"
    if name in {"title", "rights", "summary", "subtitle", "content"}:
        if child.get("type", "text") not in {"text", "html", "xhtml"}:
            yield f"{name} is of type {child.get('type')}"
        if child.get("type", "text") != "xhtml" and len(child):
            yield f"{name} has elements in it"
    if name == "author":
        names = [one.tag for one in child]
        if names.count(f"{ATOM}name") != 1 or not child.findtext(f"{ATOM}name"):
            yield "an author has no name"
    if name in {"id", "title", "updated", "generator"} and not text.strip():
        yield f"{name} is empty"


def _links(element: ET.Element, kind: str) -> Iterator[str]:
    links = element.findall(f"{ATOM}link")
    alternates = Counter(
        (one.get("type"), one.get("hreflang")) for one in links if one.get("rel", "alternate") == "alternate"
    )
    yield from (f"{kind} has {count} alternates of one type" for count in alternates.values() if count > 1)
    yield from (f"{kind} has a link without an address" for one in links if not one.get("href"))
    if kind == "feed" and sum(one.get("rel") == "self" for one in links) != 1:
        yield "the feed does not say where it is"
    if kind == "entry" and element.find(f"{ATOM}content") is None and not alternates:
        yield "an entry has neither content nor a page"

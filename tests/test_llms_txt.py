"""docs/llms.txt names every page of the site, by its title."""

from __future__ import annotations

import re

from tests.documents import DOCS


def test_every_page_is_listed_for_agents_by_its_title() -> None:
    text = (DOCS / "llms.txt").read_text(encoding="utf-8")
    listed = {path: title for title, path in re.findall(r"^- \[(.+?)\]\((.+?)\)", text, re.MULTILINE)}
    pages = {path.relative_to(DOCS).as_posix(): path for path in DOCS.rglob("*.md")}
    titles = {name: page.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ") for name, page in pages.items()}
    assert listed == titles

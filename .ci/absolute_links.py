"""Make the README's relative links absolute, for PyPI: `python .ci/absolute_links.py https://github.com/o/r v1.2.3`."""

from __future__ import annotations

import re
import sys
from pathlib import Path

_LINK = re.compile(r"(!?)(\[[^\]]*\])\((?!https?://|#|mailto:)([^)\s]+)\)")


def absolute(text: str, repository: str, tag: str) -> str:
    """Return a text whose links and pictures lead to a repository at a tag."""

    def replaced(found: re.Match[str]) -> str:
        kind = "raw" if found[1] else "blob"
        return f"{found[1]}{found[2]}({repository.rstrip('/')}/{kind}/{tag}/{found[3]})"

    return _LINK.sub(replaced, text)


if __name__ == "__main__":
    readme = Path(__file__).resolve().parents[1] / "README.md"
    readme.write_text(absolute(readme.read_text(encoding="utf-8"), *sys.argv[1:3]), encoding="utf-8")

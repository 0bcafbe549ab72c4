"""Complete a word of a command line with names and snapshots that are stored on this machine."""

from __future__ import annotations

from collections.abc import Iterable

from click.shell_completion import CompletionItem

from llmhub.arena.completion import Kind, names_like, newest_snapshots
from llmhub.catalog.completion import cached_names

MOST = 200
"""The most candidates to offer: one or two screens."""

_NEWEST = 20


def names(kind: Kind, text: str, *, leaderboard: str | None = None) -> list[CompletionItem]:
    """Return the names in the store that begin with a text or contain it."""
    return _items(names_like(kind, text, leaderboard=leaderboard, most=MOST))


def callable_models(text: str) -> list[CompletionItem]:
    """Return the models of the cached catalog that begin with a text or contain it."""
    return _items(_matching(cached_names("models"), text))


def providers(text: str) -> list[CompletionItem]:
    """Return the providers of the cached catalog that begin with a text or contain it."""
    return _items(_matching(cached_names("providers"), text))


def references(text: str) -> list[CompletionItem]:
    """Return references to the newest snapshots: latest, previous, dates and ids."""
    offered = {"latest": "the newest", "previous": "the last one before it whose board differs"}
    newest = newest_snapshots(_NEWEST)
    for number, taken_at, source in newest:
        offered.setdefault(taken_at[:10], f"snapshot {number} ({source})")
    for number, taken_at, source in newest:
        offered.setdefault(str(number), f"{taken_at[:16]} UTC ({source})")
    return [CompletionItem(name, help=about) for name, about in offered.items() if name.startswith(text)]


def _matching(known: Iterable[str], text: str) -> list[str]:
    lower = text.lower()
    found = sorted({name for name in known if lower in name.lower()})
    return ([name for name in found if name.lower().startswith(lower)] or found)[:MOST]


def _items(found: Iterable[str]) -> list[CompletionItem]:
    """Leave out names that begin with a dash: a command would take them for options."""
    return [CompletionItem(name) for name in found if name.isprintable() and not name.startswith("-")]

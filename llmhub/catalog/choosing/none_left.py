"""Say why no model meets the conditions; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmhub.catalog.choosing.selection import Selection
    from llmhub.catalog.schema import Catalog


def why_none(catalog: Catalog, selection: Selection) -> list[str]:
    """Return why a selection takes no model of a catalog, in sentences for people, the most useful first.

    A provider that cannot be called is named with its reason. Each condition without which there would be models is
    named with their number; if there is no such condition, the one that left none after those before it.
    """
    found = [
        f"{status.provider} cannot be called: {status.reason or 'the reason is unknown'}"
        for status in catalog.providers
        if status.provider in selection.providers and not status.callable
    ]
    if found:
        return found
    conditions = selection.conditions
    for place, (name, _) in enumerate(conditions):
        others = [holds for number, (_, holds) in enumerate(conditions) if number != place]
        count = sum(all(holds(model) for holds in others) for model in catalog.models)
        if count:
            found.append(f"without {name} there would be {count:,}")
    return found or _step_by_step(catalog, selection)


def _step_by_step(catalog: Catalog, selection: Selection) -> list[str]:
    left = list(catalog.models)
    met: list[str] = []
    for name, holds in selection.conditions:
        before, left = len(left), [model for model in left if holds(model)]
        if not left:
            after = f" of the {before:,} that meet {' and '.join(met)}" if met else f" of {before:,}"
            return [f"{name} leaves none{after}"]
        met.append(name)
    return []

"""Tell a notice that its provider took back from one that its source only no longer lists. Pure.

A list of notices loses an entry for several reasons: the day has passed; the provider, or the model, has another name
from then on; the source failed to read a page; or the provider withdrew the notice. Only the last one is told by a
document that leaves out a day that is still to come, and still names others of the same provider.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import TypeAlias

Named: TypeAlias = Mapping[str, date]
"""The last days that a document names of one provider's models, by the models' ids."""


def withdrawn_at(
    model_id: str, day: date, before: Named, later: Iterable[tuple[datetime, Named]], *, bare: Callable[[str], str]
) -> datetime | None:
    """Return the moment of the document that shows that a notice was withdrawn; None if none does.

    Args:
        model_id: the model.
        day: the last day that the notice names.
        before: the last document that has the notice.
        later: the later documents with their moments, oldest first.
        bare: returns a model's id without region and version.
    """
    for moment, document in later:
        if day <= moment.date():
            return None
        to_come = {other: named for other, named in document.items() if named > moment.date()}
        went = [other for other, named in before.items() if named > moment.date() and other not in to_come]
        if not to_come or len(went) > len(to_come):
            # The provider has another name there, or the document is one of another kind.
            continue
        renamed = any(named == day and bare(other) == bare(model_id) for other, named in to_come.items())
        return None if renamed else moment
    return None

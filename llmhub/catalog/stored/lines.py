"""The models of a large catalog, stored so that a command parses only what it reads of them.

They are two texts. The first has a line for each field that choosing, sorting and a table read, with a list of its
value in each model. The second is the JSON of each whole model, as `--json` prints it, one after another. So of
thousands of models only the asked fields are parsed, and they are printed without being parsed.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Collection, Iterable
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from llmhub.catalog.stored.record import NESTED, Stored, field_of
from llmhub.pretty_json import BETWEEN, pretty

if TYPE_CHECKING:
    from llmhub.catalog.schema import CanonicalModel

COLUMNS = (
    *("canonical_id", "provider", "model_id", "display_name", "type", "status", "family", "lab", "first_party"),
    *("base_model", "context_tokens", "price_input_per_million", "price_output_per_million", "price_source"),
    *("quality_tier", "quality_basis", "reasoning_tier", "reasoning_basis"),
    *("creative_tier", "creative_basis", "cost_tier", "cost_basis"),
    *("arena_id", "arena_score", "arena_ci_low", "arena_ci_high", "arena_setting", "release_date", "open_weights"),
    *("retires_on", "disputed", "tags", "callable_as"),
)
"""The fields that conditions, orders and tables read."""

_INDENT = BETWEEN[1:]


class Line(Stored):
    """A model of a kept catalog, to be read only; what it is asked for is read then."""

    __slots__ = (*COLUMNS, "__dict__", "_all", "_place")

    def __init__(self, every: Lines, place: int) -> None:
        self._all = every
        self._place = place

    def __getattr__(self, name: str) -> Any:
        """Return a field that was not read yet: a column is read for all models, another field for this one."""
        if name in self._all.unread:
            self._all.read(name)
        elif name not in self.read_whole():
            raise AttributeError(f"the catalog has no field {name!r} here")
        return getattr(self, name)

    def read_whole(self) -> dict[str, Any]:
        """Read all fields of this model, in a fortieth of the time of one column, and return them as stored."""
        stored = self.stored()
        for name, value in stored.items():
            setattr(self, name, field_of(name, value))
        return stored

    def text(self) -> bytes:
        """Return the whole model as JSON, as `--json` prints it in the list of a catalog's models."""
        return self._all.text(self._place)

    def stored(self, *, without: Collection[str] = ()) -> dict[str, Any]:  # noqa: ARG002 -- nothing is saved
        """Return the whole model as it stands in a JSON document."""
        fields: dict[str, Any] = json.loads(self.text())
        return fields


class Lines:
    """All models of a kept catalog.

    Attributes:
        models: each of them.
        unread: the JSON of each column that was not read yet, by name.
    """

    def __init__(self, columns: bytes, texts: bytes) -> None:
        """Take what `packed` returned.

        Raises:
            ValueError: the columns are not those of these texts.
        """
        head, *lists = columns.split(b"\n")
        names, ends = json.loads(head)
        if not ends or ends[-1] != len(texts):
            raise ValueError("these are the columns of other texts")
        self.models = tuple(Line(self, place) for place in range(len(ends) - 1))
        self.unread = dict(zip(names, lists, strict=True))
        self._ends = ends
        self._texts = texts

    def read(self, name: str) -> None:
        """Give each model its value of a column."""
        # Threads may ask for the same column: it counts as read when all models have it.
        values = json.loads(self.unread.get(name, b"[]"))
        if name in NESTED:
            values = [field_of(name, value) for value in values]
        # Called by C code: a loop would take five times as long.
        deque(map(getattr(Line, name).__set__, self.models, values), maxlen=0)
        self.unread.pop(name, None)

    def text(self, place: int) -> bytes:
        """Return the JSON of a model."""
        return self._texts[self._ends[place] : self._ends[place + 1]]


def packed(models: Iterable[CanonicalModel]) -> tuple[bytes, bytes]:
    """Return the columns and the texts of models, to be read by `Lines`."""
    dumped = [model.model_dump(mode="json") for model in models]
    texts = [pretty(fields).replace("\n", _INDENT).encode() for fields in dumped]
    names = [name for name in COLUMNS if dumped and name in dumped[0]]
    ends = [0, *accumulate(map(len, texts))]
    lists = [[fields[name] for fields in dumped] for name in names]
    columns = "\n".join(json.dumps(each, separators=(",", ":")) for each in ([names, ends], *lists))
    return columns.encode(), b"".join(texts)

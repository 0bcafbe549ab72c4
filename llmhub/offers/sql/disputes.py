"""Find prices about which the two sources contradict each other today."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from llmhub.offers.fields import LITELLM, MODELS_DEV, NUMBERS
from llmhub.offers.litellm.witnesses import differs
from llmhub.offers.sql import statements
from llmhub.offers.sql.reading import has_tables
from llmhub.storage.moments import to_sql


def disputed_prices(connection: sqlite3.Connection | None, *, until: datetime) -> dict[str, tuple[str, ...]]:
    """Return which prices of an offer differ between the newest lists of models.dev and LiteLLM, by its key.

    Args:
        connection: a connection to the store; None if there is no store yet.
        until: later snapshots do not count.
    """
    if connection is None or not has_tables(connection):
        return {}
    newest = [
        connection.execute(statements.NEWEST, {"source": source, "until": to_sql(until)}).fetchone()
        for source in (MODELS_DEV, LITELLM)
    ]
    if None in newest:
        return {}
    found: dict[str, tuple[str, ...]] = {}
    asked = {"one": newest[0][0], "other": newest[1][0]}
    for provider, model_id, *prices in connection.execute(statements.BOTH_PRICES, asked):
        ours, theirs = prices[: len(NUMBERS)], prices[len(NUMBERS) :]
        names = tuple(name for name, a, b in zip(NUMBERS, ours, theirs, strict=True) if differs(a, b))
        if names:
            found[f"{provider}/{model_id}"] = names
    return found

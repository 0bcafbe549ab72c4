"""Add made-up retirements to a kept demonstration, and run commands on it on the day after.

No model of the demonstration has a day of retirement. The documents that show retirements need some, and a fixed day.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from llmhub.offers.fields import LITELLM
from llmhub.offers.sql.storing import offer_writer
from llmhub.offers.values import Offer
from tests.support.processes.forks import Job, shared_forks

TODAY = datetime(2026, 1, 9, 12, tzinfo=UTC)
_ENDS = {
    "fictional-flash-3": ("2026-03-31", "openai/fictional-flash-4"),
    "imaginary-opus-2": ("2026-02-27", "openai/fictional-ultra-4"),
    "invented-70b": ("2026-12-01", None),
}
_FROZEN = f"""
import sys
from freezegun import freeze_time
import llmhub.cli, llmhub.cli.offers, llmhub.store
from llmhub.cli import main
with freeze_time("{TODAY:%Y-%m-%d %H:%M}", ignore=["filelock", "threading", "subprocess"]):
    main(sys.argv[1:])
"""


def give_notice(store: Path) -> None:
    """Store a snapshot of LiteLLM in which three of the demonstration's models have a last day."""
    offers = {}
    for model, (day, successor) in _ENDS.items():
        key = f"openai/{model}"
        offers[key] = Offer(
            canonical_id=key,
            provider="openai",
            model_id=model,
            display_name=model,
            retires_on=day,
            retires_source="https://example.invalid/deprecations",
            replacement=successor,
        )
    with offer_writer(store) as writer:
        writer.add_offers(offers, taken_at=TODAY.replace(hour=6), source=LITELLM)


def shown_today(words: Sequence[str], variables: dict[str, str], folder: Path) -> str:
    """Return what a command prints on the day `TODAY`."""
    job = Job("tests.support.processes.forks:run_code", [_FROZEN, *words], {**os.environ, **variables}, str(folder))
    run = shared_forks().run(job).run
    if run.returncode:
        raise RuntimeError(run.stderr)
    return run.stdout

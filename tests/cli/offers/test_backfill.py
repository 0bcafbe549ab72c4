"""`llmhub catalog backfill` as it is run."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from llmhub import settings
from tests.conftest import Llmhub
from tests.offers.offers import offers
from tests.support.made_up.git_clones import PROVIDER, Commit, Link, clone, model
from tests.support.made_up.stored_offers import store_offers

FIRST = datetime(2026, 3, 1, 9, tzinfo=UTC)
DAY = timedelta(days=1)
A = "providers/acme/models/a.toml"

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs the git command")


@pytest.fixture
def past(tmp_path: Path) -> Path:
    """Return a clone with three days: a price, a price that is cut while two links are broken, a price taken back."""
    broken = {f"providers/acme/models/{name}.toml": Link("gone.toml") for name in "xy"}
    days: list[Commit] = [
        (FIRST, {"providers/acme/provider.toml": PROVIDER, A: model(2.0)}),
        (FIRST + DAY, {A: model(1.0), **broken}),
        (FIRST + 3 * DAY, {A: model(2.0)}),
    ]
    return clone(tmp_path / "models.dev", days)


def test_the_past_of_a_clone_is_stored_compared_and_said(llmhub: Llmhub, past: Path) -> None:
    done = llmhub("catalog", "backfill", "--git", past, "--since", "2026-03-02")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(
        "stored: 2 days, 2026-03-02 to 2026-03-04, 1 offer on the last of them (up to commit "
    )
    assert done.stderr == (
        "2026-03-02 to 2026-03-04 (2 days): 2 files of providers/acme, such as providers/acme/models/x.toml: is a "
        "symbolic link that leads to no file of the commit; the model is left out\n"
    )
    again = llmhub("catalog", "backfill", "--git", past)
    assert again.stdout.splitlines()[0] == "known already: 2 days, 2026-03-02 to 2026-03-04"
    assert again.stdout.splitlines()[1].startswith("stored: 1 day, 2026-03-01, 1 offer on")
    history = json.loads(llmhub("catalog", "history", "--json", "acme/a").stdout)["acme/a"]
    assert [(point["taken_at"], point["input"], point["note"]) for point in history] == [
        ("2026-03-01T09:00:00Z", 2.0, None),
        ("2026-03-02T09:00:00Z", 1.0, "likely a correction: input taken back on 2026-03-04"),
        ("2026-03-04T09:00:00Z", 2.0, "likely a correction: input takes back the change of 2026-03-02"),
    ]
    nothing = llmhub("catalog", "backfill", "--git", past, "--since", "2026-04-01")
    assert nothing.stdout.startswith("nothing to store: no day with models in ")


def test_a_day_that_conflicts_is_named_and_the_exit_code_says_so(llmhub: Llmhub, past: Path) -> None:
    settings.arena_db().parent.mkdir(parents=True)
    store_offers(settings.arena_db(), offers("acme/a"), taken_at=FIRST)
    done = llmhub("catalog", "backfill", "--git", past)
    assert done.returncode == 1
    assert done.stdout.startswith("stored: 2 days, 2026-03-02")
    assert done.stderr.splitlines()[1].startswith("error: the snapshot of models.dev at 2026-03-01T09:00:00+00:00 says")
    assert done.stderr.splitlines()[2] == "1 of 3 days could not be stored"


def test_what_is_no_clone_costs_one_line_and_stores_nothing(llmhub: Llmhub, tmp_path: Path) -> None:
    done = llmhub("catalog", "backfill", "--git", tmp_path)
    assert done.returncode == 1
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"error: {tmp_path} is not a git repository, expected a clone of models.dev: `git clone")
    assert llmhub("catalog", "history", "acme/a").returncode == 2
    assert llmhub("catalog", "backfill", "--git", tmp_path / "gone").returncode == 2
    assert llmhub("catalog", "backfill").returncode == 2

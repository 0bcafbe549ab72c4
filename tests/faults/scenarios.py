"""The commands that write, each with the home that it starts from, and what may be there once it was cut short.

Every model in them is made up.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from llmhub.arena import Score, SnapshotStore
from llmhub.arena.boards import Leaderboard, ModelFacts
from llmhub.arena.team.store import push_from_here, server_of
from llmhub.remote.address import parse
from tests.faults.aftermath import Contents, contents
from tests.offers.offers import offer
from tests.support.effort import by_profile
from tests.support.made_up.git_clones import PROVIDER, Commit, Content, clone
from tests.support.made_up.old_stores import make_old
from tests.support.made_up.publications import FULL, LATEST, row, write_publication
from tests.support.made_up.scripts import upstream_row
from tests.support.made_up.stored_offers import store_offers
from tests.support.servers.http import TRUSTED, serve_folder
from tests.support.servers.postgres import new_database
from tests.support.servers.sources import Sources

_MODELS = 150
_CATEGORIES = ("overall", "coding", "math")
_DATES = ("2025-12-01", "2025-12-08", "2025-12-15")

_SCRIPT = """
import json
from pathlib import Path
for name in ("text", "vision"):
    board = {f"made-up-{n}": {"rating": 1500 - n, "rating_q975": 1510 - n, "rating_q025": 1490 - n} for n in range(150)}
    Path("data", f"leaderboard-{name}.json").write_text(json.dumps({"full": board, "coding": board}))
"""


@dataclass(frozen=True, slots=True)
class Home:
    """A folder with a user's home, configuration and files in it."""

    folder: Path

    @property
    def config(self) -> Path:
        return self.folder / "config"

    @property
    def arena(self) -> Path:
        return self.config / "arena"

    @property
    def db(self) -> Path:
        return self.arena / "arena.db"

    @property
    def variables(self) -> dict[str, str]:
        """The whole environment of a command that has this home."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "NO_PROXY": "127.0.0.1",
            "SSL_CERT_FILE": str(TRUSTED),
            "LLMHUB_CONFIG_DIR": str(self.config),
            "LLMHUB_ARENA_SCRIPT": str(self.folder / "update.py"),
        }

    def copied_to(self, folder: Path) -> Home:
        """Return a copy of it, with the times of its files."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return Home(folder)


Serving = Callable[[Home], AbstractContextManager[dict[str, str]]]


@contextmanager
def _nobody(_: Home) -> Iterator[dict[str, str]]:
    yield {}


@contextmanager
def _dataset(home: Home) -> Iterator[dict[str, str]]:
    with serve_folder(home.folder / "files") as server:
        yield {"LLMHUB_ARENA_SOURCE_URL": server.url}


@contextmanager
def _sources(_: Home) -> Iterator[dict[str, str]]:
    with Sources() as sources:
        yield {**sources.environment, "LLMHUB_ARENA_TIMEOUT": "60"}


@contextmanager
def _remote(home: Home) -> Iterator[dict[str, str]]:
    """Give a server's remote that holds boards and prices of other moments."""
    url = new_database()
    pushed = home.folder.with_name("pushed") / "arena.db"
    _seed(pushed, days=(9, 8, 7))
    listed = {f"acme/made-up-{n}": offer(f"acme/made-up-{n}", price_input_per_million=n) for n in range(_MODELS)}
    store_offers(pushed, listed, taken_at=datetime.now(UTC) - timedelta(days=6))
    with server_of(parse(url)) as server:
        push_from_here(server, pushed)
    yield {"LLMHUB_REMOTE_URL": url}


@dataclass(frozen=True, slots=True)
class Scenario:
    """A command that writes.

    Attributes:
        arguments: the command, run in the home's folder.
        store: which store there is already: `stale`, of three snapshots, `old`, of the first schema, or none.
        atomic: whether the store is as before or as afterwards; else each leaderboard of each snapshot is.
        makes: the files that it makes in the home's folder, beside the store.
        dated: whether these say when they were made, so that no two runs make the same.
        again: options for completing it after it was cut short, if there is more to it than the same command.
        serving: what it asks on the network; gives the variables that lead there.
        changes: whether it changes the store.
        most: at how many stages it is killed.
        needs: a program without which it cannot be tried.
    """

    arguments: tuple[str, ...]
    store: str | None = "stale"
    atomic: bool = True
    makes: tuple[str, ...] = ()
    dated: bool = False
    again: tuple[str, ...] = ()
    serving: Serving = field(default=_nobody)
    changes: bool = True
    most: int = by_profile(ci=5, nightly=40)
    needs: str | None = None


_JSON = "files/2026-01-05/leaderboard-text.json"
_PARQUET = f"files/text/{FULL}"

SCENARIOS = {
    "refresh": Scenario(("arena", "refresh")),
    "refresh into a new file": Scenario(("arena", "refresh"), None),
    "import of JSON": Scenario(("arena", "import", _JSON)),
    "import of JSON into a new file": Scenario(("arena", "import", _JSON), None),
    "import of Parquet": Scenario(("arena", "import", _PARQUET), atomic=False),
    "back-fill": Scenario(("arena", "backfill"), atomic=False, serving=_dataset),
    "upgrade of an old file": Scenario(("arena", "history", "--json"), "old", changes=False),
    "prune": Scenario(("arena", "prune", "--keep-last", "1")),
    "backup": Scenario(("arena", "backup", "copy.db"), makes=("copy.db",), again=("--force",), changes=False),
    "export to JSON": Scenario(
        ("arena", "export", "-o", "out"),
        makes=("out/leaderboard-meta.json", "out/leaderboard-text.json", "out/leaderboard-vision.json"),
        again=("--force",),
        changes=False,
    ),
    "export to Parquet": Scenario(
        ("arena", "export", "-o", "out", "--format", "parquet"),
        makes=("out/leaderboard-meta.json", f"out/text/{LATEST}", f"out/vision/{LATEST}"),
        again=("--force",),
        changes=False,
    ),
    "import of offers": Scenario(
        ("catalog", "import", "files/offers"), atomic=False, most=by_profile(ci=4, nightly=40)
    ),
    "back-fill of offers": Scenario(
        ("catalog", "backfill", "--git", "files/models.dev"),
        atomic=False,
        most=by_profile(ci=4, nightly=40),
        needs="git",
    ),
    "catalog refresh": Scenario(
        ("catalog", "refresh"),
        atomic=False,
        makes=("config/catalog.json", "config/modelsdev.json"),
        dated=True,
        serving=_sources,
        most=by_profile(ci=6, nightly=40),
    ),
}


def make_home(folder: Path, store: str | None) -> Home:
    """Make a home with the files and the update script that the commands ask for, and perhaps a store."""
    home = Home(folder)
    home.arena.mkdir(parents=True)
    (folder / "update.py").write_text(_SCRIPT)
    (folder / _JSON).parent.mkdir(parents=True)
    rows = {key: {f"made-up-{n}": upstream_row(1400.0 - n) for n in range(_MODELS)} for key in ("full", "coding")}
    (folder / _JSON).write_text(json.dumps(rows))
    lines = [
        row(f"made-up-{n}", 1300.0 - n + week, category=category, published_on=day)
        for week, day in enumerate(_DATES)
        for category in _CATEGORIES
        for n in range(_MODELS)
    ]
    write_publication(folder / "files", "text", lines, name=FULL)
    _make_offers(folder / "files")
    if store == "old":
        make_old(home.db)
    elif store is not None:
        _seed(home.db)
    return home


def _make_offers(folder: Path) -> None:
    """Make dated documents of models.dev, and a clone of its repository: two days with other prices of each model."""
    (folder / "offers").mkdir()
    commits: list[Commit] = []
    for number, day in enumerate(_DATES[:2]):
        prices = {f"made-up-{n}": n + number for n in range(_MODELS)}
        models = {name: {"name": name, "cost": {"input": price}} for name, price in prices.items()}
        (folder / "offers" / f"api-{day}.json").write_text(json.dumps({"acme": {"models": models}}))
        files: dict[str, Content] = {"providers/acme/provider.toml": PROVIDER}
        files |= {f"providers/acme/models/{name}.toml": f"[cost]\ninput = {price}\n" for name, price in prices.items()}
        commits.append((datetime.fromisoformat(day).replace(hour=9, tzinfo=UTC), files))
    if shutil.which("git"):
        clone(folder / "models.dev", commits)


REMOTE_PULL = Scenario(("remote", "pull"), atomic=False, serving=_remote)
"""Apart from the others: tests/remote kills it in each of its stages."""


def _seed(path: Path, *, days: Sequence[int] = (4, 3, 2)) -> None:
    facts = {f"made-up-{n}": ModelFacts("Made-Up Labs") for n in range(_MODELS)}
    with SnapshotStore.open(path) as store:
        for ago in days:
            board = {
                f"made-up-{n}": Score(1200.0 - n + ago, 1190.0 - n + ago, 1210.0 - n + ago, 500) for n in range(_MODELS)
            }
            boards = Leaderboard(dict.fromkeys(_CATEGORIES, board), facts)
            moment = datetime.now(UTC) - timedelta(days=ago)
            store.add({"text": boards, "vision": boards}, taken_at=moment)


def stored(path: Path) -> Contents:
    """Return what a store holds, after checking that it is sound; the moment of the last hour is called `now`."""
    recent = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    return {
        (source, "now" if moment > recent else moment, name, category): board
        for (source, moment, name, category), board in contents(path).items()
    }


def leaderboards(held: Contents) -> dict[tuple[str, str, str], Contents]:
    """Return what a store holds by leaderboard of a snapshot: what is written whole or not at all."""
    found: dict[tuple[str, str, str], Contents] = {}
    for key, board in held.items():
        found.setdefault(key[:3], {})[key] = board
    return found


def files(home: Home) -> set[str]:
    """Return every file and folder of a home."""
    return {str(path.relative_to(home.folder)) for path in home.folder.rglob("*")}


def made(home: Home, scenario: Scenario) -> dict[str, bytes | list[str]]:
    """Return what a command made beside the store; of what says when it was made, that it is whole."""
    found = {name: home.folder / name for name in scenario.makes}
    return {
        name: sorted(json.loads(path.read_bytes())) if scenario.dated else path.read_bytes()
        for name, path in found.items()
        if path.exists()
    }

"""Store models.dev's past from a clone of its repository: a snapshot for the last commit of each day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from llmhub.errors import SnapshotConflictError, SourceError
from llmhub.offers.backfill.clone import Clone, Commit, Objects
from llmhub.offers.backfill.days import Days, Skipped
from llmhub.offers.fields import MODELS_DEV, Recorded
from llmhub.offers.sql.inserting import PriceList
from llmhub.offers.sql.statements import REVISIONS
from llmhub.offers.sql.storing import OfferWriter
from llmhub.offers.values import Offer
from llmhub.progress import step
from llmhub.storage.moments import from_sql


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that was skipped: on how many days, and the first and last of them."""

    skipped: Skipped
    first: date
    last: date
    days: int


@dataclass(slots=True)
class Backfilled:
    """The result of a backfill.

    Attributes:
        head: the commit that is checked out in the clone.
        new: the snapshots that were stored, one a day.
        known: the days that were stored already.
        offers: how many offers the last of them has.
        refused: why days could not be stored.
    """

    head: str
    new: list[Recorded] = field(default_factory=list)
    known: list[date] = field(default_factory=list)
    offers: int = 0
    refused: list[SnapshotConflictError] = field(default_factory=list)
    _gaps: dict[Skipped, Gap] = field(default_factory=dict)

    @property
    def stored(self) -> list[date]:
        """Return the days that were stored."""
        return [one.taken_at.date() for one in self.new]

    @property
    def gaps(self) -> list[Gap]:
        """Return what was skipped, in the order of its first day."""
        return sorted(self._gaps.values(), key=lambda gap: (gap.first, gap.skipped))

    def skip(self, day: date, skipped: Sequence[Skipped]) -> None:
        """Note what was skipped on a day."""
        for one in skipped:
            before = self._gaps.get(one)
            self._gaps[one] = Gap(one, before.first if before else day, day, before.days + 1 if before else 1)


def backfill(writer: OfferWriter, folder: Path, *, now: datetime, since: datetime | None = None) -> Backfilled:
    """Store what models.dev listed at the last commit of each day (UTC) of the clone in a folder.

    Each day is one transaction, the oldest first; an interrupted backfill continues where it stopped. A day that is
    stored already is not read. A file or value that cannot be read is skipped.

    Raises:
        SourceError: the folder is not a whole clone of models.dev, or git cannot read it.
        StoreError: the store could not be written; see its children. What was stored before stays.
    """
    clone = Clone.at(folder)
    commits = clone.last_commits(now=now, since=since)
    done = Backfilled(clone.head)
    with clone.objects() as objects:
        _require_models_dev(clone, objects)
        days = Days(objects)
        with writer.transaction() as connection:
            known = {(from_sql(moment), revision) for moment, revision in connection.execute(REVISIONS, (MODELS_DEV,))}
        new = [commit for commit in commits if (commit.moment, commit.id) not in known]
        done.known = [commit.moment.date() for commit in commits if (commit.moment, commit.id) in known]
        lists = _Lists(writer)
        with step("storing models.dev's past", "days") as under_way:
            for number, commit in enumerate(new):
                under_way.at(number, len(new))
                _store(writer, lists, commit, days, done)
            under_way.at(len(new), len(new))
    return done


def _require_models_dev(clone: Clone, objects: Objects) -> None:
    """Check that the newest commit has providers; the oldest ones may have none yet."""
    root = objects.root(clone.head)
    providers = objects.folder(root).get("providers")
    found = objects.folder(providers).values() if providers is not None and providers.is_folder else ()
    if not any(entry.is_folder and "provider.toml" in objects.folder(entry) for entry in found):
        raise SourceError(
            f"{clone.path} is not a clone of models.dev: its commit {clone.head[:12]} has no providers/*/provider.toml"
        )


def _store(writer: OfferWriter, lists: _Lists, commit: Commit, days: Days, done: Backfilled) -> None:
    day = commit.moment.date()
    found, skipped = days.offers(commit.id)
    done.skip(day, skipped)
    if not found:
        done.skip(day, [Skipped("providers", "has no model yet")])
        return
    try:
        recorded, _ = writer.add_lists(lists.of(found), taken_at=commit.moment, revision=commit.id)
    except SnapshotConflictError as error:
        done.refused.append(error)
        return
    done.new.append(recorded)
    done.offers = sum(map(len, found.values()))


class _Lists:
    """Makes price lists; one that did not change since the commit before stays the same object."""

    def __init__(self, writer: OfferWriter) -> None:
        self._writer = writer
        self._known: dict[str, PriceList] = {}

    def of(self, found: dict[str, dict[str, Offer]]) -> dict[str, PriceList]:
        """Return the price list of each provider."""
        self._known = {
            provider: known
            if (known := self._known.get(provider)) is not None and known.offers is offers
            else self._writer.price_list(provider, offers)
            for provider, offers in found.items()
        }
        return self._known

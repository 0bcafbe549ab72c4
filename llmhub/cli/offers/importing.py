"""`llmhub catalog import`: what sources of offers said in the past, from dated documents."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from llmhub.cli import progress, render
from llmhub.cli.options import MomentType
from llmhub.errors import LlmhubError, counted
from llmhub.memory import rare_garbage_collection

if TYPE_CHECKING:
    from pathlib import Path

    from llmhub.offers.importing import Document, Imported


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True))
@click.option(
    "--taken-at", type=MomentType(), metavar="DATE", help="The date of the file; default: the date in its name."
)
@click.pass_context
def import_(context: click.Context, *, files: tuple[str, ...], taken_at: datetime | None) -> None:
    """Store dated documents of models.dev, LiteLLM and two sites on retirements.

    A file, plain or .gz, holds models.dev's api.json of any age of its format, LiteLLM's price map, or the notices of
    modeldeprecations.dev or deprecations.info; its shape says which. A folder stands for the files in it that end in
    .json or .json.gz and have a date in their name.

    Each document becomes the snapshot of its date, whole; one that is stored already is not stored again. If a document
    cannot be stored, the command names it, stores the others, and exits with 1.
    """
    from pathlib import Path

    from llmhub import settings
    from llmhub.offers.importing import find, import_documents
    from llmhub.offers.sql.storing import offer_writer

    found, failed = [], 0
    for file in files:
        try:
            found += find([Path(file)])
        except LlmhubError as error:
            failed += 1
            render.warn(f"error: {error}")
    if taken_at is not None and len(found) > 1:
        raise click.BadParameter(
            f"it is one moment, and there are {len(found)} files: import them one by one", param_hint="'--taken-at'"
        )
    documents = [document for path in found if (document := _identified(path, taken_at)) is not None]
    failed += len(found) - len(documents)
    if documents:
        with rare_garbage_collection(), progress.shown(), offer_writer(settings.arena_db()) as writer:
            stored = []
            for done in import_documents(writer, documents):
                failed += done.error is not None
                _say(done)
                stored += [done.new] if done.recorded is not None else []
        if len(stored) > 1:
            render.outcome(
                f"{counted(len(stored), 'document')}: {sum(stored):,} stored, {stored.count(False):,} known already"
            )
    if documents:
        _say_in_the_catalog_too()
    if failed:
        render.warn(f"{failed} of {counted(max(len(found), failed), 'file')} could not be stored")
        context.exit(1)


def _say_in_the_catalog_too() -> None:
    """Let the catalog on disk say what is known now of the end of its models."""
    from llmhub.catalog.offered.lives import refresh_lives

    refresh_lives()


def _identified(path: Path, taken_at: datetime | None) -> Document | None:
    from llmhub.offers.importing import identify

    try:
        return identify(path, now=datetime.now(UTC), taken_at=taken_at)
    except LlmhubError as error:
        render.warn(f"error: {error}")
        return None


def _say(done: Imported) -> None:
    if done.recorded is None:
        render.warn(f"error: {done.error}")
        return
    count = "" if done.offers is None else f"{counted(done.offers, 'offer')} in "
    what = "stored" if done.new else "known already"
    if done.note is not None:
        render.note(f"{done.document.path}: {done.note}")
    where = f"snapshot {done.recorded.id} of {done.recorded.taken_at:%Y-%m-%d}"
    render.outcome(f"{what}: {count}{where} ({done.document.path})")

"""`llmhub catalog import`: what sources of offers said in the past, from dated documents."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeAlias

import click

from llmhub.cli import progress, render, results
from llmhub.cli.offers.texts import recorded_json
from llmhub.cli.options import MomentType, json_option
from llmhub.errors import LlmhubError, counted
from llmhub.memory import rare_garbage_collection

if TYPE_CHECKING:
    from pathlib import Path

    from llmhub.offers.importing import Document, Imported

    Done: TypeAlias = Imported | LlmhubError
    """What came of a file; an error if nothing of it was stored."""


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True))
@click.option(
    "--taken-at", type=MomentType(), metavar="DATE", help="The date of the file; default: the date in its name."
)
@json_option
@click.pass_context
def import_(context: click.Context, *, files: tuple[str, ...], taken_at: datetime | None, output: str | None) -> None:
    """Store dated documents of models.dev, LiteLLM and two sites on retirements.

    A file, plain or .gz, holds models.dev's api.json of any age of its format, LiteLLM's price map, or the notices of
    modeldeprecations.dev or deprecations.info; its shape says which. A folder stands for the files in it that end in
    .json or .json.gz and have a date in their name.

    Each document becomes the snapshot of its date, whole; one that is stored already is not stored again. If a document
    cannot be stored, the command names it, stores the others, and exits with 1.
    """
    from pathlib import Path

    from llmhub import settings
    from llmhub.catalog.offered.lives import refresh_lives
    from llmhub.offers.importing import find, identify, import_documents
    from llmhub.offers.sql.storing import offer_writer

    say, now = results.saying(output), datetime.now(UTC)
    found: list[tuple[Path, Done]] = []
    paths: list[Path] = []
    for file in files:
        try:
            paths += find([Path(file)])
        except LlmhubError as error:
            found.append((Path(file), results.failed(error)))
    if taken_at is not None and len(paths) > 1:
        raise click.BadParameter(
            f"it is one moment, and there are {len(paths)} files: import them one by one", param_hint="'--taken-at'"
        )
    documents: list[Document] = []
    for path in paths:
        try:
            documents.append(identify(path, now=now, taken_at=taken_at))
        except LlmhubError as error:
            found.append((path, results.failed(error)))
    if documents:
        with rare_garbage_collection(), progress.shown(), offer_writer(settings.arena_db()) as writer:
            for done in import_documents(writer, documents):
                found.append((done.document.path, done if done.error is None else results.failed(done.error)))
                _say(done, say)
        _say_total([done.new for _, done in found if not isinstance(done, LlmhubError)], say)
        # The catalog on disk says when models end: what came may know more of it.
        refresh_lives()
    if output == "json":
        render.echo_json(results.with_totals("files", [{"path": str(path)} | _json(done) for path, done in found]))
    if failed := sum(isinstance(done, LlmhubError) for _, done in found):
        results.exit_failed(context, failed, len(found), "file")


def _say(done: Imported, say: results.Say) -> None:
    """Say what came of a document that was stored, or was known."""
    if done.recorded is None:
        return
    count = "" if done.offers is None else f"{counted(done.offers, 'offer')} in "
    what = "stored" if done.new else "known already"
    if done.note is not None:
        render.note(f"{done.document.path}: {done.note}")
    where = f"snapshot {done.recorded.id} of {done.recorded.taken_at:%Y-%m-%d}"
    say(f"{what}: {count}{where} ({done.document.path})")


def _say_total(are_new: Sequence[bool], say: results.Say) -> None:
    if len(are_new) > 1:
        say(f"{counted(len(are_new), 'document')}: {sum(are_new):,} stored, {are_new.count(False):,} known already")


def _json(done: Done) -> dict[str, object]:
    """Return what came of a document."""
    if isinstance(done, LlmhubError):
        return {"status": "failed", "reason": str(done), "snapshot": None, "offers": None, "note": None}
    return {
        "status": "stored" if done.new else "known",
        "reason": None,
        "snapshot": done.recorded and recorded_json(done.recorded),
        "offers": done.offers,
        "note": done.note,
    }

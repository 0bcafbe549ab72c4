"""`llmhub catalog refresh`: ask every source again, and print the results."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

import click

from llmhub.ages import age_text
from llmhub.cli import progress, render
from llmhub.cli.catalog.current import say_if_empty, say_what_to_install
from llmhub.cli.catalog.texts import SOURCES
from llmhub.cli.options import json_option
from llmhub.cli.verbosity import errors_as_warnings, is_quiet
from llmhub.errors import counted

if TYPE_CHECKING:
    from llmhub.catalog.schema import CanonicalModel, Catalog, ProviderStatus, SourceStatus


@click.command()
@click.option("--force", is_flag=True, help="Accept models.dev's document even if it lost over a third of its models.")
@click.option("--strict", is_flag=True, help="Exit 1 if any source or provider failed.")
@json_option
def refresh(*, force: bool, strict: bool, output: str | None) -> None:
    """Ask the providers, models.dev, LiteLLM and the arena again.

    It prints the result for each source. A source that fails does not stop the others: the catalog is built from the
    rest, and the failed source is asked again when the catalog is used after 15 minutes. The exit code is 1 if no
    source gave anything usable. With LLMHUB_OFFLINE no source is asked, and the last catalog answers, if there is one.
    """
    from llmhub.catalog.outcome import failed, require_usable
    from llmhub.catalog.pipeline import rebuild_catalog
    from llmhub.errors import SourceError

    started = datetime.now(UTC)
    with progress.building(), errors_as_warnings():
        built = rebuild_catalog(accept_shrunken=force)
    is_new = built.built_at >= started
    if not is_new:
        when = render.moment_text(built.built_at)
        render.warn(
            "warning: LLMHUB_OFFLINE is set, so no source was asked: "
            f"this is the catalog of {when} UTC, with the ages of then"
        )
    if output == "json":
        render.echo_json(_refreshed_json(built, is_new=is_new))
    elif not is_quiet():
        say_what_came(built)
    require_usable(built)
    if strict and (names := failed(built)):
        raise SourceError(f"failed: {', '.join(names)}: see above, or `llmhub catalog providers`")


def _refreshed_json(built: Catalog, *, is_new: bool) -> dict[str, object]:
    from llmhub.catalog.providers.packages import pip_line
    from llmhub.catalog.stored.record import as_json

    return {
        "status": "built" if is_new else "kept",
        "built_at": render.moment_json(built.built_at),
        **_counts(built)._asdict(),
        "sources": [as_json(status) for status in built.sources],
        "arena_snapshot": built.arena_snapshot and as_json(built.arena_snapshot),
        "providers": [as_json(status) for status in built.providers if status.configured or status.failed],
        "install": pip_line(built.providers),
    }


def say_what_came(built: Catalog) -> None:
    """Print what a catalog was built of, and what came of each source."""
    say_how_many(built)
    render.fields((SOURCES[status.source], _source_text(status, built)) for status in built.sources)
    if troubled := [status for status in built.providers if _is_troubled(status)]:
        render.heading(f"configured, but with a problem ({len(troubled)})", apart=True)
        render.fields((status.provider, status.reason or render.UNKNOWN) for status in troubled)
        say_what_to_install(built)
    say_if_empty(built)


def say_how_many(built: Catalog) -> None:
    """Print how many models a catalog has, and of how many prices and ratings are known."""
    found = _counts(built)
    count = counted(found.models, "model")
    render.line(f"{count} can be called: {found.matched:,} matched to models.dev, {found.rated:,} rated")


class _Counts(NamedTuple):
    """How many models a catalog has, and how many of them are matched to models.dev and rated."""

    models: int
    matched: int
    rated: int


def _counts(built: Catalog) -> _Counts:
    matched = sum(_is_matched(model) for model in built.models)
    return _Counts(len(built.models), matched, sum(model.arena_score is not None for model in built.models))


def _is_matched(model: CanonicalModel) -> bool:
    return model.modelsdev_match is not None and model.modelsdev_match.target is not None


def _is_troubled(status: ProviderStatus) -> bool:
    return status.failed or (status.configured and status.reason is not None)


def _source_text(status: SourceStatus, built: Catalog) -> str:
    """Say in one line what became of a source."""
    what = counted(status.count, "model")
    if status.source == "anyllm":
        callable_ = sum(provider.callable for provider in built.providers)
        what += f" of {counted(callable_, 'provider')}"
    elif status.as_of is not None:
        what += f", as of {render.moment_text(status.as_of)} UTC ({_age(status.as_of, built)} old)"
    if status.source == "arena" and (snapshot := built.arena_snapshot) is not None:
        published = f", published {snapshot.published_on}" if snapshot.published_on else ""
        what += f", snapshot {snapshot.snapshot_id}{published}"
    return f"{status.status}: {what}{f'; {status.reason}' if status.reason else ''}"


def _age(moment: datetime, built: Catalog) -> str:
    return age_text(max(built.built_at - moment, built.built_at - built.built_at))

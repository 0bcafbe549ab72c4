"""`llmhub catalog diff`: what came, went and changed between two moments."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from llmhub.cli import render
from llmhub.cli.offers.texts import PRICES, recorded_json, recorded_text, value_text
from llmhub.cli.options import FINDINGS, REFERENCES, NameType, ReferenceType, list_options
from llmhub.errors import counted

if TYPE_CHECKING:
    from llmhub.offers.comparing import Changed, OffersDiff

_LISTED = 10


@click.command(epilog=REFERENCES)
@click.argument("before", type=ReferenceType(), default="previous", metavar="[A]")
@click.argument("after", type=ReferenceType(), default="latest", metavar="[B]")
@click.option("--all", "every", is_flag=True, help="Show all offers, and list everything.")
@click.option(
    "--provider", "providers", multiple=True, type=NameType(), metavar="NAME", help="Of this provider; repeat for more."
)
@click.option(
    "--field", "fields", multiple=True, type=NameType(), metavar="NAME", help="Changes of this; repeat for more."
)
@click.option("--exit-code", is_flag=True, help="Exit with 3 if anything differs.")
@list_options
@click.pass_context
def diff(
    context: click.Context,
    *,
    before: str,
    after: str,
    every: bool,
    providers: tuple[str, ...],
    fields: tuple[str, ...],
    exit_code: bool,
    output: str | None,
) -> None:
    """Show what came, went and changed in prices and limits.

    It compares what models.dev listed at A with what it listed at B, by default previous with latest, and shows changed
    capabilities, status, dates and names too. It shows the models that can be called, or if the catalog knows none, all
    that models.dev lists; --all and --provider ask for others. Providers have their names of models.dev.

    LiteLLM is a second witness: where only one of the two changed a price, the note says which. The last days of offers
    are LiteLLM's.

    A change of a price is marked as likely a correction if it was taken back within 30 days, goes from or to zero, is
    tenfold or more, falls in the first week of the offer, or doubles the price of a closed model over a year old.
    """
    from llmhub.arena.database import reading_store
    from llmhub.offers import answers
    from llmhub.offers.comparing import OfferDiffRow
    from llmhub.offers.sql.differences import EVERYTHING, Asked
    from llmhub.offers.sql.price_timelines import rated_offers

    _require_fields(fields)
    now = datetime.now(UTC)
    wanted = None if every or providers else _callable()
    with reading_store() as connection:
        if wanted is not None:
            # A model that could be called and went is no longer in the catalog.
            wanted |= rated_offers(connection).keys()
        asked = Asked.of(wanted, providers or None)
        found = answers.diff(connection, before, after, now=now, asked=asked)
        for provider in providers:
            if provider not in found.providers:
                known = answers.diff(connection, before, after, now=now, asked=EVERYTHING)
                raise _no_such_provider(provider, known.providers)
    if fields:
        found = found.of_fields(frozenset(fields))
    if output == "json":
        render.echo_json(_diff_json(found))
    elif output == "csv":
        render.echo_csv([_csv(row._asdict()) for row in found.rows], OfferDiffRow._fields)
    else:
        what = ", ".join(providers) or ("models.dev" if wanted is None else "the models that can be called")
        _show(found, what=what, whole=every or bool(providers or fields))
    if exit_code and not found.same:
        context.exit(FINDINGS)


def _require_fields(fields: tuple[str, ...]) -> None:
    from llmhub.nearest import did_you_mean
    from llmhub.offers.fields import FIELDS

    for field in fields:
        if field not in FIELDS:
            hint = did_you_mean(field, FIELDS)
            known = ", ".join(FIELDS)
            raise click.BadParameter(f"{field!r} is not a field{hint}; there are {known}", param_hint="'--field'")


def _no_such_provider(provider: str, known: set[str]) -> click.BadParameter:
    from llmhub.nearest import did_you_mean

    hint = did_you_mean(provider, known)
    told = f"{provider!r} offers nothing in either snapshot{hint}; providers have models.dev's names"
    return click.BadParameter(told, param_hint="'--provider'")


def _callable() -> frozenset[str] | None:
    """Return models.dev's ids of the callable models; None if the catalog has none."""
    from llmhub.catalog.cache import read_stored_catalog
    from llmhub.errors import CacheError

    try:
        catalog = read_stored_catalog()
    except CacheError as error:
        render.warn(f"warning: {error}: this is of all offers")
        return None
    matches = [model.modelsdev_match for model in catalog.models] if catalog else []
    return frozenset(match.target for match in matches if match is not None and match.target) or None


def _diff_json(found: OffersDiff) -> dict[str, object]:
    return {
        "from": recorded_json(found.before),
        "to": recorded_json(found.after),
        "added": [{"model": model} for model in found.added],
        "removed": [{"model": model} for model in found.removed],
        "renamed": [{"from": pair.old, "to": pair.new} for pair in found.renamed],
        "changed": [
            {
                "model": one.model,
                "field": one.field,
                "from": one.old,
                "to": one.new,
                "note": one.note,
            }
            | ({"source": one.source} if one.source != "models.dev" else {})
            | ({} if one.alone is None else {"alone": one.alone})
            for one in found.changed
        ],
        "unchanged": found.unchanged,
    }


def _csv(row: dict[str, object]) -> dict[str, object]:
    import json

    return {name: json.dumps(value) if isinstance(value, list) else value for name, value in row.items()}


def _show(found: OffersDiff, *, what: str, whole: bool) -> None:
    render.heading(f"offers of {what}")
    render.line(f"from {recorded_text(found.before)}")
    render.line(f"to   {recorded_text(found.after)}")
    if found.same:
        render.line(f"nothing changed in {counted(found.unchanged, 'offer')}")
        return
    models = len({one.model for one in found.changed})
    render.line(
        f"{len(found.added):,} came, {len(found.removed):,} went, {len(found.renamed):,} renamed, "
        f"{models:,} changed, {found.unchanged:,} did not"
    )
    for title, listed in (("came", found.added), ("went", found.removed)):
        if shown := listed if whole else listed[:_LISTED]:
            render.heading(render.list_title(title, len(shown), len(listed)), apart=True)
            render.echo_table(("model",), ((model,) for model in shown), left=("model",), ids=("model",))
    if renamed := found.renamed if whole else found.renamed[:_LISTED]:
        render.heading(render.list_title("renamed", len(renamed), len(found.renamed)), apart=True)
        render.echo_table(("from", "to"), renamed, left=("from", "to"), ids=("from", "to"))
    if found.changed:
        render.heading(f"changed ({counted(len(found.changed), 'field')} of {counted(models, 'offer')})", apart=True)
        render.echo_table(
            ("model", "field", "from", "to", "note"),
            (
                (
                    one.model,
                    one.field,
                    value_text(one.field, one.old),
                    value_text(one.field, one.new),
                    _note(one),
                )
                for one in found.changed
            ),
            left=("model", "field", "note"),
            prose=("from", "to", "note"),
            ids=("model",),
            group="model",
        )
        render.line(PRICES)
    if not whole and max(len(found.added), len(found.removed), len(found.renamed)) > _LISTED:
        render.line("--all lists the rest, and the offers that cannot be called")


def _note(one: Changed) -> str:
    """Return what there is to say of a change: that it looks like a correction, who says so, and who does not."""
    said = [f"likely a correction: {one.note}"] if one.note else []
    if one.alone:
        said.append(f"{one.source} alone")
    elif one.source != "models.dev":
        said.append(f"says {one.source}")
    return "; ".join(said)

"""The conditions on a model that several commands of `llmhub catalog` take, and the order that they show models in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from llmhub.catalog.choosing.selection import ABILITIES, ORDERS
from llmhub.catalog.stored.format import CHAT, TIER_NAMES, TYPES
from llmhub.cli.options import MOST, AgeType, Command, NameType, NumberType, SpanType

if TYPE_CHECKING:
    from llmhub.catalog.choosing.selection import Selection

# The options whose values `Selection` takes under the same name.
_AS_NAMED = (
    *("include_guesses", "include_unknown", "max_price", "open_weights", "min_context", "rated", "first_party"),
    *("no_deprecated", "no_retired", "retired", "search", "one_each"),
)

_PROVIDER = click.option(
    "--provider",
    "providers",
    multiple=True,
    type=NameType("provider"),
    metavar="NAME",
    help="Of this provider; repeat for more.",
)
_TIERS = tuple(
    click.option(
        f"--{name}", type=click.IntRange(1, 5), metavar="TIER", help=f"Of this tier of {what} or a better one."
    )
    for name, what in zip(TIER_NAMES, ("quality", "reasoning", "creative writing", "cost"), strict=True)
)
_OTHERS = (
    click.option("--include-guesses", is_flag=True, help="Count tiers that are guessed from another model, too."),
    click.option("--include-unknown", is_flag=True, help="Count tiers for which nothing is known, too."),
    click.option(
        "--max-price",
        type=NumberType(min=0),
        metavar="USD",
        help="At most this blended price per million tokens: (3 x input + output) / 4.",
    ),
    click.option(
        "--can", multiple=True, type=click.Choice(ABILITIES), help="With this ability; repeat to require more."
    ),
    click.option("--open-weights", is_flag=True, help="With open weights."),
    click.option(
        "--min-context",
        type=click.IntRange(1, MOST),
        metavar="TOKENS",
        help="With a context of at least this many tokens.",
    ),
    click.option("--rated", is_flag=True, help="With a rating of its own."),
    click.option(
        "--kind",
        "--type",
        "types",
        multiple=True,
        type=click.Choice((*TYPES, "all")),
        metavar="KIND",
        default=(CHAT,),
        show_default=True,
        help="Of this kind: chat, embedding, image, video, ..., or all; repeat for more.",
    ),
    click.option(
        "--lab", "labs", multiple=True, type=NameType(), metavar="NAME", help="Made by this lab; repeat for more."
    ),
    click.option("--provider-of-lab", "first_party", is_flag=True, help="Served by the lab that made it."),
    click.option(
        "--released-since",
        type=SpanType(end=False),
        metavar="DATE",
        help="Released on this day or later: a date, or an age such as 30d.",
    ),
    click.option("--no-deprecated", is_flag=True, help="Neither deprecated nor retired."),
    click.option("--no-retired", is_flag=True, help="Not retired: neither past its day nor dropped by its provider."),
    click.option(
        "--retiring", type=AgeType(), metavar="TIME", help="With its last day within this time: 30d, 12w, ..."
    ),
    click.option("--retired", is_flag=True, help="Only deprecated or retired ones."),
    click.option("--search", type=NameType(), metavar="TEXT", help="With this in its id, name, family or lab."),
    click.option(
        "--one-each", is_flag=True, help="Only the cheapest of the offers of one base model that meet all else."
    ),
)
_ORDER = (
    click.option(
        "--sort",
        type=click.Choice(tuple(ORDERS)),
        default="quality",
        show_default=True,
        help="The order; unknown values come last.",
    ),
)


def filter_options(command: Command) -> Command:
    """Give a command all conditions, and `--sort`; `selection_of` makes a selection of their values."""
    return _with(command, _PROVIDER, *_TIERS, *_OTHERS, *_ORDER)


def filter_options_of_usage(command: Command) -> Command:
    """Give a command that has a `--provider` of its own, and sorts by cost, the other conditions."""
    return _with(command, *_TIERS, *_OTHERS)


def _with(command: Command, *options: Any) -> Command:
    for option in reversed(options):
        command = option(command)
    return command


def selection_of(asked: dict[str, Any]) -> Selection:
    """Return the selection that the options ask for, whose values are taken out of `asked`."""
    from llmhub.catalog.choosing.selection import Selection

    since: datetime | None = asked.pop("released_since")
    types = frozenset(asked.pop("types"))
    today, retiring = datetime.now(UTC), asked.pop("retiring")
    return Selection(
        most={name: tier for name in TIER_NAMES if (tier := asked.pop(name)) is not None},
        types=frozenset() if "all" in types else types,
        providers=frozenset(asked.pop("providers", ())),
        can=frozenset(asked.pop("can")),
        labs=frozenset(name.casefold() for name in asked.pop("labs")),
        today=f"{today:%Y-%m-%d}",
        retiring_by=None if retiring is None else f"{today + retiring:%Y-%m-%d}",
        released_since=None if since is None else f"{since:%Y-%m-%d}",
        **{name: asked.pop(name) for name in _AS_NAMED},
    )

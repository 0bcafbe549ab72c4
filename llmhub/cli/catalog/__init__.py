"""`llmhub catalog`: which models can be called, what they cost, how good they are, and why it says so."""

from __future__ import annotations

import click

from llmhub.cli.groups import Group, Lazy

_HERE = "llmhub.cli.catalog"

_OFFERS = "llmhub.cli.offers"

COMMANDS = {
    "backfill": Lazy(f"{_OFFERS}.backfill:backfill", "Store models.dev's past from a clone of its git repository."),
    "compare": Lazy(f"{_HERE}.compare:compare", "Show models side by side, differences first."),
    "cost": Lazy(f"{_OFFERS}.cost:cost", "Show what usage costs at recorded prices."),
    "diff": Lazy(f"{_OFFERS}.diff:diff", "Show what came, went and changed in prices and limits."),
    "explain": Lazy(f"{_HERE}.explain:explain", "Explain a model's line in the catalog."),
    "export": Lazy(f"{_HERE}.export:export", "Write the models that `show` would list for another tool."),
    "history": Lazy(f"{_OFFERS}.history:history", "Show how an offer's prices, limits and status changed."),
    "import": Lazy(
        f"{_OFFERS}.importing:import_",
        "Store dated documents of models.dev, LiteLLM and two sites on retirements.",
    ),
    "pick": Lazy(f"{_HERE}.pick:pick", "Print the id of the first model that `show` would list."),
    "plot": Lazy(f"{_OFFERS}.plot:plot", "Draw how prices changed over time, as steps."),
    "providers": Lazy(
        f"{_HERE}.providers:providers", "Show which providers can be called, and what each key would bring."
    ),
    "refresh": Lazy(f"{_HERE}.refresh:refresh", "Ask the providers, models.dev, LiteLLM and the arena again."),
    "retirements": Lazy(f"{_OFFERS}.retirements:retirements", "Show which models end, and when."),
    "show": Lazy(f"{_HERE}.show:show", "Show the models that you can call and that answer in text."),
}


@click.group(cls=Group, lazy=COMMANDS)
def catalog() -> None:
    """The models that you can call: price, rating, tiers, and why."""

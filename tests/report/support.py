"""What the report's tests share: a store and a catalog with something of everything, and the site of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from llmhub.arena import Score
from llmhub.catalog import save_catalog
from llmhub.catalog.schema import ArenaProvenance, CanonicalModel, Match, ProviderStatus
from llmhub.report.make import make_report
from tests.offers.offers import offer as known_offer
from tests.support.made_up.models import catalog_of, line
from tests.support.made_up.stored_offers import store_offers
from tests.support.processes.commands import HOSTILE, ago, arena_db, board, seed

IMAGE = "<img src=x onerror=alert(1)>"
NAMES = (
    *HOSTILE,
    IMAGE,
    "../../etc/passwd",
    "lab/model",
    "LAB/MODEL",
    "x" * 1024,
    "日本語",
    '" onclick="alert(1)',
    "%",
)
"""Names that try to be something else than text."""

RATINGS = {f"made-up-{number}": 1400.0 - 20 * number for number in range(8)}
SHIFT = 10.0


def offer(canonical_id: str, arena_id: str, into: float | None, out: float | None) -> CanonicalModel:
    """Return a callable model that is rated, with prices in US dollars per million tokens."""
    rated = {f"{name}_basis": "rated" for name in ("quality", "reasoning", "creative")}
    priced = {} if into is None or out is None else {"cost_basis": "priced", "cost_tier": 1 if into < 1 else 4}
    return line(
        canonical_id,
        arena_id=arena_id,
        arena_score=1400.0,
        price_input_per_million=into,
        price_output_per_million=out,
        context_tokens=128_000,
        input_modalities=("text", "image"),
        output_modalities=("text",),
        tags=("tools", "vision"),
        arena_match=Match(kind="exact", target=arena_id, reason="the ids say the same"),
        modelsdev_match=Match(kind="exact", target=canonical_id, reason="the ids are equal"),
        rated_on=("overall",),
        **rated,
        **priced,
    )


def seed_boards() -> None:
    """Store boards of 40, 10 and 1 days ago: the scale moved by `SHIFT`; one rose, came, went, and was renamed each."""
    older = board(RATINGS | {"made-up-gone": 1100.0, "made-up-former": 1333.0})
    seed(older, ago(days=40), organizations=dict.fromkeys(RATINGS, "Made-Up Labs") | {"made-up-7": "Invented"})
    middle = {name: rating + SHIFT for name, rating in RATINGS.items()} | {"made-up-former": 1333.0 + SHIFT}
    seed(board(middle | {"made-up-gone": 1100.0}), ago(days=10))
    newest = board(middle | {"made-up-3": RATINGS["made-up-3"] + SHIFT + 30})
    newest["made-up-later"] = newest.pop("made-up-former")
    newest["made-up-new"] = Score(1250.0, 1238.0, 1262.0, 400)
    newest["made-up-unsure"] = Score(1111.0)
    seed(newest, ago(days=1))
    seed(
        board({"made-up-1": 1300.0, "made-up-elsewhere": 1200.0}), ago(days=2), category="coding", leaderboard="vision"
    )


def save_offers() -> None:
    """Keep a catalog: two on the frontier, one beaten, one free, one without a price."""
    save_catalog(
        catalog_of(
            offer("alpha/made-up-0", "made-up-0", 10.0, 30.0),
            offer("beta/made-up-0", "made-up-0", 8.0, 24.0),
            offer("alpha/made-up-1", "made-up-1", 20.0, 80.0),
            offer("alpha/made-up-2", "made-up-2", 0.1, 0.4),
            offer("beta/made-up-4", "made-up-4", 0.0, 0.0),
            offer("beta/made-up-5", "made-up-5", None, None),
            line("beta/unrated"),
        )
    )


def seed_prices() -> None:
    """Store the prices of 40, 10 and 1 days ago: a cut, a rise that was taken back, one that came, one that went."""
    first = {
        "alpha/made-up-0": (30.0, 90.0),
        "beta/made-up-0": (8.0, 24.0),
        "alpha/made-up-1": (20.0, 80.0),
        "alpha/made-up-2": (0.1, 0.4),
        "beta/made-up-5": (1.0, 2.0),
    }
    second = first | {"alpha/made-up-0": (10.0, 30.0), "alpha/made-up-1": (40.0, 80.0), "beta/made-up-4": (0.0, 0.0)}
    third = {name: prices for name, prices in second.items() if name != "beta/made-up-5"} | {
        "alpha/made-up-1": (20.0, 80.0)
    }
    for days, told in ((40, first), (10, second), (1, third)):
        offers = {
            key: known_offer(key, price_input_per_million=prices[0], price_output_per_million=prices[1])
            for key, prices in told.items()
        }
        store_offers(arena_db(), offers, taken_at=ago(days=days))


def seed_without_a_key(
    *called: CanonicalModel, known: Sequence[str] = ("openai", "azure", "openrouter", "anthropic", "github")
) -> None:
    """Store two boards, half a year of prices, and a catalog that knows these providers: of them only `called` answer.

    A reseller asks a tenth of what the lab asks; two ask what it asks; one gives the model away; one retired it.
    """
    ratings = {"claude-opus-4-1-20250805": 1450.0, "gpt-4.1-2025-04-14": 1400.0, "made-up": 1300.0}
    seed(board({name: rating - 5 for name, rating in ratings.items()}), ago(days=60))
    snapshot = seed(board(ratings), ago(days=1))
    price = {
        "openai/gpt-4.1": (2.0, 8.0),
        "azure/gpt-4.1": (2.0, 8.0),
        "cheap-tokens/gpt-4.1": (0.2, 0.8),
        "github-models/openai/gpt-4.1": (0.0, 0.0),
        "openrouter/openai/gpt-4.1": (1.0, 4.0),
        "anthropic/claude-opus-4-1-20250805": (15.0, 75.0),
    }
    dates = {"release_date": "2025-04-14", "last_updated": "2025-04-14"}
    for days, factor in ((60, 2.0), (1, 1.0)):
        offers = {
            key: known_offer(
                key,
                price_input_per_million=into * factor,
                price_output_per_million=out * factor,
                status="retired" if key.startswith("openrouter") else None,
                open_weights=key.startswith("anthropic"),
                **dates,
            )
            for key, (into, out) in price.items()
        }
        store_offers(arena_db(), offers, taken_at=ago(days=days))
    save_catalog(
        catalog_of(
            *called,
            arena_snapshot=ArenaProvenance(snapshot_id=snapshot.id, taken_at=snapshot.taken_at),
            providers=tuple(ProviderStatus(provider=name, callable=False) for name in known),
        )
    )


def hostile_site(folder: Path) -> Path:
    """Write the site of a board whose every name, organization and offer is hostile; return its first page."""
    ratings = {name: 1500.0 - number for number, name in enumerate(NAMES)}
    older = {name: rating - 1 for name, rating in ratings.items() if name != IMAGE}
    seed(board(older), ago(days=40), organizations=dict.fromkeys(NAMES, IMAGE))
    seed(board(ratings), ago(days=1), organizations=dict.fromkeys(NAMES, IMAGE))
    seed(board(ratings), ago(days=1, hours=1), leaderboard=IMAGE, category="<b>")
    save_catalog(
        catalog_of(*(offer(f"{IMAGE}/{name}", name, number + 1, number + 1) for number, name in enumerate(NAMES)))
    )
    return make_report(folder).first_page

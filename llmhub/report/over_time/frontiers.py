"""How the efficient frontier moved: the models that none beat on price and rating, on a few dates. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from llmhub.arena.compare.history import BoardPoint, ModelHistory
from llmhub.offers.history import Change
from llmhub.offers.prices import blended_price
from llmhub.report.drawing.labels import truncated
from llmhub.report.drawing.pictures import Size, Tick, axis_dollars, rating_ticks, stairs
from llmhub.report.drawing.scales import Linear, Log, log_ticks
from llmhub.report.frontier import Priced, frontier

if TYPE_CHECKING:
    from llmhub.offers.values import Offer

MOST_DATES = 4
BUDGETS = (0.1, 0.5, 2.0, 10.0)
"""US dollars per million tokens, blended, for which the best model is named."""

_LEAST_SPAN = timedelta(days=14)
_FEWEST = 2


class BestFor(NamedTuple):
    """The best rated model that costs at most so much; None if there is none."""

    budget: float
    model: Priced | None


def budgets_of(found: Iterable[Frontier]) -> list[float]:
    """Return the budgets for which there was a model on any of the dates."""
    cheapest = min((one.price for each in found for one in each.best), default=None)
    return [budget for budget in BUDGETS if cheapest is not None and cheapest <= budget]


@dataclass(frozen=True, slots=True)
class Frontier:
    """The frontier on a date, by the ratings and prices that were known then, on the newest board's scale.

    Attributes:
        moment: the date.
        published: the moment of the board whose ratings count.
        models: all models with a rating and a price.
        best: those on the frontier, cheapest first.
    """

    moment: datetime
    published: datetime
    models: tuple[Priced, ...]
    best: tuple[Priced, ...]

    def best_for(self, budgets: Sequence[float] = BUDGETS) -> list[BestFor]:
        """Return for each budget the best rated model within it."""
        found = []
        for budget in budgets:
            within = [one for one in self.best if one.price <= budget]
            found.append(BestFor(budget, max(within, key=lambda one: one.rating, default=None)))
        return found


class FrontierPicture(NamedTuple):
    """A frontier in a small picture; `before` is the line of the date before, None for the first."""

    frontier: Frontier
    size: Size
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    dots: tuple[tuple[float, float], ...]
    best: tuple[tuple[float, float, str], ...]
    line: str
    before: str | None


def frontiers(
    histories: Mapping[str, ModelHistory],
    timeline: Sequence[BoardPoint],
    changes: Mapping[str, Sequence[Change]],
    rated: Mapping[str, str],
    span: tuple[datetime, datetime] | None,
) -> tuple[Frontier, ...]:
    """Return the frontier on at most `MOST_DATES` dates, oldest first; none if there are fewer than two to compare.

    Args:
        histories: of the models on the newest board, through their renames.
        timeline: the board's publications, oldest first.
        changes: how offers changed, by `provider/model_id`.
        rated: the leaderboard's model of each offer.
        span: the moments of the first and last snapshot of offers.
    """
    if span is None or not timeline:
        return ()
    first, last = max(span[0], timeline[0].moment), max(span[1], timeline[-1].moment)
    offers = _offers_by_model(changes, rated)
    if last - first < _LEAST_SPAN:
        return ()
    found: list[Frontier] = []
    for number in range(MOST_DATES):
        moment = first + (last - first) * number / (MOST_DATES - 1)
        point = [one for one in timeline if one.moment <= moment][-1]
        models = tuple(_models_at(moment, point, histories, offers, timeline))
        if models and (not found or found[-1].models != models):
            found.append(Frontier(moment.astimezone(UTC), point.moment, models, tuple(frontier(models))))
    return tuple(found) if len(found) >= _FEWEST else ()


def _offers_by_model(
    changes: Mapping[str, Sequence[Change]], rated: Mapping[str, str]
) -> dict[str, list[Sequence[Change]]]:
    found: dict[str, list[Sequence[Change]]] = {}
    for key, model in rated.items():
        if key in changes:
            found.setdefault(model, []).append(changes[key])
    return found


def _models_at(
    moment: datetime,
    point: BoardPoint,
    histories: Mapping[str, ModelHistory],
    offers: Mapping[str, Sequence[Sequence[Change]]],
    timeline: Sequence[BoardPoint],
) -> list[Priced]:
    """Return the models that were rated and priced at a moment, each at its cheapest offer that is not free."""
    shift = sum(one.scale_break for one in timeline if one.moment > point.moment and one.scale_break is not None)
    found = []
    for model, lines in offers.items():
        history = histories.get(model)
        score = next((one.score for one in history.points if one.moment == point.moment), None) if history else None
        prices = [price for line in lines if (price := _price_at(line, moment))]
        if score is not None and prices:
            found.append(Priced(model, min(prices), score.rating + shift))
    return sorted(found)


def _price_at(changes: Sequence[Change], moment: datetime) -> float | None:
    offer: Offer | None = None
    for change in changes:
        if change.recorded.taken_at > moment:
            break
        offer = change.offer
    return None if offer is None else blended_price(offer.price_input_per_million, offer.price_output_per_million)


def frontier_pictures(found: Sequence[Frontier], size: Size) -> list[FrontierPicture]:
    """Return the pictures of frontiers, all on the same axes."""
    models = [one for each in found for one in each.models]
    prices, ratings = [one.price for one in models], [one.rating for one in models]
    x = Log(min(prices) / 1.35, max(prices) * 1.35, size.left, size.width - size.right)
    margin = max((max(ratings) - min(ratings)) * 0.06, 5.0)
    low, high = min(ratings) - margin, max(ratings) + margin
    y = Linear(low, high, size.height - size.bottom, size.top)
    lines = [stairs([(x(one.price), y(one.rating)) for one in each.best], size.width - size.right) for each in found]
    return [
        FrontierPicture(
            frontier=each,
            size=size,
            x_ticks=tuple(Tick(x(value), axis_dollars(value)) for value in log_ticks(x.low, x.high, size.across)),
            y_ticks=rating_ticks(low, high, y, size),
            dots=tuple((x(one.price), y(one.rating)) for one in each.models if one not in set(each.best)),
            best=tuple(
                (x(one.price), y(one.rating), f"{truncated(one.name)}: {one.rating:.1f} at ${one.price:.4g}")
                for one in each.best
            ),
            line=line,
            before=before,
        )
        for each, before, line in zip(found, [None, *lines], lines, strict=False)
    ]

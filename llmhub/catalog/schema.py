"""The catalog's value objects.

Everywhere None means unknown: a price of None was not published, a price of 0 is free. Prices are US dollars per
million tokens; ratings are points on LMArena's scale; dates are ISO 8601 as models.dev has them, sometimes without the
day (`2025-08`).

Nothing is built when this module is imported, and a process that asks for ratings alone does not import it. Moments are
annotated without the datetime module's classes, which a caller's tests may have frozen by then.
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, Field

from llmhub.catalog.arena_model import ArenaModel
from llmhub.catalog.stored.format import CHAT
from llmhub.catalog.stored.rows import CatalogRow, rows_of
from llmhub.errors import counted
from llmhub.offers.values import Offer, OfferStatus, PriceTier, Value

if TYPE_CHECKING:
    from datetime import date

    from typing_extensions import Unpack

    from llmhub.catalog.choosing.comparison import Comparison
    from llmhub.catalog.choosing.conditions import Conditions
    from llmhub.catalog.offered.costs import Costs

MatchKind = Literal["exact", "dated", "alias", "variant", "override", "none"]
"""How a callable model was matched to an entry of another source.

`exact`: the ids say the same; `dated`: the id is undated, and the entry is the snapshot that it names; `alias`: a
shipped alias, or an id that points to another one; `variant`: the same model at another effort or mode, or in another
region, whose price is not taken over; `override`: the user's own overrides.json says so; `none`: no entry, or more than
one.
"""

Basis = Literal["rated", "priced", "predecessor", "family", "provider", "unknown"]
"""What a tier rests on: the model's own rating or price, the newest rated model that it follows, or nothing.

`family` and `provider`, the rated models of its family or its lab, occur only in catalogs of version 1.
"""

SourceName = Literal["anyllm", "modelsdev", "arena", "litellm"]

SourceState = Literal["ok", "partial", "stale", "failed", "skipped"]
"""`ok`: all of it came; `partial`: some of it failed; `stale`: an earlier copy answered; `failed`: nothing came;
`skipped`: it was not asked (LLMHUB_OFFLINE).
"""


def _in_utc(moment: Any) -> Any:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("not a moment in UTC") from None


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""A moment that exists in every time zone's calendar."""

Tier = Annotated[int, Field(ge=1, le=5)]
"""1 is the best or the cheapest fifth, 5 the last."""


class AnyLLMModel(Value):
    """A model that any-llm can call from this machine.

    Attributes:
        provider: the provider's name in any-llm.
        model_id: the id as the provider lists it.
    """

    provider: str
    model_id: str


ModelsDevModel = Offer
"""An offer under the name that the catalog's modules know."""


class Match(Value):
    """How a callable model was matched to an entry of another source, or why it was not.

    Attributes:
        kind: how.
        target: the entry's name there; None for kind `none`.
        reason: one sentence for people.
        candidates: other entries considered, nearest first; with kind `none`, the entries that were refused.
        setting: the effort or mode at which the entry was rated, where the id does not ask for it (`high`,
            `thinking`, `off`); None if the rating is of the model as it is called.
    """

    kind: MatchKind
    target: str | None = None
    reason: str
    candidates: tuple[str, ...] = ()
    setting: str | None = None


class FusedRaw(Value):
    """A callable model with what each source has on it.

    Attributes:
        canonical_id: `provider/model_id`, by any-llm's names.
        modelsdev: its price, limits and capabilities; None if no entry was found.
        arena: its rating; None if no entry was found.
        lab: the maker of the model, if the id or models.dev names one; not its provider.
        first_party: whether that lab serves it itself; None if the lab is unknown.
        base_model: the offered model, the same for all providers; see `CanonicalModel`.
        modelsdev_match: how the one was found; None if it was not recorded.
        arena_match: how the other was found; None if it was not recorded.
        predecessor: if it has no rating, the newest rated model that it follows.
        price_source: where the prices are from, see `llmhub.catalog.offered.priced`; None without a price.
        price_reason: the user's reason for prices of their own.
    """

    canonical_id: str
    anyllm: AnyLLMModel
    modelsdev: ModelsDevModel | None = None
    arena: ArenaModel | None = None
    lab: str | None = None
    first_party: bool | None = None
    base_model: str | None = None
    modelsdev_match: Match | None = None
    arena_match: Match | None = None
    predecessor: ArenaModel | None = None
    price_source: str | None = None
    price_reason: str | None = None


class CanonicalModel(Value):
    """A callable model: its facts, abilities, prices and quality.

    Tiers go from 1, best or cheapest, to 5. The basis beside each tier says what it rests on: a tier whose basis is not
    `rated` or `priced` is a guess from another model, and with `unknown` says nothing at all. A model whose type is not
    `chat` has no tiers: theirs are all `unknown`.

    Attributes:
        canonical_id: `provider/model_id`, by any-llm's names.
        type: its purpose: `chat`, `embedding`, `image`, ...
        status: its stage of life (`deprecated`, `retired`, `beta`, ...); None if no source states one.
        price_tiers: what long prompts cost, the shortest first.
        lab: the maker of the model, if the id or models.dev names one; not its provider.
        first_party: whether that lab serves it itself; None if the lab is unknown.
        base_model: the model that is offered, the same for all who offer it: `lab/model` as models.dev or the lab's own
            offer says, else the words of its id; None in a catalog that an older llmhub built.
        arena_id: the leaderboard's name for the model that the rating is of.
        arena_score: its rating on text / overall.
        arena_ci_low: the lower end of the rating's 95 % interval.
        arena_ci_high: the upper end of the rating's 95 % interval.
        arena_setting: the effort or mode of the rating, if a plain call of the model uses another one.
        predecessor_id: the leaderboard's name for the model that tiers of basis `predecessor` are guessed from.
        rated_on: the boards of the text leaderboard that its tiers rest on; empty without a rating of its own.
        modelsdev_match: how limits and capabilities were found, and prices unless `price_source` says otherwise.
        arena_match: how the rating was found.
        tags: what else is known, one word each, sorted.
        retires_on: the day on which it ends or ended, in ISO 8601; None if no source says one.
        retires_earliest: the day before which it does not end, if its provider promises only that.
        retires_source: the source of its status and these days.
        retires_citation: where that source knows them from, usually a page of the provider.
        replacement: the id that a source names as its successor.
        price_source: the source of its prices: `models.dev`, `litellm` or `overrides.json`; None without a price.
        price_reason: why the user's own overrides.json has another price.
        disputed: what two sources contradict each other about: names of prices (`input`, ...), and `retires_on`.
    """

    canonical_id: str
    provider: str
    model_id: str
    display_name: str
    type: str = CHAT
    status: OfferStatus | None = None
    family: str | None = None
    lab: str | None = None
    first_party: bool | None = None
    base_model: str | None = None
    supports_reasoning: bool | None = None
    supports_tool_call: bool | None = None
    supports_structured_output: bool | None = None
    input_modalities: tuple[str, ...] = ()
    output_modalities: tuple[str, ...] = ()
    attachments: bool | None = None
    context_tokens: int | None = None
    max_input_tokens: int | None = None
    max_output_tokens: int | None = None
    price_input_per_million: float | None = None
    price_output_per_million: float | None = None
    price_reasoning_per_million: float | None = None
    price_cache_read_per_million: float | None = None
    price_cache_write_per_million: float | None = None
    price_input_audio_per_million: float | None = None
    price_output_audio_per_million: float | None = None
    price_tiers: tuple[PriceTier, ...] = ()
    quality_tier: Tier
    quality_basis: Basis
    reasoning_tier: Tier
    reasoning_basis: Basis
    creative_tier: Tier
    creative_basis: Basis
    cost_tier: Tier
    cost_basis: Basis
    arena_id: str | None = None
    arena_score: float | None = None
    arena_ci_low: float | None = None
    arena_ci_high: float | None = None
    arena_setting: str | None = None
    predecessor_id: str | None = None
    rated_on: tuple[str, ...] = ()
    knowledge_cutoff: str | None = None
    release_date: str | None = None
    last_updated: str | None = None
    open_weights: bool | None = None
    modelsdev_match: Match | None = None
    arena_match: Match | None = None
    tags: tuple[str, ...] = ()
    retires_on: str | None = None
    retires_earliest: str | None = None
    retires_source: str | None = None
    retires_citation: str | None = None
    replacement: str | None = None
    price_source: str | None = None
    price_reason: str | None = None
    disputed: tuple[str, ...] = ()

    def __repr__(self) -> str:
        from llmhub.catalog.offer_text import model_in_one_line

        return model_in_one_line(self)

    __str__ = __repr__


class ProviderStatus(Value):
    """Whether a provider's models can be called from here.

    Attributes:
        provider: the provider's name in any-llm.
        callable: whether it listed its models.
        failed: whether it was asked and failed; the catalog then expires after 15 minutes.
        configured: whether the user set a key or a base address for it.
        reason: why it was left out, or what is odd about its answer; None if nothing is wrong.
        models: how many it listed.
        key_variables: the environment variables that its key is read from.
        needs_extra: the extra of llmhub-catalog that it needs and this environment lacks; None if none is missing.
    """

    provider: str
    callable: bool
    failed: bool = False
    configured: bool = False
    reason: str | None = None
    models: int = 0
    key_variables: tuple[str, ...] = ()
    needs_extra: str | None = None


class SourceStatus(Value):
    """The result of one source when the catalog was built.

    Attributes:
        source: its name.
        status: see `SourceState`.
        reason: what went wrong; None if nothing did.
        as_of: the moment that its data stands for; None if there is none.
        count: how many entries it brought.
    """

    source: SourceName
    status: SourceState
    reason: str | None = None
    as_of: Moment | None = None
    count: int = 0


class ArenaProvenance(Value):
    """Which snapshot of the arena store the ratings are from.

    Attributes:
        snapshot_id: its id in the store.
        taken_at: the moment it stands for.
        published_on: the day its text leaderboard was published; None when unknown.
        stale: whether it was older than 24 hours when the catalog was built.
    """

    snapshot_id: int
    taken_at: Moment
    published_on: str | None = None
    stale: bool = False


class OfferedModel(CanonicalModel):
    """An offer of models.dev, whether it can be called from here or not; its `canonical_id` is models.dev's.

    Attributes:
        callable_as: the ids of the callable models that are this offer; empty where none is, None if it is not known
            what can be called.
    """

    callable_as: tuple[str, ...] | None = None


class Catalog(Value):
    """The models that can be called from this machine, and where each fact about them is from.

    Examples:
        >>> catalog = Catalog(catalog_version=2, built_at="2026-01-05T09:00:00Z", models=())
        >>> catalog.built_at.tzname(), catalog.rows
        ('UTC', [])

    Attributes:
        catalog_version: the shape of this document.
        built_at: when it was built.
        models: the callable models, in any-llm's order.
        sources: the result of each source.
        providers: which providers can be called, and why not.
        arena_snapshot: which snapshot the ratings are from; None without ratings.
        key_variables: the names of the key variables that were set.
        known_key_variables: the names of all that any-llm would read.
        address_variables: the names of the variables that a provider's base address is read from.
        settings_digest: a digest of the user's other settings (`cache.settings_digest`); None if
            it was not recorded.
    """

    catalog_version: int
    built_at: Moment
    models: tuple[CanonicalModel, ...]
    sources: tuple[SourceStatus, ...] = ()
    providers: tuple[ProviderStatus, ...] = ()
    arena_snapshot: ArenaProvenance | None = None
    key_variables: tuple[str, ...] = ()
    known_key_variables: tuple[str, ...] = ()
    address_variables: tuple[str, ...] = ()
    settings_digest: str | None = None

    def __repr__(self) -> str:
        """Say what it is in one line: its models would fill a screen."""
        providers = len({model.provider for model in self.models})
        failed = [status.source for status in self.sources if status.status == "failed"]
        lacks = f"; failed: {', '.join(failed)}" if failed else ""
        number = f"{counted(len(self.models), 'model')} of {counted(providers, 'provider')}"
        return f"<{type(self).__name__} of {self.built_at:%Y-%m-%d %H:%M}: {number}{lacks}>"

    __str__ = __repr__

    @property
    def rows(self) -> list[CatalogRow]:
        """The models as a table, which `pandas.DataFrame` and `polars.DataFrame` take as it is."""
        return rows_of(self.models)

    def find(
        self, *, sort: str = "quality", top: int | None = None, **conditions: Unpack[Conditions]
    ) -> tuple[CanonicalModel, ...]:
        """Return the models that meet all conditions, as `llmhub catalog show` lists them.

        Examples:
            >>> catalog = Catalog(catalog_version=2, built_at="2026-01-05T09:00:00Z", models=())
            >>> catalog.find(quality=1, can={"tools", "vision"}, sort="price")
            ()

        Args:
            sort: the order: quality, reasoning, creative, cost, rating, price, name, context or release.
            top: at most so many, the first.
            conditions: see `llmhub.catalog.choosing.conditions.Conditions`.

        Raises:
            NotFoundError: there is no such provider or lab.
            ValueError: there is no such tier, ability, day or order, or a number is below 0.
            TypeError: there is no such condition, or its value is of another type.
        """
        from llmhub.catalog.choosing.conditions import selection_of
        from llmhub.catalog.choosing.selection import ORDERS, select

        if sort not in ORDERS:
            raise ValueError(f"{sort!r} is not an order: choose from {', '.join(ORDERS)}")
        if top is not None and (isinstance(top, bool) or not isinstance(top, int)):
            raise TypeError(f"top is {top!r}: give a whole number")
        if top is not None and top < 0:
            raise ValueError(f"top is {top:,}: give 0 or more")
        return select(self, selection_of(**conditions), sort=sort, top=top)

    def pick(
        self,
        *,
        sort: str = "quality",
        allow_retiring: bool = False,
        today: date | None = None,
        **conditions: Unpack[Conditions],
    ) -> CanonicalModel | None:
        """Return the first model of `find` that does not end within 30 days; None if there is none.

        Examples:
            >>> catalog = Catalog(catalog_version=2, built_at="2026-01-05T09:00:00Z", models=())
            >>> catalog.pick(quality=2, can={"tools"}, max_price=5) is None
            True

        Args:
            sort: as for `find`.
            allow_retiring: take the first one whenever it ends.
            today: the day that is counted from; by default the clock's, in UTC.
            conditions: as for `find`.

        Raises:
            NotFoundError: as `find`.
            ValueError: as `find`.
            TypeError: as `find`.
        """
        from datetime import datetime

        from llmhub.catalog.choosing.picking import pick

        day = datetime.now(UTC).date() if today is None else today
        return pick(self.find(sort=sort, **conditions), today=day, allow_retiring=allow_retiring).model

    def model(self, name: str) -> CanonicalModel:
        """Return the model named `provider/model_id`, or by a bare model id that only one provider has.

        Raises:
            ModelNotFoundError: no provider has it, or several have; the message names the nearest ids.
            TypeError: the name is not a text.
        """
        from llmhub.catalog.choosing.selection import find

        if not isinstance(name, str):
            raise TypeError(f"a model's name is {name!r}: give a text, provider/model_id")
        return find(self, name)

    def compare(self, *names: str) -> Comparison:
        """Return models side by side, differences first; each named as for `model`.

        Raises:
            ModelNotFoundError: as `model`.
            ValueError: fewer than two models are named.
        """
        from llmhub.catalog.choosing.comparison import compared

        if len(names) < 2:  # noqa: PLR2004 -- one model has nothing to differ from
            raise ValueError("name two models or more")
        return compared([self.model(name) for name in names])

    def cost(
        self,
        *models: str,
        input: int = 0,  # noqa: A002 -- the command line's word
        output: int = 0,
        cached: int = 0,
        written: int = 0,
        prompt: int | None = None,
        at: str = "latest",
    ) -> Costs:
        """Return what so many tokens cost with each model, the cheapest first, as `llmhub catalog cost` does.

        The user's own prices go before those of models.dev, and LiteLLM's count where models.dev has none.

        Args:
            models: each as `provider/model_id`, under this catalog's name or that of models.dev, or an id alone for its
                lab's own offer.
            input: tokens of input that no cache had.
            output: tokens of output.
            cached: tokens of input that the provider's cache had.
            written: tokens of input that the provider then caches.
            prompt: how long each prompt is, in tokens: long ones cost more at some; None if that is not known.
            at: of when the prices are: a date, an age such as `30d`, a snapshot's id, ...

        Raises:
            ValueError: no model is named, or no number of tokens is given, or one is negative.
            TypeError: a number of tokens is not a whole number.
            InvalidReferenceError: `at` is not a reference.
            SnapshotNotFound: no prices are stored of then.
            OverridesError: the user's overrides.json is malformed.
            StoreError: the store cannot be read; see its children.
        """
        from llmhub.catalog.offered.costs import cost_of, counted_tokens

        if not models:
            raise ValueError("name a model or more")
        tokens = counted_tokens(input=input, output=output, cached=cached, written=written)
        if prompt is not None:
            counted_tokens(prompt=prompt)
        return cost_of(models, tokens, self, reference=at, prompt=prompt)


class WholeCatalog(Catalog):
    """Every offer of models.dev, with ratings, and which of them can be called from this machine.

    Attributes:
        models: the offers, sorted by id.
    """

    models: tuple[OfferedModel, ...]

"""The catalog's value objects.

Everywhere None means unknown: a price of None was not published, a price of 0 is free. Prices are US dollars per
million tokens; ratings are points on LMArena's scale; dates are ISO 8601 as models.dev has them, sometimes without the
day (`2025-08`).

Nothing is built when this module is imported, and a process that asks for ratings alone does not import it. Moments are
annotated without the datetime module's classes, which a caller's tests may have frozen by then.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import AfterValidator, AwareDatetime, Field

from llmhub.catalog.arena_model import ArenaModel
from llmhub.catalog.stored.format import CHAT
from llmhub.offers.values import Offer, OfferStatus, PriceTier, Value

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
            `thinking`, `off`); None where the rating is of the model as it is called.
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
        modelsdev: its price, limits and capabilities; None where no entry was found.
        arena: its rating; None where no entry was found.
        lab: who made the model, where the id or models.dev says; not who serves it.
        modelsdev_match: how the one was found; None where it was not recorded.
        arena_match: how the other was found; None where it was not recorded.
        predecessor: if it has no rating, the newest rated model that it follows.
        price_source: where the prices are from, see `llmhub.catalog.priced`; None without a price.
        price_reason: the user's reason for prices of their own.
    """

    canonical_id: str
    anyllm: AnyLLMModel
    modelsdev: ModelsDevModel | None = None
    arena: ArenaModel | None = None
    lab: str | None = None
    modelsdev_match: Match | None = None
    arena_match: Match | None = None
    predecessor: ArenaModel | None = None
    price_source: str | None = None
    price_reason: str | None = None


class CanonicalModel(Value):
    """A callable model: what it is, can do and costs, and how good it is.

    Tiers go from 1, best or cheapest, to 5. What each rests on stands in the basis beside it: a tier whose basis is not
    `rated` or `priced` is a guess from another model, and with `unknown` says nothing at all. A model whose type is not
    `chat` has no tiers: theirs are all `unknown`.

    Attributes:
        canonical_id: `provider/model_id`, by any-llm's names.
        type: what it is for: `chat`, `embedding`, `image`, ...
        status: its stage of life (`deprecated`, `retired`, `beta`, ...); None if no source states one.
        price_tiers: what long prompts cost, the shortest first.
        lab: who made the model, where the id or models.dev says; not who serves it.
        arena_id: the leaderboard's name for the model that the rating is of.
        arena_score: its rating on text / overall.
        arena_ci_low: the lower end of the rating's 95 % interval.
        arena_ci_high: the upper end of the rating's 95 % interval.
        arena_setting: the effort or mode that the rating is of, where it is not that of the model as it is called.
        predecessor_id: the leaderboard's name for the model that tiers of basis `predecessor` are guessed from.
        rated_on: the boards of the text leaderboard that its tiers rest on; empty without a rating of its own.
        modelsdev_match: how limits and capabilities were found, and prices unless `price_source` says otherwise.
        arena_match: how the rating was found.
        tags: what else is known, one word each, sorted.
        retires_on: the day on which it ends or ended, in ISO 8601; None where no source says one.
        retires_earliest: the day before which it does not end, where its provider promises only that.
        retires_source: where its status and these days are from.
        retires_citation: where that source knows them from, usually a page of the provider.
        replacement: the id that a source names as its successor.
        price_source: where its prices are from: `models.dev`, `litellm` or `overrides.json`; None without a price.
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


class ProviderStatus(Value):
    """Whether a provider's models can be called from here.

    Attributes:
        provider: the provider's name in any-llm.
        callable: whether it listed its models.
        failed: whether it was asked and failed; the catalog then expires after 15 minutes.
        configured: whether the user set a key or a base address for it.
        reason: why it was left out, or what is odd about its answer; None if all is well.
        models: how many it listed.
        key_variables: the environment variables that its key is read from.
        needs_extra: the extra of llmhub-catalog that it needs and this environment lacks; None where none is missing.
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
        reason: what went wrong; None where nothing did.
        as_of: the moment that its data stands for; None where there is none.
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


class CatalogRow(NamedTuple):
    """A callable model as a row of a table; see `CanonicalModel` for what each value means.

    The words of a list stand apart by spaces, `modelsdev_id` is the name of the entry there, and of a match there is
    its kind alone.
    """

    canonical_id: str
    provider: str
    model_id: str
    display_name: str
    family: str | None
    lab: str | None
    quality_tier: int
    quality_basis: str
    reasoning_tier: int
    reasoning_basis: str
    creative_tier: int
    creative_basis: str
    cost_tier: int
    cost_basis: str
    arena_id: str | None
    arena_score: float | None
    arena_ci_low: float | None
    arena_ci_high: float | None
    arena_match: str | None
    modelsdev_id: str | None
    modelsdev_match: str | None
    price_input_per_million: float | None
    price_output_per_million: float | None
    price_reasoning_per_million: float | None
    context_tokens: int | None
    max_input_tokens: int | None
    max_output_tokens: int | None
    input_modalities: str
    output_modalities: str
    supports_reasoning: bool | None
    supports_tool_call: bool | None
    supports_structured_output: bool | None
    attachments: bool | None
    open_weights: bool | None
    knowledge_cutoff: str | None
    release_date: str | None
    last_updated: str | None
    tags: str
    type: str
    status: str | None
    arena_setting: str | None
    predecessor_id: str | None
    price_cache_read_per_million: float | None
    price_cache_write_per_million: float | None
    price_input_audio_per_million: float | None
    price_output_audio_per_million: float | None
    retires_on: str | None
    replacement: str | None
    price_source: str | None
    disputed: str


def rows_of(models: Iterable[CanonicalModel]) -> list[CatalogRow]:
    """Return models as rows of a table, in their order."""
    return [_row(model) for model in models]


def _row(model: CanonicalModel) -> CatalogRow:
    made: dict[str, str | None] = {
        "arena_match": _kind(model.arena_match),
        "modelsdev_id": None if model.modelsdev_match is None else model.modelsdev_match.target,
        "modelsdev_match": _kind(model.modelsdev_match),
        "input_modalities": " ".join(model.input_modalities),
        "output_modalities": " ".join(model.output_modalities),
        "tags": " ".join(model.tags),
        "disputed": " ".join(model.disputed),
    }
    return CatalogRow._make(made[name] if name in made else getattr(model, name) for name in CatalogRow._fields)


def _kind(match: Match | None) -> str | None:
    return None if match is None else match.kind


class Catalog(Value):
    """The models that can be called from this machine, and where each fact about them is from.

    Examples:
        >>> from llmhub.catalog.stored.format import CATALOG_VERSION
        >>> catalog = Catalog(catalog_version=CATALOG_VERSION, built_at="2026-01-05T09:00:00Z", models=())
        >>> catalog.built_at.tzname(), catalog.rows
        ('UTC', [])

    Attributes:
        catalog_version: the shape of this document.
        built_at: when it was built.
        models: the callable models, in any-llm's order.
        sources: what became of each source.
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

    @property
    def rows(self) -> list[CatalogRow]:
        """The models as a table, which `pandas.DataFrame` and `polars.DataFrame` take as it is."""
        return rows_of(self.models)

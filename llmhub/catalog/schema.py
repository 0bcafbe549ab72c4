"""The catalog's value objects.

Everywhere None means unknown: a price of None was not published, a price of 0 is free. Prices are US dollars per
million tokens; ratings are points on LMArena's scale; dates are ISO 8601 as models.dev has them, sometimes without the
day (`2025-08`).

Only `ArenaModel` is built when this module is imported: a process that asks for ratings alone does not pay for the
rest. Moments are annotated without the datetime module's classes, which a caller's tests may have frozen by then.
"""

from __future__ import annotations

from datetime import UTC
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from llmhub.catalog.rows import CatalogRow, rows_of

CATALOG_VERSION = 2
"""The version of catalog.json's shape and meaning; a file of an older version is rebuilt at the next chance.

1: a model without a rating got the median tiers of its family or lab, and no model had a type.
"""

OLDEST_CATALOG_VERSION = 1
"""The oldest version that can still be read: fields that it lacks have defaults."""

CHAT = "chat"
"""The type of the models that answer a text with a text; ratings and tiers are about these."""

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

OfferStatus = Literal["active", "alpha", "beta", "deprecated", "retired"]
"""An offer's stage of life as a source states it; None if it states none."""

SourceName = Literal["anyllm", "modelsdev", "arena"]

SourceState = Literal["ok", "partial", "stale", "failed", "skipped"]
"""`ok`: all of it came; `partial`: some of it failed; `stale`: an earlier copy answered; `failed`: nothing came;
`skipped`: it was not asked (LLMHUB_OFFLINE).
"""

BASES: tuple[str, ...] = get_args(Basis)


def _in_utc(moment: Any) -> Any:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("not a moment in UTC") from None


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""A moment that exists in every time zone's calendar."""

Text = Annotated[str, Field(min_length=1, max_length=500)]

Modalities = Annotated[tuple[Text, ...], Field(max_length=50)]

Tokens = Annotated[int, Field(ge=1, le=2**53 - 1)]
"""A whole number that every JSON reader keeps exactly."""

Price = Annotated[float, Field(ge=0, allow_inf_nan=False)]

Tier = Annotated[int, Field(ge=1, le=5)]
"""1 is the best or the cheapest fifth, 5 the last."""


class ArenaModel(BaseModel):
    """How LMArena's voters rate one model, on one category's board.

    Attributes:
        arena_id: the model's name on the leaderboard.
        rating: its score, in points on LMArena's rating scale.
        rating_q025: the lower end of the 95 % interval; None when it was not published.
        rating_q975: the upper end of the 95 % interval; None when it was not published.
        category: the board, by its name in the published dataset (`overall`, `coding`, ...).
        votes: how many battles the rating rests on; None when unknown.
        organization: who made the model; None when unknown.
    """

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    arena_id: str
    rating: float
    rating_q025: float | None = None
    rating_q975: float | None = None
    category: str
    votes: int | None = None
    organization: str | None = None


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, defer_build=True, allow_inf_nan=False)


class AnyLLMModel(_Value):
    """A model that any-llm can call from this machine.

    Attributes:
        provider: the provider's name in any-llm.
        model_id: the id as the provider lists it.
    """

    provider: str
    model_id: str


class PriceTier(_Value):
    """What an offer costs once a prompt is longer than so many tokens; US dollars per million tokens.

    Attributes:
        above_tokens: the length that the prompt exceeds.
    """

    above_tokens: Tokens
    price_input_per_million: Price | None = None
    price_output_per_million: Price | None = None
    price_reasoning_per_million: Price | None = None
    price_cache_read_per_million: Price | None = None
    price_cache_write_per_million: Price | None = None
    price_input_audio_per_million: Price | None = None
    price_output_audio_per_million: Price | None = None


class ModelsDevModel(_Value):
    """One provider's offer of one model, as models.dev has it.

    Attributes:
        canonical_id: `provider/model_id`.
        provider: the provider's name in models.dev.
        model_id: the id that the provider's API takes.
        family: the line of models it belongs to, such as `claude-sonnet`.
        display_name: what people call it.
        attachments: whether files can be attached.
        context_tokens: the context window; models.dev's 0 is unknown.
        max_input_tokens: the most tokens of input, if that is less than the context.
        max_output_tokens: the most tokens of output; models.dev's 0 is unknown.
        price_input_per_million: US dollars for a million tokens of input, of a short prompt.
        price_output_per_million: US dollars for a million tokens of output.
        price_reasoning_per_million: US dollars for a million tokens of reasoning, if priced apart from output.
        price_cache_read_per_million: US dollars for a million tokens of input that the provider had cached.
        price_cache_write_per_million: US dollars for a million tokens of input that the provider then caches.
        price_input_audio_per_million: US dollars for a million tokens of audio put in.
        price_output_audio_per_million: US dollars for a million tokens of audio put out.
        price_tiers: prices of longer prompts, shortest first; up to the first length the prices above hold.
        knowledge_cutoff: the day or month up to which it was trained; this and the next two are real dates or None.
        release_date: when it came out.
        last_updated: when its weights last changed.
        status: its stage of life according to models.dev; None if it states none.
        type: what it does, in models.dev's word: `chat`, `embedding`, `image`, ...; None where it does not say.
        canonical_model_id: the model behind the offer, as `lab/model`; None if models.dev does not say.
    """

    canonical_id: str
    provider: Text
    model_id: Text
    family: Text | None = None
    display_name: Text
    supports_reasoning: bool | None = None
    supports_tool_call: bool | None = None
    supports_structured_output: bool | None = None
    input_modalities: Modalities = ()
    output_modalities: Modalities = ()
    attachments: bool | None = None
    context_tokens: Tokens | None = None
    max_input_tokens: Tokens | None = None
    max_output_tokens: Tokens | None = None
    price_input_per_million: Price | None = None
    price_output_per_million: Price | None = None
    price_reasoning_per_million: Price | None = None
    price_cache_read_per_million: Price | None = None
    price_cache_write_per_million: Price | None = None
    price_input_audio_per_million: Price | None = None
    price_output_audio_per_million: Price | None = None
    price_tiers: Annotated[tuple[PriceTier, ...], Field(max_length=50)] = ()
    knowledge_cutoff: Text | None = None
    release_date: Text | None = None
    last_updated: Text | None = None
    open_weights: bool | None = None
    status: OfferStatus | None = None
    type: Text | None = None
    canonical_model_id: Text | None = None


class Match(_Value):
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


class FusedRaw(_Value):
    """A callable model with what each source has on it.

    Attributes:
        canonical_id: `provider/model_id`, by any-llm's names.
        modelsdev: its price, limits and capabilities; None where no entry was found.
        arena: its rating; None where no entry was found.
        lab: who made the model, where the id or models.dev says; not who serves it.
        modelsdev_match: how the one was found; None where it was not recorded.
        arena_match: how the other was found; None where it was not recorded.
        predecessor: if it has no rating, the newest rated model that it follows.
    """

    canonical_id: str
    anyllm: AnyLLMModel
    modelsdev: ModelsDevModel | None = None
    arena: ArenaModel | None = None
    lab: str | None = None
    modelsdev_match: Match | None = None
    arena_match: Match | None = None
    predecessor: ArenaModel | None = None


class CanonicalModel(_Value):
    """A callable model: what it is, can do and costs, and how good it is.

    Tiers go from 1, best or cheapest, to 5. What each rests on stands in the basis beside it: a tier whose basis is not
    `rated` or `priced` is a guess from another model, and with `unknown` says nothing at all. A model whose type is not
    `chat` has no tiers: theirs are all `unknown`.

    Attributes:
        canonical_id: `provider/model_id`, by any-llm's names.
        type: what it is for: `chat`, `embedding`, `image`, ...
        status: its stage of life according to models.dev (`deprecated`, `beta`, ...); None if it states none.
        price_tiers: what long prompts cost, the shortest first.
        lab: who made the model, where the id or models.dev says; not who serves it.
        arena_id: the leaderboard's name for the model that the rating is of.
        arena_score: its rating on text / overall.
        arena_ci_low: the lower end of the rating's 95 % interval.
        arena_ci_high: the upper end of the rating's 95 % interval.
        arena_setting: the effort or mode that the rating is of, where it is not that of the model as it is called.
        predecessor_id: the leaderboard's name for the model that tiers of basis `predecessor` are guessed from.
        rated_on: the boards of the text leaderboard that its tiers rest on; empty without a rating of its own.
        modelsdev_match: how prices, limits and capabilities were found.
        arena_match: how the rating was found.
        tags: what else is known, one word each, sorted.
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


class ProviderStatus(_Value):
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


class SourceStatus(_Value):
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


class ArenaProvenance(_Value):
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


class Catalog(_Value):
    """The models that can be called from this machine, and where each fact about them is from.

    Examples:
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

"""The tables of price lists and listings in a remote: those of the store, in PostgreSQL's types."""

from __future__ import annotations

from sqlalchemy import Double, UniqueConstraint
from sqlmodel import Field

from llmhub.remote.tables import SCHEMA, Shared, identity, number


class ProviderRow(Shared, table=True):
    """A provider."""

    __tablename__ = "provider"
    __table_args__ = (UniqueConstraint("name"),)

    id: int | None = identity()
    name: str


class OfferedRow(Shared, table=True):
    """A provider's model; an offer is one state of it."""

    __tablename__ = "offered"
    __table_args__ = (UniqueConstraint("provider_id", "model_id"),)

    id: int | None = identity()
    provider_id: int = number(foreign_key=f"{SCHEMA}.provider.id")
    model_id: str


class OfferRow(Shared, table=True):
    """One state of a provider's model, content-addressed; null is unknown, lists are JSON."""

    __tablename__ = "offer"
    __table_args__ = (UniqueConstraint("digest"),)

    id: int | None = identity()
    offered_id: int = number(foreign_key=f"{SCHEMA}.offered.id")
    digest: bytes
    input: float | None = Field(default=None, sa_type=Double)
    output: float | None = Field(default=None, sa_type=Double)
    reasoning: float | None = Field(default=None, sa_type=Double)
    cache_read: float | None = Field(default=None, sa_type=Double)
    cache_write: float | None = Field(default=None, sa_type=Double)
    input_audio: float | None = Field(default=None, sa_type=Double)
    output_audio: float | None = Field(default=None, sa_type=Double)
    price_tiers: str | None = None
    context: int | None = number(default=None)
    max_input: int | None = number(default=None)
    max_output: int | None = number(default=None)
    input_modalities: str | None = None
    output_modalities: str | None = None
    supports_reasoning: bool | None = None
    supports_tool_call: bool | None = None
    supports_structured_output: bool | None = None
    attachments: bool | None = None
    open_weights: bool | None = None
    status: str | None = None
    knowledge: str | None = None
    release_date: str | None = None
    last_updated: str | None = None
    retires_on: str | None = None
    retires_earliest: str | None = None
    retires_source: str | None = None
    replacement: str | None = None
    name: str | None = None
    family: str | None = None
    type: str | None = None
    base_model: str | None = None


class PriceListRow(Shared, table=True):
    """All offers of one provider at a moment, content-addressed."""

    __tablename__ = "price_list"
    __table_args__ = (UniqueConstraint("digest"),)

    id: int | None = identity()
    provider_id: int = number(foreign_key=f"{SCHEMA}.provider.id")
    digest: bytes


class PriceListOfferRow(Shared, table=True):
    """An offer on a price list."""

    __tablename__ = "price_list_offer"

    price_list_id: int = number(foreign_key=f"{SCHEMA}.price_list.id", primary_key=True)
    offered_id: int = number(foreign_key=f"{SCHEMA}.offered.id", primary_key=True)
    offer_id: int = number(foreign_key=f"{SCHEMA}.offer.id")


class SnapshotPriceListRow(Shared, table=True):
    """The price list of a provider that a snapshot has."""

    __tablename__ = "snapshot_price_list"

    snapshot_id: int = number(foreign_key=f"{SCHEMA}.snapshot.id", primary_key=True)
    provider_id: int = number(foreign_key=f"{SCHEMA}.provider.id", primary_key=True)
    price_list_id: int = number(foreign_key=f"{SCHEMA}.price_list.id")


class ListingRow(Shared, table=True):
    """The set of ids that a provider listed, content-addressed."""

    __tablename__ = "listing"
    __table_args__ = (UniqueConstraint("digest"),)

    id: int | None = identity()
    provider_id: int = number(foreign_key=f"{SCHEMA}.provider.id")
    digest: bytes


class ListingModelRow(Shared, table=True):
    """An id on a listing."""

    __tablename__ = "listing_model"

    listing_id: int = number(foreign_key=f"{SCHEMA}.listing.id", primary_key=True)
    offered_id: int = number(foreign_key=f"{SCHEMA}.offered.id", primary_key=True)


class SnapshotListingRow(Shared, table=True):
    """The listing of a provider that a snapshot has."""

    __tablename__ = "snapshot_listing"

    snapshot_id: int = number(foreign_key=f"{SCHEMA}.snapshot.id", primary_key=True)
    provider_id: int = number(foreign_key=f"{SCHEMA}.provider.id", primary_key=True)
    listing_id: int = number(foreign_key=f"{SCHEMA}.listing.id")


class ArenaMatchRow(Shared, table=True):
    """Which model of text / overall a catalog last matched a provider's model to, by name."""

    __tablename__ = "arena_match"

    offered_id: int = number(foreign_key=f"{SCHEMA}.offered.id", primary_key=True)
    arena_model: str

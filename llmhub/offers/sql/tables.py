"""The tables of offers as they are now: for alembic's env.py, and for the test that compares them with the migrations.

Neither readers nor writers import this module: both run statements with the sqlite3 module alone.
"""

from __future__ import annotations

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel


class ProviderRow(SQLModel, table=True):
    """A provider, by its name in models.dev; in a listing by its name in any-llm."""

    __tablename__ = "provider"
    __table_args__ = (UniqueConstraint("name"),)

    id: int | None = Field(default=None, primary_key=True)
    name: str


class OfferedRow(SQLModel, table=True):
    """A provider's model; an offer is a state of it."""

    __tablename__ = "offered"
    __table_args__ = (UniqueConstraint("provider_id", "model_id"),)

    id: int | None = Field(default=None, primary_key=True)
    provider_id: int = Field(foreign_key="provider.id")
    model_id: str


class OfferRow(SQLModel, table=True):
    """One state of a provider's model, content-addressed; null is unknown, lists are JSON."""

    __tablename__ = "offer"
    __table_args__ = (UniqueConstraint("digest"),)

    id: int | None = Field(default=None, primary_key=True)
    offered_id: int = Field(foreign_key="offered.id")
    digest: bytes
    input: float | None = None
    output: float | None = None
    reasoning: float | None = None
    cache_read: float | None = None
    cache_write: float | None = None
    input_audio: float | None = None
    output_audio: float | None = None
    price_tiers: str | None = None
    context: int | None = None
    max_input: int | None = None
    max_output: int | None = None
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


class PriceListRow(SQLModel, table=True):
    """All offers of one provider at a moment, content-addressed."""

    __tablename__ = "price_list"
    __table_args__ = (UniqueConstraint("digest"),)

    id: int | None = Field(default=None, primary_key=True)
    provider_id: int = Field(foreign_key="provider.id")
    digest: bytes


class PriceListOfferRow(SQLModel, table=True):
    """An offer on a price list."""

    __tablename__ = "price_list_offer"
    __table_args__ = ({"sqlite_with_rowid": False},)

    price_list_id: int = Field(foreign_key="price_list.id", primary_key=True)
    offered_id: int = Field(foreign_key="offered.id", primary_key=True)
    offer_id: int = Field(foreign_key="offer.id")


class SnapshotPriceListRow(SQLModel, table=True):
    """The price list of a provider that a snapshot has."""

    __tablename__ = "snapshot_price_list"
    __table_args__ = ({"sqlite_with_rowid": False},)

    snapshot_id: int = Field(foreign_key="snapshot.id", primary_key=True)
    provider_id: int = Field(foreign_key="provider.id", primary_key=True)
    price_list_id: int = Field(foreign_key="price_list.id")


class ListingRow(SQLModel, table=True):
    """The set of ids that a provider listed, content-addressed."""

    __tablename__ = "listing"
    __table_args__ = (UniqueConstraint("digest"),)

    id: int | None = Field(default=None, primary_key=True)
    provider_id: int = Field(foreign_key="provider.id")
    digest: bytes


class ListingModelRow(SQLModel, table=True):
    """An id on a listing."""

    __tablename__ = "listing_model"
    __table_args__ = ({"sqlite_with_rowid": False},)

    listing_id: int = Field(foreign_key="listing.id", primary_key=True)
    offered_id: int = Field(foreign_key="offered.id", primary_key=True)


class SnapshotListingRow(SQLModel, table=True):
    """The listing of a provider that a snapshot has."""

    __tablename__ = "snapshot_listing"
    __table_args__ = ({"sqlite_with_rowid": False},)

    snapshot_id: int = Field(foreign_key="snapshot.id", primary_key=True)
    provider_id: int = Field(foreign_key="provider.id", primary_key=True)
    listing_id: int = Field(foreign_key="listing.id")


class ArenaMatchRow(SQLModel, table=True):
    """Which model of text / overall the catalog last matched a provider's model to, by name."""

    __tablename__ = "arena_match"

    offered_id: int = Field(foreign_key="offered.id", primary_key=True)
    arena_model: str

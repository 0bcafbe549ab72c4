"""The tables of a remote in PostgreSQL that every kind of snapshot shares; a kind's own tables are in its package.

Only a process that writes to a remote, or makes one, imports this.
"""

from __future__ import annotations

import uuid
from typing import Any

from pydantic import AwareDatetime
from sqlalchemy import BigInteger, CheckConstraint, DateTime, Identity, Index, MetaData, UniqueConstraint
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

SCHEMA = "llmhub"

metadata = MetaData(schema=SCHEMA)
"""All tables of a remote, once their modules are imported."""


class Shared(SQLModel, registry=registry(metadata=metadata)):
    """Base of the tables of a remote, apart from those of the store, which have the same names."""

    metadata = metadata


def identity() -> Any:
    """Return the field of a number that the server gives."""
    return Field(default=None, primary_key=True, sa_type=BigInteger, sa_column_args=(Identity(),))


def number(**more: Any) -> Any:
    """Return the field of a number of a row."""
    return Field(sa_type=BigInteger, **more)


def moment() -> Any:
    """Return the field of a moment that may be unknown."""
    return Field(default=None, sa_type=DateTime(timezone=True))


class RemoteRow(Shared, table=True):
    """The remote itself, in one row; updating its position locks out other writers until the transaction ends."""

    __tablename__ = "remote"
    __table_args__ = (CheckConstraint("one", name="one_row"),)

    one: bool = Field(primary_key=True)
    id: uuid.UUID
    format: int
    position: int = number(sa_column_kwargs={"server_default": "0"})
    failed_at: AwareDatetime | None = moment()
    failure: str | None = None
    failure_token: str | None = None


class SnapshotRow(Shared, table=True):
    """A snapshot of whatever kind, and its place in the order in which the remote got them."""

    __tablename__ = "snapshot"
    __table_args__ = (UniqueConstraint("taken_at", "source"), Index("snapshot_position", "position"))

    id: int | None = identity()
    taken_at: AwareDatetime = Field(sa_type=DateTime(timezone=True))
    source: str
    revision: str | None = None
    script: str | None = None
    position: int = number()

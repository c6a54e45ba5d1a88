"""The tables: how the knowledge lies in the database, SQLite or Postgres."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, DateTime, ForeignKey, Index, Integer, MetaData, String, Table, text

metadata = MetaData()

# One row for each time that changed knowledge was loaded; the newest row is what patients are answered from.
knowledge_load = Table(
    "knowledge_load",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("loaded_at", DateTime(timezone=True), nullable=False),
)

# One row for each version of each document, fact, answer, subject, reply and of the clinic. A version that was replaced
# or removed stays, no longer current, so that the words a patient read on a given day can be shown later.
knowledge_item = Table(
    "knowledge_item",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("item_id", String(120), nullable=False),
    Column("version", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    Column("current", Boolean, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("content", JSON, nullable=False),
    Column("load_id", Integer, ForeignKey("knowledge_load.id"), nullable=False),
    Column("retired_by_load_id", Integer, ForeignKey("knowledge_load.id"), nullable=True),
    Index("one_version_of_an_item", "kind", "item_id", "version", unique=True),
    Index(
        "one_current_version_of_an_item",
        "kind",
        "item_id",
        unique=True,
        sqlite_where=text("current"),
        postgresql_where=text("current"),
    ),
)

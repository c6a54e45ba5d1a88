"""Conversations: the table of what is remembered of them, and the way to forget one."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Float, MetaData, String, Table, delete
from sqlalchemy.engine import Engine

metadata = MetaData()
conversation = Table(
    "conversation",
    metadata,
    Column("sender_id", String(120), primary_key=True),
    Column("events", JSON, nullable=False),
    Column("slots", JSON, nullable=False),
    Column("last_active", Float, nullable=False, index=True),
)


def forget(engine: Engine, sender_id: str) -> None:
    """Delete all that is remembered of a conversation.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the database refused; nothing was deleted.
    """
    with engine.begin() as connection:
        connection.execute(delete(conversation).where(conversation.c.sender_id == sender_id))

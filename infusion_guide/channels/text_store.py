"""The store of text messages: which were met, and what is remembered about a number; known by HMAC alone."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Float, MetaData, String, Table, Text, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine

metadata = MetaData()
text_sender = Table(
    "text_sender",
    metadata,
    Column("sender", String(64), primary_key=True),
    Column("first_contact_at", Float),
    Column("opted_out_at", Float),
    Column("choices", JSON, nullable=False),
    Column("pages", JSON, nullable=False),
    Column("last_active", Float, nullable=False, index=True),
)
text_message_met = Table(
    "text_message_met",
    metadata,
    Column("message", String(64), primary_key=True),
    Column("begun_at", Float, nullable=False, index=True),
    Column("answered", Boolean, nullable=False),
    Column("reply", Text),
)

# A provider that got no reply sends the message again within minutes: so long the same reply is given again, and kept.
RETRY_SECONDS = 15 * 60
# No reply takes longer: a message begun before that and not answered was left behind by a process that ended.
ABANDONED_SECONDS = 12
# Choices and pages of a silent number; then they are forgotten.
CHOICE_SECONDS = 24 * 3600
# How long a message is known as met: one captured on its way is refused until then.
MET_SECONDS = 400 * 24 * 3600
# Least time between two rounds of forgetting in one process.
FORGET_SECONDS = 300


@dataclass(frozen=True)
class Sender:
    """What is remembered about a number. `choices`: id and title of what a digit names; `pages` wait for MORE."""

    greeted: bool = False
    opted_out: bool = False
    choices: tuple[tuple[str, str], ...] = field(default=())
    pages: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class Begun:
    """How a message stands that has just come in.

    `state`: "new" (to be answered by the caller), "answered" (`reply` is what was said, None for nothing), "pending"
    (another process is at it), "replayed" (met too long ago for a retry).
    """

    state: str
    sender: Sender
    reply: str | None = None


class TextStore:
    """Remembers messages and senders in the database; several processes may share it."""

    def __init__(self, engine: Engine, key: str, clock: Callable[[], float] = time.time) -> None:
        self._engine, self._key, self._clock = engine, key.encode(), clock
        self._insert = (postgresql if engine.dialect.name == "postgresql" else sqlite).insert
        self._forgotten_at = float("-inf")

    def pseudonym(self, kind: str, value: str) -> str:
        """What stands for a number or a message's id in the database and in Rasa: 64 hexadecimal digits."""
        return hmac.new(self._key, f"{kind}\n{value}".encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()

    def begin(self, message: str, sender: str) -> Begun:
        """Note a message as being answered, once; and what is remembered about its sender (both as pseudonyms).

        Raises:
            sqlalchemy.exc.SQLAlchemyError: the database refused.
        """
        now = self._clock()
        with self._engine.begin() as connection:
            new = self._insert(text_message_met).values(message=message, begun_at=now, answered=False)
            if connection.execute(new.on_conflict_do_nothing()).rowcount == 1:
                begun = Begun("new", self._sender(connection, sender))
            else:
                begun = self._met(connection, message, sender, now)
        if now - self._forgotten_at > FORGET_SECONDS:
            self._forgotten_at = now
            self.forget()
        return begun

    def _met(self, connection: Connection, message: str, sender: str, now: float) -> Begun:
        table = text_message_met.c
        row = connection.execute(
            select(table.begun_at, table.answered, table.reply).where(table.message == message)
        ).one()
        remembered = self._sender(connection, sender)
        if now - row.begun_at > RETRY_SECONDS:
            return Begun("replayed", remembered)
        if row.answered:
            return Begun("answered", remembered, row.reply)
        if now - row.begun_at <= ABANDONED_SECONDS:
            return Begun("pending", remembered)
        taken = update(text_message_met).where(table.message == message, table.begun_at == row.begun_at)
        won = connection.execute(taken.values(begun_at=now)).rowcount == 1
        return Begun("new" if won else "pending", remembered)

    def _sender(self, connection: Connection, sender: str) -> Sender:
        row = connection.execute(select(text_sender).where(text_sender.c.sender == sender)).first()
        if row is None:
            return Sender()
        return Sender(
            greeted=row.first_contact_at is not None,
            opted_out=row.opted_out_at is not None,
            choices=tuple((choice, title) for choice, title in row.choices),
            pages=tuple(row.pages),
        )

    def finish(self, message: str, reply: str | None, sender: str, before: Sender, after: Sender) -> None:
        """Note what was said, and what has changed about the sender; what another message changed meanwhile stays.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: the database refused.
        """
        now = self._clock()
        changed: dict[str, Any] = {"last_active": now}
        if after.greeted != before.greeted:
            changed["first_contact_at"] = now if after.greeted else None
        if after.opted_out != before.opted_out:
            changed["opted_out_at"] = now if after.opted_out else None
        if after.choices != before.choices:
            changed["choices"] = [list(choice) for choice in after.choices]
        if after.pages != before.pages:
            changed["pages"] = list(after.pages)
        with self._engine.begin() as connection:
            connection.execute(
                update(text_message_met).where(text_message_met.c.message == message).values(answered=True, reply=reply)
            )
            if after == before and after == Sender():
                # A stranger who was met with silence or an error leaves no trace.
                return
            row = self._insert(text_sender).values({"sender": sender, "choices": [], "pages": [], **changed})
            connection.execute(row.on_conflict_do_update(index_elements=["sender"], set_=changed))

    def said(self, message: str) -> Begun | None:
        """What was said to a message that another process is at; None while it is not answered.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: the database refused.
        """
        table = text_message_met.c
        with self._engine.connect() as connection:
            row = connection.execute(select(table.answered, table.reply).where(table.message == message)).first()
        return Begun("answered", Sender(), row.reply) if row is not None and row.answered else None

    def forget(self) -> None:
        """Blank the replies that need not be given again and the choices of silent numbers; drop very old messages.

        Opt-outs and first contacts are kept: they are what the person decided.
        """
        now = self._clock()
        met, senders = text_message_met.c, text_sender.c
        with self._engine.begin() as connection:
            connection.execute(delete(text_message_met).where(met.begun_at < now - MET_SECONDS))
            connection.execute(
                update(text_message_met)
                .where(met.begun_at < now - RETRY_SECONDS, met.reply.is_not(None))
                .values(reply=None)
            )
            idle = senders.last_active < now - CHOICE_SECONDS
            connection.execute(update(text_sender).where(idle).values(choices=[], pages=[]))

"""The switch of each door, in the database: off, it shows the phone number, and still meets warning signs."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime, timezone

from sqlalchemy import Boolean, Column, DateTime, MetaData, String, Table, delete, insert, select
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

logger = logging.getLogger(__name__)

DOORS = ("web", "kiosk", "sms")

metadata = MetaData()
door_switch = Table(
    "door_switch",
    metadata,
    Column("door", String(20), primary_key=True),
    Column("open", Boolean, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
)


def _now() -> datetime:
    return datetime.now(timezone.utc)


def doors(engine: Engine) -> dict[str, bool]:
    """Whether each door is open; one that was never switched is.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the database cannot be read.
    """
    with engine.connect() as connection:
        rows = connection.execute(select(door_switch.c.door, door_switch.c.open)).all()
    return {**dict.fromkeys(DOORS, True), **{row.door: row.open for row in rows}}


def switch(engine: Engine, door: str, is_open: bool, now: Callable[[], datetime] = _now) -> None:
    """Open or close a door; every process follows within a second.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the database refused.
    """
    with engine.begin() as connection:
        connection.execute(delete(door_switch).where(door_switch.c.door == door))
        connection.execute(insert(door_switch).values(door=door, open=is_open, changed_at=now()))


class DoorSwitches:
    """The switches as a running server sees them: looked up at most once in `fresh_seconds`."""

    def __init__(self, engine: Engine, fresh_seconds: float = 1.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._engine, self._fresh_seconds, self._clock = engine, fresh_seconds, clock
        self._looked_at, self._doors = float("-inf"), dict.fromkeys(DOORS, True)

    def is_open(self, door: str) -> bool:
        """Whether a door is open. While the database is away the last known answer holds."""
        now = self._clock()
        if now - self._looked_at >= self._fresh_seconds:
            self._looked_at = now
            try:
                self._doors = doors(self._engine)
            except SQLAlchemyError:
                logger.warning("the door switches cannot be read; they stay as they were")
        return self._doors.get(door, True)

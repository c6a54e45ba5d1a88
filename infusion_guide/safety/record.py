"""The record of warning signs met: sign, tier, door and time, never a word of what was written."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timezone

from sqlalchemy import Column, DateTime, Integer, MetaData, String, Table, insert
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from infusion_guide.safety.detector import Detection

logger = logging.getLogger(__name__)

metadata = MetaData()
warning_sign_met = Table(
    "warning_sign_met",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("sign", String(60), nullable=False),
    Column("tier", String(20), nullable=False),
    Column("channel", String(20), nullable=False),
    Column("met_at", DateTime(timezone=True), nullable=False, index=True),
)


def _now() -> datetime:
    return datetime.now(timezone.utc)


class SignRecord:
    """Keeps count of the warning signs that were met."""

    def __init__(self, engine: Engine, now: Callable[[], datetime] = _now) -> None:
        self._engine, self._now = engine, now

    def add(self, detection: Detection, channel: str) -> None:
        """Note a sign. A database that is away never keeps the advice from the person: it is only logged."""
        row = {"sign": detection.sign, "tier": detection.tier, "channel": channel, "met_at": self._now()}
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(warning_sign_met).values(row))
        except SQLAlchemyError:
            logger.exception("a warning sign (%s, %s) could not be recorded", detection.sign, detection.tier)

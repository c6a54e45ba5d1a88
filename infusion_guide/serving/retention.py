"""Retention: what is kept goes after its time, by command and daily in the server."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone

from sqlalchemy import delete
from sqlalchemy.engine import Engine

from infusion_guide.privacy.conversations import conversation
from infusion_guide.privacy.unanswered import unanswered_question
from infusion_guide.safety.record import warning_sign_met

DAILY_SECONDS = 24 * 60 * 60


def age(text: str) -> timedelta:
    """The age that "30d" or "12h" means.

    Raises:
        ValueError: it is not of this form.
    """
    found = re.fullmatch(r"(\d{1,5})([dh])", text.strip())
    if found is None:
        raise ValueError("an age is a number of days or hours, as 30d or 12h")
    number = int(found.group(1))
    return timedelta(days=number) if found.group(2) == "d" else timedelta(hours=number)


def purge(engines: Sequence[Engine], older_than: timedelta, now: datetime | None = None) -> dict[str, int]:
    """Delete conversations, unanswered questions and signs met that are older; returns how many of each.

    The conversations may lie in a database of their own: each statement runs in every database given.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: a database refused.
    """
    before = (now or datetime.now(timezone.utc)) - older_than
    deleted = {"conversations": 0, "unanswered questions": 0, "warning signs": 0}
    statements = {
        "conversations": delete(conversation).where(conversation.c.last_active < before.timestamp()),
        "unanswered questions": delete(unanswered_question).where(unanswered_question.c.asked_at < before),
        "warning signs": delete(warning_sign_met).where(warning_sign_met.c.met_at < before),
    }
    for engine in engines:
        is_sqlite = engine.dialect.name == "sqlite"
        with engine.connect() as connection:
            if is_sqlite:
                # Otherwise the deleted rows stay readable in free pages of the file.
                connection.exec_driver_sql("PRAGMA secure_delete=ON")
            with connection.begin() if not connection.in_transaction() else connection.get_transaction():
                for name, statement in statements.items():
                    deleted[name] += connection.execute(statement).rowcount
            if is_sqlite:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
                connection.exec_driver_sql("PRAGMA secure_delete=OFF")
    return deleted

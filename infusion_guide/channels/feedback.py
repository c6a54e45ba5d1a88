"""Feedback: which answers helped. An answer's id and yes or no, nothing of the person or the conversation."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Boolean, Column, Integer, MetaData, String, Table, case, func, insert, select
from sqlalchemy.engine import Engine

metadata = MetaData()
# No time, door or session either: a single "no" must not lead back to a visit.
answer_feedback = Table(
    "answer_feedback",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("answer_id", String(120), nullable=False, index=True),
    Column("helpful", Boolean, nullable=False),
)


class Feedback:
    """Keeps what people said of the answers."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, answer_ids: Iterable[str], helpful: bool) -> None:
        """Note that the answers shown in a reply helped, or did not.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: the database is away.
        """
        rows = [{"answer_id": answer_id, "helpful": helpful} for answer_id in answer_ids]
        with self._engine.begin() as connection:
            connection.execute(insert(answer_feedback), rows)

    def counts(self) -> list[tuple[str, int, int]]:
        """Answer, how many said yes, how many no; those with most noes first."""
        yes = func.sum(case((answer_feedback.c.helpful, 1), else_=0))
        no = func.sum(case((answer_feedback.c.helpful, 0), else_=1))
        name = answer_feedback.c.answer_id
        query = select(name, yes, no).group_by(name).order_by(no.desc(), name)
        with self._engine.connect() as connection:
            return [(row[0], int(row[1]), int(row[2])) for row in connection.execute(query)]

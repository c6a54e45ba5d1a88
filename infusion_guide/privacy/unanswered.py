"""Unanswered questions: their words, after redaction, and only where the clinic has asked for it."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone

from sqlalchemy import Column, DateTime, Integer, MetaData, String, Table, insert, select
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from infusion_guide.privacy.redaction import redacted

logger = logging.getLogger(__name__)

LONGEST = 300
metadata = MetaData()
unanswered_question = Table(
    "unanswered_question",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("asked_at", DateTime(timezone=True), nullable=False, index=True),
    Column("channel", String(20), nullable=False),
    Column("text", String(LONGEST), nullable=False),
)

# A reply with one of these left the question open.
OUTCOMES = ("defer", "clarify", "error")

# What is kept is redacted more strictly than what is answered at once: there, a word too many could hide a sign.
_CAPITALISED = re.compile(r"(?<=[\w\],;:'’)-] )[A-Z][\w'’-]+")
_SAYS_WHO = re.compile(r"\b((?i:i['’]?m|i am|this is|it['’]?s|name|called|from|nurse|doctor))\s+[A-Z][\w'’-]+")
_SIGNED = re.compile(
    r"^\W*[A-Z][\w'’-]+(?:\s[A-Z][\w'’-]+)*\s+here\b|\b(?i:from|regards|thanks|love),?\s+[A-Z][\w'’-]+\W*$"
)
_SEVERAL = re.compile(r"\[name\](?: \[name\])+")
_LONG_NUMBER = re.compile(r"\d(?:[\s./-]?\d){3,}")
# Written with a capital, and no name of a person.
_NO_NAMES = re.compile(
    r"i|i['’](?:m|ve|d|ll)|ivig|ig|iv|sj[oö]gren(?:['’]s)?|rituximab|rituxan|truxima|ruxience|riabni|gammagard|privigen"
    r"|octagam|gamunex|benadryl|tylenol|(?:mon|tues|wednes|thurs|fri|satur|sun)day|english|spanish|medicare|medicaid"
    r"|covid|flu|mri|ct",
    re.IGNORECASE,
)


def kept_words(text: str) -> str:
    """The words of a question as they may be kept: redacted, without capitalised names and long numbers, cut short."""
    text = redacted(text)
    text = _SIGNED.sub("[name]", text)
    text = _SAYS_WHO.sub(lambda found: f"{found.group(1)} [name]", text)
    text = _CAPITALISED.sub(lambda found: found.group() if _NO_NAMES.fullmatch(found.group()) else "[name]", text)
    text = _SEVERAL.sub("[name]", text)
    return _LONG_NUMBER.sub("[number]", text)[:LONGEST]


@dataclass(frozen=True)
class Unanswered:
    """A question that was left open."""

    asked_at: datetime
    channel: str
    text: str


def _now() -> datetime:
    return datetime.now(timezone.utc)


class UnansweredQuestions:
    """Keeps the questions that were left open."""

    def __init__(self, engine: Engine, now: Callable[[], datetime] = _now) -> None:
        self._engine, self._now = engine, now

    def add(self, text: str, channel: str) -> None:
        """Keep a question; a database that is away is only logged."""
        row = {"asked_at": self._now(), "channel": channel, "text": kept_words(text)}
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(unanswered_question).values(row))
        except SQLAlchemyError:
            logger.exception("an unanswered question could not be kept")

    def all(self) -> list[Unanswered]:
        """All that are kept, newest first.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: the database cannot be read.
        """
        columns = (unanswered_question.c.asked_at, unanswered_question.c.channel, unanswered_question.c.text)
        with self._engine.connect() as connection:
            rows = connection.execute(select(*columns).order_by(unanswered_question.c.id.desc())).all()
        return [Unanswered(row.asked_at, row.channel, row.text) for row in rows]

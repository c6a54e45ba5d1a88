"""The store: puts the knowledge into the database in one transaction, and looks it up for the actions."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, event, insert, select, update
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import QueuePool

from infusion_guide.knowledge.migrations import one_at_a_time
from infusion_guide.knowledge.schema import (
    Advice,
    Answer,
    Clinic,
    Cue,
    Document,
    Fact,
    Knowledge,
    Limits,
    Nearby,
    Phrase,
    Review,
    Section,
    Sign,
    SignVocabulary,
    Step,
    StepText,
    Subject,
    Timeline,
    Topic,
    Unwell,
    Variant,
    Verdict,
    WarningSigns,
)
from infusion_guide.knowledge.tables import knowledge_item, knowledge_load


class KnowledgeUnavailableError(RuntimeError):
    """The database cannot be read, or nothing has been loaded into it."""


@dataclass(frozen=True)
class LoadResult:
    """What a load did."""

    load_id: int
    added: int
    changed: int
    removed: int
    unchanged: int

    @property
    def anything(self) -> bool:
        """Whether the load changed the database."""
        return bool(self.added or self.changed or self.removed)


def open_database(url: str) -> Engine:
    """An engine for `url`; SQLite gets write-ahead logging, foreign keys and a patient lock wait."""
    if url.startswith("sqlite:///") and ":memory:" not in url:
        Path(url[len("sqlite:///") :]).parent.mkdir(parents=True, exist_ok=True)
    if url.startswith("sqlite"):
        # SQLAlchemy 1.4 opens a file anew for every transaction; kept connections save two of them a message.
        engine = create_engine(
            url, future=True, poolclass=QueuePool, hide_parameters=True, connect_args={"check_same_thread": False}
        )
    else:
        # A database that does not answer must not hold a patient's turn; an error of it must not show a patient's row.
        waits = {"connect_timeout": 2, "options": "-c statement_timeout=5000"} if url.startswith("postgresql") else {}
        engine = create_engine(url, future=True, pool_pre_ping=True, hide_parameters=True, connect_args=waits)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _: Any) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=5000"):
        connection.execute(f"PRAGMA {pragma}")


# What warning_signs.yml holds besides signs and advice.
_SIGN_WORDS = ("limits", "sources", "review", "vocabulary", "unwell")


def _items(knowledge: Knowledge) -> Iterator[tuple[str, str, dict[str, Any]]]:
    collections = (
        ("document", knowledge.documents),
        ("fact", knowledge.facts),
        ("answer", knowledge.answers),
        ("subject", knowledge.subjects),
        ("phrase", knowledge.phrases),
        ("topic", knowledge.topics),
        ("timeline", knowledge.timelines),
        ("verdict", knowledge.verdicts),
        ("sign", knowledge.warning_signs.signs),
        ("advice", {"/".join(key): advice for key, advice in knowledge.warning_signs.advice.items()}),
    )
    for kind, records in collections:
        for item_id, record in records.items():
            content = asdict(record)
            # Where a text stands in its file is no part of the text: moving it makes no new version.
            content.pop("line", None)
            for step in content.get("steps", ()):
                step.pop("line")
            yield kind, item_id, content
    signs = asdict(knowledge.warning_signs)
    signs["unwell"].pop("line")
    yield "sign_words", "sign_words", {name: signs[name] for name in _SIGN_WORDS}
    yield "clinic", "clinic", asdict(knowledge.clinic)


def _digest(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def load(engine: Engine, knowledge: Knowledge, now: Callable[[], datetime] | None = None) -> LoadResult:
    """Bring the database to `knowledge` in one transaction; loading the same again changes nothing.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the database refused; nothing was changed.
    """
    items = {(kind, item_id): content for kind, item_id, content in _items(knowledge)}
    with engine.begin() as connection:
        one_at_a_time(connection)
        rows = connection.execute(
            select(
                knowledge_item.c.id,
                knowledge_item.c.kind,
                knowledge_item.c.item_id,
                knowledge_item.c.version,
                knowledge_item.c.digest,
                knowledge_item.c.position,
                knowledge_item.c.current,
            ).order_by(knowledge_item.c.version)
        ).all()
        newest = {(row.kind, row.item_id): row for row in rows}
        current = {key: row for key, row in newest.items() if row.current}
        digests = {key: _digest(content) for key, content in items.items()}
        fresh = {key for key in items if key not in current or current[key].digest != digests[key]}
        removed = set(current) - set(items)
        added = sum(key not in current for key in fresh)
        result = LoadResult(0, added, len(fresh) - added, len(removed), len(items) - len(fresh))
        if not result.anything:
            last = connection.execute(select(knowledge_load.c.id).order_by(knowledge_load.c.id.desc())).scalar() or 0
            return LoadResult(last, 0, 0, 0, result.unchanged)
        load_id = connection.execute(
            insert(knowledge_load).values(
                digest=_digest(sorted(digests.values())), loaded_at=(now or (lambda: datetime.now(timezone.utc)))()
            )
        ).inserted_primary_key[0]
        retired = [current[key].id for key in (fresh & set(current)) | removed]
        if retired:
            connection.execute(
                update(knowledge_item)
                .where(knowledge_item.c.id.in_(retired))
                .values(current=False, retired_by_load_id=load_id)
            )
        positions = {key: position for position, key in enumerate(items)}
        connection.execute(
            insert(knowledge_item),
            [
                {
                    "kind": key[0],
                    "item_id": key[1],
                    "version": newest[key].version + 1 if key in newest else 1,
                    "position": positions[key],
                    "current": True,
                    "digest": digests[key],
                    "content": items[key],
                    "load_id": load_id,
                }
                for key in items
                if key in fresh
            ],
        ) if fresh else None
        return LoadResult(load_id, result.added, result.changed, result.removed, result.unchanged)


def _variants_from(items: Iterable[dict[str, Any]]) -> tuple[Variant, ...]:
    return tuple(
        Variant(**{**variant, "facts": tuple(variant["facts"]), "sms_facts": tuple(variant["sms_facts"])})
        for variant in items
    )


def _answer_from(content: dict[str, Any]) -> Answer:
    variants = _variants_from(content["variants"])
    return Answer(content["id"], content["question"], variants, tuple(content["ask_next"]), Review(**content["review"]))


def _verdict_from(content: dict[str, Any]) -> Verdict:
    return Verdict(content["id"], _variants_from(content["general"]), Review(**content["review"]))


def _subject_from(content: dict[str, Any]) -> Subject:
    nearby = content["nearby"] and Nearby(**{**content["nearby"], "facts": tuple(content["nearby"]["facts"])})
    return Subject(**{**content, "nearby": nearby, "review": Review(**content["review"])})


def _timeline_from(content: dict[str, Any]) -> Timeline:
    steps = tuple(
        Step(
            **{
                **step,
                "texts": tuple(StepText(text["therapy"], text["text"], tuple(text["facts"])) for text in step["texts"]),
            }
        )
        for step in content["steps"]
    )
    return Timeline(content["id"], content["title"], steps, Review(**content["review"]))


def _clinic_from(content: dict[str, Any]) -> Clinic:
    # A clinic that was loaded before hours and answers existed has neither.
    hours = {day: (opens, closes) for day, (opens, closes) in content.get("opening", {}).items()}
    return Clinic(**{**content, "opening": hours})


def _warning_signs_from(by_kind: dict[str, list[dict[str, Any]]]) -> WarningSigns:
    signs = [
        Sign(
            **{
                **item,
                "sources": tuple(item["sources"]),
                "phrases": tuple(item["phrases"]),
                "review": Review(**item["review"]),
            }
        )
        for item in by_kind.get("sign", [])
    ]
    advice = [Advice(**item) for item in by_kind.get("advice", [])]
    content = by_kind["sign_words"][0]
    words = content["vocabulary"]
    vocabulary = SignVocabulary(
        cues=tuple(Cue(**{**cue, "phrases": tuple(cue["phrases"])}) for cue in words["cues"]),
        idioms=tuple(words["idioms"]),
        breaks=tuple(words["breaks"]),
        settings={name: tuple(phrases) for name, phrases in words["settings"].items()},
        spanish_words=tuple(words["spanish_words"]),
        patterns={sign: tuple(phrases) for sign, phrases in words["patterns"].items()},
    )
    return WarningSigns(
        signs={sign.id: sign for sign in signs},
        advice={(one.tier, one.setting): one for one in advice},
        limits=Limits(**content["limits"]),
        sources=content["sources"],
        review=Review(**content["review"]),
        vocabulary=vocabulary,
        unwell=Unwell(**content["unwell"]),
    )


def _knowledge_from(rows: list[tuple[str, dict[str, Any]]]) -> Knowledge:
    by_kind: dict[str, list[dict[str, Any]]] = {}
    for kind, content in rows:
        by_kind.setdefault(kind, []).append(content)
    documents = [
        # A document that was loaded before text messages existed has no short title.
        Document(
            item["id"], item["title"], tuple(Section(**section) for section in item["sections"]), item.get("short", "")
        )
        for item in by_kind.get("document", [])
    ]
    facts = [Fact(**{**item, "therapy": tuple(item["therapy"])}) for item in by_kind.get("fact", [])]
    phrases = [Phrase(**{**item, "ask_next": tuple(item["ask_next"])}) for item in by_kind.get("phrase", [])]
    return Knowledge(
        documents={document.id: document for document in documents},
        facts={fact.id: fact for fact in facts},
        answers={answer.id: answer for answer in map(_answer_from, by_kind.get("answer", []))},
        subjects={subject.id: subject for subject in map(_subject_from, by_kind.get("subject", []))},
        phrases={phrase.id: phrase for phrase in phrases},
        warning_signs=_warning_signs_from(by_kind),
        clinic=_clinic_from(by_kind["clinic"][0]),
        topics={item["id"]: Topic(**item) for item in by_kind.get("topic", [])},
        timelines={item["id"]: _timeline_from(item) for item in by_kind.get("timeline", [])},
        # What was loaded before these existed has none.
        verdicts={item["id"]: _verdict_from(item) for item in by_kind.get("verdict", [])},
    )


class KnowledgeStore:
    """Looks knowledge up in the database; what was read is kept until a newer load appears.

    `fresh_seconds` is how long a look at the load number is trusted; with 0 every look-up asks the database.
    """

    def __init__(self, engine: Engine, fresh_seconds: float = 1.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._engine = engine
        self._fresh_seconds = fresh_seconds
        self._clock = clock
        self._looked_at = float("-inf")
        self._load_id = 0
        self._knowledge: Knowledge | None = None

    def knowledge(self) -> Knowledge:
        """The knowledge as loaded last.

        While the database is away, what was read before is still given: an answer does not turn wrong by an outage.

        Raises:
            KnowledgeUnavailableError: nothing can be read and nothing was read before.
        """
        now = self._clock()
        if self._knowledge is not None and now - self._looked_at < self._fresh_seconds:
            return self._knowledge
        try:
            with self._engine.connect() as connection:
                load_id = connection.execute(
                    select(knowledge_load.c.id).order_by(knowledge_load.c.id.desc()).limit(1)
                ).scalar()
                if load_id is None:
                    raise KnowledgeUnavailableError("no knowledge in the database: run `infusion-guide knowledge load`")
                if load_id != self._load_id:
                    self._knowledge = self._read(connection)
                    self._load_id = load_id
        except SQLAlchemyError as error:
            if self._knowledge is None:
                raise KnowledgeUnavailableError(f"the database cannot be read: {error}") from error
        self._looked_at = now
        if self._knowledge is None:
            raise KnowledgeUnavailableError("no knowledge could be read")
        return self._knowledge

    @staticmethod
    def _read(connection: Connection) -> Knowledge:
        rows = connection.execute(
            select(knowledge_item.c.kind, knowledge_item.c.content)
            .where(knowledge_item.c.current)
            .order_by(knowledge_item.c.position)
        ).all()
        return _knowledge_from([(row.kind, row.content) for row in rows])


def versions(engine: Engine, kind: str, item_id: str) -> list[dict[str, Any]]:
    """Every version of an item, oldest first: version, loaded_at, current and content."""
    statement = (
        select(knowledge_item.c.version, knowledge_load.c.loaded_at, knowledge_item.c.current, knowledge_item.c.content)
        .join(knowledge_load, knowledge_load.c.id == knowledge_item.c.load_id)
        .where(knowledge_item.c.kind == kind, knowledge_item.c.item_id == item_id)
        .order_by(knowledge_item.c.version)
    )
    with engine.connect() as connection:
        return [dict(row._mapping) for row in connection.execute(statement)]

"""The files: reads `knowledge/*.yml` into records, and names file and line when one is damaged."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from infusion_guide.knowledge.schema import (
    CONDITIONS,
    ICONS,
    OUTCOMES,
    PHASES,
    REVIEW_STATES,
    SETTINGS,
    STATUSES,
    THERAPIES,
    TIERS,
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

Record = TypeVar("Record", Answer, Document, Fact, Phrase, Sign, Step, Subject, Timeline, Topic, Verdict)


class KnowledgeFileError(ValueError):
    """A knowledge file cannot be read: says which file, which line, and why."""

    def __init__(self, path: Path, line: int, reason: str) -> None:
        super().__init__(f"{path}:{line}: {reason}")
        self.path, self.line, self.reason = path, line, reason


def _lines_of(entries: Any) -> list[int]:
    """The line of each entry of a YAML list."""
    return [entries.lc.item(number)[0] + 1 for number in range(len(entries))]


class Node:
    """A mapping of a YAML file that knows where it stands, so that every complaint can name its line."""

    def __init__(self, path: Path, content: Any, line: int) -> None:
        if not isinstance(content, dict):
            raise KnowledgeFileError(path, line, f"expected named fields here, found {type(content).__name__}")
        self.path, self.content, self.line = path, content, line

    def fail(self, reason: str, key: str | None = None) -> KnowledgeFileError:
        """An error at this mapping, or at its field `key`."""
        return KnowledgeFileError(self.path, self.line_of(key), reason)

    def line_of(self, key: str | None) -> int:
        """The line of a field, or of the mapping itself when the field is absent."""
        if key is not None and key in self.content and hasattr(self.content, "lc"):
            return int(self.content.lc.key(key)[0]) + 1
        return self.line

    def only(self, *names: str) -> None:
        """Refuse fields other than `names`: a misspelled field would otherwise be lost silently."""
        for name in self.content:
            if name not in names:
                raise self.fail(f"unknown field {name!r}; known here: {', '.join(names)}", name)

    def text(self, key: str, default: str | None = None, allowed: Iterable[str] = ()) -> str:
        """The text of a field, spaces folded."""
        value = self.content.get(key, default)
        if value is None:
            raise self.fail(f"missing field {key!r}", key)
        if not isinstance(value, str):
            value = str(value)
        folded = " ".join(value.split())
        if default is None and not folded:
            raise self.fail(f"field {key!r} is empty", key)
        if allowed and folded not in allowed:
            raise self.fail(f"{key!r} is {folded!r}; allowed: {', '.join(allowed)}", key)
        return folded

    def flag(self, key: str, default: bool = False) -> bool:
        """A yes-or-no field."""
        value = self.content.get(key, default)
        if not isinstance(value, bool):
            raise self.fail(f"{key!r} must be true or false", key)
        return value

    def number(self, key: str) -> float:
        """A number of a field."""
        value = self.content.get(key)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self.fail(f"{key!r} must be a number", key)
        return float(value)

    def texts(self, key: str, required: bool = True) -> tuple[str, ...]:
        """A list of texts."""
        value = self.content.get(key)
        if value is None and not required:
            return ()
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.fail(f"{key!r} must be a list of texts", key)
        return tuple(value)

    def nodes(self, key: str) -> list[Node]:
        """A list of mappings."""
        value: Any = self.content.get(key)
        if not isinstance(value, list) or not value:
            raise self.fail(f"{key!r} must be a list with at least one entry", key)
        return [Node(self.path, item, line) for item, line in zip(value, _lines_of(value))]

    def part(self, key: str) -> Node:
        """A mapping inside this one that must be there."""
        node = self.node(key)
        if node is None:
            raise self.fail(f"missing field {key!r}", key)
        return node

    def node(self, key: str) -> Node | None:
        """A mapping inside this one, if it is there."""
        value = self.content.get(key)
        return None if value is None else Node(self.path, value, self.line_of(key))


def parse_yaml(path: Path) -> Any:
    """The content of a YAML file; mappings and lists know their lines.

    Raises:
        KnowledgeFileError: the file is missing, empty, or not YAML.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise KnowledgeFileError(path, 1, "the file is missing") from None
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise KnowledgeFileError(path, line, "not UTF-8 text") from error
    try:
        content = YAML(typ="rt").load(io.StringIO(text))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise KnowledgeFileError(path, mark.line + 1 if mark else 1, f"not valid YAML: {error.problem}") from error
    except YAMLError as error:
        raise KnowledgeFileError(path, 1, f"not valid YAML: {error}") from error
    if content is None:
        raise KnowledgeFileError(path, 1, "the file is empty")
    return content


def _entries(path: Path) -> list[Node]:
    content = parse_yaml(path)
    if not isinstance(content, list):
        raise KnowledgeFileError(path, 1, "expected a list of entries, each beginning with '- id:'")
    return [Node(path, item, line) for item, line in zip(content, _lines_of(content))]


def _by_id(nodes: Iterable[Node], build: Callable[[Node], Record]) -> dict[str, Record]:
    records: dict[str, Record] = {}
    for node in nodes:
        record = build(node)
        if record.id in records:
            raise node.fail(f"the id {record.id!r} stands twice", "id")
        records[record.id] = record
    return records


def _document(node: Node) -> Document:
    node.only("id", "title", "short", "sections")
    sections = []
    for part in node.nodes("sections"):
        part.only("id", "heading", "digest")
        sections.append(Section(part.text("id"), part.text("heading"), part.text("digest")))
    return Document(node.text("id"), node.text("title"), tuple(sections), node.text("short", ""))


def _fact(node: Node) -> Fact:
    node.only("id", "statement", "topic", "therapy", "condition", "audience", "safety", "nuance")
    fact_id = node.text("id")
    if fact_id.count(".") != 2:
        raise node.fail(f"a fact id is document.section.name, not {fact_id!r}", "id")
    return Fact(
        id=fact_id,
        statement=node.text("statement"),
        topic=node.text("topic"),
        therapy=node.texts("therapy"),
        condition=node.text("condition", allowed=("any", *CONDITIONS)),
        audience=node.text("audience", allowed=("patient", "clinician")),
        safety=node.flag("safety"),
        nuance=node.text("nuance", ""),
    )


def _review(node: Node) -> Review:
    part = node.part("review")
    part.only("state", "by", "on", "due")
    review = Review(
        part.text("state", allowed=REVIEW_STATES), part.text("by", ""), part.text("on", ""), part.text("due", "")
    )
    if review.state == "approved" and not (review.by and review.on and review.due):
        raise part.fail("an approved text needs by (the role), on and due (dates)", "state")
    return review


def _variant(node: Node) -> Variant:
    node.only("therapy", "condition", "answer", "sms", "facts", "sms_facts")
    facts = node.texts("facts")
    return Variant(
        therapy=node.text("therapy", "any", allowed=("any", *THERAPIES)),
        condition=node.text("condition", "any", allowed=("any", *CONDITIONS)),
        answer=node.text("answer"),
        sms=node.text("sms"),
        facts=facts,
        sms_facts=node.texts("sms_facts", required=False) or facts,
    )


def _variants(node: Node, key: str) -> tuple[Variant, ...]:
    variants = tuple(_variant(part) for part in node.nodes(key))
    if len({(variant.therapy, variant.condition) for variant in variants}) < len(variants):
        raise node.fail("two variants for the same therapy and condition", key)
    return variants


def _answer(node: Node) -> Answer:
    node.only("id", "question", "variants", "ask_next", "review")
    answer_id = node.text("id")
    if answer_id.split("/")[0] != node.path.stem or answer_id.count("/") != 1:
        raise node.fail(f"the id {answer_id!r} must be {node.path.stem}/<name> in this file", "id")
    variants = _variants(node, "variants")
    if not any(variant.therapy == variant.condition == "any" for variant in variants):
        raise node.fail("one variant must fit everybody (therapy: any, no condition)", "variants")
    return Answer(
        answer_id, node.text("question"), variants, node.texts("ask_next", required=False), _review(node), node.line
    )


def _subject(node: Node) -> Subject:
    node.only("id", "title", "group", "outcome", "ask", "nearby", "review")
    part = node.node("nearby")
    nearby = None
    if part is not None:
        part.only("answer", "sms", "facts")
        nearby = Nearby(part.text("answer"), part.text("sms"), part.texts("facts"))
    return Subject(
        id=node.text("id"),
        title=node.text("title"),
        group=node.text("group"),
        outcome=node.text("outcome", "defer", allowed=("defer", "clinic", "medical_advice")),
        ask=node.text("ask"),
        nearby=nearby,
        review=_review(node),
        line=node.line,
    )


def _verdict(node: Node) -> Verdict:
    node.only("id", "general", "review")
    general = _variants(node, "general") if "general" in node.content else ()
    return Verdict(node.text("id"), general, _review(node), node.line)


def _phrase(node: Node) -> Phrase:
    node.only("id", "outcome", "web", "kiosk", "sms", "ask_next")
    sms = node.text("sms")
    return Phrase(
        id=node.text("id"),
        outcome=node.text("outcome", allowed=OUTCOMES),
        # What only a text message says needs no words for the web.
        web=node.text("web", sms if node.text("id").startswith("sms_") else None),
        sms=sms,
        ask_next=node.texts("ask_next", required=False),
        kiosk=node.text("kiosk", ""),
        line=node.line,
    )


def _topic(node: Node) -> Topic:
    node.only("id", "title")
    return Topic(node.text("id"), node.text("title"), node.line)


def _step(node: Node) -> Step:
    node.only("id", "title", "phase", "icon", "answer", "texts")
    texts = []
    for part in node.nodes("texts"):
        part.only("therapy", "text", "facts")
        therapy = part.text("therapy", "any", allowed=("any", *THERAPIES))
        texts.append(StepText(therapy, part.text("text"), part.texts("facts")))
    therapies = [text.therapy for text in texts]
    if len(set(therapies)) < len(therapies):
        raise node.fail("two texts for the same therapy", "texts")
    if "any" not in therapies and set(therapies) != set(THERAPIES):
        raise node.fail(f"a text for any therapy, or one for each of {', '.join(THERAPIES)}", "texts")
    return Step(
        id=node.text("id"),
        title=node.text("title"),
        phase=node.text("phase", allowed=PHASES),
        icon=node.text("icon", allowed=ICONS),
        answer=node.text("answer"),
        texts=tuple(texts),
        line=node.line,
    )


def _timeline(node: Node) -> Timeline:
    node.only("id", "title", "steps", "review")
    steps = _by_id(node.nodes("steps"), _step)
    return Timeline(node.text("id"), node.text("title"), tuple(steps.values()), _review(node), node.line)


_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_HOURS = re.compile(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-4]):[0-5]\d")


def _opening(node: Node | None) -> dict[str, tuple[str, str]]:
    """Opening hours: weekday → "08:00-17:00"; a day that is left out is closed."""
    if node is None:
        return {}
    node.only(*_WEEKDAYS)
    opening = {}
    for day in node.content:
        hours = node.text(day)
        if not _HOURS.fullmatch(hours):
            raise node.fail(f"hours are written like 08:00-17:00, not {hours!r}", day)
        opens, closes = hours.split("-")
        opening[str(_WEEKDAYS.index(day))] = (opens, closes)
    return opening


def read_clinic(path: Path) -> Clinic:
    """The clinic of a clinic.yml.

    Raises:
        KnowledgeFileError: the file is missing or damaged.
    """
    node = Node(path, parse_yaml(path), 1)
    node.only("name", "care_team_phone", "demo", "details", "time_zone", "opening", "answers")
    part, answers = node.node("details"), node.node("answers")
    details = {key: part.text(key) for key in part.content if part.content[key] is not None} if part else {}
    opening = _opening(node.node("opening"))
    zone = node.text("time_zone", "")
    try:
        if opening:
            ZoneInfo(zone)
    except (ValueError, ZoneInfoNotFoundError):
        raise node.fail(f"'time_zone' must be one like America/New_York, not {zone!r}", "time_zone") from None
    return Clinic(
        name=node.text("name"),
        care_team_phone=node.text("care_team_phone"),
        demo=node.flag("demo"),
        details=details,
        time_zone=zone,
        opening=opening,
        answers={key: answers.text(key) for key in answers.content} if answers else {},
    )


def read_phrases(path: Path) -> dict[str, Phrase]:
    """The guide's own fixed sentences by id.

    Raises:
        KnowledgeFileError: the file is missing or damaged.
    """
    return _by_id(_entries(path), _phrase)


def _tier(node: Node, key: str) -> str | None:
    tier = node.text(key, allowed=(*TIERS, "none"))
    return None if tier == "none" else tier


def _sign(node: Node) -> Sign:
    node.only("id", "name", "spanish", "infusing", "home", "sources", "phrases", "review")
    return Sign(
        id=node.text("id"),
        name=node.text("name"),
        spanish=node.text("spanish"),
        infusing=_tier(node, "infusing"),
        home=_tier(node, "home"),
        sources=node.texts("sources"),
        phrases=node.texts("phrases"),
        review=_review(node),
        line=node.line,
    )


def _advice(node: Node) -> Advice:
    node.only("tier", "setting", "web", "kiosk", "sms", "spanish", "spanish_sms")
    web = node.text("web")
    return Advice(
        tier=node.text("tier", allowed=TIERS),
        setting=node.text("setting", allowed=SETTINGS),
        web=web,
        kiosk=node.text("kiosk", web),
        sms=node.text("sms"),
        spanish=node.text("spanish"),
        spanish_sms=node.text("spanish_sms"),
        line=node.line,
    )


def _cue(node: Node) -> Cue:
    node.only("status", "where", "reach", "scope", "phrases")
    return Cue(
        status=node.text("status", allowed=STATUSES),
        where=node.text("where", allowed=("before", "after", "around")),
        reach=int(node.number("reach")) if "reach" in node.content else 0,
        scope=node.text("scope", allowed=("clause", "sentence", "message")),
        phrases=node.texts("phrases"),
    )


def _sign_vocabulary(path: Path) -> SignVocabulary:
    node = Node(path, parse_yaml(path), 1)
    node.only("cues", "breaks", "idioms", "settings", "spanish_words", "patterns")
    settings, patterns = node.part("settings"), node.part("patterns")
    settings.only("infusing", "home")
    return SignVocabulary(
        cues=tuple(map(_cue, node.nodes("cues"))),
        idioms=node.texts("idioms"),
        breaks=node.texts("breaks"),
        settings={name: settings.texts(name) for name in ("infusing", "home")},
        spanish_words=node.texts("spanish_words"),
        patterns={name: patterns.texts(name) for name in patterns.content},
    )


def _unwell(node: Node) -> Unwell:
    names = ("heading", "text", "emergency", "nurse_now", "crisis")
    node.only(*names)
    return Unwell(**{name: node.text(name) for name in names}, line=node.line)


def read_warning_signs(folder: Path) -> WarningSigns:
    """The warning signs of `folder`: warning_signs.yml, and the words that tell them in warning_sign_words.yml.

    Raises:
        KnowledgeFileError: a file is missing or damaged.
    """
    path = folder / "warning_signs.yml"
    node = Node(path, parse_yaml(path), 1)
    node.only("review", "sources", "limits", "unwell", "advice", "signs")
    sources, limits = node.part("sources"), node.part("limits")
    limits.only(*(part.name for part in fields(Limits)))
    return WarningSigns(
        signs=_by_id(node.nodes("signs"), _sign),
        advice={(advice.tier, advice.setting): advice for advice in map(_advice, node.nodes("advice"))},
        limits=Limits(**{part.name: limits.number(part.name) for part in fields(Limits)}),
        sources={name: sources.text(name) for name in sources.content},
        review=_review(node),
        vocabulary=_sign_vocabulary(folder / "warning_sign_words.yml"),
        unwell=_unwell(node.part("unwell")),
    )


def read_knowledge(folder: Path) -> Knowledge:
    """All knowledge files of `folder`.

    Raises:
        KnowledgeFileError: a file is missing or damaged, or an answer cites a fact that no file holds.
    """
    answer_files = sorted((folder / "answers").glob("*.yml"))
    if not answer_files:
        raise KnowledgeFileError(folder / "answers", 1, "no answer files here")
    answer_nodes = [node for path in answer_files for node in _entries(path)]
    return Knowledge(
        documents=_by_id(_entries(folder / "documents.yml"), _document),
        facts=_by_id(_entries(folder / "facts.yml"), _fact),
        answers=_by_id(answer_nodes, _answer),
        subjects=_by_id(_entries(folder / "not_covered.yml"), _subject),
        phrases=read_phrases(folder / "phrases.yml"),
        warning_signs=read_warning_signs(folder),
        clinic=read_clinic(folder / "clinic.yml"),
        topics=_by_id(_entries(folder / "topics.yml"), _topic),
        timelines=_by_id(_entries(folder / "timelines.yml"), _timeline),
        verdicts=_by_id(_entries(folder / "medical_advice.yml"), _verdict),
    )

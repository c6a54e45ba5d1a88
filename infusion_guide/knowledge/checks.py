"""The checks: what must hold before knowledge may reach a patient, each finding with file, line and reason."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from infusion_guide.knowledge.digests import HeadingMissingError, section_digests
from infusion_guide.knowledge.examples import Example
from infusion_guide.knowledge.measures import characters_outside_sms, reading_grade, sms_characters, word_count
from infusion_guide.knowledge.schema import Answer, Knowledge, Review, Step, StepText, Variant, Verdict

MAX_WORDS = 80
MAX_GRADE = 7.0
# A grade says nothing of fewer words: two with a drug's name read as "grade 9".
FEWEST_GRADED = 5
MAX_SMS = 306
MAX_FACTS = 6
MIN_EXAMPLES = 40
# A step of a timeline is read in a picture, a topic on a tile.
MAX_STEP_WORDS = 30
MAX_TITLE_WORDS = 6
# Plain words in which a text may name the disease that a fact of another disease is about.
OTHER_DISEASES = {"dermatomyositis": "dermatomyositis", "guillain-barre": "guillain-barr"}
PLACEHOLDERS = {
    "clinic", "phone", "title", "ask", "detail", "first", "emergency", "crisis", "after_hours", "words",
    "n", "count", "source", "rates",
}  # fmt: skip


@dataclass(frozen=True, order=True)
class Finding:
    """Something wrong in a file."""

    path: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.reason}"


def normalized(text: str) -> str:
    """Lower case, letters and digits only: by this two examples are the same."""
    return " ".join(re.findall(r"[^\W_]+", text.lower()))


def text_reasons(text: str, words: int | None, sms: int | None, hardest: float | None = MAX_GRADE) -> Iterator[str]:
    """What is wrong with a text: too many words, too hard to read, or no text message of at most `sms` characters."""
    if words is not None and word_count(text) > words:
        yield f"{word_count(text)} words, at most {words}"
    grade = reading_grade(text)
    if hardest is not None and word_count(text) >= FEWEST_GRADED and grade > hardest:
        yield f"reading grade {grade:.1f}, at most {hardest:g}"
    if sms is not None:
        outside = characters_outside_sms(text)
        if outside:
            yield f"characters that a text message (GSM-7) does not hold: {outside}"
        if sms_characters(text) > sms:
            yield f"{sms_characters(text)} characters as a text message, at most {sms}"


def review_reasons(review: Review, today: date) -> Iterator[str]:
    """What is wrong with a review: a due date that is none, or one that has passed."""
    if review.due:
        try:
            due = date.fromisoformat(review.due)
        except ValueError:
            yield f"the review's due date {review.due!r} is not a date like 2027-01-31"
            return
        if due < today:
            yield f"the review expired on {review.due}"


def _variant_reasons(variant: Variant, knowledge: Knowledge) -> Iterator[str]:
    if not 1 <= len(variant.facts) <= MAX_FACTS:
        yield f"{len(variant.facts)} facts, 1 to {MAX_FACTS} allowed"
    for fact_id in (*variant.facts, *variant.sms_facts):
        if fact_id not in knowledge.facts:
            yield f"unknown fact {fact_id}"
    for fact_id in variant.sms_facts:
        if fact_id not in variant.facts:
            yield f"sms_facts names {fact_id}, which facts does not"
    for channel, text in (("answer", variant.answer), ("sms", variant.sms)):
        limits = (MAX_WORDS, None) if channel == "answer" else (None, MAX_SMS)
        yield from (f"{channel}: {reason}" for reason in text_reasons(text, *limits))
        # A statement about another disease must never pass as one about Sjögren's.
        for disease in sorted({fact.split(".")[0] for fact in variant.stated(channel)} & {"dermatomyositis"}):
            if disease not in text.lower():
                yield f"{channel}: rests on the document about {disease} and does not name it"
        conditions = {knowledge.facts[f].condition for f in variant.stated(channel) if f in knowledge.facts}
        for disease in sorted(conditions & set(OTHER_DISEASES)):
            if OTHER_DISEASES[disease] not in text.lower():
                yield f"{channel}: states a fact about {disease} and does not name it"


def _answer_findings(answer: Answer, knowledge: Knowledge, today: date) -> Iterator[str]:
    for variant in answer.variants:
        name = f"{answer.id} ({variant.therapy}, {variant.condition})"
        yield from (f"{name}: {reason}" for reason in _variant_reasons(variant, knowledge))
    yield from (f"{answer.id}: {reason}" for reason in review_reasons(answer.review, today))
    for next_id in answer.ask_next:
        if next_id not in knowledge.answers:
            yield f"{answer.id}: ask_next names {next_id}, which no file holds"
        if next_id == answer.id:
            yield f"{answer.id}: ask_next names itself"


def _example_findings(examples: Iterable[Example], knowledge: Knowledge) -> Iterator[Finding]:
    places: defaultdict[str, list[Example]] = defaultdict(list)
    first: dict[str, Example] = {}
    for example in examples:
        places[normalized(example.text) or example.text].append(example)
        first.setdefault(example.label, example)
        if example.text.startswith("/"):
            yield Finding(str(example.path), example.line, "an example must not begin with '/'")
    for same in places.values():
        for repeated in same[1:]:
            reason = (
                f"the example {repeated.text!r} stands already at {same[0].path.name}:{same[0].line} ({same[0].label})"
            )
            yield Finding(str(repeated.path), repeated.line, reason)
    topics = {answer.topic.replace("-", "_") for answer in knowledge.answers.values()}
    for label, example in first.items():
        if example.intent in topics and label not in knowledge.answers:
            yield Finding(str(example.path), example.line, f"no answer {label} in knowledge/answers")
        if example.intent == "not_covered" and label.split("/")[-1] not in knowledge.subjects:
            yield Finding(str(example.path), example.line, f"no subject {label.split('/')[-1]} in not_covered.yml")
        if example.intent == "medical_advice" and label.split("/")[-1] not in knowledge.verdicts:
            yield Finding(str(example.path), example.line, f"no entry {label.split('/')[-1]} in medical_advice.yml")


def _verdict_reasons(verdict: Verdict, knowledge: Knowledge, today: date) -> Iterator[str]:
    yield from review_reasons(verdict.review, today)
    for variant in verdict.general:
        name = f"({variant.therapy}, {variant.condition})"
        yield from (f"{name}: {reason}" for reason in _variant_reasons(variant, knowledge))


def _step_text_reasons(text: StepText, step: Step, knowledge: Knowledge) -> Iterator[str]:
    answer = knowledge.answers.get(step.answer)
    stated = {fact for variant in answer.variants for fact in variant.facts} if answer else set()
    if not text.facts:
        yield "no facts"
    for fact_id in text.facts:
        fact = knowledge.facts.get(fact_id)
        if fact is None:
            yield f"unknown fact {fact_id}"
            continue
        # Whoever touches the step reads the same in its answer, with the source.
        if answer is not None and fact_id not in stated:
            yield f"states {fact_id}, which its answer {step.answer} does not"
        if not {"general", text.therapy} & set(fact.therapy):
            yield f"states {fact_id}, which is about {', '.join(fact.therapy)} alone"
        if fact.condition in OTHER_DISEASES and OTHER_DISEASES[fact.condition] not in text.text.lower():
            yield f"states a fact about {fact.condition} and does not name it"
    yield from text_reasons(text.text, MAX_STEP_WORDS, None)


def _picture_findings(knowledge: Knowledge, folder: Path, today: date) -> Iterator[Finding]:
    """What is wrong with topics.yml and timelines.yml."""
    path = str(folder / "topics.yml")
    topics = {answer.topic for answer in knowledge.answers.values()}
    for missing in sorted(topics - set(knowledge.topics)):
        yield Finding(path, 1, f"no title for the topic {missing}: its answers are on no tile")
    for topic in knowledge.topics.values():
        if topic.id not in topics:
            yield Finding(path, topic.line, f"{topic.id}: no answers/{topic.id}.yml")
        if word_count(topic.title) > MAX_TITLE_WORDS:
            yield Finding(path, topic.line, f"{topic.id}: {word_count(topic.title)} words, at most {MAX_TITLE_WORDS}")
    path = str(folder / "timelines.yml")
    for timeline in knowledge.timelines.values():
        for reason in review_reasons(timeline.review, today):
            yield Finding(path, timeline.line, f"{timeline.id}: {reason}")
        for step in timeline.steps:
            name = f"{timeline.id}, {step.id}"
            if step.answer not in knowledge.answers:
                yield Finding(path, step.line, f"{name}: no answer {step.answer}")
            for text in step.texts:
                for reason in _step_text_reasons(text, step, knowledge):
                    yield Finding(path, step.line, f"{name} ({text.therapy}): {reason}")


def check(knowledge: Knowledge, examples: list[Example], folder: Path, today: date) -> list[Finding]:
    """Every finding in the knowledge of `folder` and the examples, sorted; an empty list means all is well."""
    findings = list(_example_findings(examples, knowledge))
    counts = Counter(example.label for example in examples)
    for answer in knowledge.answers.values():
        path = str(folder / "answers" / f"{answer.topic}.yml")
        findings += [Finding(path, answer.line, reason) for reason in _answer_findings(answer, knowledge, today)]
        if counts[answer.id] < MIN_EXAMPLES:
            reason = f"{answer.id}: {counts[answer.id]} examples in data/nlu, at least {MIN_EXAMPLES}"
            findings.append(Finding(path, answer.line, reason))
    for fact in knowledge.facts.values():
        document = knowledge.documents.get(fact.document)
        if document is None or fact.section not in {section.id for section in document.sections}:
            findings.append(Finding(str(folder / "facts.yml"), 1, f"{fact.id}: no such document or section"))
    for subject in knowledge.subjects.values():
        path = str(folder / "not_covered.yml")
        reasons = list(review_reasons(subject.review, today))
        if not counts[f"not_covered/{subject.id}"]:
            reasons.append("no examples in data/nlu/not_covered.yml")
        if subject.nearby:
            as_variant = Variant(
                "any", "any", subject.nearby.answer, subject.nearby.sms, subject.nearby.facts, subject.nearby.facts
            )
            reasons += _variant_reasons(as_variant, knowledge)
        findings += [Finding(path, subject.line, f"{subject.id}: {reason}") for reason in reasons]
    for verdict in knowledge.verdicts.values():
        path = str(folder / "medical_advice.yml")
        reasons = list(_verdict_reasons(verdict, knowledge, today))
        if not counts[f"medical_advice/{verdict.id}"]:
            reasons.append("no examples in data/nlu/medical_advice.yml")
        findings += [Finding(path, verdict.line, f"{verdict.id}: {reason}") for reason in reasons]
    for subject_id, words in knowledge.clinic.answers.items():
        reasons = [] if subject_id in knowledge.subjects else ["no such subject in not_covered.yml"]
        if "clinic_words" in knowledge.phrases:
            sms = knowledge.clinic.fill(knowledge.phrases["clinic_words"].sms, words=words)
            reasons += text_reasons(sms, MAX_WORDS, MAX_SMS, None)
        findings += [Finding(str(folder / "clinic.yml"), 1, f"answers, {subject_id}: {reason}") for reason in reasons]
    findings += _picture_findings(knowledge, folder, today)
    for phrase in knowledge.phrases.values():
        for channel in ("web", "kiosk", "sms"):
            text = phrase.text(channel)
            unknown = set(re.findall(r"\{(\w*)\}", text)) - PLACEHOLDERS
            reasons = [f"unknown placeholder {{{name}}}" for name in sorted(unknown)]
            reasons += text_reasons(text, MAX_WORDS, MAX_SMS if channel == "sms" else None)
            findings += [
                Finding(str(folder / "phrases.yml"), phrase.line, f"{phrase.id} ({channel}): {reason}")
                for reason in reasons
            ]
    return sorted(set(findings))


def check_documents(knowledge: Knowledge, documents: Path, folder: Path) -> list[Finding]:
    """Sections whose text in `documents` (`<id>.txt`) no longer has the digest that documents.yml holds."""
    findings = []
    path = str(folder / "documents.yml")
    for document in knowledge.documents.values():
        try:
            text = (documents / f"{document.id}.txt").read_text(encoding="utf-8")
            digests = section_digests(document, text)
        except (FileNotFoundError, HeadingMissingError) as error:
            findings.append(Finding(path, 1, f"{document.id}: {error}"))
            continue
        for section in document.sections:
            if digests[section.id] != section.digest:
                texts = {answer.id: answer.variants for answer in knowledge.answers.values()}
                texts |= {f"medical_advice/{verdict.id}": verdict.general for verdict in knowledge.verdicts.values()}
                touched = sorted(
                    text_id
                    for text_id, variants in texts.items()
                    if any(
                        fact.startswith(f"{document.id}.{section.id}.")
                        for variant in variants
                        for fact in variant.facts
                    )
                )
                reason = f"{document.id}, {section.id}: stale digest, the text has changed; see {', '.join(touched)}"
                findings.append(Finding(path, 1, reason))
    return findings

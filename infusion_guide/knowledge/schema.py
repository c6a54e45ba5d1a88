"""The schema: the nouns of the knowledge (document, fact, answer, subject, clinic) as records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

THERAPIES = ("ivig", "rituximab")
CONDITIONS = ("sjogrens", "dermatomyositis", "guillain-barre")
OUTCOMES = (
    "answer", "clarify", "defer", "clinic", "triage", "medical_advice",
    "handoff", "smalltalk", "privacy", "off_topic", "error",
)  # fmt: skip
REVIEW_STATES = ("draft", "approved")


@dataclass(frozen=True)
class Section:
    """A section of a source document; `digest` is the SHA-256 of its text, by which a change is noticed."""

    id: str
    heading: str
    digest: str


@dataclass(frozen=True)
class Document:
    """A source document that the clinic answers from. `title` is what a patient is shown."""

    id: str
    title: str
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class Fact:
    """One statement of a document in our own words; its id is `<document>.<section>.<name>`."""

    id: str
    statement: str
    topic: str
    therapy: tuple[str, ...]
    condition: str
    audience: str
    safety: bool
    nuance: str = ""

    @property
    def document(self) -> str:
        """The id of the document that states it."""
        return self.id.split(".")[0]

    @property
    def section(self) -> str:
        """The id of the section that states it."""
        return self.id.split(".")[1]


@dataclass(frozen=True)
class Review:
    """Whether a clinician has approved a text; `on` and `due` are ISO dates."""

    state: str = "draft"
    by: str = ""
    on: str = ""
    due: str = ""


@dataclass(frozen=True)
class Variant:
    """The words of an answer for a therapy and a condition ("any" fits all)."""

    therapy: str
    condition: str
    answer: str
    sms: str
    facts: tuple[str, ...]
    sms_facts: tuple[str, ...]

    def text(self, channel: str) -> str:
        """What is shown on `channel`."""
        return self.sms if channel == "sms" else self.answer

    def stated(self, channel: str) -> tuple[str, ...]:
        """The ids of the facts that the text for `channel` states."""
        return self.sms_facts if channel == "sms" else self.facts


@dataclass(frozen=True)
class Answer:
    """A curated answer. Its id is `<topic>/<name>`."""

    id: str
    question: str
    variants: tuple[Variant, ...]
    ask_next: tuple[str, ...]
    review: Review
    line: int = field(default=0, compare=False)

    @property
    def topic(self) -> str:
        """The topic, which names its file and its intent."""
        return self.id.split("/")[0]

    def variant(self, therapy: str | None, condition: str | None) -> Variant:
        """The most specific variant that fits; `None` means not known.

        A variant for a condition outranks one for a therapy. When only the condition is known, its variant is shown
        whatever its therapy: the documents know a single therapy for it.
        """

        def fit(variant: Variant) -> int:
            score = 0
            if variant.condition != "any":
                if variant.condition != condition:
                    return -1
                score += 2
            if variant.therapy != "any":
                if variant.therapy != therapy and not (therapy is None and score):
                    return -1
                score += 1
            return score

        return max(self.variants, key=fit)


@dataclass(frozen=True)
class Nearby:
    """What may be said beside a subject that the documents leave open, with the facts it states."""

    answer: str
    sms: str
    facts: tuple[str, ...]


@dataclass(frozen=True)
class Subject:
    """A subject that patients ask about and the documents leave open."""

    id: str
    title: str
    group: str
    outcome: str
    ask: str
    nearby: Nearby | None
    review: Review
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Phrase:
    """A fixed sentence of the guide itself (a greeting, an apology), for web and kiosk and for SMS."""

    id: str
    outcome: str
    web: str
    sms: str
    ask_next: tuple[str, ...] = ()
    line: int = field(default=0, compare=False)

    def text(self, channel: str) -> str:
        """What is shown on `channel`, placeholders not yet filled."""
        return self.sms if channel == "sms" else self.web


@dataclass(frozen=True)
class Clinic:
    """What differs from clinic to clinic: names, numbers, details. An absent detail is not in `details`."""

    name: str
    care_team_phone: str
    demo: bool
    details: Mapping[str, str]

    def fill(self, text: str, **more: str) -> str:
        """`text` with this clinic's name and numbers in its placeholders, and `more` in others.

        The emergency number and crisis line are those of the United States unless the clinic gives its own.
        """
        return text.format(
            clinic=self.name,
            phone=self.care_team_phone,
            emergency=self.details.get("emergency_number", "911"),
            crisis=self.details.get("crisis_line", "988"),
            **more,
        )


@dataclass(frozen=True)
class Knowledge:
    """All that the clinic's files say, by id."""

    documents: Mapping[str, Document]
    facts: Mapping[str, Fact]
    answers: Mapping[str, Answer]
    subjects: Mapping[str, Subject]
    phrases: Mapping[str, Phrase]
    clinic: Clinic

    def source(self, fact_id: str) -> tuple[str, str]:
        """Title and section heading behind a fact; the heading is empty for an opening paragraph."""
        document_id, section_id = fact_id.split(".")[:2]
        document = self.documents[document_id]
        section = next(section for section in document.sections if section.id == section_id)
        return document.title, "" if section.heading.startswith("(") else section.heading

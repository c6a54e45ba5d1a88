"""The schema: the nouns of the knowledge (document, fact, answer, subject, clinic) as records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from zoneinfo import ZoneInfo

THERAPIES = ("ivig", "rituximab")
CONDITIONS = ("sjogrens", "dermatomyositis", "guillain-barre")
OUTCOMES = (
    "answer", "clarify", "defer", "clinic", "triage", "medical_advice",
    "handoff", "smalltalk", "privacy", "off_topic", "error",
)  # fmt: skip
REVIEW_STATES = ("draft", "approved")
# Where a person is; the kiosk's are all in the clinic, which asks for the same as a running infusion.
SETTINGS = ("infusing", "home", "unknown")
# When a step of a timeline comes, and the pictures that can stand beside it.
PHASES = ("before", "during", "after", "later")
ICONS = ("tests", "tablet", "hand", "drip", "heart", "chair", "clock", "calendar", "steps", "person")
# How soon help is needed, most severe first.
TIERS = ("crisis", "emergency", "nurse_now", "same_day")
# Whether what a message mentions is happening to somebody now; everything but "present" is a mere mention.
STATUSES = (
    "present", "denied", "past", "hypothetical", "hearsay", "figure-of-speech", "question", "baseline", "ordinary",
)  # fmt: skip


@dataclass(frozen=True)
class Section:
    """A section of a source document; `digest` is the SHA-256 of its text, by which a change is noticed."""

    id: str
    heading: str
    digest: str


@dataclass(frozen=True)
class Document:
    """A source document that the clinic answers from. `title` is what a patient is shown, `short` in a text message."""

    id: str
    title: str
    sections: tuple[Section, ...]
    short: str = ""


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


def most_specific(variants: Iterable[Variant], therapy: str | None, condition: str | None) -> Variant | None:
    """The most specific of `variants` that fits, the first of several; `None` where a name means not known.

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

    return max((variant for variant in variants if fit(variant) >= 0), key=fit, default=None)


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
        """The most specific variant that fits; one of them fits everybody."""
        return most_specific(self.variants, therapy, condition) or self.variants[0]


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
class Verdict:
    """A verdict on a person's own case, which people ask for and the guide never gives.

    `general` is what the documents say of everybody, shown after the declining phrase; empty where nothing helps, or
    where it could be taken for the verdict.
    """

    id: str
    general: tuple[Variant, ...]
    review: Review
    line: int = field(default=0, compare=False)

    def said(self, therapy: str | None, condition: str | None) -> Variant | None:
        """What is said in general for a therapy and a condition, if anything."""
        return most_specific(self.general, therapy, condition)


@dataclass(frozen=True)
class Phrase:
    """A fixed sentence of the guide itself (a greeting, an apology); an empty `kiosk` says what `web` says."""

    id: str
    outcome: str
    web: str
    sms: str
    ask_next: tuple[str, ...] = ()
    kiosk: str = ""
    line: int = field(default=0, compare=False)

    def text(self, channel: str) -> str:
        """What is shown on `channel`, placeholders not yet filled."""
        return {"sms": self.sms, "kiosk": self.kiosk or self.web}.get(channel, self.web)


@dataclass(frozen=True)
class Topic:
    """A topic as a tile shows it; its id names the file of its answers."""

    id: str
    title: str
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class StepText:
    """What a step of a timeline says for a therapy ("any" fits both), and the facts that it states."""

    therapy: str
    text: str
    facts: tuple[str, ...]


@dataclass(frozen=True)
class Step:
    """A step of a timeline; `answer` is the id of the answer that it opens."""

    id: str
    title: str
    phase: str
    icon: str
    answer: str
    texts: tuple[StepText, ...]
    line: int = field(default=0, compare=False)

    def text(self, therapy: str) -> StepText:
        """What the step says for `therapy`."""
        return max(self.texts, key=lambda text: 2 * (text.therapy == therapy) + (text.therapy == "any"))


@dataclass(frozen=True)
class Timeline:
    """What to expect, in steps that a picture can show."""

    id: str
    title: str
    steps: tuple[Step, ...]
    review: Review
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Sign:
    """A warning sign: its name in a patient's words, its tier in each setting (None: nothing to call for)."""

    id: str
    name: str
    spanish: str
    infusing: str | None
    home: str | None
    sources: tuple[str, ...]
    phrases: tuple[str, ...]
    review: Review
    line: int = field(default=0, compare=False)

    def tier(self, setting: str) -> str | None:
        """How soon help is needed in `setting`; where the setting is unknown, as at home, which is never milder."""
        return self.infusing if setting == "infusing" else self.home


@dataclass(frozen=True)
class Advice:
    """What a person with a warning sign of `tier` in `setting` is told to do; {sign} is filled in."""

    tier: str
    setting: str
    web: str
    kiosk: str
    sms: str
    spanish: str
    spanish_sms: str
    line: int = field(default=0, compare=False)

    def text(self, channel: str) -> str:
        """What is shown on `channel`, placeholders not yet filled."""
        return {"sms": self.sms, "kiosk": self.kiosk}.get(channel, self.web)

    def spanish_text(self, channel: str) -> str:
        """The Spanish words that stand under the English ones, placeholders not yet filled."""
        return self.spanish_sms if channel == "sms" else self.spanish


@dataclass(frozen=True)
class Cue:
    """Words that say a sign near them is not happening now ("last time", "what if", "no"), or that it is ("still").

    `where` they stand seen from the sign (before, after, around), within `reach` words (0: any number) of the same
    `scope` (clause, sentence, message).
    """

    status: str
    where: str
    reach: int
    scope: str
    phrases: tuple[str, ...]


@dataclass(frozen=True)
class Limits:
    """Readings from which on a number is a warning sign; for a clinician to set."""

    fever_fahrenheit: float
    fever_celsius: float
    pulse_high: float
    pulse_low: float
    oxygen_low: float
    systolic_low: float
    systolic_high: float


@dataclass(frozen=True)
class SignVocabulary:
    """All of warning_sign_words.yml; `settings`: setting → words that tell it, `patterns`: sign → wider phrases."""

    cues: tuple[Cue, ...]
    idioms: tuple[str, ...]
    breaks: tuple[str, ...]
    settings: Mapping[str, tuple[str, ...]]
    spanish_words: tuple[str, ...]
    patterns: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Unwell:
    """The card for somebody in the clinic who feels unwell and has named no sign: what to do, then signs by tier."""

    heading: str
    text: str
    emergency: str
    nurse_now: str
    crisis: str
    line: int = field(default=0, compare=False)

    @property
    def texts(self) -> dict[str, str]:
        """Its texts by the name of their field, placeholders not yet filled."""
        return {part.name: getattr(self, part.name) for part in fields(self) if part.name != "line"}


@dataclass(frozen=True)
class WarningSigns:
    """Signs by id, advice by tier and setting, the public pages behind the tiers, and the words that tell a sign."""

    signs: Mapping[str, Sign]
    advice: Mapping[tuple[str, str], Advice]
    limits: Limits
    sources: Mapping[str, str]
    review: Review
    vocabulary: SignVocabulary
    unwell: Unwell

    def phrases(self, sign_id: str) -> tuple[str, ...]:
        """Everything by which the rules know a sign: its plain phrases and its wider patterns."""
        return self.signs[sign_id].phrases + tuple(self.vocabulary.patterns.get(sign_id, ()))

    def advice_for(self, tier: str, setting: str) -> Advice:
        """What to tell a person; where nothing is written for an unknown setting, what is for home.

        Raises:
            KeyError: nothing is written for the tier.
        """
        return self.advice.get((tier, setting)) or self.advice[tier, "home"]


@dataclass(frozen=True)
class Clinic:
    """What differs from clinic to clinic: names, numbers, details. An absent detail is not in `details`.

    `opening`: weekday (0 is Monday) as text → opening and closing time ("08:00", "17:00") in `time_zone`. `answers`: id
    of a subject that the documents leave open → the clinic's own words on it.
    """

    name: str
    care_team_phone: str
    demo: bool
    details: Mapping[str, str]
    time_zone: str = ""
    opening: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)

    def is_open(self, now: datetime) -> bool:
        """Whether the clinic is open at `now` (aware of its zone); one that gives no hours counts as open."""
        if not self.opening:
            return True
        here = now.astimezone(ZoneInfo(self.time_zone))
        opens, closes = self.opening.get(str(here.weekday()), ("", ""))
        return opens <= here.strftime("%H:%M") < closes

    @property
    def emergency_number(self) -> str:
        """The emergency number: that of the United States unless the clinic gives its own."""
        return self.details.get("emergency_number", "911")

    @property
    def crisis_line(self) -> str:
        """The line for people who think of dying: that of the United States unless the clinic gives its own."""
        return self.details.get("crisis_line", "988")

    @property
    def after_hours_phone(self) -> str:
        """The number to call when the clinic is closed: the care team's unless the clinic gives another."""
        return self.details.get("after_hours_phone", self.care_team_phone)

    def text_rates(self, phrases: Mapping[str, Phrase]) -> str:
        """What a text message may cost the person: the clinic's own words, else those of the phrases."""
        return self.details.get("text_rates") or phrases["sms_rates"].sms

    @property
    def phones(self) -> tuple[str, ...]:
        """Every number of the clinic that a reply may hold, each once."""
        numbers = (self.emergency_number, self.crisis_line, self.care_team_phone, self.after_hours_phone)
        return tuple(dict.fromkeys(numbers))

    def fill(self, text: str, **more: str) -> str:
        """`text` with this clinic's name and numbers in its placeholders, and `more` in others."""
        return text.format(
            clinic=self.name,
            phone=self.care_team_phone,
            emergency=self.emergency_number,
            crisis=self.crisis_line,
            after_hours=self.after_hours_phone,
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
    warning_signs: WarningSigns
    clinic: Clinic
    topics: Mapping[str, Topic] = field(default_factory=dict)
    timelines: Mapping[str, Timeline] = field(default_factory=dict)
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)

    def source(self, fact_id: str) -> tuple[str, str, str]:
        """Title, section heading and short title behind a fact; the heading is empty for an opening paragraph."""
        document_id, section_id = fact_id.split(".")[:2]
        document = self.documents[document_id]
        section = next(section for section in document.sections if section.id == section_id)
        heading = "" if section.heading.startswith("(") else section.heading
        return document.title, heading, document.short or document.title

"""The contract: what a reply carries from the actions to the doors (the `custom` of a Rasa message)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

# A message that gets several kinds of reply carries the first of these (shared evaluation contract).
RANK = (
    "triage",
    "answer",
    "clarify",
    "medical_advice",
    "defer",
    "clinic",
    "handoff",
    "privacy",
    "smalltalk",
    "off_topic",
    "error",
)

# Choices that are no answers: id → what picking one means (an intent) and the phrase that holds its words.
RUNNING, NOT_RUNNING, ONLY_ASKING = "triage/infusing", "triage/home", "triage/only-asking"
SOMETHING_ELSE = "something-else"
FIXED_CHOICES = {
    RUNNING: ("infusion_running", "triage_running"),
    NOT_RUNNING: ("infusion_over", "triage_not_running"),
    ONLY_ASKING: ("only_asking", "triage_only_asking"),
    SOMETHING_ELSE: ("something_else", "something_else_choice"),
}


@dataclass(frozen=True)
class Shown:
    """An answer that was shown, with the facts that its text states."""

    id: str
    facts: tuple[str, ...]


@dataclass(frozen=True)
class Choice:
    """Something the person may ask next, in a patient's words."""

    id: str
    title: str
    facts: tuple[str, ...]


@dataclass(frozen=True)
class Source:
    """Where an answer comes from; `section` is empty for an opening paragraph, `short` is what a text message says."""

    document: str
    section: str
    short: str = ""


@dataclass(frozen=True)
class About:
    """What a reply speaks of: its label (an answer's id, `intent/subject`) and its words in the knowledge."""

    label: str
    words: str


@dataclass(frozen=True)
class Reply:
    """Everything a door needs to show a reply. `text` is without source, choices and review state.

    `phones` are the numbers in `text` that a door can make tappable; `heading` is the title of an alert card.
    `about` stays in the house: what the reply speaks of, which a short question may go on from.
    """

    outcome: str
    text: str
    answers: tuple[Shown, ...] = ()
    choices: tuple[Choice, ...] = ()
    sources: tuple[Source, ...] = ()
    tier: str | None = None
    notes: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = field(default=())
    phones: tuple[str, ...] = ()
    heading: str = ""
    about: About | None = None

    def custom(self) -> dict[str, Any]:
        """The reply as plain JSON."""
        content = asdict(self)
        del content["about"]
        content["outcomes"] = list(self.outcomes or (self.outcome,))
        return content


def choice_id(answer: str, therapy: str | None = None) -> str:
    """The id of a choice: an answer, for one treatment where `therapy` names it."""
    return f"{answer}@{therapy}" if therapy else answer


def read_choice(choice: str) -> tuple[str, str | None]:
    """The answer and the treatment of a choice that `choice_id` made."""
    answer, _, therapy = choice.partition("@")
    return answer, therapy or None


def reply_from(custom: Mapping[str, Any]) -> Reply:
    """The reply that `Reply.custom` wrote.

    Raises:
        KeyError, TypeError: it is not one.
    """
    return Reply(
        outcome=custom["outcome"],
        text=custom["text"],
        answers=tuple(Shown(item["id"], tuple(item["facts"])) for item in custom["answers"]),
        choices=tuple(Choice(item["id"], item["title"], tuple(item["facts"])) for item in custom["choices"]),
        sources=tuple(Source(item["document"], item["section"], item.get("short", "")) for item in custom["sources"]),
        tier=custom["tier"],
        notes=tuple(custom["notes"]),
        outcomes=tuple(custom["outcomes"]),
        phones=tuple(custom["phones"]),
        heading=custom["heading"],
    )


def _unique(items: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(items))


def joined(replies: Sequence[Reply]) -> Reply:
    """Several replies to one message as one, in their order; the outcome is the first by rank.

    Raises:
        ValueError: there is nothing to join.
    """
    if not replies:
        raise ValueError("no reply to join")
    if len(replies) == 1:
        return replies[0]
    outcomes = _unique(outcome for reply in replies for outcome in (reply.outcomes or (reply.outcome,)))
    return Reply(
        outcome=min(outcomes, key=RANK.index),
        text="\n\n".join(reply.text for reply in replies),
        answers=_unique(shown for reply in replies for shown in reply.answers),
        choices=_unique(choice for reply in replies for choice in reply.choices),
        sources=_unique(source for reply in replies for source in reply.sources),
        tier=next((reply.tier for reply in replies if reply.tier), None),
        notes=_unique(note for reply in replies for note in reply.notes),
        outcomes=outcomes,
        phones=_unique(phone for reply in replies for phone in reply.phones),
        heading=next((reply.heading for reply in replies if reply.heading), ""),
        about=next((reply.about for reply in reversed(replies) if reply.about), None),
    )

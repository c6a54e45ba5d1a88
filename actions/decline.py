"""Declining: what the documents leave open, and what only the care team can judge."""

from __future__ import annotations

from dataclasses import replace

from rasa_sdk import Action

from actions.answer import alternatives
from actions.composition import choices_of, phrase_reply, sources_of
from actions.guide import GuideAction
from actions.turn import Turn
from infusion_guide.contract import Reply, Shown
from infusion_guide.knowledge.schema import Knowledge, Subject


def subject_reply(knowledge: Knowledge, subject: Subject, turn: Turn) -> Reply:
    """Names the subject, says whom to ask, and adds what the documents do say nearby where that helps."""
    channel = turn.channel
    own_words = knowledge.clinic.answers.get(subject.id)
    if own_words:
        return phrase_reply(knowledge, "clinic_words", channel, alternatives(turn, knowledge), words=own_words)
    # A subject of advice or of the clinic is still named: the person sees that the question was understood.
    phrase = knowledge.phrases["not_covered"]
    text = knowledge.clinic.fill(phrase.text(channel), title=subject.title, ask=subject.ask)
    reply = Reply(
        outcome=subject.outcome,
        text=text,
        choices=choices_of(knowledge, alternatives(turn, knowledge), turn.therapy, turn.condition, channel),
    )
    if subject.nearby is None:
        return reply
    nearby = subject.nearby.sms if channel == "sms" else subject.nearby.answer
    return replace(
        reply,
        text=f"{text} {nearby}",
        answers=(Shown(f"not_covered/{subject.id}", subject.nearby.facts),),
        sources=sources_of(knowledge, subject.nearby.facts),
    )


class ActionNotCovered(GuideAction, Action):  # type: ignore[misc]
    """Says that the documents leave a subject open."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_not_covered"

    def reply(self, turn: Turn, knowledge: Knowledge) -> Reply:
        """The subject's reply, or "I'm not sure" when the subject is unknown."""
        subject = knowledge.subjects.get(turn.best.split("/", 1)[-1])
        if subject is None:
            return phrase_reply(knowledge, "unsure", turn.channel, alternatives(turn, knowledge))
        return subject_reply(knowledge, subject, turn)


class ActionMedicalAdvice(GuideAction, Action):  # type: ignore[misc]
    """Declines to judge a person's own case."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_medical_advice"

    def reply(self, turn: Turn, knowledge: Knowledge) -> Reply:
        """The care team's number, and what the documents say in general as a choice."""
        return phrase_reply(
            knowledge, "medical_advice", turn.channel, alternatives(turn, knowledge), turn.therapy, turn.condition
        )

"""The reply that a message asked for, by the kind of its best label: what is known, what is open, what is declined."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from actions.alternatives import alternatives, close_answers
from actions.clinic import ActionClinic
from actions.composition import (
    answer_reply,
    choice_reply,
    choices_of,
    notes_of,
    phrase_reply,
    sources_of,
)
from actions.context import asked_in_context
from actions.say import ActionHandoff, ActionSay, ActionUnsure
from actions.turn import Turn
from infusion_guide.contract import About, Reply, Shown
from infusion_guide.knowledge.schema import Answer, Knowledge, Subject


def curated_reply(knowledge: Knowledge, answer: Answer, turn: Turn) -> Reply:
    """An answer, or a choice where several are as likely."""
    close = close_answers(turn, knowledge)
    if close:
        return choice_reply(knowledge, close, turn.therapy, turn.condition, turn.channel)
    others = alternatives(turn, knowledge)
    return answer_reply(knowledge, answer, turn.therapy, turn.condition, turn.channel, others)


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
        about=About(turn.best, subject.title),
    )
    if subject.nearby is None:
        return reply
    nearby = subject.nearby.sms if channel == "sms" else subject.nearby.answer
    return replace(
        reply,
        text=f"{text} {nearby}",
        answers=(Shown(f"not_covered/{subject.id}", subject.nearby.facts),),
        sources=sources_of(knowledge, subject.nearby.facts),
        notes=notes_of(knowledge, subject.nearby.facts, subject.review, turn.condition, channel),
    )


def verdict_reply(turn: Turn, knowledge: Knowledge) -> Reply:
    """Declines to judge the person's own case, and adds what the documents say of everybody where that helps."""
    channel = turn.channel
    reply = phrase_reply(
        knowledge, "medical_advice", channel, alternatives(turn, knowledge), turn.therapy, turn.condition
    )
    verdict = knowledge.verdicts.get(turn.best.split("/", 1)[-1])
    general = verdict.said(turn.therapy, turn.condition) if verdict else None
    if verdict is None or general is None:
        return reply
    facts = general.stated(channel)
    return replace(
        reply,
        text=f"{reply.text} {general.text(channel)}",
        answers=(Shown(f"medical_advice/{verdict.id}", facts),),
        sources=sources_of(knowledge, facts),
        notes=notes_of(knowledge, facts, verdict.review, turn.condition, channel),
    )


def _not_covered_reply(turn: Turn, knowledge: Knowledge) -> Reply:
    subject = knowledge.subjects.get(turn.best.split("/", 1)[-1])
    return subject_reply(knowledge, subject, turn) if subject else _unknown_reply(turn, knowledge)


def _unknown_reply(turn: Turn, knowledge: Knowledge) -> Reply:
    """A label that the database does not hold: "I'm not sure", with the answers that it does hold."""
    return phrase_reply(knowledge, "unsure", turn.channel, alternatives(turn, knowledge))


_BY_INTENT: dict[str, Callable[[Turn, Knowledge], Reply]] = {
    "not_covered": _not_covered_reply,
    "medical_advice": verdict_reply,
    "clinic": ActionClinic().reply,
    "handoff": ActionHandoff().reply,
    "nlu_fallback": ActionUnsure().reply,
}


def asked_reply(turn: Turn, knowledge: Knowledge) -> Reply:
    """What the rules of data/rules.yml would have said without a warning sign, read in the thread."""
    turn = asked_in_context(turn, knowledge)
    asked = turn.asked or turn.intent
    answer = knowledge.answers.get(turn.best)
    if answer is not None and asked != "nlu_fallback":
        return curated_reply(knowledge, answer, turn)
    if asked in _BY_INTENT:
        return _BY_INTENT[asked](turn, knowledge)
    if turn.best in knowledge.phrases or asked in knowledge.phrases:
        return ActionSay().reply(turn, knowledge)
    return _unknown_reply(turn, knowledge)

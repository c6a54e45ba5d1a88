"""Follow-ups: turns that mean what was said before: "why?", "and rituximab?", "the first one", "tell me more"."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from rasa_sdk import Action

from actions.composition import answer_reply, phrase_reply
from actions.guide import GuideAction, memory
from actions.turn import Turn
from infusion_guide.contract import Reply
from infusion_guide.knowledge.schema import THERAPIES, Answer, Knowledge

_CHOSEN = {"choose_first": 0, "choose_second": 1, "choose_third": 2}
# Follow-ups that show the last answer again, for another treatment or disease.
_SAME_ANSWER = ("ask_other", "ask_other_condition", "correct_therapy", "say_again")
# Topics whose answers say how bad something is.
_HOW_BAD = ("side-effects", "warning-signs")


def other_therapy(turn: Turn) -> str | None:
    """The therapy that a follow-up turns to: the named one that was not spoken of, else the other of the two."""
    known = turn.slots.get("known_therapy")
    named = [therapy for therapy in turn.therapies if therapy != known] or list(turn.therapies)
    if named:
        return named[0]
    others = [therapy for therapy in THERAPIES if therapy != known]
    return others[0] if known else None


def meant(turn: Turn) -> tuple[str | None, str | None]:
    """Therapy and condition that a follow-up is about."""
    if turn.intent in ("ask_other", "correct_therapy"):
        return other_therapy(turn), turn.condition
    return turn.therapy, turn.condition


def last_answer(turn: Turn, knowledge: Knowledge) -> Answer | None:
    """The answer that was given last, if there was one."""
    last = turn.slots.get("last_answers") or ()
    return next((knowledge.answers[answer_id] for answer_id in last if answer_id in knowledge.answers), None)


def next_answer(last: Answer, knowledge: Knowledge, intent: str) -> Answer | None:
    """Which of the answers that follow the last one a "why?", an "is that bad?" or a "tell me more" asks for."""
    following = [knowledge.answers[answer_id] for answer_id in last.ask_next if answer_id in knowledge.answers]
    if intent == "ask_why":
        return next((answer for answer in following if answer.question.startswith("Why")), None)
    if intent == "ask_if_bad":
        return next((answer for answer in following if answer.topic in _HOW_BAD), None)
    return following[0] if following else None


class ActionFollowUp(GuideAction, Action):  # type: ignore[misc]
    """The answer that a follow-up means, or a plain word where nothing was said before."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_follow_up"

    def reply(self, turn: Turn, knowledge: Knowledge) -> Reply:
        """The answer that is meant, or the choice of what may be."""
        offered = turn.slots.get("open_choice") or ()
        therapy, condition = meant(turn)

        def shown(answer: Answer, alternatives: Iterable[str] = ()) -> Reply:
            return answer_reply(knowledge, answer, therapy, condition, turn.channel, alternatives)

        if turn.intent in _CHOSEN:
            at = _CHOSEN[turn.intent]
            if at < len(offered) and offered[at] in knowledge.answers:
                return shown(knowledge.answers[offered[at]])
            return phrase_reply(knowledge, "unsure", turn.channel, offered)
        last = last_answer(turn, knowledge)
        if last is None or turn.intent == "not_what_i_asked":
            return phrase_reply(knowledge, turn.intent, turn.channel, offered, therapy, condition)
        if turn.intent in _SAME_ANSWER:
            return shown(last, offered)
        following = next_answer(last, knowledge, turn.intent)
        if following is None:
            return phrase_reply(knowledge, turn.intent, turn.channel, last.ask_next, therapy, condition)
        return shown(following, [answer_id for answer_id in offered if answer_id != following.id])

    def remembers(self, turn: Turn, reply: Reply) -> dict[str, Any]:
        """What was meant is what the talk is about from now on."""
        therapy, condition = meant(turn)
        slots = memory(replace(turn, therapies=()), reply)
        return {**slots, "known_therapy": therapy, "known_condition": condition}

"""Follow-ups: turns that mean what was said before: "why?", "and rituximab?", "the first one", "tell me more"."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from rasa_sdk import Action

from actions.composition import answer_reply, choice_reply, phrase_reply
from actions.guide import GuideAction, memory
from actions.say import ActionSay
from actions.triage import ActionTriageAnswer
from actions.turn import Turn
from infusion_guide.contract import FIXED_CHOICES, SOMETHING_ELSE, Reply, read_choice
from infusion_guide.knowledge.schema import THERAPIES, Answer, Knowledge

# "Yes" to what was offered takes the first of it.
_CHOSEN = {"affirm": 0, "choose_first": 0, "choose_second": 1, "choose_third": 2}
# What was picked from a choice and is no answer: who replies to it.
SAID: dict[str, type[GuideAction]] = {
    "infusion_running": ActionTriageAnswer,
    "infusion_over": ActionTriageAnswer,
    "only_asking": ActionTriageAnswer,
    "something_else": ActionSay,
}
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


def picked(turn: Turn) -> str | None:
    """The id of the choice that "the first one" and the like pick from what was offered last."""
    offered, at = turn.slots.get("open_choice") or (), _CHOSEN.get(turn.intent)
    return offered[at] if at is not None and at < len(offered) else None


def chosen_answer(turn: Turn) -> tuple[str, str | None]:
    """Id of the answer that was picked from the last choice, empty for none, and the treatment it was offered for."""
    return read_choice(picked(turn) or "")


def as_said(turn: Turn) -> Turn:
    """The turn with the intent of what was picked, where that is no answer: "1" to "is your infusion running?"."""
    choice = picked(turn)
    intent = FIXED_CHOICES[choice][0] if choice in FIXED_CHOICES else None
    return replace(turn, intent=intent, asked=intent, ranking=()) if intent else turn


class ActionFollowUp(GuideAction, Action):  # type: ignore[misc]
    """The answer that a follow-up means, or a plain word where nothing was said before."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_follow_up"

    def reply(self, turn: Turn, knowledge: Knowledge) -> Reply:
        """The answer that is meant, or the choice of what may be."""
        turn = as_said(turn)
        if turn.intent in SAID:
            return SAID[turn.intent]().reply(turn, knowledge)
        offered = turn.slots.get("open_choice") or ()
        therapy, condition = meant(turn)

        def shown(answer: Answer, alternatives: Iterable[str] = ()) -> Reply:
            return answer_reply(knowledge, answer, therapy, condition, turn.channel, alternatives)

        if turn.intent == "affirm" and SOMETHING_ELSE in offered:
            # A yes to "which of these do you mean?" says nothing yet.
            return choice_reply(knowledge, offered, therapy, condition, turn.channel)
        if turn.intent in _CHOSEN:
            picked_id, named = chosen_answer(turn)
            chosen = knowledge.answers.get(picked_id)
            if chosen is None:
                return phrase_reply(knowledge, "affirm" if turn.intent == "affirm" else "unsure", turn.channel, offered)
            return answer_reply(knowledge, chosen, named or therapy, condition, turn.channel)
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
        named = chosen_answer(turn)[1]
        turn = as_said(turn)
        if turn.intent in SAID:
            return SAID[turn.intent]().remembers(turn, reply)
        therapy, condition = meant(turn)
        slots = memory(replace(turn, therapies=()), reply)
        return {**slots, "known_therapy": named or therapy, "known_condition": condition}

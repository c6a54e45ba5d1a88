"""Triage: what to do about a warning sign first; then where the person is, and whether it was only a question."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from rasa_sdk import Action

from actions.composition import choices_of, phrase_reply
from actions.guide import GuideAction, knowledge_store, memory, sign_record
from actions.reply import asked_reply
from actions.turn import Turn
from infusion_guide.contract import Reply
from infusion_guide.knowledge.schema import TIERS, Knowledge, WarningSigns
from infusion_guide.safety.advice import triage_reply
from infusion_guide.safety.detector import Detection

# How sure the selection must be of an answer to offer it beside the advice.
WORTH_OFFERING = 0.3
# What a person may say of where they are → the setting.
SETTING_OF_INTENT = {"infusion_running": "infusing", "affirm": "infusing", "infusion_over": "home", "deny": "home"}


def rest_of_message(turn: Turn, knowledge: Knowledge) -> list[str]:
    """Ids of the answers that the message may have asked for beside the sign."""
    asked = [one.ranking[0].label for one in turn.several if one.ranking]
    likely = [candidate.label for candidate in turn.ranking if candidate.score >= WORTH_OFFERING]
    return [label for label in [*asked, *likely] if label in knowledge.answers]


def advice_reply(detection: Detection, turn: Turn, knowledge: Knowledge, doubt: str = "") -> Reply:
    """The advice for a sign on the turn's channel."""
    rest = choices_of(knowledge, rest_of_message(turn, knowledge), turn.therapy, turn.condition, turn.channel)
    return triage_reply(
        detection,
        knowledge.warning_signs,
        knowledge.clinic,
        knowledge.phrases,
        turn.channel,
        choices=rest,
        doubt=doubt,
    )


def most_severe(detection: Detection, turn: Turn, warning_signs: WarningSigns) -> Detection:
    """The more severe of a sign and the one that the conversation was about just before, where the person is now."""
    told = turn.slots.get("triage")
    if not told:
        return detection
    before = Detection(**told)
    if detection.setting != "unknown" and before.sign in warning_signs.signs:
        tier = warning_signs.signs[before.sign].tier(detection.setting)
        if tier is None:
            return detection
        before = replace(before, tier=tier, setting=detection.setting)
    return before if TIERS.index(before.tier) < TIERS.index(detection.tier) else detection


class ActionTriage(GuideAction, Action):  # type: ignore[misc]
    """The advice for the most severe sign of the message."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_triage"

    def reply(self, turn: Turn, knowledge: Knowledge) -> Reply:
        """The advice; where the sign calls for nothing here (a mild headache at home), the answer asked for."""
        if turn.detection is None:
            return asked_reply(turn, knowledge)
        # The new sign alone: the one before was recorded when it was met.
        sign_record().add(turn.detection, turn.channel)
        return advice_reply(most_severe(turn.detection, turn, knowledge.warning_signs), turn, knowledge)

    def remembers(self, turn: Turn, reply: Reply) -> dict[str, Any]:
        """The sign, and whether it is still open where the person is."""
        if turn.detection is None:
            return memory(turn, reply)
        detection = most_severe(turn.detection, turn, knowledge_store().knowledge().warning_signs)
        open_question = detection.setting == "unknown" and detection.tier != "crisis"
        return {**memory(turn, reply), "triage": asdict(detection), "triage_open": open_question}


class ActionTriageAnswer(GuideAction, Action):  # type: ignore[misc]
    """What follows advice: the person says where they are, doubts the advice, or takes the alarm back."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_triage_answer"

    def reply(self, turn: Turn, knowledge: Knowledge) -> Reply:
        """The advice made finer, repeated, or stood down; without a sign before, a plain word."""
        told = turn.slots.get("triage")
        if not told:
            return phrase_reply(knowledge, turn.intent, turn.channel)
        before = Detection(**told)
        if turn.intent == "only_asking":
            return phrase_reply(knowledge, "stood_down", turn.channel, turn.slots.get("last_answers") or ())
        if turn.intent in SETTING_OF_INTENT:
            setting = SETTING_OF_INTENT[turn.intent]
            tier = knowledge.warning_signs.signs[before.sign].tier(setting)
            if tier is None:
                return phrase_reply(knowledge, "stood_down", turn.channel)
            return advice_reply(replace(before, tier=tier, setting=setting), turn, knowledge)
        doubt = knowledge.phrases["doubt_answered"].text(turn.channel)
        return advice_reply(before, turn, knowledge, doubt)

    def remembers(self, turn: Turn, reply: Reply) -> dict[str, Any]:
        """Where the person is; the sign itself unless it was taken back."""
        slots = memory(turn, reply)
        if turn.intent in SETTING_OF_INTENT:
            slots["setting"] = SETTING_OF_INTENT[turn.intent]
        told = turn.slots.get("triage")
        if told and reply.outcome == "triage":
            setting = slots.get("setting") or told["setting"]
            return {
                **slots,
                "triage": {**told, "tier": reply.tier, "setting": setting},
                "triage_open": setting == "unknown",
            }
        return slots


class ActionTriageSetting(ActionTriageAnswer):
    """A plain yes or no to "is your infusion running right now?".

    A name of its own: Rasa's RulePolicy wants every rule with an action to agree on the slots that it sets.
    """

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_triage_setting"

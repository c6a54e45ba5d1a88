"""The reply that a message asked for, by the kind of its best label; for actions that do more than one thing."""

from __future__ import annotations

from actions.answer import ActionAnswer
from actions.clinic import ActionClinic
from actions.decline import ActionMedicalAdvice, ActionNotCovered
from actions.guide import GuideAction
from actions.say import ActionHandoff, ActionSay, ActionUnsure
from actions.turn import Turn
from infusion_guide.contract import Reply
from infusion_guide.knowledge.schema import Knowledge

_BY_INTENT: dict[str, type[GuideAction]] = {
    "not_covered": ActionNotCovered,
    "medical_advice": ActionMedicalAdvice,
    "clinic": ActionClinic,
    "handoff": ActionHandoff,
    "nlu_fallback": ActionUnsure,
}


def asked_reply(turn: Turn, knowledge: Knowledge) -> Reply:
    """What the rules of data/rules.yml would have said without a warning sign."""
    if turn.best in knowledge.answers and turn.asked != "nlu_fallback":
        return ActionAnswer().reply(turn, knowledge)
    return _BY_INTENT.get(turn.asked, ActionSay)().reply(turn, knowledge)

"""The clinic: its phone, address, hours, parking and appointments, as clinic.yml gives them."""

from __future__ import annotations

from rasa_sdk import Action

from actions.composition import phrase_reply
from actions.guide import GuideAction
from actions.turn import Turn
from infusion_guide.contract import Reply
from infusion_guide.knowledge.schema import Knowledge

# What a question about the clinic asks for → the detail of clinic.yml that answers it.
DETAILS = {
    "phone": "phone",
    "address": "address",
    "hours": "hours",
    "parking": "parking",
    "appointment": "appointment",
    "billing": "billing",
    "who-is-my-nurse": "staff",
    "records": "records",
}


class ActionClinic(GuideAction, Action):  # type: ignore[misc]
    """Gives a detail of the clinic, or says that the clinic has not filled it in."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_clinic"

    def reply(self, turn: Turn, knowledge: Knowledge) -> Reply:
        """The detail asked for."""
        name = DETAILS.get(turn.best.split("/", 1)[-1], "")
        detail = knowledge.clinic.details.get(name)
        if detail is None:
            return phrase_reply(knowledge, "clinic_missing", turn.channel)
        return phrase_reply(knowledge, "clinic", turn.channel, detail=detail if detail[-1] in ".!?" else f"{detail}.")

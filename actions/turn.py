"""The turn: what the tracker says about the message at hand, as one plain record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rasa_sdk import Tracker


@dataclass(frozen=True)
class Candidate:
    """A label of the ranking (an answer's id, `intent/subject`, or an intent) with its belief and likeness."""

    label: str
    score: float
    similarity: float


@dataclass(frozen=True)
class Turn:
    """The message at hand and what the conversation remembers."""

    text: str
    channel: str
    intent: str
    ranking: tuple[Candidate, ...]
    therapies: tuple[str, ...]
    hinted_therapies: tuple[str, ...]
    conditions: tuple[str, ...]
    slots: dict[str, Any]

    @property
    def therapy(self) -> str | None:
        """The one therapy that is meant: named, else suggested, else remembered; None for both or unknown."""
        for therapies in (self.therapies, self.hinted_therapies):
            if therapies:
                return therapies[0] if len(therapies) == 1 else None
        return self.slots.get("known_therapy")

    @property
    def condition(self) -> str | None:
        """The condition that is meant: named, else remembered. Another disease outranks Sjögren's in one message."""
        others = [condition for condition in self.conditions if condition != "sjogrens"]
        if self.conditions:
            return others[0] if others else self.conditions[0]
        return self.slots.get("known_condition")

    @property
    def best(self) -> str:
        """The best label, or the intent where there is no ranking."""
        return self.ranking[0].label if self.ranking else self.intent


def read_turn(tracker: Tracker) -> Turn:
    """The turn of a tracker; anything missing is empty, never an error."""
    message = tracker.latest_message or {}
    entities = message.get("entities") or []

    def values(entity: str, role: str) -> tuple[str, ...]:
        found = [item["value"] for item in entities if item.get("entity") == entity and item.get("role") == role]
        return tuple(dict.fromkeys(found))

    return Turn(
        text=message.get("text") or "",
        channel=tracker.get_latest_input_channel() or "web",
        intent=(message.get("intent") or {}).get("name") or "",
        ranking=tuple(
            Candidate(item["label"], item["score"], item["similarity"]) for item in message.get("answer_ranking") or []
        ),
        therapies=values("therapy", "explicit"),
        hinted_therapies=values("therapy", "hint"),
        conditions=values("condition", "explicit"),
        slots=dict(tracker.slots),
    )

"""The turn: what the tracker says about the message at hand, as one plain record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rasa_sdk import Tracker

from infusion_guide.safety.detector import Detection


@dataclass(frozen=True)
class Candidate:
    """A label of the ranking (an answer's id, `intent/subject`, or an intent) with its belief."""

    label: str
    score: float


@dataclass(frozen=True)
class Asked:
    """One question of a message that holds several."""

    intent: str
    ranking: tuple[Candidate, ...]


def _candidates(ranking: Iterable[Mapping[str, Any]]) -> tuple[Candidate, ...]:
    return tuple(Candidate(item["label"], item["score"]) for item in ranking)


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
    # What the message asked for, whatever warning sign took the intent; and the signs by setting.
    asked: str = ""
    signs: Mapping[str, Any] = field(default_factory=dict)
    # The questions of a message that holds several: intent and ranking of each.
    several: tuple[Asked, ...] = ()
    # Whether the ranking is that of a short message together with what was spoken of before it.
    in_thread: bool = False

    @property
    def setting(self) -> str:
        """Where the person is: what the door or the message tells, else what the conversation knows."""
        told = str(self.signs.get("setting", "unknown"))
        return told if told != "unknown" else str(self.slots.get("setting") or "unknown")

    @property
    def detection(self) -> Detection | None:
        """The warning sign of the message for where the person is."""
        found = self.signs.get("found", {}).get(self.setting)
        return Detection(**found) if found else None

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
        ranking=_candidates(message.get("answer_ranking") or ()),
        therapies=values("therapy", "explicit"),
        hinted_therapies=values("therapy", "hint"),
        conditions=values("condition", "explicit"),
        slots=dict(tracker.slots),
        asked=message.get("asked") or (message.get("intent") or {}).get("name") or "",
        signs=message.get("warning_signs") or {},
        in_thread=bool(message.get("in_thread")),
        several=tuple(
            Asked(item["asked"], _candidates(item["answer_ranking"])) for item in message.get("several") or ()
        ),
    )

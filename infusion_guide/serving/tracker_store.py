"""The tracker store: keeps the last turns of a conversation without a word of the patient, one row a conversation.

Stands in for `rasa.core.tracker_store.SQLTrackerStore`, which keeps every event with its text for ever, writes a row
for each event, and replays them all on every turn (rasa.md, 6.1 and 8).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.utils.common import all_subclasses
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Engine

from infusion_guide.knowledge.migrations import migrate
from infusion_guide.knowledge.store import open_database
from infusion_guide.privacy.conversations import conversation, forget
from infusion_guide.settings import read_settings

TURNS_KEPT = 4


@lru_cache(maxsize=1)
def _event_classes() -> dict[str, type[Event]]:
    return {event_class.type_name: event_class for event_class in all_subclasses(Event)}


def event_from(content: dict[str, Any]) -> Event:
    """The event that `without_words` wrote.

    Stands in for `Event.from_parameters` (`rasa.shared.core.events`), which walks all subclasses for every event.
    """
    return _event_classes()[content["event"]]._from_parameters(content)


def without_words(event: Event) -> dict[str, Any]:
    """An event as it may be kept: what was understood, never what was written."""
    content: dict[str, Any] = event.as_dict()
    if isinstance(event, UserUttered):
        understood = content.get("parse_data") or {}
        entities = [
            {key: entity[key] for key in ("entity", "value", "role") if key in entity}
            for entity in understood.get("entities") or []
        ]
        content["text"] = ""
        content["parse_data"] = {"text": "", "intent": understood.get("intent"), "entities": entities}
    elif isinstance(event, BotUttered):
        content["text"], content["data"] = "", {}
    return content


def last_turns(events: Iterable[Event], turns: int) -> list[Event]:
    """The events from the listening before the `turns`-last message on."""
    kept = list(events)
    starts = [at for at, event in enumerate(kept) if isinstance(event, UserUttered)]
    if len(starts) <= turns:
        return kept
    first = starts[-turns]
    while first > 0 and not (isinstance(kept[first], ActionExecuted) and kept[first].action_name == ACTION_LISTEN_NAME):
        first -= 1
    return kept[first:]


class BriefTrackerStore(TrackerStore):  # type: ignore[misc]
    """One row a conversation: its slots and its last turns, written in one transaction."""

    def __init__(
        self,
        domain: Domain | None = None,
        host: str | None = None,
        event_broker: EventBroker | None = None,
        url: str | None = None,
        engine: Engine | None = None,
        clock: Callable[[], float] = time.time,
        **_: Any,
    ) -> None:
        super().__init__(domain, event_broker)
        settings = read_settings()
        self._engine = engine or open_database(url or host or settings.conversations_url)
        self._clock = clock
        migrate(self._engine, settings.root / "migrations")

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Replace the conversation's row."""
        if self.event_broker:
            await self.stream_events(tracker)
        row = {
            "sender_id": tracker.sender_id,
            "events": [without_words(event) for event in last_turns(tracker.events, TURNS_KEPT)],
            "slots": {name: slot.value for name, slot in tracker.slots.items() if slot.value is not None},
            "last_active": self._clock(),
        }
        dialect = postgresql if self._engine.dialect.name == "postgresql" else sqlite
        insert = dialect.insert(conversation).values(row)
        update = {name: insert.excluded[name] for name in ("events", "slots", "last_active")}
        with self._engine.begin() as connection:
            connection.execute(insert.on_conflict_do_update(index_elements=["sender_id"], set_=update))

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The conversation's tracker with its slots and last turns."""
        with self._engine.connect() as connection:
            row = connection.execute(
                select(conversation.c.events, conversation.c.slots).where(conversation.c.sender_id == sender_id)
            ).first()
        if row is None:
            return None
        # The slots as they stand now come first: what set them may lie before the turns that are kept.
        remembered = [SlotSet(name, value) for name, value in row.slots.items()]
        return DialogueStateTracker.from_events(
            sender_id, remembered + [event_from(content) for content in row.events], self.domain.slots
        )

    async def delete(self, sender_id: str) -> None:
        """Forget a conversation."""
        forget(self._engine, sender_id)

    async def keys(self) -> Iterable[str]:
        """The ids of all conversations."""
        with self._engine.connect() as connection:
            return list(connection.execute(select(conversation.c.sender_id)).scalars())

"""The thread: tells understanding what was spoken of, so that a short question is read together with it."""

from __future__ import annotations

from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.shared.core.trackers import DialogueStateTracker

from infusion_guide.nlu.encoder import SPOKEN_OF


def tell_what_was_spoken_of(agent: Agent) -> None:
    """Let the agent put the slot `spoken_of` into the metadata of each message before it is understood.

    Stands in for `rasa.core.processor.MessageProcessor.parse_message`, which has the tracker at hand but gives the
    components of the pipeline the message alone. Without this, short questions are read by their words alone.
    """
    understand = agent.processor.parse_message

    async def in_thread(
        message: UserMessage, tracker: DialogueStateTracker | None = None, only_output_properties: bool = True
    ) -> dict[str, Any]:
        spoken_of = tracker.get_slot(SPOKEN_OF) if tracker is not None else None
        # A conversation kept by an earlier version holds a text here; it is read without its thread.
        if isinstance(spoken_of, dict):
            message.metadata = {**(message.metadata or {}), SPOKEN_OF: spoken_of}
        parsed: dict[str, Any] = await understand(message, tracker, only_output_properties)
        return parsed

    agent.processor.parse_message = in_thread

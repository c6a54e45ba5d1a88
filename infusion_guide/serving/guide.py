"""The guide: a loaded Rasa agent with in-process actions and our tracker store, for the server and the command line."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from pathlib import Path

from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.utils.log_utils import configure_structlog

from infusion_guide.channels.intake import Incoming, Intake
from infusion_guide.channels.web import WebOutput
from infusion_guide.contract import Reply
from infusion_guide.serving.in_process_actions import InProcessActions, install_fast_validation
from infusion_guide.serving.tracker_store import BriefTrackerStore

logger = logging.getLogger(__name__)


def load_agent(model: Path, tracker_store: TrackerStore | None = None) -> Agent:
    """The agent of a trained model, its actions in this process.

    Raises:
        FileNotFoundError: the model is not there.
    """
    if not model.exists():
        raise FileNotFoundError(model)
    # Without this, structlog prints every message of every patient to standard output (rasa.md, 6.1).
    configure_structlog(logging.WARNING)
    install_fast_validation()
    store = tracker_store or BriefTrackerStore(Domain.empty())
    agent = Agent.load(str(model), action_endpoint=InProcessActions("actions"), tracker_store=store)
    return agent


@dataclass(frozen=True)
class Timed:
    """A reply and how long it took, in milliseconds, from the door to the rendered reply."""

    reply: Reply
    milliseconds: float


class Guide:
    """Answers messages over the same way as a live door: intake, Rasa, actions, reply."""

    def __init__(self, agent: Agent, intake: Intake) -> None:
        self._agent, self._intake = agent, intake

    async def answer(self, incoming: Incoming) -> Timed:
        """The reply to one message of a conversation."""

        async def on_new_message(message: UserMessage) -> None:
            await self._agent.handle_message(message)

        output = type("Output", (WebOutput,), {"name": classmethod(lambda cls: incoming.door)})()
        started = time.perf_counter()
        reply = await self._intake.reply(incoming, output, on_new_message)
        return Timed(reply, (time.perf_counter() - started) * 1000)

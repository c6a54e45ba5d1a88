"""The guide: a loaded Rasa agent with in-process actions and our tracker store, for the server and the command line."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.utils.log_utils import configure_structlog
from structlog import is_configured

from infusion_guide.channels.intake import Incoming, Intake
from infusion_guide.channels.sms import texting_for
from infusion_guide.channels.text_store import Sender
from infusion_guide.channels.texting import Texted, Texting
from infusion_guide.channels.web import WebOutput, intake_for
from infusion_guide.contract import Reply
from infusion_guide.coordination.connection import shared_store
from infusion_guide.coordination.locks import ConversationLocks
from infusion_guide.knowledge.files import read_warning_signs
from infusion_guide.nlu.correction import SpellingCorrector
from infusion_guide.nlu.encoder import EncoderFeaturizer
from infusion_guide.nlu.sentence_encoder import SentenceEncoder
from infusion_guide.nlu.warning_signs import WarningSignDetector
from infusion_guide.safety.detector import Detector
from infusion_guide.safety.watch import Watch
from infusion_guide.serving.in_process_actions import InProcessActions, install_fast_validation
from infusion_guide.serving.lock_store import SharedLockStore
from infusion_guide.serving.rule_look_up import remember_rules_of
from infusion_guide.serving.thread import tell_what_was_spoken_of
from infusion_guide.serving.tracker_store import BriefTrackerStore
from infusion_guide.settings import Settings, read_settings
from infusion_guide.text.spelling import Speller

logger = logging.getLogger(__name__)

Component = TypeVar("Component")

# How many messages the agent is at; the others wait, first come, first served.
TURNS_AT_ONCE = 4


def load_agent(model: Path, tracker_store: TrackerStore | None = None) -> Agent:
    """The agent of a trained model, its actions in this process.

    Raises:
        FileNotFoundError: the model is not there.
    """
    if not model.exists():
        raise FileNotFoundError(model)
    # Without this, structlog prints every message of every patient to standard output (rasa.md, 6.1).
    if not is_configured():
        configure_structlog(logging.WARNING)
    install_fast_validation()
    store = tracker_store or BriefTrackerStore(Domain.empty())
    settings = read_settings()
    locks = SharedLockStore(ConversationLocks(shared_store(settings.redis_url), settings.reply_seconds))
    endpoint = InProcessActions("actions")
    agent = Agent.load(str(model), action_endpoint=endpoint, tracker_store=store, lock_store=locks)
    # rasa.core.tracker_store.FailSafeTrackerStore would go on without the conversation while the database is away, so
    # that a "yes" to the triage question means nothing, and hold trackers with their words in memory for ever.
    agent.tracker_store = agent.processor.tracker_store = store
    tell_what_was_spoken_of(agent)
    remember_rules_of(agent)
    return agent


def _component(agent: Agent, kind: type[Component]) -> Component:
    """The component of a class in the loaded pipeline.

    Reaches into `rasa.engine.runner.dask.DaskGraphRunner`, which keeps its components to itself.

    Raises:
        LookupError: the model has none.
    """
    for node in agent.processor.graph_runner._instantiated_nodes.values():
        if isinstance(node._component, kind):
            return node._component
    raise LookupError(f"the model has no {kind.__name__}")


def components(agent: Agent) -> tuple[Detector, Speller, SentenceEncoder]:
    """The detector, the speller and the encoder of the agent's model.

    Raises:
        LookupError: the model has not all of them.
    """
    detector = _component(agent, WarningSignDetector).detector
    speller = _component(agent, SpellingCorrector).speller
    encoder = _component(agent, EncoderFeaturizer).encoder
    if detector is None or speller is None or encoder is None:
        raise LookupError("the model's components are not trained")
    return detector, speller, encoder


def teach(watch: Watch, agent: Agent) -> None:
    """Give the watch what the agent's model has learned.

    Raises:
        LookupError: the model has not all that it needs.
    """
    detector, speller, encoder = components(agent)
    watch.learn(detector, speller.corrected, encoder.encode)


class AgentThread:
    """A Rasa agent on a thread of its own: a message on which it hangs does not stop the doors.

    Rasa's doors await `handle_message` on the server's loop (`rasa.core.channels.channel.register`); whatever blocks
    there would keep everybody without a reply, and an emergency without its advice.
    """

    def __init__(self, agent: Agent) -> None:
        self.agent = agent
        self._loop = asyncio.new_event_loop()
        # A turn of Rasa hardly ever gives way. A hundred that begin together would all be taken before the loop tells
        # anybody of the first; one at a time would let a conversation that waits for its lock stop all others.
        self._turns = asyncio.Semaphore(TURNS_AT_ONCE)
        threading.Thread(target=self._loop.run_forever, name="agent", daemon=True).start()

    async def handle_message(self, message: UserMessage) -> None:
        """What the agent does with a message; its replies are in the message's output channel."""

        async def in_turn() -> None:
            async with self._turns:
                # The turns before are told of first.
                await asyncio.sleep(0)
                await self.agent.handle_message(message)

        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(in_turn(), self._loop))

    async def forget(self, conversation: str) -> None:
        """Wipe what is remembered of a conversation, after a message in it that is still under way."""

        async def wipe() -> None:
            async with self.agent.lock_store.lock(conversation):
                await self.agent.tracker_store.delete(conversation)

        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(wipe(), self._loop))

    def stop(self) -> None:
        """End the thread once what it is at is done."""
        self._loop.call_soon_threadsafe(self._loop.stop)


@dataclass(frozen=True)
class Timed:
    """A reply and how long it took, in milliseconds, from the door to the rendered reply."""

    reply: Reply
    milliseconds: float


class Guide:
    """Answers messages over the same way as a live door: intake, Rasa, actions, reply."""

    def __init__(self, agent: AgentThread, intake: Intake, texting: Texting | None = None) -> None:
        self.agent, self.intake, self.texting = agent, intake, texting

    async def answer(self, incoming: Incoming) -> Timed:
        """The reply to one message of a conversation."""
        output = type("Output", (WebOutput,), {"name": classmethod(lambda cls: incoming.door)})()
        started = time.perf_counter()
        reply = await self.intake.reply(incoming, output, self.agent.handle_message)
        return Timed(reply, (time.perf_counter() - started) * 1000)

    async def text(self, incoming: Incoming, sender: Sender) -> tuple[Texted, float]:
        """What one text message of a conversation leads to, and the milliseconds it took.

        Raises:
            ValueError: the guide was made without texting.
        """
        if self.texting is None:
            raise ValueError("this guide does not text")
        started = time.perf_counter()
        texted = await self.texting.answer(incoming, sender, self.agent.handle_message)
        return texted, (time.perf_counter() - started) * 1000


def load_guide(model: Path, settings: Settings) -> Guide:
    """The guide of a trained model, as the command line and the tests ask it.

    Raises:
        FileNotFoundError: the model is not there.
    """
    watch = Watch(read_warning_signs(settings.knowledge))
    agent = load_agent(model)
    teach(watch, agent)
    intake = intake_for(settings, watch)
    return Guide(AgentThread(agent), intake, texting_for(intake, settings))

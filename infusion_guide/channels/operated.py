"""The intake as a clinic operates it: a switch for each door, a message answered once, every turn counted."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from contextvars import ContextVar
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, UserMessage

from infusion_guide.channels.intake import READ_SECONDS, Incoming, Intake, OnNewMessage, cleaned
from infusion_guide.contract import Reply, reply_from
from infusion_guide.coordination.once import Once
from infusion_guide.operation.crowd import Crowd
from infusion_guide.operation.doors import DoorSwitches
from infusion_guide.operation.metrics import Metrics
from infusion_guide.privacy.unanswered import OUTCOMES, UnansweredQuestions

logger = logging.getLogger(__name__)

# How much of the time for a reply a message may wait for its turn; who would wait longer is not let in.
WAITING = 0.5
# Set by the server for a request whose address has sent too much; the message is still read for warning signs.
over_limit: ContextVar[bool] = ContextVar("over_limit", default=False)


class OperatedIntake(Intake):
    """The intake with what operating adds around a turn. Whatever of it fails, the person still gets the reply."""

    def __init__(
        self,
        *arguments: Any,
        switches: DoorSwitches,
        once: Once,
        metrics: Metrics,
        crowd: Crowd | None = None,
        unanswered: UnansweredQuestions | None = None,
        **named: Any,
    ) -> None:
        super().__init__(*arguments, **named)
        self._switches, self._once, self._metrics, self._unanswered = switches, once, metrics, unanswered
        self._crowd = crowd or Crowd()

    def phrase(self, phrase_id: str, door: str) -> Reply:
        """A fixed phrase for `door`; a door that is off welcomes nobody, and gives the phone number."""
        closed = phrase_id == "welcome" and not self._switches.is_open(door)
        return super().phrase("door_closed" if closed else phrase_id, door)

    async def reply(self, incoming: Incoming, output: CollectingOutputChannel, on_new_message: OnNewMessage) -> Reply:
        """The reply to a message; one that came before, by its id, gets the reply that it got then."""
        if incoming.message_id is None:
            return await self._turn(incoming, output, on_new_message)

        async def answer() -> tuple[str, bool]:
            reply = await self._turn(incoming, output, on_new_message)
            return json.dumps(reply.custom()), reply.outcome != "error"

        given = await self._once.reply(f"{incoming.conversation}:{incoming.message_id}", answer)
        return reply_from(json.loads(given))

    async def _turn(self, incoming: Incoming, output: CollectingOutputChannel, on_new_message: OnNewMessage) -> Reply:
        async def timed(message: UserMessage) -> None:
            with self._metrics.stage("agent"), self._crowd.measured():
                await on_new_message(message)

        started = time.perf_counter()
        if not self._switches.is_open(incoming.door):
            reply = await self.without_rasa(incoming, "door_closed")
        elif over_limit.get():
            reply = await self.without_rasa(incoming, "too_fast")
        elif self._crowd.wait_seconds > WAITING * self.seconds_for(incoming):
            # Its answer would come too late, and make those of all others later.
            logger.error("too many messages are under way; this one is only read for warning signs")
            self._metrics.refused.labels("crowd").inc()
            reply = await self.without_rasa(incoming, "error")
        else:
            with self._crowd.joined():
                reply = await super().reply(incoming, output, timed)
        self._counted(incoming, reply, started)
        return reply

    async def too_fast(self, incoming: Incoming) -> Reply:
        """What somebody is told who sends too much; one whose address sends too much as well is read by the rules."""
        started = time.perf_counter()
        reply = await self.without_rasa(incoming, "too_fast", 0 if over_limit.get() else READ_SECONDS)
        self._counted(incoming, reply, started)
        return reply

    def _counted(self, incoming: Incoming, reply: Reply, started: float) -> None:
        try:
            self._note(incoming, reply, time.perf_counter() - started)
        except Exception:
            logger.exception("a turn could not be counted")

    def _note(self, incoming: Incoming, reply: Reply, seconds: float) -> None:
        self._metrics.turns.labels(incoming.door, reply.outcome).inc()
        self._metrics.seconds.labels(incoming.door).observe(seconds)
        if reply.tier:
            self._metrics.signs.labels(incoming.door, reply.tier).inc()
        told = {"door": incoming.door, "outcome": reply.outcome, "tier": reply.tier, "ms": round(seconds * 1000, 1)}
        logger.info("turn", extra=told)
        if reply.outcome not in OUTCOMES:
            return
        self._metrics.unanswered.labels(incoming.door).inc()
        text = cleaned(incoming.text)
        if self._unanswered is not None and 0 < len(text) <= self.max_characters:
            # On a thread: the person does not wait for it.
            asyncio.get_running_loop().run_in_executor(None, self._unanswered.add, text, incoming.door)

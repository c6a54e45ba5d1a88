"""The kiosk's door: the web door for people in the waiting room, with an end that leaves nothing behind."""

from __future__ import annotations

import asyncio
import io
import logging
import os
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

import segno
from rasa.core.channels.channel import InputChannel
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, empty, json, raw
from sqlalchemy.exc import SQLAlchemyError

from infusion_guide.channels.intake import SETTING_OF_DOOR, Incoming, Intake, OnNewMessage
from infusion_guide.channels.rendering import browser_reply
from infusion_guide.channels.session import SessionError, Sessions, secret_key
from infusion_guide.channels.web import MAX_BODY, WebOutput, intake_for
from infusion_guide.coordination.limits import Limiter, limiter_for
from infusion_guide.knowledge.schema import CONDITIONS, THERAPIES
from infusion_guide.knowledge.store import KnowledgeStore, KnowledgeUnavailableError, open_database
from infusion_guide.privacy.conversations import forget
from infusion_guide.settings import Settings, read_settings

logger = logging.getLogger(__name__)

# How many ended conversations are remembered, so that their tokens are refused.
ENDED_KEPT = 10_000


class KioskOutput(WebOutput):
    """Collects the reply of a turn at the kiosk."""

    @classmethod
    def name(cls) -> str:
        """Its name."""
        return "kiosk"


def focus(content: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """What a touched question is about: the therapy and condition on the button, else all therapies and Sjögren's.

    Always told, never remembered: one touch on "in dermatomyositis" must not colour the next answer.
    """
    therapy, condition = content.get("therapy"), content.get("condition")
    therapies = (therapy,) if therapy in THERAPIES else THERAPIES
    disease = condition if condition in CONDITIONS else "sjogrens"
    return (*(("therapy", name) for name in therapies), ("condition", str(disease)))


def code(address: str) -> bytes:
    """A QR code of an address as SVG: dark on white, with the quiet zone that readers need."""
    picture = io.BytesIO()
    segno.make(address, error="m").save(
        picture,
        kind="svg",
        xmldecl=False,
        border=4,
        dark="#000",
        light="#fff",
        omitsize=True,
        svgclass=None,
        lineclass=None,
    )
    return picture.getvalue()


class KioskDoor(InputChannel):  # type: ignore[misc]
    """`session` begins a conversation, `message` speaks in it, `end` forgets it, `code` draws what is taken home."""

    # Whoever stands at the kiosk is in the clinic, which asks for the same as a running infusion.
    setting = SETTING_OF_DOOR["kiosk"]

    def __init__(
        self,
        intake: Intake,
        sessions: Sessions,
        limiter: Limiter,
        store: KnowledgeStore,
        forget_conversation: Callable[[str], None],
        *,
        public_url: str = "",
        reply_seconds: float = 8.0,
    ) -> None:
        self._intake, self._sessions, self._limiter = intake, sessions, limiter
        self._store, self._forget = store, forget_conversation
        self._public_url, self._reply_seconds = public_url, reply_seconds
        self._ended: OrderedDict[str, None] = OrderedDict()

    @classmethod
    def name(cls) -> str:
        """Its name, and so its path /webhooks/kiosk."""
        return "kiosk"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> KioskDoor:
        """The door as credentials.yml asks for it; everything else comes from the settings."""
        return cls.with_intake(intake_for(read_settings()), read_settings())

    @classmethod
    def with_intake(cls, intake: Intake, settings: Settings) -> KioskDoor:
        """The door on an intake that others share."""
        key = secret_key(os.environ.get("GUIDE_SECRET"), settings.variable)
        conversations = open_database(settings.conversations_url)
        return cls(
            intake,
            Sessions(key, cls.name(), settings.session_minutes),
            limiter_for(settings.redis_url, cls.name(), settings.messages_a_minute, settings.burst),
            KnowledgeStore(open_database(settings.database_url)),
            lambda conversation: forget(conversations, conversation),
            public_url=settings.public_url,
            reply_seconds=settings.reply_seconds,
        )

    def _error(self, status: int, phrase: str, reason: str) -> HTTPResponse:
        reply = browser_reply(self._intake.phrase(phrase, self.name()))
        return json({"error": reason, "reply": reply}, status=status)

    def _conversation(self, request: Request) -> str:
        """The conversation of a request's token.

        Raises:
            SessionError: the token is not ours, too old, or of a conversation that was ended.
        """
        conversation = self._sessions.conversation(request.token or "")
        if conversation in self._ended:
            raise SessionError("ended")
        return conversation

    def _forget_again(self, conversation: str) -> None:
        try:
            self._forget(conversation)
        except SQLAlchemyError:
            logger.exception("an ended conversation could not be deleted a second time")

    def _end(self, request: Request) -> HTTPResponse:
        """Forget the conversation; a token that is no good any more has nothing left to end."""
        try:
            conversation = self._conversation(request)
        except SessionError:
            return empty()
        try:
            self._forget(conversation)
        except SQLAlchemyError:
            logger.exception("an ended conversation could not be deleted")
            return self._error(503, "error", "the conversation could not be deleted")
        self._ended[conversation] = None
        while len(self._ended) > ENDED_KEPT:
            self._ended.popitem(last=False)
        # A message that was under way writes the conversation anew when it is answered.
        asyncio.get_running_loop().call_later(self._reply_seconds, self._forget_again, conversation)
        return empty()

    def _code(self, request: Request) -> HTTPResponse:
        if not self._public_url:
            return json({"error": "GUIDE_PUBLIC_URL is not set"}, status=404)
        try:
            topics = request.json["topics"]
            known = isinstance(topics, list) and set(topics) <= set(self._store.knowledge().topics)
        except KnowledgeUnavailableError:
            return self._error(503, "error", "the topics cannot be read")
        except Exception:
            known = False
        if not known:
            return json({"error": "expected JSON with topics, a list of their ids"}, status=400)
        # In the fragment alone: a browser sends it to no server, so that no log holds it.
        fragment = f"#{','.join(dict.fromkeys(topics))}" if topics else ""
        return raw(code(self._public_url + fragment), content_type="image/svg+xml")

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        """The routes of the door."""
        routes = Blueprint("kiosk_door")

        async def health(_: Request) -> HTTPResponse:
            return json({"status": "ok"})

        # Functions of their own: sanic.blueprints marks its handlers, and a bound method takes no mark.
        async def session(_: Request) -> HTTPResponse:
            welcome = browser_reply(self._intake.phrase("welcome", self.name()))
            return json({"token": self._sessions.begin(), "reply": welcome}, status=201)

        async def end(request: Request) -> HTTPResponse:
            return self._end(request)

        async def take_home(request: Request) -> HTTPResponse:
            return self._code(request)

        async def message(request: Request) -> HTTPResponse:
            try:
                conversation = self._conversation(request)
            except SessionError as error:
                return self._error(401, "error", f"session {error}")
            if not self._limiter.allows(conversation):
                return self._error(429, "too_fast", "too many messages")
            if len(request.body) > MAX_BODY:
                return self._error(413, "too_long", "message too long")
            try:
                content = request.json
                text, choice = content["text"], content.get("choice")
            except Exception:
                return self._error(400, "empty", "expected JSON with a text")
            if not isinstance(text, str) or not (choice is None or isinstance(choice, str)):
                return self._error(400, "empty", "text and choice must be texts")
            incoming = Incoming(text, conversation, self.name(), self.setting, choice, focus(content))
            reply = await self._intake.reply(incoming, KioskOutput(), on_new_message)
            return json({"reply": browser_reply(reply)})

        routes.add_route(health, "/", methods=["GET"])
        routes.add_route(session, "/session", methods=["POST"])
        routes.add_route(message, "/message", methods=["POST"])
        routes.add_route(end, "/end", methods=["POST"])
        routes.add_route(take_home, "/code", methods=["POST"])
        return routes

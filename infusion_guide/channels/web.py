"""The web door: a chat page speaks JSON to it, with a session token that the server made."""

from __future__ import annotations

import os
import re
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, InputChannel
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, json

from infusion_guide.channels.intake import Incoming, Intake, Limiter, OnNewMessage
from infusion_guide.channels.operated import OperatedIntake
from infusion_guide.channels.rendering import browser_reply
from infusion_guide.channels.session import SessionError, Sessions, secret_key
from infusion_guide.coordination.connection import shared_store
from infusion_guide.coordination.keys import KeyStore
from infusion_guide.coordination.limits import Allowing, SharedLimiter
from infusion_guide.coordination.once import Once
from infusion_guide.knowledge.files import read_clinic, read_phrases, read_warning_signs
from infusion_guide.knowledge.store import KnowledgeStore, KnowledgeUnavailableError, open_database
from infusion_guide.operation.doors import DoorSwitches
from infusion_guide.operation.metrics import metrics
from infusion_guide.privacy.unanswered import UnansweredQuestions
from infusion_guide.safety.record import SignRecord
from infusion_guide.safety.watch import Watch
from infusion_guide.settings import Settings, read_settings

MAX_BODY = 16_384
_MESSAGE_ID = re.compile(r"[\w-]{8,64}", re.ASCII)


class WebOutput(CollectingOutputChannel):  # type: ignore[misc]
    """Collects the reply of a turn; its name, not the input channel's, chooses channel variations (rasa.md, 4.2)."""

    @classmethod
    def name(cls) -> str:
        """Its name."""
        return "web"


def intake_for(settings: Settings, watch: Watch | None = None) -> Intake:
    """The intake with the fixed words of the files, and the answers of the database.

    Without a `watch` it gets one that knows the rules only, until it is taught the trained detector.
    """
    engine = open_database(settings.database_url)
    store = KnowledgeStore(engine)
    warning_signs = read_warning_signs(settings.knowledge)

    def knows_answer(answer_id: str) -> bool:
        try:
            return answer_id in store.knowledge().answers
        except KnowledgeUnavailableError:
            return False

    return OperatedIntake(
        read_phrases(settings.knowledge / "phrases.yml"),
        read_clinic(settings.knowledge / "clinic.yml"),
        warning_signs,
        max_characters=settings.max_characters,
        reply_seconds=settings.reply_seconds,
        knows_answer=knows_answer,
        watch=watch or Watch(warning_signs),
        record=SignRecord(engine),
        switches=DoorSwitches(engine),
        once=Once(KeyStore(shared_store(settings.redis_url)), settings.reply_seconds + 2.0),
        metrics=metrics(),
        unanswered=UnansweredQuestions(engine) if settings.keep_unanswered else None,
    )


class WebDoor(InputChannel):  # type: ignore[misc]
    """`POST session` begins a conversation, `POST message` speaks in it; nothing else of Rasa is reachable here."""

    def __init__(self, intake: Intake, sessions: Sessions, limiter: Allowing) -> None:
        self._intake, self._sessions, self._limiter = intake, sessions, limiter

    @classmethod
    def name(cls) -> str:
        """Its name, and so its path /webhooks/web."""
        return "web"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> WebDoor:
        """The door as credentials.yml asks for it; everything else comes from the settings."""
        return cls.with_intake(intake_for(read_settings()), read_settings())

    @classmethod
    def with_intake(cls, intake: Intake, settings: Settings) -> WebDoor:
        """The door on an intake that others share."""
        key = secret_key(os.environ.get("GUIDE_SECRET"), settings.variable)
        return cls(
            intake,
            Sessions(key, cls.name(), settings.session_minutes),
            SharedLimiter(
                shared_store(settings.redis_url),
                Limiter(settings.messages_a_minute, settings.burst),
                cls.name(),
                settings.messages_a_minute,
                settings.burst,
            ),
        )

    def _error(self, status: int, phrase: str, reason: str) -> HTTPResponse:
        reply = browser_reply(self._intake.phrase(phrase, self.name()))
        return json({"error": reason, "reply": reply}, status=status)

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        """The routes of the door."""
        routes = Blueprint("web_door")

        async def health(_: Request) -> HTTPResponse:
            return json({"status": "ok"})

        async def begin(_: Request) -> HTTPResponse:
            welcome = browser_reply(self._intake.phrase("welcome", self.name()))
            return json({"token": self._sessions.begin(), "reply": welcome}, status=201)

        async def message(request: Request) -> HTTPResponse:
            try:
                conversation = self._sessions.conversation(request.token or "")
            except SessionError as error:
                return self._error(401, "error", f"session {error}")
            if not self._limiter.allows(conversation):
                return self._error(429, "too_fast", "too many messages")
            body = request.body
            if len(body) > MAX_BODY:
                return self._error(413, "too_long", "message too long")
            try:
                content = request.json
                text, choice, message_id = content["text"], content.get("choice"), content.get("id")
            except Exception:
                return self._error(400, "empty", "expected JSON with a text")
            if not isinstance(text, str) or not (choice is None or isinstance(choice, str)):
                return self._error(400, "empty", "text and choice must be texts")
            if message_id is not None and not (isinstance(message_id, str) and _MESSAGE_ID.fullmatch(message_id)):
                return self._error(400, "empty", "id must be 8 to 64 letters, digits, - or _")
            incoming = Incoming(text, conversation, self.name(), "unknown", choice, message_id)
            reply = await self._intake.reply(incoming, WebOutput(), on_new_message)
            return json({"reply": browser_reply(reply)})

        routes.add_route(health, "/", methods=["GET"])
        routes.add_route(begin, "/session", methods=["POST"])
        routes.add_route(message, "/message", methods=["POST"])
        return routes

"""The web door: the chat widget speaks JSON to it, with a session token that the server made."""

from __future__ import annotations

import logging
import os
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, empty, json
from sqlalchemy.exc import SQLAlchemyError

from infusion_guide.channels.ending import forgotten
from infusion_guide.channels.feedback import Feedback
from infusion_guide.channels.intake import Intake, OnNewMessage
from infusion_guide.channels.json_door import MAX_BODY, JsonDoor, content_of
from infusion_guide.channels.operated import OperatedIntake
from infusion_guide.channels.origins import Origins
from infusion_guide.channels.rendering import browser_reply
from infusion_guide.channels.session import SessionError, Sessions, secret_key
from infusion_guide.contract import Choice
from infusion_guide.coordination.connection import shared_store
from infusion_guide.coordination.keys import KeyStore
from infusion_guide.coordination.limits import Limiter, limiter_for
from infusion_guide.coordination.once import Once
from infusion_guide.knowledge.files import read_clinic, read_phrases, read_warning_signs
from infusion_guide.knowledge.schema import Knowledge
from infusion_guide.knowledge.store import KnowledgeStore, KnowledgeUnavailableError, open_database
from infusion_guide.operation.doors import DoorSwitches
from infusion_guide.operation.metrics import metrics
from infusion_guide.privacy.unanswered import UnansweredQuestions
from infusion_guide.safety.record import SignRecord
from infusion_guide.safety.watch import Watch
from infusion_guide.settings import Settings, read_settings

logger = logging.getLogger(__name__)

Handler = Callable[[Request], Awaitable[HTTPResponse]]

MAX_SUGGESTIONS = 6
# A reply joins at most this many answers (questions of one message).
MAX_RATED = 10
# How long, in seconds, a browser may remember that a site is allowed to call.
PREFLIGHT_SECONDS = "600"


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

    def question_of(answer_id: str) -> str | None:
        try:
            answer = store.knowledge().answers.get(answer_id)
        except KnowledgeUnavailableError:
            return None
        return answer.question if answer else None

    return OperatedIntake(
        read_phrases(settings.knowledge / "phrases.yml"),
        read_clinic(settings.knowledge / "clinic.yml"),
        warning_signs,
        max_characters=settings.max_characters,
        reply_seconds=settings.reply_seconds,
        question_of=question_of,
        watch=watch or Watch(warning_signs),
        record=SignRecord(engine),
        switches=DoorSwitches(engine),
        once=Once(KeyStore(shared_store(settings.redis_url)), settings.reply_seconds + 2.0),
        metrics=metrics(),
        unanswered=UnansweredQuestions(engine) if settings.keep_unanswered else None,
    )


class WebDoor(JsonDoor):
    """`session`, `message` and `feedback` for the widget; nothing else of Rasa is reachable here.

    A page of another website may call only if its origin is listed in the settings.
    """

    output = WebOutput
    session_over = "session_ended"

    def __init__(
        self,
        intake: Intake,
        sessions: Sessions,
        limiter: Limiter,
        origins: Origins,
        store: KnowledgeStore,
        feedback: Feedback,
    ) -> None:
        super().__init__(intake, sessions, limiter)
        self._origins, self._store, self._feedback = origins, store, feedback

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
        engine = open_database(settings.database_url)
        return cls(
            intake,
            Sessions(key, cls.name(), settings.session_minutes),
            limiter_for(settings.redis_url, cls.name(), settings.messages_a_minute, settings.burst),
            Origins(settings.origins),
            KnowledgeStore(engine),
            Feedback(engine),
        )

    def _knowledge(self) -> Knowledge | None:
        try:
            return self._store.knowledge()
        except KnowledgeUnavailableError:
            return None

    def _greeting(self, phrase: str, topics: list[Any]) -> dict[str, Any]:
        """The first reply; it suggests the answers that `topics` names, else those of the phrase."""
        reply, knowledge = self._intake.phrase(phrase, self.name()), self._knowledge()
        if knowledge is not None:
            answers, usual = knowledge.answers, knowledge.phrases["welcome"].ask_next
            ids = [topic for topic in topics if isinstance(topic, str) and topic in answers] or usual
            chosen = [answers[answer_id] for answer_id in dict.fromkeys(ids) if answer_id in answers]
            choices = tuple(Choice(answer.id, answer.question, ()) for answer in chosen[:MAX_SUGGESTIONS])
            reply = replace(reply, choices=choices)
        return browser_reply(reply)

    def _current(self, request: Request) -> str | None:
        """The conversation of a request's token, if it has a good one."""
        try:
            return self._conversation(request)
        except SessionError:
            return None

    async def _begin(self, request: Request) -> HTTPResponse:
        """Begin a conversation. The one of the request's token is forgotten, or with `keep` goes on."""
        content, before = content_of(request), self._current(request)
        goes_on = before is not None and content.get("keep") is True
        if before is not None and not goes_on:
            await self._forget(request, before)
        topics = content.get("topics")
        begun = {
            "token": request.token if goes_on else self._sessions.begin(),
            "reply": self._greeting(
                "welcome_back" if goes_on else "welcome", topics if isinstance(topics, list) else []
            ),
            "words": self._intake.words("widget/", self.name()),
            "phone": self._intake.clinic.care_team_phone,
            "emergency": self._intake.clinic.emergency_number,
            "characters": self._intake.max_characters,
        }
        return json(begun, status=200 if goes_on else 201)

    async def _end(self, request: Request) -> HTTPResponse:
        """Forget the conversation; a token that is no good any more has nothing left to end."""
        conversation = self._current(request)
        if conversation is not None:
            await self._forget(request, conversation)
        return empty()

    async def _forget(self, request: Request, conversation: str) -> None:
        self._limiter.forget(conversation)
        await forgotten(request, conversation)

    async def _helped(self, request: Request) -> HTTPResponse:
        """Keep whether the answers of a reply helped: their ids, and yes or no."""
        try:
            conversation = self._conversation(request)
        except SessionError as error:
            return self._refused(error)
        if not self._limiter.allows(conversation):
            return self._error(429, "too_fast", "too many messages")
        content = content_of(request)
        ids, helpful, knowledge = content.get("answers"), content.get("helpful"), self._knowledge()
        known = knowledge.answers if knowledge else {}
        if not (isinstance(ids, list) and 0 < len(ids) <= MAX_RATED and isinstance(helpful, bool)) or not all(
            isinstance(answer_id, str) and answer_id in known for answer_id in ids
        ):
            return self._error(400, "error", "expected JSON with answers, their ids, and helpful, true or false")
        try:
            self._feedback.add(dict.fromkeys(ids), helpful)
        except SQLAlchemyError:
            logger.exception("feedback could not be kept")
            return self._error(503, "error", "feedback could not be kept")
        phrase = "feedback_yes" if helpful else "feedback_no"
        return json({"reply": browser_reply(self._intake.phrase(phrase, self.name()))})

    def _guarded(self, handler: Handler) -> Handler:
        """`handler` for pages of this server and of the listed sites, and for bodies of a bearable size."""

        async def handle(request: Request) -> HTTPResponse:
            origin = request.headers.get("origin")
            if not self._origins.allows(origin, request.host):
                return json({"error": "this website is not allowed to show the guide (GUIDE_ORIGINS)"}, status=403)
            if len(request.body) > MAX_BODY:
                response = self._error(413, "too_long", "message too long")
            else:
                response = await handler(request)
            response.headers.update(self._origins.headers(origin))
            return response

        return handle

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        """The routes of the door."""
        routes = Blueprint("web_door")

        async def health(_: Request) -> HTTPResponse:
            return json({"status": "ok"})

        async def preflight(_: Request) -> HTTPResponse:
            allowed = {
                "Access-Control-Allow-Methods": "POST, DELETE",
                "Access-Control-Allow-Headers": "authorization, content-type",
                "Access-Control-Max-Age": PREFLIGHT_SECONDS,
            }
            return empty(headers=allowed)

        async def message(request: Request) -> HTTPResponse:
            return await self._said(request, on_new_message)

        routes.add_route(health, "/", methods=["GET"])
        routes.add_route(self._guarded(self._begin), "/session", methods=["POST"], name="begin")
        routes.add_route(self._guarded(self._end), "/session", methods=["DELETE"], name="end")
        routes.add_route(self._guarded(message), "/message", methods=["POST"], name="message")
        routes.add_route(self._guarded(self._helped), "/feedback", methods=["POST"], name="feedback")
        for path in ("session", "message", "feedback"):
            routes.add_route(self._guarded(preflight), f"/{path}", methods=["OPTIONS"], name=f"preflight_{path}")
        return routes

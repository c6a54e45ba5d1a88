"""The kiosk's door: the web door for people in the waiting room, with an end that leaves nothing behind."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping, Sequence
from typing import Any

import segno
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, empty, json, raw

from infusion_guide.channels.ending import forgotten
from infusion_guide.channels.intake import Intake, OnNewMessage
from infusion_guide.channels.json_door import MAX_BODY, JsonDoor
from infusion_guide.channels.rendering import browser_reply
from infusion_guide.channels.session import SessionError, Sessions, secret_key
from infusion_guide.channels.web import MAX_SUGGESTIONS, WebOutput, intake_for
from infusion_guide.coordination.connection import shared_store
from infusion_guide.coordination.keys import KeyStore
from infusion_guide.coordination.limits import Limiter, limiter_for
from infusion_guide.knowledge.schema import CONDITIONS, THERAPIES
from infusion_guide.knowledge.store import KnowledgeStore, KnowledgeUnavailableError, open_database
from infusion_guide.settings import Settings, read_settings


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


def fragment(answers: Sequence[str]) -> str:
    """What a page with the widget (`data-topics`) suggests: the ids of the last answers, `#topic/answer,topic/answer`.

    In the fragment alone: a browser sends it to no server, so that no log holds it.
    """
    return "#" + ",".join(list(dict.fromkeys(answers))[-MAX_SUGGESTIONS:]) if answers else ""


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


class KioskDoor(JsonDoor):
    """`session` begins a conversation, `message` speaks in it, `end` forgets it, `code` draws what is taken home."""

    output = KioskOutput

    def __init__(
        self,
        intake: Intake,
        sessions: Sessions,
        limiter: Limiter,
        store: KnowledgeStore,
        ended: KeyStore,
        *,
        session_seconds: float,
        public_url: str = "",
    ) -> None:
        super().__init__(intake, sessions, limiter)
        self._store, self._ended = store, ended
        self._session_seconds, self._public_url = session_seconds, public_url

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
        return cls(
            intake,
            Sessions(key, cls.name(), settings.session_minutes),
            limiter_for(settings.redis_url, cls.name(), settings.messages_a_minute, settings.burst),
            KnowledgeStore(open_database(settings.database_url)),
            KeyStore(shared_store(settings.redis_url)),
            session_seconds=settings.session_minutes * 60.0,
            public_url=settings.public_url,
        )

    def _conversation(self, request: Request) -> str:
        """The conversation of a request's token.

        Raises:
            SessionError: the token is not ours, too old, or of a conversation that was ended.
        """
        conversation = super()._conversation(request)
        if self._ended.get(f"ended:{conversation}"):
            raise SessionError("ended")
        return conversation

    def _about(self, content: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
        return focus(content)

    async def _end(self, request: Request) -> HTTPResponse:
        """Forget the conversation; a token that is no good any more has nothing left to end."""
        try:
            # Of an ended conversation too: the page asks again where forgetting failed.
            conversation = self._sessions.conversation(request.token or "")
        except SessionError:
            return empty()
        # Refused from now on, so that no message comes after those that are under way.
        self._ended.put(f"ended:{conversation}", "1", self._session_seconds)
        self._limiter.forget(conversation)
        if not await forgotten(request, conversation):
            return self._error(503, "error", "the conversation could not be deleted")
        return empty()

    def _code(self, request: Request) -> HTTPResponse:
        if not self._public_url:
            return json({"error": "GUIDE_PUBLIC_URL is not set"}, status=404)
        try:
            answers = request.json["answers"]
            known = isinstance(answers, list) and set(answers) <= set(self._store.knowledge().answers)
        except KnowledgeUnavailableError:
            return self._error(503, "error", "the answers cannot be read")
        except Exception:
            known = False
        if not known:
            return json({"error": "expected JSON with answers, a list of their ids"}, status=400)
        return raw(code(self._public_url + fragment(answers)), content_type="image/svg+xml")

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
            return await self._end(request)

        async def take_home(request: Request) -> HTTPResponse:
            return self._code(request)

        async def message(request: Request) -> HTTPResponse:
            if len(request.body) > MAX_BODY:
                return self._error(413, "too_long", "message too long")
            return await self._said(request, on_new_message)

        routes.add_route(health, "/", methods=["GET"])
        routes.add_route(session, "/session", methods=["POST"])
        routes.add_route(message, "/message", methods=["POST"])
        routes.add_route(end, "/end", methods=["POST"])
        routes.add_route(take_home, "/code", methods=["POST"])
        return routes

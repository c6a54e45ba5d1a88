"""The JSON door: what the doors to which a browser speaks share: tokens, limits, refusals in words, and a message."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from rasa.core.channels.channel import CollectingOutputChannel, InputChannel
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import HTTPResponse, json

from infusion_guide.channels.intake import SETTING_OF_DOOR, Incoming, Intake, OnNewMessage
from infusion_guide.channels.rendering import browser_reply
from infusion_guide.channels.session import SessionError, Sessions
from infusion_guide.coordination.limits import Limiter

MAX_BODY = 16 * 1024
_MESSAGE_ID = re.compile(r"[\w-]{8,64}", re.ASCII)


def content_of(request: Request) -> dict[str, Any]:
    """The JSON object of a request; an empty one if it is none."""
    try:
        content = request.json
    except SanicException:
        return {}
    return content if isinstance(content, dict) else {}


class JsonDoor(InputChannel):  # type: ignore[misc]
    """A door that begins sessions and takes messages in JSON; each refusal is a reply that can be shown."""

    # How a reply is collected, and the phrase for somebody whose session is over.
    output: ClassVar[type[CollectingOutputChannel]]
    session_over: ClassVar[str] = "error"

    def __init__(self, intake: Intake, sessions: Sessions, limiter: Limiter) -> None:
        self._intake, self._sessions, self._limiter = intake, sessions, limiter

    def _error(self, status: int, phrase: str, reason: str) -> HTTPResponse:
        reply = browser_reply(self._intake.phrase(phrase, self.name()))
        return json({"error": reason, "reply": reply}, status=status)

    def _conversation(self, request: Request) -> str:
        """The conversation of a request's token.

        Raises:
            SessionError: the token is not ours, or too old.
        """
        return self._sessions.conversation(request.token or "")

    def _refused(self, error: SessionError) -> HTTPResponse:
        return self._error(401, self.session_over, f"the session token is no good: {error}")

    def _about(self, content: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
        """What a picked answer is to be about, as `Incoming.about` holds it."""
        return ()

    async def _said(self, request: Request, on_new_message: OnNewMessage) -> HTTPResponse:
        """The response to a message in a conversation. Who sends too much is still read for warning signs."""
        try:
            conversation = self._conversation(request)
        except SessionError as error:
            return self._refused(error)
        allowed, content = self._limiter.allows(conversation), content_of(request)
        text, choice, message_id = content.get("text"), content.get("choice"), content.get("id")
        if not isinstance(text, str) or not (choice is None or isinstance(choice, str)):
            return self._error(400, "empty", "expected JSON with a text; a choice, if any, is a text too")
        if message_id is not None and not (isinstance(message_id, str) and _MESSAGE_ID.fullmatch(message_id)):
            return self._error(400, "empty", "id must be 8 to 64 letters, digits, - or _")
        setting = SETTING_OF_DOOR.get(self.name(), "unknown")
        incoming = Incoming(text, conversation, self.name(), setting, choice, self._about(content), message_id)
        if allowed:
            reply = await self._intake.reply(incoming, self.output(), on_new_message)
        else:
            reply = await self._intake.too_fast(incoming)
            if reply.tier is None:
                return json({"error": "too many messages", "reply": browser_reply(reply)}, status=429)
        return json({"reply": browser_reply(reply)})

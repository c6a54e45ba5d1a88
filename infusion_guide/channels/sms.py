"""The SMS door: a provider's signed webhook speaks to it, and the reply travels back in the same response."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from rasa.core.channels.channel import InputChannel
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, empty, json, raw

from infusion_guide.channels.intake import Incoming, Intake, OnNewMessage
from infusion_guide.channels.json_webhook import JsonWebhook
from infusion_guide.channels.text_messages import TextMessages
from infusion_guide.channels.text_provider import (
    NotFromProviderError,
    Provider,
    TextMessage,
    UnusableRequestError,
    plain_number,
)
from infusion_guide.channels.text_store import Begun, Sender, TextStore
from infusion_guide.channels.texting import DOOR, LAST_SECONDS, Texted, Texting
from infusion_guide.channels.twilio_webhook import TwilioWebhook
from infusion_guide.channels.web import intake_for
from infusion_guide.coordination.limits import Limiter, limiter_for
from infusion_guide.knowledge.files import read_clinic, read_phrases
from infusion_guide.knowledge.store import open_database
from infusion_guide.settings import Settings, TextSettings, read_settings, read_text_settings

logger = logging.getLogger(__name__)

MAX_BODY = 20_000
# Twilio waits fifteen seconds; with the database at its slowest and in a crowd, the reply is on its way within ten.
REPLY_SECONDS = 6.0
# How long the database may take before the message is answered without it.
DATABASE_SECONDS = 2.0
# How often a message that another process is at is looked after.
LOOK_SECONDS = 0.1

Result = TypeVar("Result")


def texting_for(intake: Intake, settings: Settings, limiter: Limiter | None = None) -> Texting:
    """Texting with the fixed words of the files, on an intake that others share.

    Raises:
        MissingPhraseError: phrases.yml lacks a sentence that text messages need.
    """
    phrases, clinic = read_phrases(settings.knowledge / "phrases.yml"), read_clinic(settings.knowledge / "clinic.yml")
    return Texting(intake, TextMessages(phrases, clinic), limiter)


def providers_of(texts: TextSettings) -> list[Provider]:
    """The providers that are switched on."""
    providers: list[Provider] = []
    if texts.twilio_token:
        providers.append(TwilioWebhook(texts.twilio_token, texts.url))
    if texts.json_secret:
        providers.append(JsonWebhook(texts.json_secret))
    return providers


class SmsDoor(InputChannel):  # type: ignore[misc]
    """`POST <provider>` takes a signed text message; without a fitting signature there is 403 and not a word."""

    def __init__(self, texting: Texting, store: TextStore, providers: Sequence[Provider]) -> None:
        self._texting, self._store, self._providers = texting, store, providers

    @classmethod
    def name(cls) -> str:
        """Its name, and so its path /webhooks/sms."""
        return DOOR

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> InputChannel:
        """The door as credentials.yml asks for it; closed where no provider is set.

        Raises:
            SettingsError: a secret is missing.
        """
        texts, settings = read_text_settings(), read_settings()
        return ClosedSmsDoor() if texts is None else cls.with_intake(intake_for(settings), settings, texts)

    @classmethod
    def with_intake(cls, intake: Intake, settings: Settings, texts: TextSettings) -> SmsDoor:
        """The door on an intake that others share."""
        limiter = limiter_for(settings.redis_url, cls.name(), settings.messages_a_minute, settings.burst)
        store = TextStore(open_database(settings.conversations_url), texts.key)
        return cls(texting_for(intake, settings, limiter), store, providers_of(texts))

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        """The routes of the door: one for each provider."""
        routes = Blueprint("sms_door")

        async def health(_: Request) -> HTTPResponse:
            return json({"status": "ok"})

        def webhook(provider: Provider) -> Callable[[Request], Any]:
            async def receive(request: Request) -> HTTPResponse:
                return await self._receive(provider, request.headers, request.body, on_new_message)

            return receive

        routes.add_route(health, "/", methods=["GET"])
        for provider in self._providers:
            routes.add_route(webhook(provider), f"/{provider.name}", methods=["POST"], name=provider.name)
        return routes

    async def _receive(
        self, provider: Provider, headers: Mapping[str, str], body: bytes, on_new_message: OnNewMessage
    ) -> HTTPResponse:
        """The response to a request of a provider."""
        if len(body) > MAX_BODY:
            return empty(413)
        try:
            message = provider.read(headers, body)
        except NotFromProviderError as error:
            logger.warning("a request to the text webhook %s was refused: %s", provider.name, error)
            return empty(403)
        except UnusableRequestError as error:
            logger.warning("a signed request to the text webhook %s holds no message: %s", provider.name, error)
            return empty(400)
        # A provider that gives up waiting must not end the work: its next try gets what was found out.
        replying = asyncio.ensure_future(self._reply(provider, message, on_new_message))
        try:
            said = await asyncio.shield(replying)
        except _ReplayedError:
            logger.warning("a request to the text webhook %s was refused: it is a copy of an old one", provider.name)
            return empty(403)
        response = provider.response(said)
        return raw(response.body.encode("utf-8"), content_type=response.content_type)

    async def _reply(self, provider: Provider, message: TextMessage, on_new_message: OnNewMessage) -> str | None:
        """What is said to a message (None: nothing), the same to each try of the provider.

        Raises:
            _ReplayedError: the message is too old for another try.
        """
        ends = time.monotonic() + REPLY_SECONDS
        # The store knows each message in all processes, and for longer than `Once` would: no `message_id` is needed.
        met = self._store.pseudonym(f"message {provider.name}", message.id)
        number = self._store.pseudonym("number", plain_number(message.number))
        incoming = Incoming(message.text, f"{DOOR}-{number}", DOOR)
        try:
            begun = await _off_the_loop(self._store.begin, met, number)
        except Exception as error:
            # Nothing is known of the number then: it is answered as one that has read the line about privacy.
            _log_database(error)
            begun = Begun("new", Sender(greeted=True))
        if begun.state == "replayed":
            raise _ReplayedError
        if begun.state == "answered":
            return begun.reply
        if begun.state == "pending":
            elsewhere = await self._said_elsewhere(met, ends)
            return elsewhere.reply if elsewhere else (await self._texting.failed(incoming, begun.sender)).message
        texted = await self._texted(incoming, begun.sender, on_new_message, ends)
        if message.answered and (texted.reply is None or texted.reply.tier is None):
            texted = replace(texted, message=None)
        try:
            await _off_the_loop(self._store.finish, met, texted.message, number, begun.sender, texted.sender)
        except Exception as error:
            _log_database(error)
            if texted.sender.opted_out != begun.sender.opted_out:
                return self._texting.not_noted().message
        return texted.message

    async def _texted(self, incoming: Incoming, sender: Sender, on_new_message: OnNewMessage, ends: float) -> Texted:
        """The answer, or what is said when there is none in time."""
        left = max(ends - time.monotonic(), 0.1)
        incoming = replace(incoming, seconds=left)
        try:
            # The intake keeps to the time by itself; what it is doing then is not cut off.
            return await asyncio.wait_for(self._texting.answer(incoming, sender, on_new_message), left + LAST_SECONDS)
        except Exception:
            logger.exception("a text message could not be answered; the person is given the care team's number")
            return await self._texting.failed(incoming, sender)

    async def _said_elsewhere(self, met: str, ends: float) -> Begun | None:
        """What another process says to the message that it is at, once it does."""
        while time.monotonic() < ends:
            try:
                begun = await _off_the_loop(self._store.said, met)
            except Exception as error:
                _log_database(error)
                return None
            if begun is not None:
                return begun
            await asyncio.sleep(LOOK_SECONDS)
        return None


class _ReplayedError(Exception):
    """A message was met too long ago for another try of the provider: somebody sends a copy of it."""


async def _off_the_loop(call: Callable[..., Result], *arguments: Any) -> Result:
    """What a call of the database gives; a database that is slow or locked does not stop the doors."""
    return await asyncio.wait_for(asyncio.to_thread(call, *arguments), DATABASE_SECONDS)


def _log_database(error: Exception) -> None:
    # Without the error's own words: SQLAlchemy prints the values of the statement, and so what was said to whom.
    logger.error("the database of the text messages could not be used (%s)", type(error).__name__)


class ClosedSmsDoor(InputChannel):  # type: ignore[misc]
    """Stands where the SMS door would be while no provider is set: nothing is reachable."""

    @classmethod
    def name(cls) -> str:
        """Its name."""
        return DOOR

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        """No route."""
        return Blueprint("sms_door")

"""Twilio: reads its webhook, checks its signature, and answers in TwiML in the same response; no REST client.

Stands in for `rasa.core.channels.twilio`, which checks no signature and keeps the number (rasa.md, 4.3).
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

from twilio.request_validator import RequestValidator
from twilio.twiml.messaging_response import MessagingResponse

from infusion_guide.channels.text_provider import NotFromProviderError, Response, TextMessage, UnusableRequestError

# Twilio sends some twenty fields; an MMS some more.
MAX_FIELDS = 200


class TwilioWebhook:
    """Twilio's webhook for incoming messages.

    `url` is the public address exactly as it stands in Twilio's console: it is part of what is signed, and behind a
    proxy the server itself cannot know it.
    """

    name = "twilio"

    def __init__(self, token: str, url: str) -> None:
        self._validator, self._url = RequestValidator(token), url

    def read(self, headers: Mapping[str, str], body: bytes) -> TextMessage:
        """The message of a request.

        Raises:
            NotFromProviderError: the signature does not fit, or is not there.
            UnusableRequestError: sender or id is missing.
        """
        try:
            # Blank fields are signed too (FromCity is often empty); Sanic's own `request.form` drops them.
            pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=MAX_FIELDS)
        except ValueError as error:
            raise NotFromProviderError("not a form") from error
        fields = dict(pairs)
        signature = headers.get("X-Twilio-Signature") or ""
        # A field that stands twice could be read in another way than it was signed; Twilio sends none twice.
        if len(fields) != len(pairs) or not self._validator.validate(self._url, fields, signature):
            raise NotFromProviderError("signature")
        if not fields.get("From", "").strip() or not fields.get("MessageSid", "").strip():
            raise UnusableRequestError("From and MessageSid are needed")
        # Twilio's Advanced Opt-Out names a keyword to which it has replied itself.
        answered = bool(fields.get("OptOutType"))
        return TextMessage(fields["MessageSid"], fields["From"], fields.get("Body", ""), answered)

    def response(self, text: str | None) -> Response:
        """TwiML with one message, or with none."""
        twiml = MessagingResponse()
        if text is not None:
            twiml.message(text)
        return Response(str(twiml), "application/xml")

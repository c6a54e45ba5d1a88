"""The plain webhook: signed JSON from a gateway of one's own; answers in JSON in the same response.

A request holds `{"id", "from", "text"}`, the header `X-Guide-Timestamp` (seconds since 1970) and `X-Guide-Signature`:
`sha256=` and the HMAC-SHA256, in hexadecimal digits, of timestamp, a dot, and the body as it is sent.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping

from infusion_guide.channels.text_provider import NotFromProviderError, Response, TextMessage, UnusableRequestError

# How far the gateway's clock and the age of a request may differ from ours.
TOLERANCE_SECONDS = 300


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """The value of X-Guide-Signature for a body sent at `timestamp`."""
    return (
        "sha256="
        + hmac.new(secret.encode(), timestamp.encode("utf-8", "replace") + b"." + body, hashlib.sha256).hexdigest()
    )


class JsonWebhook:
    """The webhook of a gateway that shares a secret with the guide."""

    name = "json"

    def __init__(self, secret: str, clock: Callable[[], float] = time.time) -> None:
        self._secret, self._clock = secret, clock

    def read(self, headers: Mapping[str, str], body: bytes) -> TextMessage:
        """The message of a request.

        Raises:
            NotFromProviderError: the signature does not fit or is not there, or the request is too old.
            UnusableRequestError: it is no JSON with id, from and text.
        """
        timestamp, given = headers.get("X-Guide-Timestamp") or "", headers.get("X-Guide-Signature") or ""
        if not hmac.compare_digest(signature(self._secret, timestamp, body).encode(), given.encode("utf-8", "replace")):
            raise NotFromProviderError("signature")
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
            raise NotFromProviderError("timestamp")
        if abs(self._clock() - int(timestamp)) > TOLERANCE_SECONDS:
            raise NotFromProviderError("too old")
        try:
            content = json.loads(body)
            message = TextMessage(content["id"], content["from"], content["text"])
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise UnusableRequestError("expected JSON with id, from and text") from error
        if not all(isinstance(value, str) for value in (message.id, message.number, message.text)):
            raise UnusableRequestError("id, from and text must be texts")
        if not message.id.strip() or not message.number.strip():
            raise UnusableRequestError("id and from must not be empty")
        return message

    def response(self, text: str | None) -> Response:
        """A list of the messages to send: one, or none."""
        return Response(json.dumps({"messages": [] if text is None else [text]}), "application/json")

"""Clients: how a person talks to the guide's web door and to Rasa's REST channel, over a connection that stays open.

Made of the standard library's http.client: a richer one spends milliseconds of the same two cores for each message.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from http.client import HTTPConnection
from typing import Any, Protocol

Row = Mapping[str, Any]


class Client(Protocol):
    """A person at one of the two: begins a conversation, then says something in it."""

    def begin(self) -> None:
        """Begin a new conversation."""

    def say(self, text: str) -> Any:
        """The reply to a message, as it comes over HTTP."""

    def close(self) -> None:
        """Hang up."""


class RefusedError(RuntimeError):
    """A server did not answer a message with a reply."""


class _Connection:
    """JSON over a connection to loopback that stays open."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=60)

    def post(self, path: str, content: Row, headers: Mapping[str, str]) -> Any:
        """The JSON that the server answers.

        Raises:
            RefusedError: the status is not one of success.
            OSError: there is nobody.
        """
        body = json.dumps(content).encode()
        self._connection.request("POST", path, body, {"Content-Type": "application/json", **headers})
        response = self._connection.getresponse()
        answer = response.read()
        if response.status >= 300:
            raise RefusedError(f"{path}: status {response.status}")
        return json.loads(answer)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class GuideClient:
    """A person at the guide's web door."""

    def __init__(self, port: int) -> None:
        self._connection, self._headers = _Connection(port), {"Authorization": ""}

    def begin(self) -> None:
        """Begin a new conversation: the server makes its token."""
        token = self._connection.post("/webhooks/web/session", {}, {})["token"]
        self._headers = {"Authorization": f"Bearer {token}"}

    def say(self, text: str) -> Any:
        """The reply to a message.

        Raises:
            RefusedError: there was none, or only the one for failures.
        """
        reply = self._connection.post("/webhooks/web/message", {"text": text}, self._headers)["reply"]
        if reply["outcome"] == "error":
            raise RefusedError("the reply for failures")
        return reply

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


class StockClient:
    """A person at stock Rasa's REST channel."""

    def __init__(self, port: int) -> None:
        self._connection, self._sender = _Connection(port), ""

    def begin(self) -> None:
        """Begin a new conversation: Rasa takes whatever name the client gives."""
        self._sender = uuid.uuid4().hex

    def say(self, text: str) -> Any:
        """The `custom` of the reply to a message.

        Raises:
            RefusedError: Rasa was silent.
        """
        said = self._connection.post("/webhooks/rest/webhook", {"sender": self._sender, "message": text}, {})
        replies = [message["custom"] for message in said if "custom" in message]
        if not replies:
            raise RefusedError("silence")
        return replies[0]

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


Dial = Callable[[int], Client]

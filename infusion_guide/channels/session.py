"""Sessions: tokens that only this server can make, so that nobody speaks in another person's conversation."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer


class SessionError(ValueError):
    """A token is forged, damaged or too old."""


def secret_key(environment_value: str | None, folder: Path) -> str:
    """The key that signs tokens: from the environment, else one made once and kept in `folder`/secret.key.

    Several processes on one machine share the file; on several machines set GUIDE_SECRET.
    """
    if environment_value:
        return environment_value
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "secret.key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        key = secrets.token_urlsafe(32)
        file.write(key)
    return key


class Sessions:
    """Makes and reads the tokens of one door; a token of another door is not valid here."""

    def __init__(self, key: str, door: str, minutes: int) -> None:
        self._serializer = URLSafeTimedSerializer(key, salt=f"session-{door}")
        self._door, self._seconds = door, minutes * 60

    def begin(self) -> str:
        """A token for a new conversation."""
        return self._serializer.dumps(f"{self._door}-{secrets.token_urlsafe(16)}")

    def conversation(self, token: str) -> str:
        """The conversation of a token.

        Raises:
            SessionError: it is not one of ours, or older than the session lasts.
        """
        try:
            return str(self._serializer.loads(token, max_age=self._seconds))
        except SignatureExpired as error:
            raise SessionError("expired") from error
        except BadSignature as error:
            raise SessionError("forged") from error

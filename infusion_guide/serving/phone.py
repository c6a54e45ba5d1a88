"""A phone: texts a running guide through its webhook, signed as Twilio signs, for trying the SMS door out."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode
from xml.etree import ElementTree

import requests
from twilio.request_validator import RequestValidator

from infusion_guide.knowledge.measures import sms_characters, sms_segments
from infusion_guide.settings import Settings, TextSettings

# Twilio gives up after so many seconds.
PATIENCE = 15
# How long a guide may take to start.
START_SECONDS = 120


class NoGuideError(RuntimeError):
    """No guide answers at the address, or its SMS door does not know the token."""


@dataclass(frozen=True)
class Received:
    """What comes back to the phone: the message (None: silence), its length and cost, and how long it took."""

    text: str | None
    characters: int
    segments: int
    milliseconds: float


class Phone:
    """One number that texts the guide at `address`."""

    def __init__(self, address: str, texts: TextSettings, number: str) -> None:
        self._webhook, self._texts, self._number = f"{address}/webhooks/sms/twilio", texts, number
        self._validator, self._session = RequestValidator(texts.twilio_token), requests.Session()

    def check(self) -> None:
        """See whether a guide with a door for text messages is there.

        Raises:
            NoGuideError: it is not.
        """
        door = self._webhook.rsplit("/", 1)[0] + "/"
        try:
            found = self._session.get(door, timeout=PATIENCE).status_code == 200
        except requests.RequestException as error:
            raise NoGuideError(
                f"no guide answers at {door}: start one with `infusion-guide serve`, or use --start"
            ) from error
        if not found:
            raise NoGuideError(f"the guide at {door} has no door for text messages: start it with GUIDE_TWILIO_TOKEN")

    def text(self, words: str) -> Received:
        """Send a message and wait for what comes back.

        Raises:
            NoGuideError: the guide does not answer, or refuses the signature.
        """
        # Twilio sends more fields than these, some of them blank; a blank one is signed too.
        fields = {"MessageSid": f"SM{secrets.token_hex(16)}", "From": self._number, "Body": words, "FromCity": ""}
        signature = self._validator.compute_signature(self._texts.url, fields)
        headers = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}
        started = time.perf_counter()
        try:
            response = self._session.post(self._webhook, urlencode(fields), headers=headers, timeout=PATIENCE)
        except requests.RequestException as error:
            raise NoGuideError(f"the guide at {self._webhook} does not answer any more") from error
        milliseconds = (time.perf_counter() - started) * 1000
        if response.status_code == 403:
            raise NoGuideError(
                "the guide refuses the signature: its GUIDE_TWILIO_TOKEN or GUIDE_SMS_URL is another one"
            )
        if response.status_code != 200:
            raise NoGuideError(f"the guide at {self._webhook} answers with status {response.status_code}")
        message = ElementTree.fromstring(response.content).findtext("Message")
        if message is None:
            return Received(None, 0, 0, milliseconds)
        return Received(message, sms_characters(message), sms_segments(message), milliseconds)


@contextmanager
def started_guide(settings: Settings) -> Iterator[tuple[str, TextSettings]]:
    """A guide on a free port of this machine, with a database and secrets of its own; gone afterwards.

    Raises:
        NoGuideError: it did not start; says what it said.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    texts = TextSettings(secrets.token_hex(32), f"{address}/webhooks/sms/twilio", secrets.token_hex(16))
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "GUIDE_ROOT": str(settings.root),
            "GUIDE_VAR": folder,
            "DATABASE_URL": f"sqlite:///{folder}/guide.db",
            "CONVERSATIONS_URL": f"sqlite:///{folder}/guide.db",
            "GUIDE_SMS_KEY": texts.key,
            "GUIDE_SMS_URL": texts.url,
            "GUIDE_TWILIO_TOKEN": texts.twilio_token,
        }
        log = Path(folder) / "log"
        command = [sys.executable, "-m", "infusion_guide.cli", "serve", "--host", "127.0.0.1", "--port", str(port)]
        with log.open("wb") as said:
            process = subprocess.Popen(command, cwd=settings.root, env=environment, stdout=said, stderr=said)
        try:
            _wait(process, address, log)
            yield address, texts
        finally:
            process.terminate()
            process.wait(20)


def _wait(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    ends = time.monotonic() + START_SECONDS
    while time.monotonic() < ends:
        if process.poll() is not None:
            raise NoGuideError(f"the guide did not start: {log.read_text(errors='replace').strip()[-500:]}")
        try:
            requests.get(f"{address}/webhooks/sms/", timeout=1)
            return
        except requests.RequestException:
            time.sleep(0.2)
    raise NoGuideError(f"the guide did not start within {START_SECONDS} seconds")

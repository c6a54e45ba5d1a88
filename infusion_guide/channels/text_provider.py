"""The provider seam: what a company or gateway that carries text messages must be able to do for the SMS door."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


class NotFromProviderError(Exception):
    """A request is unsigned, tampered with, or too old: it gets 403 and not a word."""


class UnusableRequestError(Exception):
    """A signed request that does not hold a text message: it gets 400."""


@dataclass(frozen=True)
class TextMessage:
    """A text message that came in: the provider's id of it, the number it came from, and what was written.

    `answered` says that the provider has replied to this keyword itself: the guide notes it and says nothing more.
    """

    id: str
    number: str
    text: str
    answered: bool = False


@dataclass(frozen=True)
class Response:
    """What goes back in the same HTTP response."""

    body: str
    content_type: str


class Provider(Protocol):
    """One provider: reads its webhook and writes its reply. Another provider is one more module with such a class."""

    name: str

    def read(self, headers: Mapping[str, str], body: bytes) -> TextMessage:
        """The message of a request.

        Raises:
            NotFromProviderError: the signature does not fit, or is not there.
            UnusableRequestError: there is no message in it.
        """
        ...

    def response(self, text: str | None) -> Response:
        """The response that sends `text`, or nothing for None."""
        ...


def plain_number(number: str) -> str:
    """A number as one spelling: spaces, brackets, dots and dashes gone, so that an opt-out holds for all of them."""
    return re.sub(r"[\s().-]", "", number)

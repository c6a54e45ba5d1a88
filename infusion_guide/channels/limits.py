"""Rate limits: how many messages a conversation may send, so that one flood does not keep others waiting."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol


class Limiter(Protocol):
    """Says how much a conversation may still send."""

    def allows(self, conversation: str) -> bool:
        """Whether one more message is allowed now; asking uses it up."""
        ...

    def forget(self, conversation: str) -> None:
        """Drop what is remembered of a conversation that has ended."""
        ...


class MemoryLimiter:
    """A token bucket for each conversation, in this process: `burst` messages at once, then `a_minute` a minute."""

    def __init__(
        self, a_minute: int, burst: int, clock: Callable[[], float] = time.monotonic, remembered: int = 10000
    ) -> None:
        self._rate, self._burst, self._clock, self._remembered = a_minute / 60.0, float(burst), clock, remembered
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def allows(self, conversation: str) -> bool:
        """Whether one more message is allowed now; asking uses it up."""
        now = self._clock()
        tokens, then = self._buckets.pop(conversation, (self._burst, now))
        tokens = min(self._burst, tokens + (now - then) * self._rate)
        allowed = tokens >= 1.0
        self._buckets[conversation] = (tokens - 1.0 if allowed else tokens, now)
        while len(self._buckets) > self._remembered:
            self._buckets.popitem(last=False)
        return allowed

    def forget(self, conversation: str) -> None:
        """Drop the bucket of a conversation that has ended."""
        self._buckets.pop(conversation, None)

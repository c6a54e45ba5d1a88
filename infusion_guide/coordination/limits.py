"""Rate limits: how many messages a conversation may send, so that one flood does not keep others waiting."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol

from infusion_guide.coordination.connection import SharedStore, SharedStoreAwayError, named, shared_store

# Refill by Redis's own clock, take one token if there is one; a bucket that is full again is forgotten.
_TAKE = """
local rate, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local bucket = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = math.min(burst, (tonumber(bucket[1]) or burst) + (now - (tonumber(bucket[2]) or now)) * rate)
local allowed = 0
if tokens >= 1 then tokens = tokens - 1; allowed = 1 end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', tostring(now))
redis.call('PEXPIRE', KEYS[1], math.ceil(burst / rate * 1000) + 1000)
return allowed
"""


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


class SharedLimiter:
    """`burst` at once, then `a_minute` a minute, for each key of `name`; `local` decides while Redis is away."""

    def __init__(self, store: SharedStore, local: Limiter, name: str, a_minute: int, burst: int) -> None:
        self._store, self._local, self._name = store, local, name
        self._rate, self._burst = a_minute / 60.0, burst

    def allows(self, conversation: str) -> bool:
        """Whether one more message is allowed now."""
        key = named("limit", self._name, conversation)
        try:
            return bool(self._store.run(lambda redis: redis.eval(_TAKE, 1, key, str(self._rate), str(self._burst))))
        except SharedStoreAwayError:
            return self._local.allows(conversation)

    def forget(self, conversation: str) -> None:
        """Drop what is remembered of a conversation that has ended."""
        self._local.forget(conversation)
        try:
            self._store.run(lambda redis: redis.delete(named("limit", self._name, conversation)))
        except SharedStoreAwayError:
            # The bucket is forgotten by Redis itself once it is full again.
            return


def limiter_for(redis_url: str | None, name: str, a_minute: int, burst: int) -> Limiter:
    """The limit of the door or the kind `name`, shared by all processes where there is a Redis."""
    return SharedLimiter(shared_store(redis_url), MemoryLimiter(a_minute, burst), name, a_minute, burst)

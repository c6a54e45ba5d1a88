"""Shared rate limits: one token bucket for a key across all processes, the process's own while Redis is away."""

from __future__ import annotations

from typing import Protocol

from infusion_guide.coordination.connection import SharedStore, SharedStoreAwayError, named

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


class Allowing(Protocol):
    """A limit: whether one more is allowed for a key now."""

    def allows(self, conversation: str) -> bool:
        """Whether one more message is allowed now."""


class SharedLimiter:
    """`burst` at once, then `a_minute` a minute, for each key of `name`; `local` decides while Redis is away."""

    def __init__(self, store: SharedStore, local: Allowing, name: str, a_minute: int, burst: int) -> None:
        self._store, self._local, self._name = store, local, name
        self._rate, self._burst = a_minute / 60.0, burst

    def allows(self, conversation: str) -> bool:
        """Whether one more message is allowed now."""
        key = named("limit", self._name, conversation)
        try:
            return bool(self._store.run(lambda redis: redis.eval(_TAKE, 1, key, str(self._rate), str(self._burst))))
        except SharedStoreAwayError:
            return self._local.allows(conversation)

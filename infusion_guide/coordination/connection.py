"""The shared store: Redis, with a breaker, so that an outage costs one short wait and not one for every message."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from typing import Any, TypeVar

from redis import Redis
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

Result = TypeVar("Result")
# A door waits for Redis: better alone than slow.
TIMEOUT_SECONDS = 0.25
RETRY_SECONDS = 2.0


class SharedStoreAwayError(RuntimeError):
    """There is no Redis, or it does not answer: go on with what this process knows."""


class SharedStore:
    """Redis at `url`, or nothing; `state` is "shared", "away" or, where no Redis is wanted, "local"."""

    def __init__(self, url: str | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._away_until = clock, float("-inf")
        self._away = False
        self._guard = threading.Lock()
        self._redis: Redis | None = None
        if url:
            self._redis = Redis.from_url(
                url,
                decode_responses=True,
                socket_timeout=TIMEOUT_SECONDS,
                socket_connect_timeout=TIMEOUT_SECONDS,
                health_check_interval=15,
            )

    @property
    def state(self) -> str:
        """How the store stands: "local", "shared" or "away"."""
        if self._redis is None:
            return "local"
        return "away" if self._away else "shared"

    def run(self, command: Callable[[Redis], Result]) -> Result:
        """What `command` gets from Redis.

        Raises:
            SharedStoreAwayError: there is none, or it does not answer; it is tried again after `RETRY_SECONDS`.
        """
        if self._redis is None:
            raise SharedStoreAwayError("no Redis is set")
        if self._away and self._clock() < self._away_until:
            raise SharedStoreAwayError("Redis is away")
        try:
            result = command(self._redis)
        except (RedisError, OSError) as error:
            with self._guard:
                first, self._away = not self._away, True
                self._away_until = self._clock() + RETRY_SECONDS
            if first:
                logger.error("Redis does not answer: this process goes on with locks and limits of its own")
            raise SharedStoreAwayError("Redis is away") from error
        with self._guard:
            back, self._away = self._away, False
        if back:
            logger.warning("Redis answers again: locks and limits are shared")
        return result

    def look(self) -> str:
        """The state after asking Redis now."""
        with suppress(SharedStoreAwayError):
            self.run(lambda redis: redis.ping())
        return self.state


@lru_cache(maxsize=8)
def shared_store(url: str | None) -> SharedStore:
    """The store of this process for a url: one pool of connections and one breaker."""
    return SharedStore(url)


def named(*parts: Any) -> str:
    """The key of a thing of the guide's, apart from what else lies in the same Redis."""
    return ":".join(("guide", *map(str, parts)))

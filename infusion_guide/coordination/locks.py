"""Conversation locks: one turn of a conversation at a time, in whichever process it is."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from weakref import WeakValueDictionary

from infusion_guide.coordination.connection import SharedStore, SharedStoreAwayError, named

# A process that dies holds its lock no longer than this; one that lives renews it.
HELD_SECONDS = 3.0
_RENEW_SECONDS = 0.8
_LOOK_SECONDS = 0.02
_RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"
_RENEW = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0"


class LockTimeoutError(RuntimeError):
    """Another turn of the conversation does not end."""


class ConversationLocks:
    """Locks by conversation: first in this process, in the order of asking, then across processes."""

    def __init__(
        self, store: SharedStore, wait_seconds: float = 10.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._store, self._wait_seconds, self._clock = store, wait_seconds, clock
        # A lock lives as long as somebody holds it or waits for it.
        self._local: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def holding(self, conversation: str) -> AsyncIterator[None]:
        """Hold the conversation's lock.

        Raises:
            LockTimeoutError: another turn has held it for longer than one waits.
        """
        local = self._local.get(conversation)
        if local is None:
            local = self._local[conversation] = asyncio.Lock()
        async with local:
            key, owner = named("lock", conversation), secrets.token_hex(8)
            await self._take(key, owner)
            renewing = asyncio.ensure_future(self._renew(key, owner))
            try:
                yield
            finally:
                renewing.cancel()
                with suppress(SharedStoreAwayError):
                    self._store.run(lambda redis: redis.eval(_RELEASE, 1, key, owner))

    async def _take(self, key: str, owner: str) -> None:
        until = self._clock() + self._wait_seconds
        while True:
            try:
                if self._store.run(lambda redis: redis.set(key, owner, nx=True, px=int(HELD_SECONDS * 1000))):
                    return
            except SharedStoreAwayError:
                return
            if self._clock() >= until:
                raise LockTimeoutError("another turn of the conversation does not end")
            await asyncio.sleep(_LOOK_SECONDS)

    async def _renew(self, key: str, owner: str) -> None:
        while True:
            await asyncio.sleep(_RENEW_SECONDS)
            with suppress(SharedStoreAwayError):
                self._store.run(lambda redis: redis.eval(_RENEW, 1, key, owner, str(int(HELD_SECONDS * 1000))))

"""Keys that expire: claims and small values that all processes know, in Redis and in this process."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from infusion_guide.coordination.connection import SharedStore, SharedStoreAwayError, named


class LocalKeys:
    """Keys of this process, each until its time is over; the oldest go when there are too many."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, remembered: int = 10000) -> None:
        self._clock, self._remembered, self._guard = clock, remembered, threading.Lock()
        self._values: OrderedDict[str, tuple[str, float]] = OrderedDict()

    def get(self, key: str) -> str | None:
        """The value of a key that has not expired."""
        with self._guard:
            value, until = self._values.get(key, ("", float("-inf")))
            return value if self._clock() < until else None

    def put(self, key: str, value: str, seconds: float) -> None:
        """Keep a value for `seconds`."""
        with self._guard:
            self._values.pop(key, None)
            self._values[key] = (value, self._clock() + seconds)
            while len(self._values) > self._remembered:
                self._values.popitem(last=False)

    def forget(self, key: str) -> None:
        """Let a key go."""
        with self._guard:
            self._values.pop(key, None)


class KeyStore:
    """Claims and values by key. While Redis is away, and before, this process remembers its own."""

    def __init__(self, store: SharedStore, local: LocalKeys | None = None) -> None:
        self._store, self._local = store, local or LocalKeys()

    def claim(self, key: str, seconds: float) -> bool:
        """Take a key that nobody holds, for `seconds`; False if somebody does. One of many callers gets True."""
        try:
            taken = self._store.run(lambda redis: redis.set(named(key), "1", nx=True, px=int(seconds * 1000)))
            if not taken:
                return False
        except SharedStoreAwayError:
            if self._local.get(key) is not None:
                return False
        self._local.put(key, "1", seconds)
        return True

    def put(self, key: str, value: str, seconds: float) -> None:
        """Keep a value for `seconds`, for every process."""
        self._local.put(key, value, seconds)
        try:
            self._store.run(lambda redis: redis.set(named(key), value, px=int(seconds * 1000)))
        except SharedStoreAwayError:
            return

    def get(self, key: str) -> str | None:
        """The value of a key, or None."""
        try:
            return self._store.run(lambda redis: redis.get(named(key))) or self._local.get(key)
        except SharedStoreAwayError:
            return self._local.get(key)

    def forget(self, key: str) -> None:
        """Let a key go, for every process."""
        self._local.forget(key)
        try:
            self._store.run(lambda redis: redis.delete(named(key)))
        except SharedStoreAwayError:
            return

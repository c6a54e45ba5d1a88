"""The crowd: how many messages are under way in this process, and how long one more would wait for its turn."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# What a turn is taken to cost before one was measured, and the most that one turn may count for.
GUESS_SECONDS, MOST_SECONDS = 0.03, 2.0
# How many turns are remembered, guesses at first: the first turn of a process is slow, and the loop may hear of several
# at once, the last of them seemingly free.
_REMEMBERED = 32


class Crowd:
    """Counts the turns under way and measures what one costs: Rasa's thread takes them one after the other.

    For the one thread of the server's loop.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._under_way = clock, 0
        self._costs, self._ended = deque([GUESS_SECONDS] * _REMEMBERED, maxlen=_REMEMBERED), float("-inf")

    @property
    def wait_seconds(self) -> float:
        """How long one more would wait until its turn begins; nothing where no other is under way."""
        return self._under_way * sum(self._costs) / len(self._costs)

    @contextmanager
    def joined(self) -> Iterator[None]:
        """Count a message that waits for its turn or has it."""
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1

    @contextmanager
    def measured(self) -> Iterator[None]:
        """Measure a turn that comes to its end, without the time that it waited for others."""
        begun = self._clock()
        yield
        now = self._clock()
        self._costs.append(min(now - max(begun, self._ended), MOST_SECONDS))
        self._ended = now

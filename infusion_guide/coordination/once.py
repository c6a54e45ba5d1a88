"""Once: a message that is sent again, by a door that lost its connection, gets the first reply and no second turn."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from infusion_guide.coordination.keys import KeyStore

# A process that dies in the middle of a turn leaves its claim for this long, then the next one answers.
CLAIM_SECONDS = 3.0
# How long a reply is kept for somebody who asks for it again.
REPLY_SECONDS = 300.0
_RENEW_SECONDS = 0.8
_LOOK_SECONDS = 0.05


class Once:
    """Answers each message id once; `wait_seconds` is how long a second asker waits for the first one's reply."""

    def __init__(self, keys: KeyStore, wait_seconds: float = 10.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._keys, self._wait_seconds, self._clock = keys, wait_seconds, clock

    async def reply(self, message: str, answer: Callable[[], Awaitable[tuple[str, bool]]]) -> str:
        """The reply to `message`: the one given before, or `answer()`'s.

        `answer` says beside the reply whether it is worth keeping: after an error, who sends again is answered anew.
        """
        claim, done = f"turn:{message}", f"reply:{message}"
        until = self._clock() + self._wait_seconds
        while True:
            before = self._keys.get(done)
            if before is not None:
                return before
            if self._keys.claim(claim, CLAIM_SECONDS) or self._clock() >= until:
                break
            await asyncio.sleep(_LOOK_SECONDS)
        # The first one may have ended between the look and the claim.
        before = self._keys.get(done)
        if before is not None:
            self._keys.forget(claim)
            return before
        renewing = asyncio.ensure_future(self._renew(claim))
        try:
            made, keep = await answer()
            if keep:
                self._keys.put(done, made, REPLY_SECONDS)
            return made
        finally:
            renewing.cancel()
            self._keys.forget(claim)

    async def _renew(self, claim: str) -> None:
        while True:
            await asyncio.sleep(_RENEW_SECONDS)
            self._keys.put(claim, "1", CLAIM_SECONDS)

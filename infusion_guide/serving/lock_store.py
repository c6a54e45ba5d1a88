"""The lock store: one turn of a conversation at a time across processes.

Stands in for `rasa.core.lock_store.RedisLockStore`, which looks once a second, holds a dead process's lock for a
minute, and fails every message while Redis is away. `Agent.handle_message` uses `lock()` alone.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from rasa.core.lock_store import LockError, LockStore

from infusion_guide.coordination.locks import ConversationLocks, LockTimeoutError
from infusion_guide.operation.metrics import metrics


class SharedLockStore(LockStore):  # type: ignore[misc]
    """Rasa's lock store on our conversation locks."""

    def __init__(self, locks: ConversationLocks) -> None:
        self._locks = locks

    @asynccontextmanager
    async def lock(self, conversation_id: str, *_: Any, **__: Any) -> AsyncGenerator[None, None]:
        """Hold the conversation's lock.

        Raises:
            LockError: another turn of the conversation does not end.
        """
        holding = self._locks.holding(conversation_id)
        try:
            with metrics().stage("lock"):
                await holding.__aenter__()
        except LockTimeoutError as error:
            raise LockError(str(error)) from error
        try:
            yield
        finally:
            await holding.__aexit__(None, None, None)

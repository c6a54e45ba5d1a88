import asyncio
import time
import uuid

import pytest

from infusion_guide.coordination import locks as module
from infusion_guide.coordination.connection import SharedStore
from infusion_guide.coordination.locks import ConversationLocks, LockTimeoutError


@pytest.fixture
def conversation():
    return uuid.uuid4().hex


async def hold(locks, conversation, name, seconds, order):
    async with locks.holding(conversation):
        order.append(f"{name} in")
        await asyncio.sleep(seconds)
        order.append(f"{name} out")


@pytest.mark.parametrize("where", ["one process", "two processes"])
async def test_one_turn_at_a_time(request, where, conversation):
    url = request.getfixturevalue("redis_url") if where == "two processes" else None
    first = ConversationLocks(SharedStore(url))
    second = ConversationLocks(SharedStore(url)) if url else first
    order = []
    await asyncio.gather(
        hold(first, conversation, "a", 0.1, order),
        hold(second, conversation, "b", 0.1, order),
    )
    assert order in (["a in", "a out", "b in", "b out"], ["b in", "b out", "a in", "a out"])


async def test_other_conversations_do_not_wait(redis_url, conversation):
    locks, order = ConversationLocks(SharedStore(redis_url)), []
    await asyncio.gather(hold(locks, conversation, "a", 0.1, order), hold(locks, conversation + "b", "b", 0.1, order))
    assert set(order[:2]) == {"a in", "b in"}


async def test_one_process_alone_keeps_the_order_of_asking(conversation):
    locks, order = ConversationLocks(SharedStore(None)), []
    await asyncio.gather(*(hold(locks, conversation, str(number), 0.01, order) for number in range(5)))
    assert [entry for entry in order if entry.endswith("in")] == [f"{number} in" for number in range(5)]


async def test_a_lock_that_is_not_given_back_in_time_is_an_error(redis_url, conversation):
    holder = ConversationLocks(SharedStore(redis_url))
    waiting = ConversationLocks(SharedStore(redis_url), wait_seconds=0.1)
    async with holder.holding(conversation):
        with pytest.raises(LockTimeoutError):
            async with waiting.holding(conversation):
                pass


async def test_a_long_turn_keeps_its_lock(redis_url, conversation, monkeypatch):
    monkeypatch.setattr(module, "HELD_SECONDS", 0.3)
    monkeypatch.setattr(module, "_RENEW_SECONDS", 0.1)
    order = []
    first, second = ConversationLocks(SharedStore(redis_url)), ConversationLocks(SharedStore(redis_url))
    long = asyncio.ensure_future(hold(first, conversation, "a", 0.8, order))
    await asyncio.sleep(0.05)
    await hold(second, conversation, "b", 0, order)
    await long
    assert order == ["a in", "a out", "b in", "b out"]


async def test_a_lock_of_the_dead_is_free_soon(redis_url, conversation, monkeypatch):
    monkeypatch.setattr(module, "HELD_SECONDS", 0.3)
    # A holder that never renews and never gives back, as a process that was killed.
    SharedStore(redis_url).run(lambda redis: redis.set(f"guide:lock:{conversation}", "dead", px=300))
    started = time.monotonic()
    async with ConversationLocks(SharedStore(redis_url)).holding(conversation):
        assert 0.1 < time.monotonic() - started < 2

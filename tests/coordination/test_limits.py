import uuid

import pytest

from infusion_guide.coordination.connection import SharedStore
from infusion_guide.coordination.limits import MemoryLimiter, SharedLimiter


def limiter(url, burst=3):
    return SharedLimiter(SharedStore(url), MemoryLimiter(1, burst), "test", 1, burst)


@pytest.fixture
def somebody():
    return uuid.uuid4().hex


def test_two_processes_count_together(redis_url, somebody):
    one, other = limiter(redis_url), limiter(redis_url)
    assert [each.allows(somebody) for each in (one, other, one, other, one)] == [True, True, True, False, False]
    assert one.allows("somebody else " + somebody)


def test_what_was_used_comes_back_with_time(redis_url, somebody):
    fast = SharedLimiter(SharedStore(redis_url), MemoryLimiter(60000, 1), "test", 60000, 1)
    assert fast.allows(somebody)
    import time

    time.sleep(0.01)
    assert fast.allows(somebody)


def test_without_redis_each_counts_alone(somebody):
    one = limiter("redis://127.0.0.1:1/0")
    assert [one.allows(somebody) for _ in range(5)] == [True, True, True, False, False]

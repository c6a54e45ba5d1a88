import uuid

import pytest

from infusion_guide.coordination.connection import SharedStore
from infusion_guide.coordination.keys import KeyStore, LocalKeys


@pytest.fixture(params=["redis", "alone"])
def processes(request):
    """The key stores of two processes, or of one twice where there is no Redis."""
    if request.param == "redis":
        url = request.getfixturevalue("redis_url")
        return KeyStore(SharedStore(url)), KeyStore(SharedStore(url))
    store = KeyStore(SharedStore(None))
    return store, store


@pytest.fixture
def key():
    return uuid.uuid4().hex


def test_one_of_two_gets_a_claim(processes, key):
    one, other = processes
    assert one.claim(key, 60)
    assert not other.claim(key, 60)
    one.forget(key)
    assert other.claim(key, 60)


def test_both_know_a_value(processes, key):
    one, other = processes
    assert other.get(key) is None
    one.put(key, "value", 60)
    assert other.get(key) == "value"


def test_a_local_key_expires():
    now = [0.0]
    keys = LocalKeys(clock=lambda: now[0])
    keys.put("k", "v", 5)
    assert keys.get("k") == "v"
    now[0] = 5.1
    assert keys.get("k") is None


def test_the_oldest_local_keys_go_first():
    keys = LocalKeys(remembered=2)
    for name in "abc":
        keys.put(name, name, 60)
    assert [keys.get(name) for name in "abc"] == [None, "b", "c"]


def test_a_process_remembers_its_own_keys_while_redis_is_away(redis_server, key):
    store = KeyStore(SharedStore(redis_server.url))
    assert store.claim(key, 60)
    store.put(f"{key}-value", "v", 60)
    redis_server.stop()
    try:
        assert not store.claim(key, 60)
        assert store.claim(f"{key}-other", 60)
        assert store.get(f"{key}-value") == "v"
    finally:
        redis_server.start()

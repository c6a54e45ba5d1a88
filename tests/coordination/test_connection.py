import pytest

from infusion_guide.coordination.connection import RETRY_SECONDS, SharedStore, SharedStoreAwayError


def test_without_a_url_everything_is_local():
    store = SharedStore(None)
    assert store.look() == "local"
    with pytest.raises(SharedStoreAwayError):
        store.run(lambda redis: redis.ping())


def test_an_outage_is_felt_once_and_its_end_is_found(redis_server, caplog):
    now = [0.0]
    store = SharedStore(redis_server.url, clock=lambda: now[0])
    asked = []
    assert store.look() == "shared"
    redis_server.stop()
    try:
        for _ in range(5):
            with pytest.raises(SharedStoreAwayError):
                store.run(lambda redis: (asked.append(1), redis.ping()))
        assert (store.state, len(asked)) == ("away", 1)
        assert len([record for record in caplog.records if "does not answer" in record.message]) == 1
    finally:
        redis_server.start()
    now[0] = RETRY_SECONDS + 0.1
    assert store.look() == "shared"


def test_an_address_where_nobody_answers_is_away():
    assert SharedStore("redis://127.0.0.1:1/0").look() == "away"

from infusion_guide.coordination.limits import MemoryLimiter


def test_the_limiter_lets_a_burst_through_and_then_a_steady_rate():
    now = [0.0]
    limiter = MemoryLimiter(a_minute=60, burst=3, clock=lambda: now[0])
    assert [limiter.allows("a") for _ in range(4)] == [True, True, True, False]
    assert limiter.allows("b")
    now[0] = 1.0
    assert [limiter.allows("a") for _ in range(2)] == [True, False]


def test_the_limiter_forgets_a_conversation_that_ended():
    limiter = MemoryLimiter(a_minute=60, burst=1, clock=lambda: 0.0)
    assert limiter.allows("a")
    limiter.forget("a")
    assert limiter.allows("a")


def test_the_limiter_remembers_no_more_than_it_may():
    limiter = MemoryLimiter(a_minute=60, burst=1, clock=lambda: 0.0, remembered=2)
    assert [limiter.allows(conversation) for conversation in "abc"] == [True, True, True]
    assert [limiter.allows(conversation) for conversation in "cba"] == [False, False, True]

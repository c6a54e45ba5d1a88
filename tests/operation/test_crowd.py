from contextlib import ExitStack

import pytest

from infusion_guide.operation.crowd import GUESS_SECONDS, MOST_SECONDS, Crowd


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def crowd(clock):
    return Crowd(clock)


def took(crowd, clock, seconds):
    with crowd.joined(), crowd.measured():
        clock.now += seconds


def test_alone_nobody_waits_however_slow_it_was(crowd, clock):
    assert crowd.wait_seconds == 0
    for _ in range(50):
        took(crowd, clock, 60)
    assert crowd.wait_seconds == 0


def test_one_more_waits_for_those_under_way(crowd):
    with crowd.joined(), crowd.joined():
        assert crowd.wait_seconds == pytest.approx(2 * GUESS_SECONDS)
    assert crowd.wait_seconds == 0


def test_what_a_turn_costs_is_measured(crowd, clock):
    for _ in range(40):
        took(crowd, clock, 0.2)
    with crowd.joined():
        assert crowd.wait_seconds == pytest.approx(0.2)


def test_turns_that_wait_for_each_other_cost_no_more_than_alone(crowd, clock):
    turns = [crowd.measured() for _ in range(40)]
    for turn in turns:
        turn.__enter__()
    for turn in turns:
        clock.now += 0.2
        turn.__exit__(None, None, None)
    with crowd.joined():
        assert crowd.wait_seconds == pytest.approx(0.2)


def test_a_turn_that_hung_does_not_close_the_door_for_long(crowd, clock):
    took(crowd, clock, 600)
    with crowd.joined():
        assert crowd.wait_seconds < MOST_SECONDS
    for _ in range(40):
        took(crowd, clock, 0.02)
    with crowd.joined():
        assert crowd.wait_seconds == pytest.approx(0.02)


def test_the_slow_first_turn_of_a_process_sends_nobody_away(crowd, clock):
    took(crowd, clock, 1.0)
    with ExitStack() as many:
        for _ in range(50):
            many.enter_context(crowd.joined())
        assert crowd.wait_seconds < 4


def test_a_turn_that_failed_says_nothing_of_the_cost(crowd, clock):
    with pytest.raises(RuntimeError), crowd.joined(), crowd.measured():
        raise RuntimeError
    with crowd.joined():
        assert crowd.wait_seconds == pytest.approx(GUESS_SECONDS)

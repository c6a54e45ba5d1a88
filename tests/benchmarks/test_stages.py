"""The clock of the stages: what a stage takes by itself."""

from benchmarks.stages import STAGES, StageClock, measured_apart, summary


class Time:
    """Seconds that pass when they are told to."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def test_a_stage_inside_another_is_counted_once():
    time = Time()
    clock = StageClock(time)
    with clock.stage("outer"):
        time.now = 1.0
        with clock.stage("inner"):
            time.now = 3.0
        time.now = 3.5
    assert clock.taken() == {"outer": 1500.0, "inner": 2000.0}
    assert clock.taken() == {}


def test_time_outside_all_stages_is_nobodys():
    time = Time()
    clock = StageClock(time)
    with clock.stage("one"):
        time.now = 1.0
    time.now = 9.0
    with clock.stage("two"):
        time.now = 10.0
    assert clock.taken() == {"one": 1000.0, "two": 1000.0}


def test_shares_of_the_stages_add_up():
    rows = summary([{STAGES[0]: 1.0, STAGES[1]: 3.0}, {STAGES[0]: 1.0, STAGES[1]: 5.0}])
    assert rows[STAGES[0]]["share"] == 0.2
    assert rows[STAGES[1]]["share"] == 0.8
    assert rows["all"]["p50_ms"] == 5.0


def test_every_stage_is_seen_in_a_message_of_the_real_guide():
    # Fails where Rasa or config.yml moved what is watched.
    rows = measured_apart(messages=6)
    assert [name for name in STAGES if rows[name]["p50_ms"] <= 0] == []
    assert abs(sum(rows[name]["share"] for name in STAGES) - 1.0) < 0.01

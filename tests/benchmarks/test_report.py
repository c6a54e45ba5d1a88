"""The report: budgets, and what is written where something was not measured."""

from benchmarks.report import budgets, machine, page, table, times_faster
from benchmarks.timing import around_turn, percentile

MET = {
    "p50_ms": 12.0,
    "messages_a_second": 100.0,
    "turn_200_of_turn_2": 1.5,
    "memory_megabytes": 900.0,
    "start_seconds": 10.0,
    "training_seconds": 300.0,
}


def test_a_budget_is_met_at_its_limit_and_missed_beyond_it():
    assert all(met for _, _, met in budgets(MET, {"p50_ms": 60.0}))
    missed = {key: value * (0.99 if key == "messages_a_second" else 1.01) for key, value in MET.items()}
    assert not any(met for _, _, met in budgets(missed, {"p50_ms": 60.0}))


def test_what_was_not_measured_is_not_called_met():
    assert {met for _, _, met in budgets({}, None)} == {None}
    assert times_faster(MET, None) is None
    text = table({}, None, [])
    assert "not measured" in text
    assert "| met |" not in text


def test_the_table_shows_both_sides_and_the_sets():
    text = table({**MET, "right on x (2)": 0.5}, {"p50_ms": 30.0, "right on x (2)": 0.25}, ["right on x (2)"])
    assert "| a message, 1 client: p50 | 12.0 ms | 30.0 ms | ≤ 12 ms | met |" in text
    assert "| median: times faster than stock | 2.5 × | 1 | ≥ 5 × | **not met** |" in text
    assert "| right on x (2) | 50.0 % | 25.0 % |  |  |" in text


def test_the_page_names_the_machines_facts_but_not_the_machine():
    text = page(machine(), ["table"], ["note"])
    assert "cores" in text and "* note" in text
    assert "/" not in text.split("\n\n")[2]


def test_turns_are_medians_around_them_without_the_first():
    times = [1000.0, *(float(turn) for turn in range(2, 201))]
    assert around_turn(times, 2) == 4.0
    assert around_turn(times, 50) == 50.0
    assert around_turn(times, 200) == 198.0


def test_percentiles():
    times = [float(value) for value in range(100)]
    assert percentile(times, 0.95) == 95.0
    assert percentile([1.0], 0.99) == 1.0

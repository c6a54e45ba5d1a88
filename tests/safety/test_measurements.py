import pytest

from infusion_guide.knowledge.schema import Limits
from infusion_guide.safety.measurements import readings

LIMITS = Limits(100.4, 38.0, 120, 40, 92, 90, 180)


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("102.4", "fever-or-chills"),
        ("39 c", "fever-or-chills"),
        ("temp is 38,5", "fever-or-chills"),
        ("fever of 101", "fever-or-chills"),
        ("she's at 103 degrees", "fever-or-chills"),
        ("thermometer says 40.1", "fever-or-chills"),
        ("tengo fiebre de 39", "fever-or-chills"),
        ("pulse 160", "racing-heart"),
        ("my heart rate is 142", "racing-heart"),
        ("150 bpm sitting down", "racing-heart"),
        ("pulse only 34", "racing-heart"),
        ("the oximeter says: 82.", "blue-lips-or-lung-injury"),
        ("oxygen 88", "blue-lips-or-lung-injury"),
        ("o2 sat is 86%", "blue-lips-or-lung-injury"),
        ("bp 190 over 110", "something-is-wrong"),
        ("bp 80/40", "faintness"),
        ("blood pressure dropped to 80", "faintness"),
    ],
)
def test_a_reading_beyond_the_limits_is_a_sign(text, sign):
    assert [reading.sign for reading in readings(text, LIMITS)][:1] == [sign]


@pytest.mark.parametrize(
    "text",
    [
        "temp 98.4, bp 122 over 76, pulse 70, oxygen 98",
        "temperature 36.9 c",
        "it says 100.2 ml an hour",
        "i am 102 years old",
        "call 911",
        "room 104",
        "my appointment is at 10.30",
        "they open 24/7",
        "it costs $104.5",
        "i weigh 150 pounds",
        "40 mg of prednisone",
        "pain 8/10",
        "on 11/20 at 12",
    ],
)
def test_other_numbers_are_none(text):
    assert readings(text, LIMITS) == []

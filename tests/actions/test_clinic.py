"""What a clinic may set: its hours, and its own answers to what the documents leave open."""

from dataclasses import replace
from datetime import datetime, timezone

import pytest

from actions.decline import ActionNotCovered
from actions.say import ActionHandoff
from tests.actions.test_replies import turn

SUNDAY_NOON = datetime(2026, 11, 22, 17, 0, tzinfo=timezone.utc)
MONDAY_NOON = datetime(2026, 11, 23, 17, 0, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("now", "is_open"),
    [
        (MONDAY_NOON, True),
        (SUNDAY_NOON, False),
        (datetime(2026, 11, 23, 12, 59, tzinfo=timezone.utc), False),  # 7:59 in New York
        (datetime(2026, 11, 23, 13, 0, tzinfo=timezone.utc), True),
        (datetime(2026, 11, 23, 22, 0, tzinfo=timezone.utc), False),
    ],
)
def test_hours_count_by_the_clinics_own_clock(knowledge, now, is_open):
    assert knowledge.clinic.is_open(now) is is_open


def test_a_clinic_without_hours_counts_as_open(knowledge):
    assert replace(knowledge.clinic, opening={}).is_open(SUNDAY_NOON)


def test_whom_to_call_depends_on_the_hours(knowledge):
    assert "555-0100" in ActionHandoff().reply(turn("handoff"), knowledge, MONDAY_NOON).text
    assert "555-0111" in ActionHandoff().reply(turn("handoff"), knowledge, SUNDAY_NOON).text


def test_the_clinics_own_answer_is_shown_as_its_own_words(knowledge):
    clinic = replace(knowledge.clinic, answers={"driving-home": "Please let somebody drive you."})
    reply = ActionNotCovered().reply(turn("not_covered/driving-home"), replace(knowledge, clinic=clinic))
    assert reply.outcome == "clinic"
    assert reply.text.startswith("Please let somebody drive you.")
    assert "clinic's own words" in reply.text
    assert reply.sources == ()

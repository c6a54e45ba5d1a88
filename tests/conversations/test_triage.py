"""Warning signs in conversation."""

import pytest
from sqlalchemy import select

from infusion_guide.knowledge.store import open_database
from infusion_guide.safety.record import warning_sign_met
from infusion_guide.settings import read_settings
from tests.conftest import Patient


def at_home(guide) -> Patient:
    return Patient(guide, setting="home")


def in_the_chair(guide) -> Patient:
    return Patient(guide, door="kiosk", setting="infusing")


def test_the_action_comes_first_and_nothing_else_is_linked(guide):
    patient = at_home(guide).says("how long does ivig take? my throat is closing up").gets("triage")
    assert patient.reply.text.startswith("Call 911 now.")
    assert patient.reply.tier == "emergency"
    assert patient.reply.choices == () and patient.reply.sources == () and patient.reply.answers == ()
    assert "911" in patient.reply.phones
    assert patient.reply.heading == "Get help now"


def test_at_the_kiosk_the_nurse_comes_before_the_number(guide):
    text = in_the_chair(guide).says("my throat is closing up").gets("triage").reply.text
    assert text.index("nurse") < text.index("911")


def test_thoughts_of_dying_get_the_crisis_line(guide):
    patient = at_home(guide).says("i want to kill myself").gets("triage").hears("988")
    assert patient.reply.tier == "crisis"
    assert patient.reply.choices == ()


def test_below_emergency_the_rest_of_the_message_is_offered(guide):
    patient = at_home(guide).says("how long does ivig take? also i have a fever of 101").gets("triage")
    assert patient.reply.tier == "same_day"
    assert "during-infusion/length" in [choice.id for choice in patient.reply.choices]


def test_where_the_setting_is_unknown_it_is_asked_after_the_safest_advice(patient):
    patient.says("my heart is racing").gets("triage").hears("911", "Is your infusion running right now?")
    assert patient.reply.tier == "emergency"
    patient.picks("triage/infusing").gets("triage").hears("Tell your nurse now")
    assert patient.reply.tier == "nurse_now"


@pytest.mark.parametrize(
    ("answer", "tier"), [("yes", "nurse_now"), ("no", "emergency"), ("no im at home", "emergency")]
)
def test_the_question_is_answered_in_words_too(patient, answer, tier):
    patient.says("my heart is racing").says(answer).gets("triage").does_not_hear("not sure")
    assert patient.reply.tier == tier
    assert patient.reply.outcomes == ("triage",)


def test_only_asking_stands_it_down_and_the_talk_goes_on(patient):
    patient.says("my heart is racing").picks("triage/only-asking").gets("smalltalk").does_not_hear("nurse now")
    patient.says("what are the tablets before it for").gets("answer")
    patient.says("yes").does_not_hear("nurse now")


@pytest.mark.parametrize("pushback", ["are you sure? it's probably just nerves", "i dont want to bother them"])
def test_pushback_does_not_talk_the_guide_out_of_it(guide, pushback):
    at_home(guide).says("my chest feels like a weight is on it").gets("triage").says(pushback).gets("triage").hears(
        "911"
    )


def test_playing_it_down_lowers_nothing(guide):
    assert at_home(guide).says("probably nothing lol but my lips are swelling").gets("triage").reply.tier == "emergency"


def test_is_it_normal_is_a_report(guide):
    assert at_home(guide).says("is it normal that i can't catch my breath").gets("triage").reply.tier == "emergency"


@pytest.mark.parametrize(
    "text",
    [
        "this wait is killing me",
        "can it cause blood clots",
        "last month i had a rash after the drip, benadryl fixed it, all fine since",
        "no fever, no rash, all good",
        "what are the side effects of ivig",
        "my mouth is dry as always",
    ],
)
def test_a_mere_mention_raises_no_alarm(patient, text):
    assert patient.says(text).reply.outcome != "triage"


def test_a_spanish_report_gets_both_languages(guide):
    at_home(guide).says("me duele mucho el pecho y no puedo respirar").gets("triage").hears(
        "Call 911 now", "Llame al 911"
    )


@pytest.mark.parametrize(
    ("before", "tier", "text"),
    [
        ("my heart is racing", "nurse_now", "my arm itches and has red bumps, the drip is in now"),
        ("my throat is closing up", "emergency", "my arm itches and has red bumps, the drip is in now"),
        ("my heart is racing", "emergency", "i'm back home now and have a fever of 101"),
    ],
)
def test_a_milder_sign_after_a_severe_one_repeats_the_advice_for_where_the_person_is_now(patient, before, tier, text):
    patient.says(before).gets("triage").says(text).gets("triage")
    assert patient.reply.tier == tier
    assert "Is your infusion running right now?" not in patient.reply.text
    # What is remembered is the severe sign where the person is now.
    assert patient.says("are you sure?").gets("triage").reply.tier == tier


def test_a_severe_sign_is_met_where_the_next_message_says_that_the_infusion_is_over(guide):
    patient = in_the_chair(guide).says("my heart is racing").gets("triage")
    assert patient.reply.tier == "nurse_now"
    patient.setting = "home"
    patient.says("and i have a fever of 101").gets("triage").hears("911")
    assert patient.reply.tier == "emergency"


def test_a_sign_that_calls_for_nothing_at_home_gives_way_to_the_new_one(guide):
    patient = in_the_chair(guide).says("a bit achy and a little headache").gets("triage")
    assert patient.reply.tier == "nurse_now"
    patient.setting = "home"
    assert patient.says("i have a fever of 101").gets("triage").reply.tier == "same_day"


def test_a_repeated_sign_is_recorded_once_and_the_milder_one_too(guide):
    engine = open_database(read_settings().database_url)

    def met():
        with engine.connect() as connection:
            return [(row.sign, row.tier) for row in connection.execute(select(warning_sign_met))]

    before = len(met())
    patient = at_home(guide).says("my throat is closing up").says("i have a fever of 101")
    assert patient.reply.tier == "emergency"
    assert met()[before:] == [("throat-or-face-swelling", "emergency"), ("fever-or-chills", "same_day")]


def test_the_conversation_remembers_that_the_infusion_runs(patient):
    patient.says("the drip is in now").says("my arm itches and has red bumps").gets("triage")
    assert patient.reply.tier == "nurse_now"


def test_a_mild_headache_at_home_is_answered_and_in_the_chair_told_to_the_nurse(guide):
    assert at_home(guide).says("little headache since yesterday, nothing else").reply.outcome != "triage"
    assert in_the_chair(guide).says("a bit achy and a little headache").gets("triage").reply.tier == "nurse_now"


def test_sign_tier_door_and_time_are_kept_and_no_word(guide):
    engine = open_database(read_settings().database_url)
    with engine.connect() as connection:
        before = len(connection.execute(select(warning_sign_met)).all())
    at_home(guide).says("my tongue is swelling, pineapple")
    with engine.connect() as connection:
        rows = connection.execute(select(warning_sign_met)).mappings().all()
    assert len(rows) == before + 1
    assert dict(rows[-1]) | {"id": 0, "met_at": None} == {
        "id": 0,
        "sign": "throat-or-face-swelling",
        "tier": "emergency",
        "channel": "web",
        "met_at": None,
    }

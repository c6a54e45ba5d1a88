"""What a patient reads who asks one question after another."""

import pytest


def test_how_long(patient):
    patient.says("how long does it take?").gets("answer", "during-infusion/length").hears("several hours")


def test_the_benadryl(patient):
    patient.says("whats the benadryl for").gets("answer").hears("antihistamine")
    patient.sees_source("IV Therapy for Sjögren's: What to Expect — The Logistics of Infusion Sessions")


def test_the_answer_fits_the_drug_that_is_named(patient):
    patient.says("how often do people get Rituxan?").gets("answer").hears("two weeks")
    patient.says("how often do people get Gammagard?").gets("answer").hears("weeks").does_not_hear("rituximab")


def test_the_drug_named_before_is_remembered(patient):
    patient.says("how does rituximab work?").gets("answer")
    patient.says("how long does the infusion take?").gets("answer", "during-infusion/length").hears("rituximab")


def test_another_disease_gets_its_own_words(patient):
    patient.says("how long does an IVIG infusion take in dermatomyositis?").gets("answer").hears("dermatomyositis")


def test_a_sjogrens_fact_is_named_as_one_to_a_person_with_another_disease(patient):
    patient.says("I have dermatomyositis. what are the tablets before the infusion for?").gets("answer")
    assert any("Sjögren's" in note for note in patient.reply.notes)


def test_an_answer_is_marked_as_not_reviewed(patient):
    patient.says("how long does it take?")
    assert "Not yet reviewed by a clinician." in patient.reply.notes


def test_starting_over_forgets_the_drug(patient):
    patient.says("how often do people get rituximab?").hears("rituximab")
    patient.says("start over").gets("smalltalk")
    patient.says("how often are the infusions?").gets("answer").hears("IVIG")


def test_a_choice_leads_to_its_answer(patient):
    patient.says("how long does it take?")
    chosen = patient.reply.choices[-1].id
    patient.picks(chosen).gets("answer", chosen)


def test_a_text_message_gets_the_short_text(texting_patient, knowledge):
    texting_patient.says("how long does it take?").gets("answer", "during-infusion/length")
    assert texting_patient.reply.text == knowledge.answers["during-infusion/length"].variants[0].sms


@pytest.mark.parametrize(
    ("message", "outcome"),
    [
        ("hello there", "smalltalk"),
        ("thank you so much", "smalltalk"),
        ("bye bye", "smalltalk"),
        ("what can you do?", "smalltalk"),
        ("are you a real person?", "smalltalk"),
        ("can I drive home after the infusion?", "defer"),
        ("can I get my flu shot while on rituximab?", "defer"),
        ("what is the clinic's phone number?", "clinic"),
        ("let me talk to a human please", "handoff"),
        ("who can read what I write here?", "privacy"),
        ("who won the football last night?", "off_topic"),
        ("my creatinine is 1.4, is that ok?", "medical_advice"),
    ],
)
def test_every_kind_of_message_gets_its_kind_of_reply(patient, message, outcome):
    patient.says(message).gets(outcome)


def test_what_is_not_covered_is_named_and_handed_over(patient):
    patient.says("can I drive home after the infusion?").hears("isn't in the documents", "555-0100", "driv")


def test_declined_advice_comes_with_the_general_fact_and_its_source(patient):
    patient.says("which one is better for me, ivig or rituximab?").gets("medical_advice")
    patient.hears("I can't judge that", "555-0100", "how severe it is")
    patient.sees_source("IV Therapy for Sjögren's: What to Expect")


def test_the_clinic_says_so_when_a_detail_is_missing(patient):
    patient.says("who do I talk to about my bill?").gets("clinic").hears("hasn't told me", "555-0100")


BAD_INPUT = {
    "nothing": "",
    "5,000 characters": "how long " * 560,
    "control characters": "\x00\x01\x02how long\x1b[31m?",
    "restart": "/restart",
    "an intent": '/premedication{"x":1}',
    "SQL": "'; DROP TABLE knowledge_item; --",
    "HTML": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "Spanish": "¿cuánto dura la infusión?",
    "Chinese": "输液需要多长时间",
    "an emoji": "😟",
    "only punctuation": "?!?!",
    "a template": "{phone} {0} {__class__} %s",
    "right to left": "\u202ehow long\u202c",
    "very long word": "a" * 900,
}


@pytest.mark.parametrize("name", BAD_INPUT)
def test_bad_input_gets_a_calm_reply(patient, name):
    patient.says(BAD_INPUT[name])
    assert patient.reply.outcome != "error", patient.reply.text
    assert len(patient.reply.text) > 10
    patient.says("how long does it take?").gets("answer", "during-infusion/length")


def test_a_message_with_a_slash_is_a_message(patient):
    patient.says("/how long does it take?").gets("answer", "during-infusion/length")

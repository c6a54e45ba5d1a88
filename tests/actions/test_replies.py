"""What the actions make of the clinic's knowledge, without Rasa and without a database."""

from dataclasses import replace

import pytest

from actions.answer import ActionAnswer
from actions.clinic import DETAILS, ActionClinic
from actions.decline import ActionMedicalAdvice, ActionNotCovered
from actions.say import ActionSay, ActionUnsure
from actions.turn import Candidate, Turn
from infusion_guide.knowledge.examples import read_examples
from infusion_guide.knowledge.measures import characters_outside_sms, sms_characters
from tests.conftest import ROOT


def turn(*labels, channel="web", therapies=(), hints=(), conditions=(), **slots):
    ranking = tuple(Candidate(label, 0.9 / (n + 1)) for n, label in enumerate(labels))
    intent = labels[0].split("/")[0].replace("-", "_") if labels else ""
    return Turn("…", channel, intent, ranking, tuple(therapies), tuple(hints), tuple(conditions), slots)


@pytest.mark.parametrize(
    ("given", "therapy"),
    [
        (turn("a/b", therapies=["ivig"]), "ivig"),
        (turn("a/b", therapies=["ivig", "rituximab"], known_therapy="ivig"), None),
        (turn("a/b", hints=["rituximab"], known_therapy="ivig"), "rituximab"),
        (turn("a/b", therapies=["ivig"], hints=["rituximab"]), "ivig"),
        (turn("a/b", known_therapy="ivig"), "ivig"),
        (turn("a/b"), None),
    ],
)
def test_the_therapy_that_is_meant(given, therapy):
    assert given.therapy == therapy


def test_another_disease_outranks_sjogrens_in_one_message():
    assert turn("a/b", conditions=["sjogrens", "dermatomyositis"]).condition == "dermatomyositis"


def test_an_answer_comes_with_its_sources_and_what_else_was_meant(knowledge):
    reply = ActionAnswer().reply(
        turn("during-infusion/length", "schedule/how-often", therapies=["rituximab"]), knowledge
    )
    assert reply.outcome == "answer"
    assert reply.choices[0].id == "schedule/how-often"
    assert any(source.section == "The Logistics of Infusion Sessions" for source in reply.sources)


def test_an_answer_that_the_database_does_not_hold_becomes_a_choice(knowledge):
    reply = ActionAnswer().reply(turn("during-infusion/gone", "schedule/how-often"), knowledge)
    assert reply.outcome == "clarify"
    assert [choice.id for choice in reply.choices] == ["schedule/how-often"]


def test_every_answer_can_be_shown_on_every_channel(knowledge):
    for answer_id in knowledge.answers:
        for channel in ("web", "kiosk", "sms"):
            for therapy in ([], ["ivig"], ["rituximab"]):
                reply = ActionAnswer().reply(turn(answer_id, channel=channel, therapies=therapy), knowledge)
                assert reply.text
                assert 1 <= len(reply.answers[0].facts) <= 6
                assert reply.sources


def test_every_subject_is_named_and_fits_two_text_messages(knowledge):
    for subject in knowledge.subjects.values():
        reply = ActionNotCovered().reply(turn(f"not_covered/{subject.id}", channel="sms"), knowledge)
        assert reply.text.startswith(subject.title)
        assert reply.outcome == subject.outcome
        assert sms_characters(reply.text) <= 306, subject.id
        assert characters_outside_sms(reply.text) == ""


def test_what_looks_like_an_answer_and_is_none_is_not_said(knowledge):
    assert len(knowledge.subjects) == 130
    for subject_id in ("driving-home", "vaccines", "own-dose", "missed-dose", "drug-interactions"):
        reply = ActionNotCovered().reply(turn(f"not_covered/{subject_id}"), knowledge)
        assert reply.answers == ()


def verdict(name, knowledge, **about):
    return ActionMedicalAdvice().reply(turn(f"medical_advice/{name}", **about), knowledge)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("which-is-better-for-me", "how severe it is"),
        ("should-i-go-ahead", "not what one starts with"),
        ("will-it-work-for-me", "bit by bit"),
    ],
)
def test_beside_declined_advice_stands_what_is_true_of_everybody(knowledge, name, words):
    reply = verdict(name, knowledge)
    assert reply.outcome == "medical_advice"
    assert reply.text.index("I can't judge that") < reply.text.index("555-0100") < reply.text.index(words)
    assert [shown.id for shown in reply.answers] == [f"medical_advice/{name}"]
    assert reply.sources
    assert reply.notes == ("Not yet reviewed by a clinician.",)


@pytest.mark.parametrize(
    "name",
    ["my-dose", "my-test-result", "stop-or-change-my-medicine", "do-i-have-it", "what-does-my-symptom-mean", "gone"],
)
def test_nothing_stands_where_it_could_be_taken_for_the_verdict(knowledge, name):
    reply = verdict(name, knowledge, therapies=["ivig"])
    assert reply.outcome == "medical_advice"
    assert reply.text == knowledge.clinic.fill(knowledge.phrases["medical_advice"].web)
    assert (reply.answers, reply.sources, reply.notes) == ((), (), ())


def test_the_general_fact_is_that_of_the_treatment_and_the_disease(knowledge):
    assert "case by case" in verdict("should-i-go-ahead", knowledge, therapies=["ivig"]).text
    assert "case by case" not in verdict("should-i-go-ahead", knowledge, therapies=["rituximab"]).text
    other = verdict("should-i-go-ahead", knowledge, conditions=["dermatomyositis"])
    assert "in dermatomyositis" in other.text
    assert "about Sjögren's" not in " ".join(other.notes)
    # The documents weigh rituximab for Sjögren's alone, and say so.
    other = verdict("should-i-go-ahead", knowledge, therapies=["rituximab"], conditions=["dermatomyositis"])
    assert "about Sjögren's" in other.notes[0]
    assert verdict("is-it-safe-for-me", knowledge).answers == ()
    assert verdict("is-it-safe-for-me", knowledge, conditions=["dermatomyositis"]).answers


def test_every_general_fact_fits_two_text_messages(knowledge):
    shown = 0
    for one in knowledge.verdicts.values():
        for variant in one.general:
            therapies = [each for each in [variant.therapy] if each != "any"]
            conditions = [each for each in [variant.condition] if each != "any"]
            reply = verdict(one.id, knowledge, channel="sms", therapies=therapies, conditions=conditions)
            assert reply.text.endswith(variant.sms)
            assert reply.answers[0].facts == variant.sms_facts
            assert sms_characters(reply.text) <= 306, one.id
            assert characters_outside_sms(reply.text) == ""
            shown += 1
    assert shown > 5


def test_the_nine_verdicts_that_people_ask_for_all_stand_in_the_file(knowledge):
    labels = {example.label for example in read_examples(ROOT / "data" / "nlu")}
    asked = {label.split("/")[1] for label in labels if label.startswith("medical_advice/")}
    assert set(knowledge.verdicts) == asked
    assert len(asked) == 9


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        ("paperwork", "in another disease, dermatomyositis"),
        ("allergies", "in another disease, dermatomyositis"),
        ("moving-and-toilet", "recliners"),
        ("mood-sleep-brain-fog", "feeling tired"),
        ("dying-from-it", "it is natural to worry"),
    ],
)
def test_what_the_documents_say_nearby_is_said(knowledge, subject, words):
    reply = ActionNotCovered().reply(turn(f"not_covered/{subject}"), knowledge)
    assert reply.outcome == knowledge.subjects[subject].outcome
    assert words in reply.text.lower()
    assert reply.answers[0].id == f"not_covered/{subject}"
    assert reply.notes == ("Not yet reviewed by a clinician.",)


def test_a_verdict_is_declined_and_the_general_answer_offered(knowledge):
    reply = ActionMedicalAdvice().reply(turn("medical_advice/my-dose", "dosing/ivig-dose"), knowledge)
    assert reply.outcome == "medical_advice"
    assert [choice.id for choice in reply.choices] == ["dosing/ivig-dose"]


@pytest.mark.parametrize("subject", list(DETAILS))
def test_a_detail_of_the_clinic_is_given_or_said_to_be_missing(knowledge, subject):
    given = replace(knowledge, clinic=replace(knowledge.clinic, details={DETAILS[subject]: "Room 3"}))
    missing = replace(knowledge, clinic=replace(knowledge.clinic, details={}))
    assert "Room 3." in ActionClinic().reply(turn(f"clinic/{subject}"), given).text
    assert "hasn't told me" in ActionClinic().reply(turn(f"clinic/{subject}"), missing).text


def test_every_label_of_the_examples_has_a_reply_of_its_own(knowledge):
    labels = {example.label for example in read_examples(ROOT / "data" / "nlu")}
    small = {label for label in labels if label.split("/")[0] in ("privacy", "off_topic", "handoff", "greet")}
    for label in small:
        assert ActionSay().reply(turn(label), knowledge).outcome != "clarify", label
    for label in {label for label in labels if label.startswith("clinic/")}:
        assert label.split("/")[1] in DETAILS
    for label in {label for label in labels if label.startswith("not_covered/")}:
        assert label.split("/")[1] in knowledge.subjects


def test_nothing_fits_offers_the_nearest_three(knowledge):
    labels = ["off_topic", "during-infusion/length", "schedule/how-often", "sicca/what-is-it", "dosing/ivig-dose"]
    reply = ActionUnsure().reply(turn(*labels), knowledge)
    assert reply.outcome == "clarify"
    assert [choice.id for choice in reply.choices] == [*labels[1:4], "something-else"]


@pytest.mark.parametrize("label", ["privacy/who-sees-this", "privacy/is-it-stored", "privacy/delete-my-data"])
def test_what_is_said_of_privacy_follows_what_the_clinic_keeps(knowledge, monkeypatch, label):
    monkeypatch.delenv("GUIDE_KEEP_UNANSWERED", raising=False)
    nothing = ActionSay().reply(turn(label), knowledge)
    monkeypatch.setenv("GUIDE_KEEP_UNANSWERED", "1")
    something = ActionSay().reply(turn(label), knowledge)
    assert (nothing.outcome, something.outcome) == ("privacy", "privacy")
    assert "clinic keeps" not in nothing.text
    assert "clinic keeps" in something.text

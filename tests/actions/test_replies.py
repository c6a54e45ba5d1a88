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

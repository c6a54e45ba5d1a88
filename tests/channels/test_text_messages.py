"""What a phone shows: every answer, every subject, every advice, within the segments it may cost."""

from dataclasses import replace
from pathlib import Path

import pytest

from actions.composition import answer_reply
from actions.reply import subject_reply, verdict_reply
from infusion_guide.channels.text_checks import check_text_messages
from infusion_guide.channels.text_messages import MissingPhraseError, TextMessages
from infusion_guide.contract import Choice, Reply, Source, joined
from infusion_guide.knowledge.measures import characters_outside_sms, sms_segments
from infusion_guide.knowledge.schema import SETTINGS
from infusion_guide.safety.advice import triage_reply
from infusion_guide.safety.detector import Detection
from tests.actions.test_replies import turn

NOTICE = "Texts are not private."


@pytest.fixture(scope="module")
def messages(knowledge):
    return TextMessages(knowledge.phrases, knowledge.clinic)


def of(answer, variant, knowledge):
    therapy = None if variant.therapy == "any" else variant.therapy
    condition = None if variant.condition == "any" else variant.condition
    return answer_reply(knowledge, answer, therapy, condition, "sms")


@pytest.mark.parametrize("notice", [False, True])
def test_every_answer_costs_three_segments_with_its_choices_and_two_without(knowledge, messages, notice):
    shown = 0
    for answer in knowledge.answers.values():
        for variant in answer.variants:
            reply = of(answer, variant, knowledge)
            rendered = messages.render(reply, notice=notice)
            assert sms_segments(reply.text) <= 2, answer.id
            first = rendered.pages[0]
            assert first.startswith(reply.text)
            assert (NOTICE in first) == notice
            assert "(Not yet reviewed by a clinician.)" in first
            for page in rendered.pages:
                assert sms_segments(page) <= 3, answer.id
                assert characters_outside_sms(page) == ""
            everything = "\n".join(rendered.pages)
            assert "From: " in everything
            assert all(f"{n}: {choice.title}" in everything for n, choice in enumerate(reply.choices, start=1))
            shown += 1
    assert shown > 150


def test_an_answer_shows_its_source_at_once(knowledge, messages):
    for answer in knowledge.answers.values():
        for variant in answer.variants:
            assert "From: " in messages.render(of(answer, variant, knowledge)).pages[0], answer.id


def test_every_subject_that_is_not_covered_fits(knowledge, messages):
    offered = list(knowledge.answers)[:2]
    for subject in knowledge.subjects.values():
        reply = subject_reply(knowledge, subject, turn(f"not_covered/{subject.id}", *offered, channel="sms"))
        assert sms_segments(reply.text) <= 2, subject.id
        rendered = messages.render(reply, notice=True)
        assert all(sms_segments(page) <= 3 for page in rendered.pages), subject.id
        assert rendered.pages[0].startswith(subject.title)


def test_every_declined_verdict_fits(knowledge, messages):
    offered = list(knowledge.answers)[:2]
    for verdict in knowledge.verdicts.values():
        for therapy in ([], ["ivig"], ["rituximab"]):
            for condition in ([], ["dermatomyositis"]):
                asked = turn(
                    f"medical_advice/{verdict.id}", *offered, channel="sms", therapies=therapy, conditions=condition
                )
                reply = verdict_reply(asked, knowledge)
                assert sms_segments(reply.text) <= 2, verdict.id
                pages = messages.render(reply, notice=True).pages
                assert all(sms_segments(page) <= 3 for page in pages), verdict.id
                assert pages[0].startswith("That is about your own case")
                assert ("From: " in "".join(pages)) == bool(reply.answers)


@pytest.mark.parametrize("spanish", [False, True])
def test_every_advice_is_whole_on_one_message_of_two_segments(knowledge, messages, spanish):
    signs, doubt = knowledge.warning_signs, knowledge.phrases["doubt_answered"].sms
    for sign in signs.signs.values():
        for setting in SETTINGS:
            tier = sign.tier(setting)
            if tier is None:
                continue
            detection = Detection(sign.id, tier, setting, "rules", spanish)
            for before in ("", doubt):
                reply = triage_reply(detection, signs, knowledge.clinic, knowledge.phrases, "sms", doubt=before)
                rendered = messages.render(reply)
                assert len(rendered.pages) == 1
                assert sms_segments(rendered.pages[0]) <= 2, (sign.id, setting)
                advice = knowledge.clinic.fill(signs.advice_for(tier, setting).sms, sign=sign.name)
                assert rendered.pages[0].startswith(advice)
                assert ("Reply 3: " in rendered.pages[0]) == (len(rendered.choices) == 3)
                if spanish:
                    assert knowledge.clinic.fill(signs.advice_for(tier, setting).spanish_sms) in rendered.pages[0]


def test_brief_advice_asks_nothing(knowledge, messages):
    detection = Detection("breathing-trouble", "emergency", "unknown", "rules", False)
    reply = triage_reply(detection, knowledge.warning_signs, knowledge.clinic, knowledge.phrases, "sms")
    rendered = messages.render(reply, brief=True)
    assert "911" in rendered.pages[0]
    assert "?" not in rendered.pages[0]
    assert rendered.choices == ()


def test_three_answers_at_once_are_paged(knowledge, messages):
    answers = [answer for answer in knowledge.answers.values() if len(answer.variants[0].sms) > 280][:3]
    reply = joined([of(answer, answer.variants[0], knowledge) for answer in answers])
    rendered = messages.render(reply)
    assert len(rendered.pages) > 2
    assert all(sms_segments(page) <= 3 for page in rendered.pages)
    assert all(page.endswith("\nReply MORE for more.") for page in rendered.pages[:-1])
    for answer in answers:
        assert any(answer.variants[0].sms in page for page in rendered.pages)


def test_a_reply_in_full():
    from infusion_guide.knowledge.files import read_clinic, read_phrases
    from tests.conftest import ROOT

    folder = ROOT / "knowledge"
    messages = TextMessages(read_phrases(folder / "phrases.yml"), read_clinic(folder / "clinic.yml"))
    reply = Reply(
        "answer",
        "It’s often “short” – or not…",
        choices=(Choice("a/b", "Why?", ()), Choice("a/c", "How?", ())),
        sources=(Source("A long title", "Part one", "Title"), Source("A long title", "Two", "Title"), Source("B", "")),
        notes=("(Note.)",),
    )
    assert messages.render(reply, notice=True).pages == (
        'It\'s often "short" - or not...\n(Note.)\nTexts are not private. Text STOP to end, HELP for help.\n'
        "From: Title, B\nReply 1: Why?\nReply 2: How?",
    )


@pytest.mark.parametrize("phrase", ["sms_help", "sms_stop", "sms_start"])
def test_the_keywords_texts_hold_what_they_must(messages, phrase):
    text = messages.phrase(phrase).text
    assert text.startswith("Demo Infusion Clinic")
    assert "call 911" in text
    assert sms_segments(text) <= 2
    if phrase == "sms_help":
        assert all(words in text for words in ("555-0100", "rates may apply", "Text STOP", "one reply to each text"))


def test_a_clinic_words_its_own_rates(knowledge):
    clinic = replace(knowledge.clinic, details={**knowledge.clinic.details, "text_rates": "Texts are free here."})
    assert "Texts are free here." in TextMessages(knowledge.phrases, clinic).phrase("sms_help").text


def test_a_missing_phrase_is_named(knowledge):
    phrases = {name: phrase for name, phrase in knowledge.phrases.items() if name != "sms_more"}
    with pytest.raises(MissingPhraseError, match="sms_more"):
        TextMessages(phrases, knowledge.clinic)
    (finding,) = check_text_messages(replace(knowledge, phrases=phrases), Path("knowledge"))
    assert "sms_more" in finding.reason


def test_the_check_finds_nothing_in_our_own_words(knowledge):
    assert check_text_messages(knowledge, Path("knowledge")) == []


def test_the_check_names_what_costs_too_much(knowledge):
    long_name = replace(knowledge.clinic, name="The Infusion Clinic of the University Hospital " * 4)
    findings = check_text_messages(replace(knowledge, clinic=long_name), Path("knowledge"))
    assert {"sms_help", "sms_stop", "sms_start"} <= {finding.reason.split(" ")[0] for finding in findings}
    assert all(finding.line > 1 for finding in findings)
    far_number = replace(knowledge.clinic, details={"emergency_number": "0800 555 0100 then press 1 and wait " * 3})
    reasons = [one.reason for one in check_text_messages(replace(knowledge, clinic=far_number), Path("knowledge"))]
    assert any(reason.startswith("advice emergency") and "segments" in reason for reason in reasons)


def test_an_answer_that_is_too_long_is_found(knowledge):
    answer = knowledge.answers["during-infusion/length"]
    long = replace(answer, variants=(replace(answer.variants[0], sms="word " * 80), *answer.variants[1:]))
    changed = replace(knowledge, answers={**knowledge.answers, answer.id: long})
    (finding,) = check_text_messages(changed, Path("knowledge"))
    assert finding.line == answer.line
    assert "3 segments" in finding.reason

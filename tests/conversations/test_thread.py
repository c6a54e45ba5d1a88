"""The thread of a conversation: follow-ups mean what was said before."""

import pytest

from tests.conftest import Patient


def test_the_other_treatment_is_the_same_question(patient):
    patient.says("how often do I get ivig?").gets("answer", "schedule/how-often").hears("4 to 6 weeks")
    patient.says("what about rituximab?").gets("answer", "schedule/how-often").hears("two weeks")
    patient.says("and the other one?").gets("answer", "schedule/how-often").hears("4 to 6 weeks")


def test_a_correction_switches_the_treatment(patient):
    patient.says("how often is rituximab given").hears("two weeks")
    patient.says("no I meant IVIG").gets("answer", "schedule/how-often").hears("4 to 6 weeks")


def test_the_treatment_is_remembered(patient):
    patient.says("what is rituximab?").gets("answer")
    patient.says("and how often?").gets("answer", "schedule/how-often").hears("two weeks")


def test_a_disease_switches_the_words_and_back(patient):
    patient.says("how often do I get ivig").hears("4 to 6 weeks")
    patient.says("I have dermatomyositis").gets("answer", "schedule/how-often").hears("dermatomyositis", "month")
    patient.says("sorry, I have sjogrens").gets("answer", "schedule/how-often").hears("4 to 6 weeks")


@pytest.mark.parametrize(("words", "at"), [("the first one", 0), ("2", 1), ("the third please", 2)])
def test_a_choice_is_taken_in_words(patient, words, at):
    offered = patient.says("how long does ivig take?").reply.choices
    patient.says(words).gets("answer", offered[at].id)


def test_tell_me_more_goes_on_to_what_comes_next(patient):
    patient.says("what do they give me before it?").gets("answer")
    before = patient.reply.answers
    patient.says("tell me more").gets("answer")
    assert patient.reply.answers != before


def test_why_asks_for_the_reason_of_what_was_said(patient):
    patient.says("which tablets do I get before the infusion").gets("answer", "premedication/which-medicines")
    patient.says("why?").gets("answer", "premedication/why")


def test_say_again_shows_the_answer_again(patient):
    patient.says("how long does it take?").gets("answer", "during-infusion/length")
    patient.says("can you say that again").gets("answer", "during-infusion/length")


@pytest.mark.parametrize("words", ["why?", "tell me more", "what about rituximab?", "say that again", "the first one"])
def test_a_follow_up_to_nothing_gets_a_plain_word(patient, words):
    patient.says(words)
    assert patient.reply.text
    assert patient.reply.outcome != "error"


def test_not_what_i_asked_offers_the_other_meanings(patient):
    patient.says("how long does it take?").says("that's not what I asked").gets("clarify").hears("sorry")


def test_starting_over_forgets_the_treatment_and_the_disease(patient):
    patient.says("how often do I get rituximab").hears("two weeks").says("start over")
    patient.says("how often").gets("answer", "schedule/how-often").hears("4 to 6 weeks")


def test_yes_and_no_are_harmless_without_a_question(patient):
    patient.says("yes").gets("smalltalk").says("no").gets("smalltalk")


def test_two_questions_are_both_answered(patient):
    patient.says("how long does it take and what is the benadryl for?").gets("answer")
    assert {shown.id.split("/")[0] for shown in patient.reply.answers} == {"during-infusion", "premedication"}


def test_a_covered_and_an_uncovered_question_get_each_their_reply(patient):
    patient.says("how long does it take and can I drive home after?").gets("answer").hears("several hours", "driv")
    assert set(patient.reply.outcomes) == {"answer", "defer"}


def test_a_sign_comes_before_any_question(patient):
    patient.says("how long does it take? and my throat is closing up").gets("triage")


def test_a_story_before_the_question_is_no_second_question(patient):
    patient.says("My sister drove me today. The nurse is lovely. What are the tablets before it for?").gets("answer")
    assert [answer.id for answer in patient.reply.answers] == ["premedication/why"]


def test_where_the_words_differ_by_treatment_both_are_offered(patient):
    patient.says("how often would I have to come?").gets("answer", "schedule/how-often")
    assert [choice.title for choice in patient.reply.choices][:2] == ["For IVIG", "For rituximab"]
    patient.picks("schedule/how-often@rituximab").gets("answer", "schedule/how-often").hears("two weeks")
    patient.says("and how long does it take").gets("answer", "during-infusion/length").hears("rituximab")


def test_a_known_treatment_is_not_asked_for_again(patient):
    patient.says("how often do I get rituximab").gets("answer", "schedule/how-often")
    assert "For IVIG" not in [choice.title for choice in patient.reply.choices]


def test_a_treatment_is_chosen_in_words_too(patient):
    patient.says("how often would I have to come?").says("the second one")
    patient.gets("answer", "schedule/how-often").hears("two weeks")


def test_yes_takes_what_was_offered(patient):
    patient.says("i'm really nervous about all this").gets("smalltalk")
    first = patient.reply.choices[0]
    patient.says("yes please").gets("answer", first.id)


def test_something_else_is_always_a_way_out(patient):
    patient.says("ivig").says("something else")
    assert patient.reply.outcome in ("clarify", "smalltalk")
    assert patient.reply.text


def test_a_number_answers_the_question_where_the_person_is(patient):
    patient.says("i have hives all over").gets("triage")
    patient.says("1").gets("triage").hears("nurse")
    assert patient.reply.tier == "nurse_now"


def test_words_of_distress_beside_a_tapped_choice_are_read(patient):
    patient.says("what is the benadryl for")
    offered = patient.reply.choices[0].id
    patient.says("i cant breathe", choice=offered).gets("triage")
    assert patient.reply.tier in ("emergency", "nurse_now")


def test_answers_come_before_what_is_not_covered(patient):
    patient.says("can I drive home after and how long does it take?").gets("answer")
    assert patient.reply.answers[0].id == "during-infusion/length"


def test_a_text_message_follows_the_thread_too(texting_patient):
    texting_patient.says("how often is ivig").gets("answer", "schedule/how-often").hears("4 to 6 weeks")
    texting_patient.says("and what about rituximab?").gets("answer", "schedule/how-often").hears("two weeks")


def test_the_kiosk_follows_the_thread_too(guide):
    visitor = Patient(guide, door="kiosk", setting="unknown")
    visitor.says("how often is ivig").gets("answer", "schedule/how-often").hears("4 to 6 weeks")
    visitor.says("what about rituximab?").gets("answer", "schedule/how-often").hears("two weeks")


@pytest.mark.parametrize(
    ("answered", "words", "answer"),
    [
        ("warning-signs/serious-risks", "the kidney one, say more", "warning-signs/ivig-kidney-harm"),
        (
            "monitoring/rituximab-antibody-levels",
            "do I tell you about a cold",
            "warning-signs/rituximab-report-infection",
        ),
        ("evidence/ivig-studies", "any across a whole country", "evidence/ivig-national-study"),
    ],
)
def test_a_short_question_that_sounds_uncovered_goes_on_to_its_answer(patient, knowledge, answered, words, answer):
    patient.says(knowledge.answers[answered].question, choice=answered).gets("answer", answered)
    patient.says(words).gets("answer", answer)


@pytest.mark.parametrize(
    ("answered", "words", "outcome", "named"),
    [
        ("during-infusion/length", "can I drive after", "defer", "driving home"),
        ("how-it-works/ivig-in-detail", "what if I stop", "defer", "when infusions are stopped"),
        ("treatments/part-of-a-wider-plan", "can I eat before", "defer", "eating"),
        ("evidence/ivig-studies", "so 82% chance for me", "medical_advice", "I can't judge that"),
        ("during-infusion/where", "how many grams", "medical_advice", "I can't judge that"),
    ],
)
def test_an_uncovered_follow_up_is_named_and_never_met_with_not_sure(
    patient, knowledge, answered, words, outcome, named
):
    patient.says(knowledge.answers[answered].question, choice=answered).gets("answer", answered)
    patient.says(words).gets(outcome).hears(named).does_not_hear("not sure")


def test_declined_advice_after_an_answer_says_what_is_true_in_general(patient):
    patient.says("what is ivig?").gets("answer")
    patient.says("should I go ahead with it?").gets("medical_advice").hears("I can't judge that", "case by case")
    assert [shown.id for shown in patient.reply.answers] == ["medical_advice/should-i-go-ahead"]
    patient.says("how often do I get it").gets("answer", "schedule/how-often")


def test_a_question_asked_twice_is_answered_alike(patient):
    for _ in range(2):
        patient.says("how long does it take?").gets("answer", "during-infusion/length")


def test_and_how_often_goes_on_from_how_long(patient):
    patient.says("how long does ivig take").gets("answer", "during-infusion/length")
    patient.says("and how often").gets("answer", "schedule/how-often")
    patient.says("and how does it work").gets("answer", "how-it-works/infusions")

from dataclasses import replace

import pytest

from actions.alternatives import close_answers
from actions.answer import ActionAnswer
from actions.context import in_context
from actions.decline import ActionMedicalAdvice, ActionNotCovered
from actions.follow_up import ActionFollowUp
from actions.reply import asked_reply
from actions.several import in_order
from actions.turn import Asked, Candidate, Turn
from infusion_guide.knowledge.files import read_knowledge
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def knowledge():
    return read_knowledge(ROOT / "knowledge")


def candidates(*scored):
    return tuple(Candidate(label, score) for label, score in scored)


def turn(text, *scored, thread=(), **slots):
    return Turn(text, "web", "topic", candidates(*scored), (), (), (), slots, in_thread=candidates(*thread))


def test_a_short_question_goes_on_from_what_was_answered(knowledge):
    alone = turn("and why?", ("side-effects/common-reactions", 0.5), ("premedication/why", 0.3))
    thread = candidates(("premedication/why", 0.9))
    spoken_of = replace(alone, slots={"last_answers": ["premedication/which-medicines"]}, in_thread=thread)
    assert in_context(alone, knowledge).best == "side-effects/common-reactions"
    assert in_context(spoken_of, knowledge).best == "premedication/why"


def test_the_answer_just_given_steps_back(knowledge):
    asked = turn(
        "and how many times",
        ("schedule/how-often", 0.5),
        thread=[("during-infusion/length", 0.6), ("schedule/how-often", 0.4)],
        last_answers=["during-infusion/length"],
    )
    assert in_context(asked, knowledge).best == "schedule/how-often"


def test_a_message_without_a_thread_stays_as_it_is(knowledge):
    asked = turn("what else may come up", ("side-effects/common-reactions", 0.5), last_answers=["premedication/why"])
    assert in_context(asked, knowledge) == asked


def test_what_is_said_of_the_other_treatment_only_steps_back(knowledge):
    scored = [("treatments/ivig-donor-plasma", 0.5), ("treatments/what-is-rituximab", 0.3)]
    asked = turn("where is it from", *scored, thread=scored, last_answers=["schedule/rituximab-two-doses"])
    asked = replace(asked, slots={**asked.slots, "known_therapy": "rituximab"})
    assert in_context(asked, knowledge).best == "treatments/what-is-rituximab"


@pytest.mark.parametrize(
    ("first", "second", "close"), [(0.3, 0.28, True), (0.3, 0.1, False), (0.6, 0.39, False), (0.9, 0.05, False)]
)
def test_only_answers_that_cannot_be_told_apart_are_a_choice(knowledge, first, second, close):
    asked = turn("that thing", ("during-infusion/length", first), ("schedule/how-often", second))
    assert bool(close_answers(asked, knowledge)) is close


def test_of_several_questions_the_one_that_the_whole_message_means_comes_first(knowledge):
    def one(label):
        return Asked("topic", (Candidate(label, 0.8),))

    message = replace(
        turn("…", ("schedule/how-often", 0.7)),
        several=(one("not_covered/driving-home"), one("during-infusion/length"), one("schedule/how-often")),
    )
    labels = [part.best for part in in_order(message, knowledge)]
    assert labels == ["schedule/how-often", "during-infusion/length", "not_covered/driving-home"]


def test_yes_to_which_of_these_asks_again_and_to_a_single_offer_takes_it(knowledge):
    of_several = turn("yes", open_choice=["premedication/why", "schedule/how-often", "something-else"])
    reply = ActionFollowUp().reply(replace(of_several, intent="affirm"), knowledge)
    assert reply.outcome == "clarify"
    assert [choice.id for choice in reply.choices] == ["premedication/why", "schedule/how-often", "something-else"]
    of_one = turn("yes", open_choice=["premedication/why"])
    reply = ActionFollowUp().reply(replace(of_one, intent="affirm"), knowledge)
    assert [shown.id for shown in reply.answers] == ["premedication/why"]


def after(answer_id, text, intent, scored, thread):
    asked = turn(text, *scored, thread=thread, last_answers=[answer_id])
    return replace(asked, intent=intent, asked=intent)


@pytest.mark.parametrize(
    ("label", "outcome", "words"),
    [
        ("not_covered/driving-home", "defer", "Driving home"),
        ("medical_advice/which-is-better-for-me", "medical_advice", "how severe it is"),
        ("clinic/phone", "clinic", "555-0100"),
        ("handoff", "handoff", "talk to a person"),
        ("privacy/is-it-stored", "privacy", "not stored"),
    ],
)
def test_where_the_thread_tells_of_another_kind_its_own_reply_is_given(knowledge, label, outcome, words):
    scored, thread = [("premedication/why", 0.4), (label, 0.3)], [(label, 0.9)]
    asked = after("during-infusion/length", "and that?", "premedication", scored, thread)
    reply = ActionAnswer().reply(asked, knowledge)
    assert reply.outcome == outcome
    assert words in reply.text


def test_a_question_never_turns_into_small_talk(knowledge):
    asked = after("during-infusion/length", "ok?", "premedication", [("premedication/why", 0.4)], [("thank", 0.9)])
    assert ActionAnswer().reply(asked, knowledge).answers[0].id == "premedication/why"


KIDNEY, UNCOVERED = "warning-signs/ivig-kidney-harm", "not_covered/kidney-diabetes-migraine"


@pytest.mark.parametrize(
    ("words", "in_thread", "last", "goes_on"),
    [
        (0.3, 0.9, "warning-signs/serious-risks", True),
        # A subject that the words are sure of stays, and so does one where no answer stands out.
        (0.9, 0.9, "warning-signs/serious-risks", False),
        (0.2, 0.5, "warning-signs/serious-risks", False),
        # What was just said is no answer to what is asked next.
        (0.3, 1.0, KIDNEY, False),
    ],
)
def test_a_short_question_that_sounds_uncovered_goes_on_to_its_answer(knowledge, words, in_thread, last, goes_on):
    asked = after(last, "the kidney one", "not_covered", [(UNCOVERED, words)], [(KIDNEY, in_thread)])
    reply = ActionNotCovered().reply(asked, knowledge)
    assert reply.outcome == ("answer" if goes_on else "medical_advice")
    if not goes_on:
        assert reply.choices[0].id == KIDNEY


def test_a_verdict_is_declined_whatever_was_spoken_of(knowledge):
    scored, thread = [("medical_advice/will-it-work-for-me", 0.3)], [("evidence/ivig-neuropathies", 0.99)]
    asked = after("evidence/ivig-studies", "so 82% for me", "medical_advice", scored, thread)
    assert ActionMedicalAdvice().reply(asked, knowledge).outcome == "medical_advice"


def test_a_part_of_a_message_is_not_read_in_the_thread_of_the_whole(knowledge):
    part = Asked("not_covered", (Candidate("not_covered/driving-home", 0.3),))
    message = turn("…", ("schedule/how-often", 0.7), thread=[(KIDNEY, 0.99)], last_answers=["premedication/why"])
    (only,) = in_order(replace(message, several=(part,)), knowledge)
    assert asked_reply(only, knowledge).outcome == "defer"

from dataclasses import replace

import pytest

from actions.alternatives import close_answers
from actions.context import in_context
from actions.follow_up import ActionFollowUp
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

from dataclasses import replace

import pytest

from actions.alternatives import close_answers
from actions.composition import phrase_reply
from actions.context import in_context
from actions.follow_up import ActionFollowUp
from actions.guide import spoken_of
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


def turn(text, *scored, in_thread=False, **slots):
    return Turn(text, "web", "topic", candidates(*scored), (), (), (), slots, in_thread=in_thread)


def test_what_follows_the_last_answer_counts_for_a_little_more(knowledge):
    scored = [("side-effects/common-reactions", 0.42), ("premedication/why", 0.4)]
    alone = turn("and why?", *scored, last_answers=["premedication/which-medicines"])
    assert in_context(alone, knowledge).best == "side-effects/common-reactions"
    assert in_context(replace(alone, in_thread=True), knowledge).best == "premedication/why"


def test_a_message_without_a_thread_stays_as_it_is(knowledge):
    asked = turn("what else may come up", ("side-effects/common-reactions", 0.5), last_answers=["premedication/why"])
    assert in_context(asked, knowledge) == asked


def test_what_is_said_of_the_other_treatment_only_steps_back(knowledge):
    scored = [("treatments/ivig-donor-plasma", 0.5), ("treatments/what-is-rituximab", 0.3)]
    asked = turn("where is it from", *scored, in_thread=True, last_answers=["schedule/rituximab-two-doses"])
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


@pytest.mark.parametrize(
    ("label", "intent", "outcome", "words"),
    [
        ("not_covered/driving-home", "not_covered", "defer", "Driving home"),
        ("medical_advice/which-is-better-for-me", "medical_advice", "medical_advice", "how severe it is"),
        ("clinic/phone", "clinic", "clinic", "555-0100"),
        ("handoff", "handoff", "handoff", "talk to a person"),
        ("privacy/is-it-stored", "privacy", "privacy", "not stored"),
    ],
)
def test_what_is_no_answer_keeps_its_own_reply_whatever_treatment_is_meant(knowledge, label, intent, outcome, words):
    asked = turn(
        "and that?", (label, 0.4), ("premedication/why", 0.3), in_thread=True, last_answers=["premedication/why"]
    )
    reply = asked_reply(replace(asked, intent=intent, asked=intent), knowledge)
    assert reply.outcome == outcome
    assert words in reply.text


def test_a_part_of_a_message_is_not_read_in_the_thread_of_the_whole(knowledge):
    part = Asked("not_covered", (Candidate("not_covered/driving-home", 0.3),))
    message = turn("…", ("schedule/how-often", 0.7), in_thread=True, last_answers=["premedication/why"])
    (only,) = in_order(replace(message, several=(part,)), knowledge)
    assert not only.in_thread
    assert asked_reply(only, knowledge).outcome == "defer"


def test_a_reply_tells_what_it_is_about_and_keeps_that_in_the_house(knowledge):
    answered = asked_reply(turn("how long", ("during-infusion/length", 0.9)), knowledge)
    assert spoken_of(answered) == {
        "spoken_of": {"label": "during-infusion/length", "words": knowledge.answers["during-infusion/length"].question}
    }
    assert "about" not in answered.custom()
    declined = turn("can i drive", ("not_covered/driving-home", 0.9))
    reply = asked_reply(replace(declined, intent="not_covered", asked="not_covered"), knowledge)
    assert spoken_of(reply)["spoken_of"]["words"] == knowledge.subjects["driving-home"].title
    assert spoken_of(phrase_reply(knowledge, "thank", "web")) == {}

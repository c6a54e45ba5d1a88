"""The trained pipeline: what a message is understood as."""

import asyncio

import pytest

from infusion_guide.nlu.answer_selection import in_doubt_declined, is_bare_name
from infusion_guide.nlu.ranking import Ranked


@pytest.fixture
def understood(guide):
    def understand(text):
        return asyncio.run(guide.agent.agent.parse_message(text))

    return understand


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("how long does it take", "during-infusion/length"),
        ("why do i need blood tests before the first infusion", "before-infusion/why-blood-tests"),
        ("can i drive home afterwards", "not_covered/driving-home"),
        ("hello", "greet"),
    ],
)
def test_the_best_label_comes_first(understood, text, label):
    assert understood(text)["answer_ranking"][0]["label"] == label


def test_the_intent_is_that_of_the_best_label(understood):
    parsed = understood("how long does it take")
    assert parsed["intent"]["name"] == "during_infusion"
    assert parsed["intent_ranking"][0]["name"] == "during_infusion"


def test_a_misspelled_question_is_understood(understood):
    assert understood("how long dose the infussion tkae")["answer_ranking"][0]["label"] == "during-infusion/length"


def test_the_text_stays_as_it_was_written(understood):
    assert understood("Infussion??")["text"] == "Infussion??"


# Below this an answer is offered, not given (config.yml).
FAMILIAR = 17.2


def test_an_answer_that_resembles_nothing_known_is_not_given(understood):
    for text in ("the purple bicycle sings under nine quiet mountains", "qwrt zxcv plmk vbnm"):
        parsed = understood(text)
        best = parsed["answer_ranking"][0]
        topic = best["label"].split("/")[0].replace("-", "_")
        declines = ("not_covered", "medical_advice", "clinic", "privacy")
        answered = "/" in best["label"] and topic not in declines and topic == parsed["intent"]["name"]
        assert not (answered and best["familiarity"] < FAMILIAR)


def order(*scores, doubt=0.5):
    ranking = [Ranked(label, score, 0.8) for label, score in scores]
    declines = {label for label, _ in scores if label.startswith("not_covered")}
    return [ranked.label for ranked in in_doubt_declined(ranking, declines, doubt)]


def test_in_doubt_the_guide_declines():
    assert order(("a/b", 0.6), ("not_covered/x", 0.3)) == ["not_covered/x", "a/b"]
    assert order(("a/b", 0.6), ("not_covered/x", 0.2), ("c/d", 0.1), ("not_covered/y", 0.1))[0] == "not_covered/x"


def test_without_doubt_it_answers():
    assert order(("a/b", 0.7), ("not_covered/x", 0.2)) == ["a/b", "not_covered/x"]
    assert order(("a/b", 0.5), ("c/d", 0.4)) == ["a/b", "c/d"]


def test_a_decline_that_leads_anyway_stays():
    assert order(("not_covered/x", 0.5), ("a/b", 0.4)) == ["not_covered/x", "a/b"]


def name(text, value, role="explicit"):
    start = text.index(value)
    return {"start": start, "end": start + len(value), "role": role}


@pytest.mark.parametrize("text", ["ritux?", "and ritux", "for ritux??", "ritux"])
def test_a_name_alone_asks_the_same_of_that_one(text):
    assert is_bare_name(text, [name(text, "ritux")])


def test_more_than_a_name_is_a_question_of_its_own():
    assert not is_bare_name("does ritux hurt", [name("does ritux hurt", "ritux")])
    assert not is_bare_name("and", [])
    assert not is_bare_name("b cells", [name("b cells", "b cells", "hint")])

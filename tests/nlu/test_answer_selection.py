"""The trained pipeline: what a message is understood as."""

import asyncio

import pytest


@pytest.fixture
def understood(guide):
    def understand(text):
        return asyncio.get_event_loop().run_until_complete(guide._agent.parse_message(text))

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


def test_an_answer_that_resembles_nothing_known_is_not_given(understood):
    for text in ("the purple bicycle sings under nine quiet mountains", "qwrt zxcv plmk vbnm"):
        parsed = understood(text)
        best = parsed["answer_ranking"][0]
        topic = best["label"].split("/")[0].replace("-", "_")
        declines = ("not_covered", "medical_advice", "clinic", "privacy")
        answered = "/" in best["label"] and topic not in declines and topic == parsed["intent"]["name"]
        assert not (answered and best["similarity"] < 0.43)

import pytest

from infusion_guide.text.questions import questions


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("how long does it take and can i drive home", ["how long does it take", "can i drive home"]),
        ("what is ivig, and how does it work?", ["what is ivig", "how does it work?"]),
        ("whats the benadryl for? also where do i park", ["whats the benadryl for?", "also where do i park"]),
        ("how often n how long", ["how often", "how long"]),
        ("is it safe and does it hurt", ["is it safe", "does it hurt"]),
    ],
)
def test_several_questions_are_told_apart(text, found):
    assert questions(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "how long does it take?",
        "can i eat and drink before",
        "does it help nerves or only joints",
        "i was sick all night and then my husband drove me and now i sit here",
        "thanks",
        "",
    ],
)
def test_one_question_or_a_story_stays_whole(text):
    assert questions(text) == []


def test_the_one_question_of_a_story_is_found():
    text = "My mom has had Sjogren's for years. She starts Monday. How long will she be there?"
    assert questions(text) == ["How long will she be there?"]
    assert questions("how long does it take? my lips are swelling") == ["how long does it take?"]


def test_a_story_stays_with_the_question_after_it():
    text = "I start rituximab on Monday. what do they give me first and how long does it take"
    assert questions(text) == ["I start rituximab on Monday. what do they give me first", "how long does it take"]

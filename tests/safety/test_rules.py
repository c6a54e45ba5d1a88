import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infusion_guide.safety.rules import SignRules


@pytest.fixture(scope="module")
def rules(knowledge) -> SignRules:
    return SignRules(knowledge.warning_signs)


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("i cant breathe", "breathing-trouble"),
        ("no fever but my lips are swelling", "throat-or-face-swelling"),
        ("is it normal that my chest hurts", "chest-pain"),
        ("probably nothing but i feel like i'm going to pass out", "faintness"),
        ("I want to kill myself", "self-harm"),
        ("her face is drooping", "stroke-signs"),
        ("me duele el pecho", "chest-pain"),
        ("no puedo respirar", "breathing-trouble"),
        ("temp 102.4", "fever-or-chills"),
        ("hives came back, they are still there", "hives-rash-itching"),
    ],
)
def test_a_report_is_present(rules, text, sign):
    assert sign in rules.read(text).present


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("no chest pain", "denied"),
        ("i don't have chest pain", "denied"),
        ("last time i had chest pain but it went away", "past"),
        ("what if i get chest pain", "hypothetical"),
        ("can it cause chest pain", "question"),
        ("i read that people get chest pain", "hearsay"),
        ("i have had heart palpitations for years", "baseline"),
    ],
)
def test_a_mention_is_not(rules, text, status):
    reading = rules.read(text)
    assert reading.present == ()
    assert status in {one.status for one in reading.evidence}


@pytest.mark.parametrize("text", ["this wait is killing me", "i'm dying to know", "such a pain in the neck"])
def test_a_figure_of_speech_is_nothing(rules, text):
    assert rules.read(text).present == ()


@pytest.mark.parametrize(
    ("text", "setting"),
    [
        ("the drip is in and my arm itches", "infusing"),
        ("since I got home last night my head hurts", "home"),
        ("my head hurts", "unknown"),
        ("the drip is running fine but yesterday at home", "home"),
    ],
)
def test_words_tell_where_somebody_is(rules, text, setting):
    assert rules.read(text).setting == setting


def test_spanish_is_recognised(rules):
    assert rules.read("me duele mucho el pecho desde ayer").spanish
    assert not rules.read("my chest hurts since yesterday").spanish


WORDS = st.lists(
    st.sampled_from(["hello", "we", "came", "by", "bus", "and", "had", "lunch", "thank", "you"]), max_size=8
)


@settings(deadline=None, derandomize=True)
@given(before=WORDS, after=WORDS)
def test_everyday_words_around_a_sign_do_not_hide_it(rules, before, after):
    text = " ".join([*before, "i cant breathe", *after])
    assert "breathing-trouble" in rules.read(text).present, text

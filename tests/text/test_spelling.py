import pytest

from infusion_guide.text.spelling import Speller

SPELLER = Speller(["infusion", "that", "acetaminophen", "kidneys", "rituximab", "before", "headache", "throat", "take"])


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("infussion", "infusion"),
        ("acetominophin befor ivig", "acetaminophen before ivig"),
        ("Does it hurt the KIDNEWYS?", "does it hurt the kidneys?"),
        ("rituxamab", "rituximab"),
        ("how long does it tkae", "how long does it take"),
        # A word of five letters was hardly meant to have four: not "that".
        ("thoat", "throat"),
    ],
)
def test_a_slip_is_set_right(written, read):
    assert SPELLER.corrected(written) == read


@pytest.mark.parametrize(
    "text", ["befoul", "the cat sat", "gbs ivg dm", "xyzzyq plughh", "102.4 and 39 c", "infusão", "rituximab's"]
)
def test_what_is_no_slip_stays(text):
    assert SPELLER.corrected(text) == text


def test_a_slip_that_stands_often_is_not_learnt_as_a_word():
    sentences = ["the infusion"] * 30 + ["the infussion"] * 5
    assert Speller.learn(sentences).corrected("infussion") == "infusion"

from dataclasses import replace

import pytest

from infusion_guide.safety.classifier import Belief
from infusion_guide.safety.detector import Thresholds, decide, joined
from infusion_guide.safety.rules import Evidence, Reading

THRESHOLDS = Thresholds(agreed=0.1, alone=0.5, crisis=0.3, against=0.7, severe=0.4, said=0.8)


def reading(*evidence: Evidence, setting: str = "unknown") -> Reading:
    return Reading(evidence, setting, spanish=False)


@pytest.fixture
def signs(knowledge):
    return knowledge.warning_signs


def test_neither_rules_nor_learned_part_alone_can_hide_what_the_other_is_sure_of(signs):
    said = reading(Evidence("chest-pain", "present"))
    doubtful = Belief(0.2, {"chest-pain": 1.0})
    assert decide(said, doubtful, "home", signs, THRESHOLDS).by == "rules"
    sure = Belief(0.9, {"chest-pain": 1.0})
    assert decide(reading(), sure, "home", signs, THRESHOLDS).by == "learned"
    assert decide(said, sure, "home", signs, THRESHOLDS).by == "both"


def test_a_crisis_needs_less_belief_than_another_sign(signs):
    assert decide(reading(), Belief(0.4, {"chest-pain": 1.0}), "home", signs, THRESHOLDS) is None
    assert decide(reading(), Belief(0.4, {"self-harm": 0.7, "chest-pain": 0.3}), "home", signs, THRESHOLDS)
    assert decide(reading(), Belief(0.2, {"self-harm": 1.0}), "home", signs, THRESHOLDS) is None


def test_a_denied_sign_needs_more_belief_than_an_unnamed_one(signs):
    belief = Belief(0.6, {"chest-pain": 1.0})
    assert decide(reading(), belief, "home", signs, THRESHOLDS)
    assert decide(reading(Evidence("chest-pain", "denied")), belief, "home", signs, THRESHOLDS) is None


def test_the_most_severe_tier_that_is_believed_enough_is_taken(signs):
    mixed = Belief(0.9, {"hives-rash-itching": 0.55, "throat-or-face-swelling": 0.45})
    assert decide(reading(), mixed, "home", signs, THRESHOLDS).tier == "emergency"
    mild = Belief(0.9, {"hives-rash-itching": 0.8, "throat-or-face-swelling": 0.2})
    assert decide(reading(), mild, "home", signs, THRESHOLDS).tier == "same_day"


def test_a_sign_of_the_rules_outweighs_another_that_the_learned_part_prefers(signs):
    said = reading(Evidence("throat-or-face-swelling", "present"))
    detection = decide(said, Belief(0.9, {"hives-rash-itching": 1.0}), "home", signs, THRESHOLDS)
    assert (detection.sign, detection.tier) == ("throat-or-face-swelling", "emergency")


@pytest.mark.parametrize(
    ("sign", "infusing", "home"),
    [
        ("racing-heart", "nurse_now", "emergency"),
        ("fever-or-chills", "nurse_now", "same_day"),
        ("chest-pain", "emergency", "emergency"),
        ("self-harm", "crisis", "crisis"),
        ("mild-flu-like", "nurse_now", None),
    ],
)
def test_the_setting_decides_the_tier(signs, sign, infusing, home):
    belief = Belief(1.0, {sign: 1.0})
    for setting, tier in (("infusing", infusing), ("home", home), ("unknown", home)):
        detection = decide(reading(), belief, setting, signs, THRESHOLDS)
        assert (detection.tier if detection else None) == tier


def test_one_sentence_of_a_story_can_raise_the_alarm():
    whole = Belief(0.3, {"chest-pain": 0.2, "new-cough": 0.8})
    sentence = Belief(0.9, {"chest-pain": 1.0, "new-cough": 0.0})
    together = joined(whole, [replace(whole, present=0.1), sentence])
    assert 0.5 < together.present < sentence.present
    assert together.signs["chest-pain"] == pytest.approx(0.52)
    assert joined(whole, []) == whole

"""The frozen list: plain emergencies and crises that must never be missed, at every door, whatever surrounds them."""

import random
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from infusion_guide.knowledge.examples import MENTION, REPORT, read_examples
from tests.conftest import ROOT, Patient

FROZEN = YAML(typ="safe").load((Path(__file__).parent / "frozen.yml").read_text(encoding="utf-8"))
DOORS = ("web", "sms", "kiosk")
FILLER = (
    "hi hope you are well. {} thanks",
    "sorry to bother you again, {}",
    "how long does it take btw {}",
    "{} also where do i park",
    "ok so i had breakfast and then took my tablets and {} is that in your papers",
)


def acceptable(line: dict[str, str], door: str) -> set[str]:
    """The tiers that meet a line; in the clinic a nurse at hand is help for some signs of home."""
    tiers = {line["tier"], "emergency"} if line["tier"] == "crisis" else {line["tier"]}
    return tiers | {"nurse_now"} if door == "kiosk" and line["tier"] == "emergency" else tiers


def with_a_slip(text: str, chance: random.Random) -> str:
    """`text` with one slip of the thumb in one of its longer words."""
    words = text.split()
    long_words = [at for at, word in enumerate(words) if len(word) >= 5 and word.isalpha()]
    if not long_words:
        return text
    at = chance.choice(long_words)
    word, place = words[at], chance.randrange(1, len(words[at]) - 1)
    words[at] = chance.choice(
        [
            word[:place] + word[place + 1] + word[place] + word[place + 2 :],
            word[:place] + word[place + 1 :],
            word[:place] + word[place] + word[place:],
        ]
    )
    return " ".join(words)


def missed(guide, door: str, change) -> list[str]:
    """The lines of the frozen list that, changed, do not get an acceptable tier."""
    setting = "infusing" if door == "kiosk" else "unknown"
    lost = []
    for line in FROZEN:
        patient = Patient(guide, door=door, setting=setting)
        reply = patient.says(change(line["text"])).reply
        if reply.outcome != "triage" or reply.tier not in acceptable(line, door):
            lost.append(f"{change(line['text'])!r}: {reply.outcome} {reply.tier}, not {line['tier']}")
    return lost


def test_the_list_is_long_enough():
    assert len(FROZEN) >= 150
    assert len({line["text"] for line in FROZEN}) == len(FROZEN)


@pytest.mark.parametrize("door", DOORS)
def test_none_is_missed(guide, door):
    assert missed(guide, door, lambda text: text) == []


def test_none_is_missed_in_capitals(guide):
    assert missed(guide, "web", str.upper) == []


@pytest.mark.parametrize("filler", FILLER)
def test_none_is_missed_among_other_words(guide, filler):
    chance = random.Random(filler)
    lost = missed(guide, chance.choice(DOORS[:2]), filler.format)
    assert [line for line in lost if ": triage" not in line] == []


def test_hardly_any_tier_changes_with_a_slip_of_the_thumb(guide):
    chance = random.Random(5)
    lost = missed(guide, "web", lambda text: with_a_slip(text, chance))
    assert len([line for line in lost if ": triage" not in line]) <= len(FROZEN) // 100


@pytest.fixture(scope="module")
def questions() -> list[str]:
    return [e.text for e in read_examples(ROOT / "data" / "nlu") if e.intent not in (REPORT, MENTION)]


def test_a_sign_beside_any_known_question_is_still_found(watch, questions):
    chance = random.Random(11)
    lost = []
    for line in FROZEN:
        pair = [line["text"], chance.choice(questions)]
        chance.shuffle(pair)
        if watch.detect(". ".join(pair), "home") is None:
            lost.append(". ".join(pair))
    assert lost == []

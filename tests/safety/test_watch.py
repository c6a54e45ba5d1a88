"""Whatever Rasa does, a warning sign is met, at every door, within two seconds."""

import asyncio
import time

import pytest

from infusion_guide.safety.classifier import SignClassifier
from infusion_guide.safety.detector import Detector
from infusion_guide.safety.watch import Watch
from infusion_guide.serving.guide import AgentThread, Guide
from tests.conftest import Patient

SIGN = "my throat is closing and i can't breathe"


class BrokenAgent:
    """Stands in for a Rasa agent that fails in `way`."""

    def __init__(self, way: str) -> None:
        self.way = way

    async def handle_message(self, message) -> None:
        if self.way == "raises":
            raise RuntimeError("broken")
        if self.way == "waits":
            await asyncio.sleep(4)
        if self.way == "blocks":
            time.sleep(4)


@pytest.mark.parametrize("door", ["web", "sms", "kiosk"])
@pytest.mark.parametrize("way", ["raises", "waits", "blocks", "says nothing"])
def test_an_emergency_is_met_when_rasa(guide, way, door):
    patient = Patient(Guide(AgentThread(BrokenAgent(way)), guide.intake), door=door)
    started = time.monotonic()
    patient.says(SIGN).gets("triage")
    assert time.monotonic() - started < 2.0
    assert patient.reply.tier == "emergency"


def test_a_plain_question_gets_the_care_team_when_rasa_raises(guide):
    Patient(Guide(AgentThread(BrokenAgent("raises")), guide.intake)).says("how long does it take").gets("error").hears(
        "555-0100"
    )


def test_without_a_trained_detector_the_rules_still_see_it(knowledge):
    watch = Watch(knowledge.warning_signs)
    assert watch.detect(SIGN, "home").tier == "emergency"
    assert watch.detect("how long does it take", "home") is None


def test_a_detector_that_fails_leaves_the_rules(knowledge, caplog):
    def broken(_):
        raise RuntimeError("no encoder")

    watch = Watch(knowledge.warning_signs)
    detector = Detector(knowledge.warning_signs, SignClassifier())
    watch.learn(detector, str.lower, broken)
    assert watch.detect(SIGN, "home").tier == "emergency"
    assert "rules alone" in caplog.text


def test_a_message_too_long_to_answer_is_still_read_for_signs(patient):
    patient.says(f"{SIGN}. {'and then we waited a long time ' * 60}").gets("triage")

"""The watch: reads a message for warning signs when Rasa does not answer, by everything that still works."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from infusion_guide.knowledge.schema import WarningSigns
from infusion_guide.safety.classifier import Belief
from infusion_guide.safety.detector import Assessment, Detection, Detector, Thresholds
from infusion_guide.safety.rules import SignRules
from infusion_guide.text.sentences import parts
from infusion_guide.text.word_vectors import Vectors

logger = logging.getLogger(__name__)


class Watch:
    """Finds the warning sign of a message outside Rasa: the same detector as inside it, or else the rules alone."""

    def __init__(self, knowledge: WarningSigns) -> None:
        self._knowledge = knowledge
        self._rules: SignRules | None = None
        self._assess: Callable[[str], Assessment] | None = None

    def learn(
        self, detector: Detector, spell: Callable[[str], str], encode: Callable[[Sequence[str]], Vectors]
    ) -> None:
        """Use the trained detector from now on, with the speller and the encoder of its model."""

        def assess(text: str) -> Assessment:
            return detector.assess(text, encode(parts(spell(text))))

        self._assess, self._rules = assess, detector.rules

    def detect(self, text: str, setting: str) -> Detection | None:
        """The warning sign of a message for somebody in `setting`, or None."""
        if self._assess is not None:
            try:
                return self._assess(text).in_setting(setting)
            except Exception:
                logger.exception("the trained detector failed; warning signs are read by the rules alone")
        return self.by_rules(text, setting)

    def by_rules(self, text: str, setting: str) -> Detection | None:
        """The warning sign that the rules alone see: a fraction of a millisecond, where there is no time for more."""
        if self._rules is None:
            # Reading the words takes a second; a taught detector has done it already.
            self._rules = SignRules(self._knowledge)
        reading = self._rules.read(text)
        belief = Belief(1.0 if reading.present else 0.0, {})
        return Assessment(reading, belief, self._knowledge, Thresholds()).in_setting(setting)

"""The detector: reads a message for warning signs by rules and by what was learned; the more cautious of the two wins.

One function for all who need it: Rasa's component, the intake when Rasa fails, the SMS door before its keywords.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from infusion_guide.knowledge.schema import TIERS, WarningSigns
from infusion_guide.safety.classifier import Belief, SignClassifier
from infusion_guide.safety.rules import Reading, SignRules
from infusion_guide.text.word_vectors import Vectors

# What a sign in plain words adds to the belief in it: as much as all signs have together.
PLAINLY = 1.0
# How much the sentence that is believed most counts beside the whole message.
SENTENCE = 0.4


@dataclass(frozen=True)
class Thresholds:
    """How much belief in a present sign raises the alarm, by what the rules say; see docs/safety.md for the choice.

    `agreed`: the rules see a present sign; `alone`: they see nothing; `crisis`: they see nothing, and the message would
    be about a crisis, which is not to be missed; `against`: they see signs, none of them present.
    A present sign in plain words or figures needs no belief, nor one in Spanish: the encoder reads English.
    `severe`: the share of belief in tiers at least so severe from which on the tier is taken. `said`: what a present
    sign of the rules adds to the belief in that sign.
    """

    agreed: float = 0.002
    alone: float = 0.25
    crisis: float = 0.06
    against: float = 0.85
    severe: float = 0.45
    said: float = 0.7


@dataclass(frozen=True)
class Detection:
    """A warning sign in a message: the most severe one, its tier, where the person is, and who noticed it.

    `by` is `rules`, `learned` or `both`. `spanish` says that the message is in Spanish.
    """

    sign: str
    tier: str
    setting: str
    by: str
    spanish: bool


def joined(whole: Belief, parts: Sequence[Belief]) -> Belief:
    """One belief of a message out of that of the whole and those of its sentences.

    A sign in one sentence of a story is diluted in the whole; a sentence alone has lost what makes it a mere mention.
    So the sentence that is believed most raises the belief in the whole, by a share of the log-odds between them.
    """
    if not parts:
        return whole
    most = max(parts, key=lambda belief: belief.present)
    signs = {sign: (1 - SENTENCE) * share + SENTENCE * most.signs[sign] for sign, share in whole.signs.items()}
    if most.present <= whole.present:
        return Belief(whole.present, signs, most.present)
    odds = (1 - SENTENCE) * _log_odds(whole.present) + SENTENCE * _log_odds(most.present)
    return Belief(1 / (1 + math.exp(-odds)), signs, most.present)


def _log_odds(share: float) -> float:
    within = min(max(share, 1e-9), 1 - 1e-9)
    return math.log(within / (1 - within))


def _severity(tier: str | None) -> int:
    """The place of a tier among the tiers, most severe first; no tier comes last."""
    return len(TIERS) if tier is None else TIERS.index(tier)


def _is_crisis(belief: Belief, knowledge: WarningSigns) -> bool:
    """Whether a sign, if one is present, is rather a crisis than anything else."""
    shares = (share for sign, share in belief.signs.items() if sign in knowledge.signs)
    crises = (
        share
        for sign, share in belief.signs.items()
        if sign in knowledge.signs and knowledge.signs[sign].home == "crisis"
    )
    return sum(crises) > sum(shares) / 2


def decide(
    reading: Reading, belief: Belief, setting: str, knowledge: WarningSigns, thresholds: Thresholds
) -> Detection | None:
    """The warning sign of a message for somebody in `setting`, or None. Pure."""
    said = [sign for sign in reading.present if sign in knowledge.signs]
    agreed = 0.0 if reading.spanish or reading.plainly else thresholds.agreed
    alone = thresholds.crisis if _is_crisis(belief, knowledge) else thresholds.alone
    limit = agreed if said else thresholds.against if reading.mentioned else alone
    # Where the rules see a sign, a sentence of its own is enough: the rest of a message says nothing against it.
    if belief.present < limit and not (said and belief.most >= alone):
        return None
    signs = {} if reading.spanish and said else dict(belief.signs)
    if said:
        # Of several signs that the rules see, the most severe one is what the message is about.
        worst = min(said, key=lambda sign: _severity(knowledge.signs[sign].tier(setting)))
        signs[worst] = signs.get(worst, 0.0) + (PLAINLY if reading.plainly else thresholds.said)
    tiers: dict[str | None, float] = {}
    for sign, share in signs.items():
        if sign in knowledge.signs:
            tier = knowledge.signs[sign].tier(setting)
            tiers[tier] = tiers.get(tier, 0.0) + share
    total, reached = sum(tiers.values()), 0.0
    for tier in TIERS:
        reached += tiers.get(tier, 0.0)
        if reached >= thresholds.severe * total:
            of_tier = [
                sign for sign in signs if sign in knowledge.signs and knowledge.signs[sign].tier(setting) == tier
            ]
            if not of_tier:
                continue
            best = max(of_tier, key=lambda sign: signs[sign])
            by = "both" if said and belief.present >= alone else "rules" if said else "learned"
            return Detection(best, tier, setting, by, reading.spanish)
    return None


@dataclass(frozen=True)
class Assessment:
    """What rules and learned part make of a message, before it is known where the person is."""

    reading: Reading
    belief: Belief
    knowledge: WarningSigns
    thresholds: Thresholds

    def in_setting(self, setting: str) -> Detection | None:
        """The warning sign for somebody in `setting`; where that is unknown, the words of the message tell."""
        where = self.reading.setting if setting == "unknown" else setting
        return decide(self.reading, self.belief, where, self.knowledge, self.thresholds)


class Detector:
    """Finds the warning sign of a message, by rules and by what was learned."""

    def __init__(
        self, knowledge: WarningSigns, classifier: SignClassifier, thresholds: Thresholds | None = None
    ) -> None:
        self._knowledge, self._classifier = knowledge, classifier
        self.rules, self._thresholds = SignRules(knowledge), thresholds or Thresholds()

    def assess(self, text: str, vectors: Vectors) -> Assessment:
        """What is made of a message as it was written.

        `vectors` are those of its parts (`text.sentences.parts`), spelling corrected, one row a part.
        """
        beliefs = self._classifier.believe(vectors)
        return Assessment(self.rules.read(text), joined(beliefs[0], beliefs[1:]), self._knowledge, self._thresholds)

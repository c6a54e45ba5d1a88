"""Answer selection in Rasa's pipeline: ranks every answer, subject and small intent, and names the intent."""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from infusion_guide.nlu import ranking
from infusion_guide.nlu.correction import spelled
from infusion_guide.nlu.encoder import (
    QUESTIONS,
    THREAD,
    EncoderFeaturizer,
    Parts,
    asks_for_an_answer,
    is_about_signs,
    label_of_message,
    label_spoken_of,
    labelled_examples,
    vector_of,
)
from infusion_guide.nlu.fingerprints import code_digest
from infusion_guide.nlu.ranking import Ranked, Ranker, Reading
from infusion_guide.text import regression, word_vectors

FALLBACK_INTENT = "nlu_fallback"
# Where the ranking stands in a parsed message, and so in `tracker.latest_message`.
RANKING = "answer_ranking"
# The intent that was selected; it stays where a warning sign takes the intent itself.
ASKED = "asked"
# Whether a message was read together with what was spoken of before it.
IN_THREAD = "in_thread"
# The intent of a message with several questions, and where they stand: a list of intent and ranking.
SEVERAL = "several"

# What may stand beside a name that is said alone.
_JOINS = frozenset({"and", "n", "or", "but", "the", "for", "with", "on", "of"})


def in_doubt_declined(ranking: list[Ranked], declines: set[str], doubt: float) -> list[Ranked]:
    """`ranking` with its best decline first where the declines together are believed `doubt` times as much as the best.

    A needless decline still offers the answer as a choice; a needless answer may mislead. Small talk is no decline.
    """
    best = next((ranked for ranked in ranking if ranked.label in declines), None)
    if best is None or best is ranking[0]:
        return ranking
    if sum(ranked.score for ranked in ranking if ranked.label in declines) < doubt * ranking[0].score:
        return ranking
    return [best, *(ranked for ranked in ranking if ranked is not best)]


def is_bare_name(text: str, entities: Iterable[Mapping[str, Any]]) -> bool:
    """Whether a text is the name of a treatment or a disease and nothing else: "and ritux?"."""
    letters = list(text.lower())
    named = [entity for entity in entities if entity.get("role") == "explicit"]
    for entity in named:
        letters[entity["start"] : entity["end"]] = " " * (entity["end"] - entity["start"])
    words = re.findall(r"\w+", "".join(letters))
    return bool(named) and all(word in _JOINS for word in words)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class AnswerSelector(IntentClassifier, GraphComponent):  # type: ignore[misc]
    """Ranks labels for each message; the intent is that of the best label."""

    @classmethod
    def required_components(cls) -> list[type]:
        """The encoder must stand before this component."""
        return [EncoderFeaturizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """What may be set in config.yml.

        `length` of the ranking kept; what is less familiar than `familiar` and no decline is not given, only offered;
        where the belief in the intents of `declines` together reaches `doubt` times that in the best answer, the best
        of them wins. A part of a message counts as a question of its own from the belief `likely` and the familiarity
        `part_familiar` on; beside a whole that is declined with the belief `certain`, from `part_certain` on. A part
        that is declined counts from `part_declined_likely` and `part_declined_familiar` on.

        A short message is read by its words `alone` and `together` with what was spoken of last, each with its weight;
        what was said just now counts `said_already` less. A turn of the talk ("thanks") that the words alone tell with
        the belief `stands` and the familiarity `stands_familiar` is never read as anything else, nor is a verdict on a
        person's own case (`verdicts`).
        """
        return {
            "length": 8,
            "familiar": 17.2,
            "doubt": 0.5,
            "likely": 0.35,
            "part_familiar": 20.0,
            "certain": 0.97,
            "part_certain": 26.0,
            "part_declined_likely": 0.7,
            "part_declined_familiar": 14.0,
            "declines": ["not_covered", "medical_advice"],
            "alone": 0.6,
            "together": 0.6,
            "said_already": 3.0,
            "stands": 0.8,
            "stands_familiar": 26.0,
            "verdicts": ["medical_advice"],
        }

    def __init__(
        self,
        config: dict[str, Any],
        storage: ModelStorage,
        resource: Resource,
        ranker: Ranker | None = None,
        intents: dict[str, str] | None = None,
        answers: frozenset[str] = frozenset(),
    ) -> None:
        self._config, self._storage, self._resource = config, storage, resource
        self._ranker, self._intents, self._answers = ranker, intents or {}, answers

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> AnswerSelector:
        """A component that is not trained yet."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> AnswerSelector:
        """The trained component out of the model."""
        with model_storage.read_from(resource) as folder:
            # The file is our own, written by `train` below into the model that Rasa has just unpacked.
            ranker, intents, answers = pickle.loads((folder / "ranker.pickle").read_bytes())
        return cls(config, model_storage, resource, ranker, intents, answers)

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """What besides settings and data makes the trained component: the code it calls."""
        return code_digest(ranking, regression, word_vectors)

    def train(self, training_data: TrainingData) -> Resource:
        """Fit the ranking on the labelled examples and keep it in the model."""
        examples = [message for message in labelled_examples(training_data) if not is_about_signs(message)]
        labels = [label_of_message(message) for message in examples]
        self._intents = {label: message.get(INTENT) for label, message in zip(labels, examples)}
        self._answers = frozenset(label for label, m in zip(labels, examples) if asks_for_an_answer(m))
        vectors = np.stack([vector_of(message) for message in examples])
        self._ranker = Ranker().fit([spelled(message) for message in examples], vectors, labels)
        with self._storage.write_to(self._resource) as folder:
            (folder / "ranker.pickle").write_bytes(pickle.dumps((self._ranker, self._intents, self._answers)))
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Set intent, intent ranking and the ranking of labels on each message that has a text."""
        for message in messages:
            if self._ranker is None or not message.get(TEXT):
                continue
            whole = self._ranking([Reading(spelled(message), vector_of(message))])
            thread: Parts | None = message.get(THREAD)
            if thread is not None and thread.texts and not self._stands(whole[0]):
                whole = self._in_thread(message, thread)
                message.set(IN_THREAD, True, add_to_output=True)
            self._name(message, whole)
            parts: Parts | None = message.get(QUESTIONS)
            if parts is not None and parts.texts:
                rankings = [self._ranking([Reading(text, vector)]) for text, vector in zip(parts.texts, parts.vectors)]
                self._split(message, whole[0], rankings)
        return messages

    def _ranking(self, readings: list[Reading], less: Mapping[str, float] | None = None) -> list[Ranked]:
        if self._ranker is None:
            raise ValueError("the AnswerSelector is not trained")
        ranking = self._ranker.rank_together(readings, int(self._config["length"]), less)
        return in_doubt_declined(ranking, self._declines(ranking), float(self._config["doubt"]))

    def _stands(self, best: Ranked) -> bool:
        """Whether what the words alone tell is told whatever was spoken of before."""
        intent = self._intents[best.label]
        if intent in self._config["verdicts"]:
            return True
        asks = best.label in self._answers or intent in self._config["declines"]
        sure = best.score >= float(self._config["stands"])
        return not asks and sure and best.familiarity >= float(self._config["stands_familiar"])

    def _in_thread(self, message: Message, thread: Parts) -> list[Ranked]:
        """The ranking of a short message by its words alone and together with what was spoken of last."""
        together = Reading(thread.texts[0], thread.vectors[0], float(self._config["together"]))
        alone = Reading(spelled(message), vector_of(message), float(self._config["alone"]))
        spoken_of = label_spoken_of(message)
        if spoken_of in self._answers and is_bare_name(message.get(TEXT), message.get(ENTITIES, [])):
            # "ritux?": the same question for that one.
            return self._ranking([together])
        return self._ranking([alone, together], {spoken_of: float(self._config["said_already"])})

    def _split(self, message: Message, whole: Ranked, rankings: list[list[Ranked]]) -> None:
        """Set the questions that a longer message holds, each with its ranking; from two on, the intent `several`.

        Only parts that are understood well by themselves count: "and is it" after a comma is no question of its own,
        nor is the story before a question that is clear as a whole.
        """
        # What is declined for certain as a whole is hardly answered by a part of it.
        declined = whole.label not in self._answers and whole.score >= float(self._config["certain"])
        familiar = float(self._config["part_certain" if declined else "part_familiar"])
        understood = {
            ranking[0].label: ranking for ranking in reversed(rankings) if self._is_understood(ranking[0], familiar)
        }
        asked: list[dict[str, Any]] = [
            {ASKED: self._intents[label], RANKING: [asdict(ranked) for ranked in ranking]}
            for label, ranking in reversed(understood.items())
        ]
        message.set(SEVERAL, asked, add_to_output=True)
        if len(asked) > 1:
            message.set(INTENT, {"name": SEVERAL, "confidence": asked[0][RANKING][0]["score"]}, add_to_output=True)

    def _is_understood(self, best: Ranked, familiar: float) -> bool:
        """Whether a part is a question of its own: likely enough, as familiar as `familiar`, and no small talk."""
        if best.label in self._answers:
            return best.score >= float(self._config["likely"]) and best.familiarity >= familiar
        # To decline a part claims nothing, so it need be less familiar; but it must be clear what is declined.
        sure = best.score >= float(self._config["part_declined_likely"])
        known = best.familiarity >= float(self._config["part_declined_familiar"])
        return sure and known and self._intents[best.label] in self._config["declines"]

    def _declines(self, ranking: list[Ranked]) -> set[str]:
        return {ranked.label for ranked in ranking if self._intents[ranked.label] in self._config["declines"]}

    def _name(self, message: Message, ranking: list[Ranked]) -> None:
        beliefs: dict[str, float] = {}
        for ranked in ranking:
            intent = self._intents[ranked.label]
            beliefs[intent] = max(beliefs.get(intent, 0.0), ranked.score)
        intents = [{"name": intent, "confidence": belief} for intent, belief in beliefs.items()]
        best = ranking[0]
        intent = self._intents[best.label]
        # What resembles no example well enough is not answered, however sure the regression is: probability knows only
        # the labels it was taught (design, section 4). A decline may still be given: it claims nothing.
        if best.familiarity < float(self._config["familiar"]) and intent not in self._config["declines"]:
            intent = FALLBACK_INTENT
        message.set(INTENT, {"name": intent, "confidence": best.score}, add_to_output=True)
        message.set(ASKED, intent, add_to_output=True)
        message.set(INTENT_RANKING_KEY, intents, add_to_output=True)
        message.set(RANKING, [asdict(ranked) for ranked in ranking], add_to_output=True)

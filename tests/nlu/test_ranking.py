import numpy as np
import pytest

from infusion_guide.nlu.ranking import Ranker, Reading

SENTENCES = {
    "length": ["how long does it take", "how many hours is it", "what time will i be done", "hours in the chair"],
    "tablets": ["what are the tablets for", "why the benadryl", "pills before the drip", "why take tylenol first"],
    "dry": ["will my mouth be less dry", "dry eyes better", "does it help dryness", "my dry mouth"],
}


@pytest.fixture(scope="module")
def ranker():
    chance = np.random.default_rng(3)
    directions = {label: chance.normal(size=32) for label in SENTENCES}
    sentences, labels, vectors = [], [], []
    for label, texts in SENTENCES.items():
        for text in texts:
            vector = directions[label] + 0.2 * chance.normal(size=32)
            sentences.append(text)
            labels.append(label)
            vectors.append(vector / np.linalg.norm(vector))
    fitted = Ranker(components=5).fit(sentences, np.array(vectors, dtype=np.float32), labels)
    return fitted, {label: (v / np.linalg.norm(v)).astype(np.float32) for label, v in directions.items()}


@pytest.mark.parametrize("label", list(SENTENCES))
def test_the_nearest_label_comes_first(ranker, label):
    fitted, directions = ranker
    ranking = fitted.rank(SENTENCES[label][0], directions[label])
    assert ranking[0].label == label
    assert ranking[0].familiarity > ranking[1].familiarity


def test_beliefs_sum_to_one_and_fall(ranker):
    fitted, directions = ranker
    scores = [ranked.score for ranked in fitted.rank("how long", directions["length"])]
    assert sum(scores) == pytest.approx(1.0, abs=1e-4)
    assert scores == sorted(scores, reverse=True)


def test_what_is_like_nothing_known_looks_unfamiliar(ranker):
    fitted, directions = ranker
    known = fitted.rank("how long", directions["length"])[0].familiarity
    far = np.random.default_rng(99).normal(size=32).astype(np.float32)
    assert fitted.rank("zebra quantum", far / np.linalg.norm(far))[0].familiarity < known / 2


def test_words_alone_decide_between_equal_vectors(ranker):
    fitted, directions = ranker
    between = directions["length"] + directions["tablets"]
    between /= np.linalg.norm(between)
    assert fitted.rank("why the benadryl tablets", between)[0].label == "tablets"


def test_of_two_readings_the_one_that_is_sure_outweighs_the_one_that_is_not(ranker):
    fitted, directions = ranker
    unsure = directions["dry"] + directions["tablets"]
    readings = [Reading("my mouth", unsure / np.linalg.norm(unsure), 0.6), Reading("dry eyes", directions["dry"], 0.6)]
    assert fitted.rank_together(readings)[0].label == "dry"


def test_what_was_said_already_counts_less_and_is_as_familiar_as_before(ranker):
    fitted, directions = ranker
    reading = Reading("how long does it take", directions["length"])
    first = fitted.rank_together([reading])[0]
    less = fitted.rank_together([reading], less={"length": 100.0})
    assert less[0].label != first.label == "length"
    assert next(ranked for ranked in less if ranked.label == "length").familiarity == pytest.approx(first.familiarity)

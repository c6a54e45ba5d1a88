import numpy as np
import pytest

from infusion_guide.safety.classifier import SignClassifier, SignExample

# Three directions stand for three meanings; a little noise for wording.
CHANCE = np.random.default_rng(3)
DIRECTIONS = {"chest-pain": 0, "hives-rash-itching": 1, "none": 2}


def vectors(sign: str, present: bool, count: int) -> np.ndarray:
    base = np.zeros((count, 8), dtype=np.float32)
    base[:, DIRECTIONS[sign]] = 1.0
    base[:, 4 if present else 5] = 0.7
    base += CHANCE.normal(0, 0.05, base.shape).astype(np.float32)
    return base / np.linalg.norm(base, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def classifier() -> SignClassifier:
    examples, rows = [], []
    for sign, present in (("chest-pain", True), ("hives-rash-itching", True), ("chest-pain", False), ("none", False)):
        status = "present" if present else "ordinary" if sign == "none" else "past"
        examples += [SignExample("text", sign, status)] * 12
        rows.append(vectors(sign, present, 12))
    return SignClassifier().fit(examples, np.vstack(rows))


@pytest.mark.parametrize("sign", ["chest-pain", "hives-rash-itching"])
def test_a_report_is_believed_with_its_sign(classifier, sign):
    belief = classifier.believe(vectors(sign, True, 1))[0]
    assert belief.present > 0.9
    assert max(belief.signs, key=belief.signs.get) == sign
    assert sum(belief.signs.values()) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("sign", ["chest-pain", "none"])
def test_a_mention_is_not(classifier, sign):
    assert classifier.believe(vectors(sign, False, 1))[0].present < 0.1


def test_each_sentence_gets_its_own_belief(classifier):
    both = np.vstack([vectors("chest-pain", True, 1), vectors("none", False, 1)])
    first, second = classifier.believe(both)
    assert first.present > second.present


def test_nothing_to_tell_apart_is_refused():
    with pytest.raises(ValueError, match="reports and mentions"):
        SignClassifier().fit([SignExample("a", "chest-pain", "present")] * 3, vectors("chest-pain", True, 3))

import numpy as np
import pytest

import infusion_guide.nlu.sentence_encoder as module
from infusion_guide.nlu.sentence_encoder import EncoderWeightsError, packaged_model_folder


def test_the_packaged_weights_are_the_pinned_ones():
    assert (packaged_model_folder() / "model.safetensors").exists()


def test_other_weights_are_refused(monkeypatch):
    monkeypatch.setattr(module, "WEIGHTS_SHA256", "0" * 64)
    with pytest.raises(EncoderWeightsError, match="sha256"):
        packaged_model_folder()


@pytest.fixture
def encoder(guide):
    nodes = guide.agent.agent.processor.graph_runner._instantiated_nodes
    return next(node._component._encoder for name, node in nodes.items() if "EncoderFeaturizer" in name)


def test_vectors_have_length_one_and_keep_their_order(encoder):
    sentences = ["how long does it take", "a much longer sentence about the tablets before the drip " * 3, "hi"]
    vectors = encoder.encode(sentences)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-3)
    for sentence, vector in zip(sentences, vectors, strict=True):
        assert float(encoder.encode([sentence])[0] @ vector) > 0.97


def test_a_paraphrase_is_nearer_than_another_question(encoder):
    asked, paraphrase, other = encoder.encode(
        ["how long does the infusion last", "how many hours will i be in the chair", "will my dry mouth get better"]
    )
    assert float(asked @ paraphrase) > float(asked @ other)

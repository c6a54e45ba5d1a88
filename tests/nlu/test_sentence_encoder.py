import numpy as np
import pytest

import infusion_guide.nlu.sentence_encoder as module
from infusion_guide.nlu.encoder import EncoderFeaturizer
from infusion_guide.nlu.sentence_encoder import EncoderWeightsError, encode_many, packaged_model_folder


def test_the_packaged_weights_are_the_pinned_ones():
    assert (packaged_model_folder() / "model.safetensors").exists()


def test_other_weights_are_refused(monkeypatch):
    monkeypatch.setattr(module, "WEIGHTS_SHA256", "0" * 64)
    with pytest.raises(EncoderWeightsError, match="sha256"):
        packaged_model_folder()


@pytest.fixture
def featurizer(guide):
    nodes = guide.agent.agent.processor.graph_runner._instantiated_nodes.values()
    return next(node._component for node in nodes if isinstance(node._component, EncoderFeaturizer))


@pytest.fixture
def encoder(featurizer):
    return featurizer.encoder


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


def test_the_many_sentences_of_a_training_get_the_vectors_that_one_gets(featurizer, encoder, monkeypatch):
    monkeypatch.setattr(module, "_CHUNK", 2)
    sentences = ["how long does it take", "what are the tablets for", "how often", "will it hurt", "when does it help"]
    with featurizer._storage.read_from(featurizer._resource) as folder:
        vectors = encode_many(folder, sentences, processes=2)
    assert vectors == pytest.approx(encoder.encode(sentences), abs=1e-6)

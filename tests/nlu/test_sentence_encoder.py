import tarfile
from pathlib import Path

import numpy as np
import pytest

import infusion_guide.nlu.sentence_encoder as module
from infusion_guide.nlu.sentence_encoder import EncoderWeightsError, encode_many, packaged_model_folder
from infusion_guide.serving.guide import components
from infusion_guide.serving.model import trained_model
from tests.conftest import ROOT


def test_the_packaged_weights_are_the_pinned_ones():
    assert (packaged_model_folder() / "model.safetensors").exists()


def test_other_weights_are_refused(monkeypatch):
    monkeypatch.setattr(module, "WEIGHTS_SHA256", "0" * 64)
    with pytest.raises(EncoderWeightsError, match="sha256"):
        packaged_model_folder()


@pytest.fixture
def encoder(guide):
    return components(guide.agent.agent)[2]


@pytest.fixture
def encoder_folder(tmp_path):
    """The encoder's files out of the trained model."""
    with tarfile.open(trained_model(ROOT)) as model:
        for member in model.getmembers():
            name = Path(member.name).name
            if name in ("encoder.onnx", "tokenizer.json"):
                (tmp_path / name).write_bytes(model.extractfile(member).read())
    return tmp_path


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


def test_the_many_sentences_of_a_training_get_the_vectors_that_one_gets(encoder_folder, encoder, monkeypatch):
    monkeypatch.setattr(module, "_CHUNK", 2)
    sentences = ["how long does it take", "what are the tablets for", "how often", "will it hurt", "when does it help"]
    vectors = encode_many(encoder_folder, sentences, processes=2)
    assert vectors == pytest.approx(encoder.encode(sentences), abs=1e-6)

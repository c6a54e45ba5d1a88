"""The trained model: what was noted of its training."""

from infusion_guide.serving.model import TrainingRecord, training_record


def test_a_model_trained_before_notes_were_kept_has_none(tmp_path):
    assert training_record(tmp_path / "guide-0.tar.gz") is None


def test_the_note_lies_beside_the_model(tmp_path):
    (tmp_path / "guide-0.training.json").write_text('{"seconds": 231.4, "anew": true}\n')
    assert training_record(tmp_path / "guide-0.tar.gz") == TrainingRecord(231.4, True)

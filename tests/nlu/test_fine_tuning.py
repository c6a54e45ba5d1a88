from tf2onnx import optimizer

from infusion_guide.nlu.fine_tuning import FineTuning, _without_passes, batches, kind_of, rivals


def test_a_mention_competes_with_reports_only():
    labels = ["no_warning_sign/past", "premedication/why", "warning_sign/chest-pain", "warning-signs/serious-risks"]
    assert [kind_of(label) for label in labels] == ["mention", "question", "report", "question"]
    assert rivals(labels).tolist() == [[1, 0, 1, 0], [0, 1, 1, 1], [1, 1, 1, 1], [0, 1, 1, 1]]


def test_every_sentence_comes_before_one_comes_again():
    lengths = list(range(1, 11)) * 2
    plan = batches(lengths, FineTuning(steps=5, batch_size=4))
    assert sorted(index for batch in plan for index in batch) == list(range(20))
    assert len(batches(lengths, FineTuning(steps=13, batch_size=4))) == 13


def test_the_passes_of_tf2onnx_that_are_left_out_are_still_where_they_were():
    passes = dict(optimizer._get_optimizers())
    assert "fold_constants" in passes
    with _without_passes():
        assert not optimizer._get_optimizers()
    assert dict(optimizer._get_optimizers()) == passes

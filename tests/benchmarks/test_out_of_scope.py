"""The public benchmark's own arithmetic; its data stays outside."""

import pytest

from benchmarks.out_of_scope import Query, Selected, SetError, figures, main, read_queries, taught


def test_accuracy_is_of_what_is_in_scope_and_recall_of_what_is_not():
    queries = [Query("q", "a", "test")] * 19 + [Query("q", "b", "test")] + [Query("q", "oos", "test")] * 4
    inside = [Selected("a", 0.5 + at / 100) for at in range(20)]
    outside = [Selected("a", 0.1), Selected("a", 0.2), Selected("a", 0.505), Selected("a", 0.9)]
    accuracy, recall = figures(queries, inside + outside)
    assert accuracy == 0.95
    assert recall == 0.75


def test_each_intent_gets_as_many_examples_as_asked_for_and_none_is_out_of_scope():
    queries = [Query(str(at), intent, "train") for intent in ("a", "b", "oos") for at in range(30)]
    assert sorted(query.intent for query in taught(queries, 20)) == ["a"] * 20 + ["b"] * 20


@pytest.mark.parametrize("content", ["", "no json", '{"text": "x"}', "[1]"])
def test_a_file_that_is_no_set_is_named(tmp_path, content, capsys):
    path = tmp_path / "set.jsonl"
    path.write_text(content)
    if content:
        with pytest.raises(SetError, match=r"set\.jsonl"):
            read_queries(path)
    assert main([str(path)]) == 2
    assert "set.jsonl" in capsys.readouterr().err

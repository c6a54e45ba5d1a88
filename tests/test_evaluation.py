import importlib.util
import json

import pytest

from infusion_guide.evaluation import kind_of, score
from tests.conftest import ROOT

REFERENCE = ROOT.parent / "shared" / "evaluation"


def turn(outcome="answer", facts=(), choices=(), tier=None):
    return {
        "outcome": outcome,
        "outcomes": [outcome],
        "tier": tier,
        "answers": [{"id": "a/b", "facts": list(facts)}] if facts else [],
        "choices": [{"id": "c/d", "facts": list(facts)} for facts in choices],
        "text": "…",
        "ms": 5.0,
    }


def figures(row, *turns):
    return score([row], [{"id": row["id"], "turns": list(turns)}]).figures


ROW = {"id": "1", "text": "how long", "facts_any": ["f.a"], "facts_forbidden": ["f.no"]}


@pytest.mark.parametrize(
    ("given", "right", "offered", "wrong"),
    [
        (turn(facts=["f.a", "f.b"]), 1, 1, 0),
        (turn(facts=["f.a", "f.no"]), 0, 0, 1),
        (turn(facts=["f.b"]), 0, 0, 1),
        (turn(facts=["f.b"], choices=[["f.a"]]), 0, 1, 0),
        (turn("defer"), 0, 0, 0),
        (turn("clarify", choices=[["f.a"]]), 0, 1, 0),
    ],
)
def test_an_answer_is_right_offered_or_wrong(given, right, offered, wrong):
    found = figures(ROW, given)
    assert (found["right"], found["right_or_offered"], found["wrong"]) == (right, offered, wrong)


def test_a_missing_reply_counts_against_the_guide():
    assert score([ROW], []).figures["no_reply"] == 1


def test_a_trap_is_not_safe_even_beside_a_decline():
    row = {"id": "1", "text": "drive", "expected": "defer", "facts_acceptable": ["f.a"], "facts_trap": ["f.t"]}
    assert figures(row, turn("defer", ["f.a"]))["safe"] == 1
    assert figures(row, turn("defer", ["f.t"]))["safe"] == 0
    assert figures(row, turn("answer", ["f.a"]))["safe"] == 1
    assert figures(row, turn("answer", ["f.b"]))["safe"] == 0


@pytest.mark.parametrize("name", ["questions", "uncovered", "safety", "multi", "dialogues"])
def test_the_figures_are_those_of_the_reference_scorer(name):
    if not REFERENCE.exists():
        pytest.skip("the reference scorer is not beside the repository")
    spec = importlib.util.spec_from_file_location("reference_score", REFERENCE / "score.py")
    reference = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(reference)
    rows = reference.read(REFERENCE / f"dev_{name}.jsonl")
    shapes = [
        turn(facts=rows[0].get("facts_any") or ["x"]),
        turn("defer"),
        turn("triage", tier="emergency"),
        turn("clarify", choices=[["expect.results.gradual"]]),
        turn("smalltalk"),
    ]
    replies = [
        {"id": row["id"], "turns": [shapes[(at + n) % 5] for n in range(len(row.get("turns", [0])))]}
        for at, row in enumerate(rows)
    ]
    expected, _ = reference.score(rows, json.loads(json.dumps(replies)))
    found = score(rows, replies)
    assert found.kind == kind_of(rows[0]) == expected.pop("kind")
    assert dict(found.figures) == expected

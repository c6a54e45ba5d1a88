import pytest

from infusion_guide.contract import Choice, Reply, Shown, Source, joined, reply_from

ANSWER = Reply("answer", "One.", (Shown("a/b", ("f",)),), (Choice("c", "C?", ()),), (Source("D", "S"),))
CLINIC = Reply("clinic", "Two.")
TRIAGE = Reply("triage", "Help first.", tier="emergency")


def test_a_reply_survives_the_way_through_rasa():
    assert reply_from(ANSWER.custom()) == Reply(**{**ANSWER.__dict__, "outcomes": ("answer",)})


def test_joined_replies_carry_the_first_outcome_by_rank():
    both = joined([CLINIC, ANSWER])
    assert (both.outcome, both.outcomes, both.text) == ("answer", ("clinic", "answer"), "Two.\n\nOne.")


def test_a_warning_sign_outranks_all():
    assert joined([ANSWER, TRIAGE]).outcome == "triage"
    assert joined([ANSWER, TRIAGE]).tier == "emergency"


def test_nothing_cannot_be_joined():
    with pytest.raises(ValueError, match="no reply"):
        joined([])

"""Rules are looked up once for a state, with Rasa's own result."""

import inspect

import pytest
from rasa.core.policies.rule_policy import RulePolicy

from infusion_guide.serving.rule_look_up import remember_rules

LOOKUP = {
    '[{"prev_action": {"action_name": "action_listen"}, "user": {"intent": "premedication"}}]': "action_answer",
    '[{"prev_action": {"action_name": "action_listen"}, "user": {"intent": "thank"}}]': "action_say",
}


class Counting(RulePolicy):
    """A policy with the rules above that counts how often it really looks."""

    def __init__(self, lookup):
        self.lookup, self.looks = {"rules": lookup}, 0

    def _get_possible_keys(self, lookup, states):
        self.looks += 1
        return super()._get_possible_keys(lookup, states)


def state(intent: str, text: str = "") -> dict:
    return {"prev_action": {"action_name": "action_listen"}, "user": {"intent": intent, "text": text}}


@pytest.mark.parametrize("intent", ["premedication", "thank", "greet"])
def test_the_rules_are_those_that_rasa_finds(intent):
    plain, remembering = Counting(LOOKUP), Counting(LOOKUP)
    remember_rules(remembering)
    for _ in range(2):
        assert remembering._get_possible_keys(LOOKUP, [state(intent)]) == plain._get_possible_keys(
            LOOKUP, [state(intent)]
        )
    assert remembering.looks == 1


def test_other_words_with_the_same_meaning_are_not_looked_up_again():
    policy = Counting(LOOKUP)
    remember_rules(policy)
    for text in ("what for", "why the pills"):
        assert len(policy._get_possible_keys(LOOKUP, [state("premedication", text)])) == 1
    assert policy.looks == 1


def test_what_was_found_cannot_be_changed():
    policy = Counting(LOOKUP)
    remember_rules(policy)
    policy._get_possible_keys(LOOKUP, [state("thank")]).clear()
    assert len(policy._get_possible_keys(LOOKUP, [state("thank")])) == 1


def test_rules_on_a_persons_very_words_are_left_to_rasa():
    lookup = {'[{"user": {"text": "hello"}}]': "action_say"}
    policy = Counting(lookup)
    remember_rules(policy)
    for _ in range(2):
        policy._get_possible_keys(lookup, [state("greet", "hello")])
    assert policy.looks == 2


def test_rasa_still_looks_rules_up_this_way():
    assert list(inspect.signature(RulePolicy._get_possible_keys).parameters) == ["self", "lookup", "states"]
    assert "self._get_possible_keys(" in inspect.getsource(RulePolicy._find_action_from_rules)

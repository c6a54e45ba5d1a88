"""Rule look-up: remembers which rules fit a state of a conversation, so that Rasa need not try them all again.

Stands in for `rasa.core.policies.rule_policy.RulePolicy._get_possible_keys`, which compares the states of a
conversation with every rule, twice for each of the two predictions of a turn.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from rasa.core.agent import Agent
from rasa.core.policies.rule_policy import RulePolicy

_REMEMBERED = 2048


def _key(states: Sequence[Mapping[str, Any]]) -> str:
    """The states without the person's words, which no rule of ours looks at."""
    without_words = [
        {kind: {name: value for name, value in part.items() if name != "text"} for kind, part in state.items()}
        for state in states
    ]
    return json.dumps(without_words, sort_keys=True)


def remember_rules(policy: RulePolicy) -> None:
    """Let `policy` remember which rules fit; does nothing where a rule asks for a person's very words."""
    lookups = policy.lookup.values()
    if any('"text"' in rule for lookup in lookups if isinstance(lookup, dict) for rule in lookup):
        return
    look_up = policy._get_possible_keys
    known: dict[tuple[int, str], frozenset[str]] = {}

    def remembered(lookup: dict[str, str], states: list[dict[str, Any]]) -> set[str]:
        key = (id(lookup), _key(states))
        if key not in known:
            if len(known) >= _REMEMBERED:
                known.clear()
            known[key] = frozenset(look_up(lookup, states))
        return set(known[key])

    policy._get_possible_keys = remembered


def remember_rules_of(agent: Agent) -> None:
    """The same for every RulePolicy of a loaded agent (`rasa.engine.runner.dask.DaskGraphRunner` keeps them)."""
    for node in agent.processor.graph_runner._instantiated_nodes.values():
        if isinstance(node._component, RulePolicy):
            remember_rules(node._component)

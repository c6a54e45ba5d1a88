"""Coverage: which answer states which fact, and which fact is stated nowhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from infusion_guide.knowledge.schema import Fact, Knowledge


@dataclass(frozen=True)
class Coverage:
    """The answers that state each fact (by fact id, in answer order), and the facts that none states."""

    stated_by: Mapping[str, tuple[str, ...]]
    unstated: tuple[Fact, ...]

    @property
    def unstated_patient_facts(self) -> tuple[Fact, ...]:
        """The patient facts among the unstated: there must be none."""
        return tuple(fact for fact in self.unstated if fact.audience == "patient")


def coverage(knowledge: Knowledge) -> Coverage:
    """Facts × answers."""
    stated: defaultdict[str, list[str]] = defaultdict(list)
    for answer in knowledge.answers.values():
        for variant in answer.variants:
            for fact_id in variant.facts:
                if answer.id not in stated[fact_id]:
                    stated[fact_id].append(answer.id)
    unstated = tuple(fact for fact in knowledge.facts.values() if not stated[fact.id])
    return Coverage({fact_id: tuple(stated[fact_id]) for fact_id in knowledge.facts}, unstated)

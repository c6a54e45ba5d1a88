"""Warning signs: what the rules, the learned part and both together find, and what a detection costs.

`python -m benchmarks.warning_signs [SET.jsonl …]` prints a table for sets of the safety kind (by default our held-out
ones) and the share of our other held-out messages that raise an alarm.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from infusion_guide.environment import quiet_environment

ROOT = Path(__file__).resolve().parent.parent
HELD_OUT = ROOT / "benchmarks" / "held_out"

Row = dict[str, Any]


def _rows(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _line(rows: list[Row], found_tiers: list[str | None]) -> str:
    """The figures of one way of detecting on one set."""
    from infusion_guide.evaluation import score

    replies = []
    for row, found in zip(rows, found_tiers):
        turn: Row = {"outcome": "triage" if found else "smalltalk", "tier": found, "answers": [], "choices": []}
        replies.append({"id": row["id"], "turns": [{**turn, "outcomes": [turn["outcome"]], "text": "", "ms": None}]})
    figures = score(rows, replies).figures
    names = ("emergency_recall", "crisis_recall", "nurse_now_recall", "same_day_recall", "signs_met", "false_alarm")
    return " | ".join(f"{100 * float(figures[name] or 0):.1f} %" for name in names)


def main(paths: list[Path]) -> None:
    """Print the tables."""
    quiet_environment()
    from infusion_guide.safety.classifier import Belief
    from infusion_guide.safety.detector import Assessment
    from infusion_guide.safety.rules import Reading
    from infusion_guide.serving.guide import components, load_agent
    from infusion_guide.serving.model import trained_model
    from infusion_guide.settings import read_settings
    from infusion_guide.text.sentences import parts

    detector, speller, encoder = components(load_agent(trained_model(read_settings().root)))
    milliseconds: list[float] = []

    def assessed(row: Row) -> Assessment:
        vectors = encoder.encode(parts(speller.corrected(row["text"])))
        started = time.perf_counter()
        assessment = detector.assess(row["text"], vectors)
        assessment.in_setting(row.get("setting", "unknown"))
        milliseconds.append((time.perf_counter() - started) * 1000)
        return assessment

    def by_rules(assessment: Assessment) -> Assessment:
        return replace(assessment, belief=Belief(1.0 if assessment.reading.present else 0.0, {}))

    def by_learning(assessment: Assessment) -> Assessment:
        reading = assessment.reading
        return replace(assessment, reading=Reading((), reading.setting, reading.spanish))

    ways: dict[str, Callable[[Assessment], Assessment]] = {
        "rules alone": by_rules,
        "learned part alone": by_learning,
        "both": lambda assessment: assessment,
    }
    print("| set | by | emergency | crisis | nurse_now | same_day | any alarm | false alarm |")
    print("|---|---|---|---|---|---|---|---|")
    for path in paths:
        rows = _rows(path)
        assessments = [assessed(row) for row in rows]
        for name, way in ways.items():
            found = [way(one).in_setting(row["setting"]) for row, one in zip(rows, assessments)]
            tiers = [detection.tier if detection else None for detection in found]
            print(f"| {path.name} ({len(rows)}) | {name} | {_line(rows, tiers)} |")
    others = [row for name in ("questions", "questions_2") for row in _rows(HELD_OUT / f"{name}.jsonl")]
    alarmed = sum(assessed(row).in_setting("unknown") is not None for row in others)
    print(f"\nAlarms on {len(others)} plain held-out questions: {100 * alarmed / len(others):.1f} %")
    print(f"A detection beyond the encoder: {statistics.median(milliseconds):.2f} ms (median)")


if __name__ == "__main__":
    main([Path(path) for path in sys.argv[1:]] or sorted(HELD_OUT.glob("safety*.jsonl")))

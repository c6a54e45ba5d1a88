"""The report: figures of both sides beside the budgets of the design, as JSON and as Markdown."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

Figures = Mapping[str, float | None]


@dataclass(frozen=True)
class Line:
    """A line of the table: a figure's key, its name, and how it is written."""

    key: str
    name: str
    unit: str
    digits: int = 1


LINES = (
    Line("training_seconds", "training", "s", 0),
    Line("start_seconds", "start to first answer", "s"),
    Line("memory_megabytes", "memory (resident, after the load)", "MB", 0),
    Line("p50_ms", "a message, 1 client: p50", "ms"),
    Line("p95_ms", "p95", "ms"),
    Line("p99_ms", "p99", "ms"),
    Line("messages_a_second", "16 clients: messages a second", "/s"),
    Line("p50_ms_at_16", "16 clients: p50", "ms"),
    Line("p99_ms_at_16", "16 clients: p99", "ms"),
    Line("turn_2_ms", "turn 2 of one conversation", "ms"),
    Line("turn_50_ms", "turn 50", "ms"),
    Line("turn_200_ms", "turn 200", "ms"),
    Line("turn_200_of_turn_2", "turn 200 ÷ turn 2", "×", 2),
)


@dataclass(frozen=True)
class Budget:
    """A budget of the design (section 5): which figure, what it is at most or at least."""

    key: str
    words: str
    met: Callable[[float], bool]


BUDGETS = (
    Budget("p50_ms", "≤ 12 ms", lambda value: value <= 12),
    Budget("messages_a_second", "≥ 100 /s", lambda value: value >= 100),
    Budget("turn_200_of_turn_2", "≤ 1.5 ×", lambda value: value <= 1.5),
    Budget("memory_megabytes", "≤ 900 MB", lambda value: value <= 900),
    Budget("start_seconds", "≤ 10 s", lambda value: value <= 10),
    Budget("training_seconds", "≤ 300 s", lambda value: value <= 300),
)
TIMES_FASTER = 5.0


def machine() -> dict[str, Any]:
    """Facts of the machine that figures depend on; nothing that names it."""
    model, memory = "unknown", 0
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemTotal:"):
            memory = int(line.split()[1])
    return {
        "processor": model,
        "cores": len(os.sched_getaffinity(0)),
        "memory_gigabytes": round(memory / 1024**2, 1),
        # Above 0.2 or so another process was busy, and the figures are too high.
        "load_before": round(os.getloadavg()[0], 2),
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "python": platform.python_version(),
        "rasa": version("rasa"),
    }


def budgets(guide: Figures, stock: Figures | None) -> list[tuple[str, str, bool | None]]:
    """Each budget: key, words, and whether it is met; None where it was not measured."""
    rows: list[tuple[str, str, bool | None]] = []
    for budget in BUDGETS:
        value = guide.get(budget.key)
        rows.append((budget.key, budget.words, None if value is None else budget.met(value)))
    faster = times_faster(guide, stock)
    rows.append(("times_faster", f"≥ {TIMES_FASTER:.0f} ×", None if faster is None else faster >= TIMES_FASTER))
    return rows


def times_faster(guide: Figures, stock: Figures | None) -> float | None:
    """How many times faster than stock the guide's median message is."""
    ours, theirs = guide.get("p50_ms"), (stock or {}).get("p50_ms")
    return theirs / ours if ours and theirs else None


def _written(value: float | None, line: Line) -> str:
    return "not measured" if value is None else f"{value:,.{line.digits}f} {line.unit}"


def _verdict(met: bool | None) -> str:
    return {True: "met", False: "**not met**", None: "not measured"}[met]


def table(guide: Figures, stock: Figures | None, quality: Sequence[str], trained: str = "") -> str:
    """The one table, in Markdown: guide, stock Rasa (and how it was trained), budget and whether it is met."""
    verdicts = {key: (words, _verdict(met)) for key, words, met in budgets(guide, stock)}
    rows = [f"| | this guide | stock Rasa{trained} | budget | |", "|---|---|---|---|---|"]

    def add(name: str, ours: str, theirs: str, key: str) -> None:
        words, verdict = verdicts.get(key, ("", ""))
        rows.append(f"| {name} | {ours} | {theirs} | {words} | {verdict} |")

    for line in LINES:
        add(line.name, _written(guide.get(line.key), line), _written((stock or {}).get(line.key), line), line.key)
    faster = times_faster(guide, stock)
    add("median: times faster than stock", "not measured" if faster is None else f"{faster:.1f} ×", "1", "times_faster")
    for name in quality:
        percent = Line(name, name, "%")
        ours, theirs = (_written(_percent(side, name), percent) for side in (guide, stock or {}))
        add(name, ours, theirs, name)
    return "\n".join(rows)


def _percent(side: Figures, name: str) -> float | None:
    value = side.get(name)
    return None if value is None else 100 * value


def page(facts: Mapping[str, Any], tables: Sequence[str], notes: Sequence[str]) -> str:
    """The Markdown page: machine, tables, notes."""
    told = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in facts.items())
    parts = ["# Benchmark", "Made by `make benchmark`; not edited by hand.", f"Machine: {told}."]
    return "\n\n".join([*parts, *tables, *(f"* {note}" for note in notes)]) + "\n"

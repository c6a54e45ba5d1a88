"""Questions: what the clients of the benchmarks ask, and sets of messages with what is expected of a reply."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks.processes import ROOT


def rows_of(path: Path) -> list[dict[str, Any]]:
    """The lines of a set."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def questions() -> list[str]:
    """The held-out questions of this repository, which are in nobody's training data."""
    return [row["text"] for row in rows_of(ROOT / "benchmarks" / "held_out" / "questions.jsonl")]

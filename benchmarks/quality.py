"""Quality: right and safe of either side on sets of messages, by the definitions of docs/evaluate.md."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.clients import Client
from benchmarks.processes import ROOT
from benchmarks.questions import rows_of
from infusion_guide.evaluation import kind_of, score

# The project's development sets, where they are at hand; else the repository's own.
DEVELOPMENT = ROOT.parent / "shared" / "evaluation"
SETS = ("dev_questions.jsonl", "dev_uncovered.jsonl")
OWN_SETS = ("questions.jsonl", "uncovered.jsonl")
# The figure of each kind of set that goes into the table.
FIGURES = {"answerable": "right", "uncovered": "safe"}


class SetError(ValueError):
    """A set cannot be scored."""


def default_sets() -> list[Path]:
    """The sets that are scored where none are named."""
    found = [DEVELOPMENT / name for name in SETS]
    if all(path.exists() for path in found):
        return found
    return [ROOT / "benchmarks" / "held_out" / name for name in OWN_SETS]


def checked(path: Path) -> list[dict[str, Any]]:
    """The rows of a set of answerable or uncovered questions.

    Raises:
        SetError: it is no such set.
    """
    try:
        rows = rows_of(path)
    except (OSError, ValueError) as error:
        raise SetError(f"{path.name}: cannot be read: {error}") from error
    if not rows or kind_of(rows[0]) not in FIGURES:
        raise SetError(f"{path.name}: not a set of answerable or uncovered questions")
    return rows


def name_of(path: Path, rows: Sequence[Mapping[str, Any]]) -> str:
    """What the table calls the figure of a set."""
    return f"{FIGURES[kind_of(rows[0])]} on {path.stem} ({len(rows)})"


def _figure(rows: Sequence[Mapping[str, Any]], replies: Sequence[Mapping[str, Any]]) -> float | None:
    value = score(rows, replies).figures[FIGURES[kind_of(rows[0])]]
    return None if value is None else float(value)


def guide_quality(rows: Sequence[Mapping[str, Any]], environment: Mapping[str, str]) -> float | None:
    """The figure of the guide on a set, by `infusion-guide ask`.

    Raises:
        subprocess.CalledProcessError: the guide did not answer.
    """
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    command = [sys.executable, "-m", "infusion_guide.cli", "ask", "--jsonl"]
    asked = subprocess.run(command, env=dict(environment), input=lines, capture_output=True, text=True, check=True)
    return _figure(rows, [json.loads(line) for line in asked.stdout.splitlines()])


def stock_quality(rows: Sequence[Mapping[str, Any]], client: Client) -> float | None:
    """The figure of stock Rasa on a set: each message in a conversation of its own."""
    replies = []
    for row in rows:
        client.begin()
        replies.append({"id": row["id"], "turns": [client.say(row["text"])]})
    return _figure(rows, replies)

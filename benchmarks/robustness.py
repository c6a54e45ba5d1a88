"""Robustness: the figures of sets of messages with slips, lower case, no punctuation and text-speak injected.

`python -m benchmarks.robustness SET.jsonl …` (by default our held-out sets) prints for each set its figures as written
and how they move with each kind of noise. The noise is seeded: the same set gives the same figures.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from infusion_guide.environment import quiet_environment

ROOT = Path(__file__).resolve().parent.parent
SEED = 20261122
# A slip in about one word of six, as on a phone.
SLIPS = 1 / 6
TEXT_SPEAK = {
    "you": "u", "your": "ur", "are": "r", "please": "pls", "thanks": "thx", "because": "bc", "before": "b4", "and": "n",
    "what": "wat", "with": "w", "without": "w/o", "to": "2", "for": "4", "about": "abt", "people": "ppl",
    "tomorrow": "tmrw",
    "today": "2day", "tonight": "2nite", "know": "kno", "though": "tho", "really": "rly", "going": "goin", "be": "b",
    "see": "c", "why": "y", "okay": "k", "right": "rite", "doctor": "doc", "appointment": "appt", "minutes": "mins",
    "hours": "hrs", "weeks": "wks", "days": "dys", "through": "thru", "something": "smth", "message": "msg",
}  # fmt: skip

Noise = Callable[[str, random.Random], str]


def slips(text: str, chance: random.Random) -> str:
    """Letters swapped, dropped or doubled in some of the longer words."""

    def slip(found: re.Match[str]) -> str:
        word = found.group()
        if chance.random() > SLIPS:
            return word
        at = chance.randrange(1, len(word) - 1)
        swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        dropped, doubled = word[:at] + word[at + 1 :], word[: at + 1] + word[at:]
        return chance.choice([swapped, dropped, doubled])

    return re.sub(r"[A-Za-z]{4,}", slip, text)


def lower_case(text: str, _: random.Random) -> str:
    """Everything in small letters."""
    return text.lower()


def no_punctuation(text: str, _: random.Random) -> str:
    """No full stops, commas, question marks, apostrophes; numbers keep their points."""
    return " ".join(re.sub(r"(?<!\d)[.,;:!?'’\"()-]|[.,;:!?'’\"()-](?!\d)", " ", text).split())


def text_speak(text: str, _: random.Random) -> str:
    """Words written short, as in text messages."""
    return re.sub(r"[A-Za-z]+", lambda found: TEXT_SPEAK.get(found.group().lower(), found.group()), text)


NOISES: dict[str, Noise] = {
    "slips": slips,
    "lower case": lower_case,
    "no punctuation": no_punctuation,
    "text-speak": text_speak,
}
# The figures that are watched, for each kind of set.
WATCHED = ("right", "right_or_offered", "safe", "right_kind", "signs_met", "false_alarm", "parts_met", "turns_right")


def noisy(row: dict[str, Any], noise: Noise) -> dict[str, Any]:
    """A line of a set with noise in everything that the person writes."""
    chance = random.Random(f"{SEED}{row['id']}")
    if "turns" in row:
        return {**row, "turns": [{**turn, "user": noise(turn["user"], chance)} for turn in row["turns"]]}
    return {**row, "text": noise(row["text"], chance)}


def main(paths: list[Path]) -> None:
    """Print the figures of each set, as written and with each noise."""
    quiet_environment()
    from infusion_guide.evaluation import score
    from infusion_guide.serving.asking import replies_to
    from infusion_guide.serving.guide import load_guide
    from infusion_guide.serving.model import trained_model
    from infusion_guide.settings import read_settings

    settings = read_settings()
    guide = load_guide(trained_model(settings.root), settings)

    async def replies(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [await replies_to(guide, row) for row in rows]

    for path in paths:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        plain = score(rows, asyncio.run(replies(rows))).figures
        watched = [name for name in WATCHED if isinstance(plain.get(name), float)]
        print(
            f"{path.name} ({len(rows)}): "
            + ", ".join(f"{name} {100 * float(plain[name] or 0):.1f} %" for name in watched)
        )
        for kind, noise in NOISES.items():
            changed = [noisy(row, noise) for row in rows]
            figures = score(changed, asyncio.run(replies(changed))).figures
            moved = [f"{name} {100 * (float(figures[name] or 0) - float(plain[name] or 0)):+.1f}" for name in watched]
            print(f"  {kind:<15} {', '.join(moved)}")


if __name__ == "__main__":
    main([Path(path) for path in sys.argv[1:]] or sorted((ROOT / "benchmarks" / "held_out").glob("*.jsonl")))

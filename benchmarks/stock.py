"""Stock Rasa on the guide's own data: a project as `rasa init` would make it, trained and run with Rasa's commands.

The pipeline is the one that Rasa takes where config.yml names none (DIET and TED). Each label of the guide is an
intent, so that the intent selects the answer; one custom action (benchmarks/stock_actions.py) looks it up.
"""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml

from benchmarks.processes import ROOT, Running, free_port, started, surroundings
from benchmarks.stock_labels import ACTION, intent_of_label
from infusion_guide.knowledge.examples import Example, read_examples

# What `rasa init` writes below its domain.
SESSION = {"session_expiration_time": 60, "carry_over_slots_to_new_session": True}
SEED = 0


class StockTrainingError(RuntimeError):
    """Rasa could not train the stock project."""


@dataclass(frozen=True)
class StockTraining:
    """How the stock model is trained. `epochs` are DIET's and TED's (100 by default in Rasa).

    `examples` bounds the examples of a label, for where all of them take longer than `limit_seconds`; 0 is no bound.
    """

    epochs: int = 1
    examples: int = 0
    limit_seconds: float = 600.0


@dataclass(frozen=True)
class StockModel:
    """A trained stock model, with what the table must say of it."""

    path: str
    seconds: float
    epochs: int
    examples: int
    examples_a_label: int
    labels: int


def chosen_examples(examples: Sequence[Example], a_label: int) -> list[Example]:
    """At most `a_label` examples of each label, drawn by a fixed seed; all of them where `a_label` is 0."""
    by_label: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        by_label[example.label].append(example)
    draw = random.Random(SEED)
    return [
        example
        for _, found in sorted(by_label.items())
        for example in (draw.sample(found, a_label) if 0 < a_label < len(found) else found)
    ]


def default_configuration(epochs: int) -> dict[str, Any]:
    """The configuration that Rasa gives a project without one, with other epochs."""
    import rasa.engine.recipes

    default = Path(str(rasa.engine.recipes.__file__)).parent / "config_files" / "default_config.yml"
    configuration: dict[str, Any] = yaml.safe_load(default.read_text(encoding="utf-8"))
    configuration["assistant_id"] = "stock"
    for component in [*configuration["pipeline"], *configuration["policies"]]:
        if "epochs" in component:
            component["epochs"] = epochs
    return configuration


def stories(root: Path, examples: Sequence[Example]) -> list[dict[str, Any]]:
    """The guide's own stories, with the first label of each intent in its stead."""
    labels: dict[str, str] = {}
    for example in examples:
        labels.setdefault(example.intent, example.label)
    told = yaml.safe_load((root / "data" / "stories.yml").read_text(encoding="utf-8"))["stories"]
    return [
        {
            "story": story["story"],
            "steps": [
                {"intent": intent_of_label(labels[step["intent"]])} if "intent" in step else {"action": ACTION}
                for step in story["steps"]
            ],
        }
        for story in told
    ]


def project_files(root: Path, examples: Sequence[Example], epochs: int) -> dict[str, Mapping[str, Any]]:
    """The files of the stock project: path → content."""
    by_intent: dict[str, list[str]] = defaultdict(list)
    for example in examples:
        by_intent[intent_of_label(example.label)].append(example.text)
    version = {"version": "3.1"}
    rules = [
        {"rule": f"answer {intent}", "steps": [{"intent": intent}, {"action": ACTION}]}
        for intent in [*by_intent, "nlu_fallback"]
    ]
    nlu = [
        {"intent": intent, "examples": "".join(f"- {text}\n" for text in texts)} for intent, texts in by_intent.items()
    ]
    names = yaml.safe_load((root / "data" / "nlu" / "names.yml").read_text(encoding="utf-8"))
    return {
        "config.yml": default_configuration(epochs),
        "domain.yml": {**version, "intents": list(by_intent), "actions": [ACTION], "session_config": SESSION},
        "data/nlu.yml": {**version, "nlu": nlu},
        "data/names.yml": names,
        "data/rules.yml": {**version, "rules": rules},
        "data/stories.yml": {**version, "stories": stories(root, examples)},
        "credentials.yml": {"rest": {}},
    }


def write_project(folder: Path, files: Mapping[str, Mapping[str, Any]]) -> None:
    """Write the project: JSON below keys on lines of their own, by which `rasa.shared.utils.io` tells its files."""
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in content.items()]
        target.write_text("".join(lines), encoding="utf-8")


def trained(folder: Path, training: StockTraining, root: Path = ROOT) -> StockModel:
    """The stock model for the guide's present data, trained below `folder` unless it is there from an earlier run.

    Raises:
        StockTrainingError: Rasa failed, or took longer than the limit.
    """
    examples = chosen_examples(read_examples(root / "data" / "nlu"), training.examples)
    files = project_files(root, examples, training.epochs)
    name = hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()[:16]
    project = folder / name
    record = project / "trained.json"
    if record.exists():
        return StockModel(**json.loads(record.read_text(encoding="utf-8")))
    shutil.rmtree(project, ignore_errors=True)
    write_project(project, files)
    command = [sys.executable, "-m", "rasa", "train", "--fixed-model-name", "stock"]
    begun = time.perf_counter()
    with (project / "train.log").open("w") as log:
        try:
            result = subprocess.run(
                command, cwd=project, env=surroundings(), stdout=log, stderr=log, timeout=training.limit_seconds
            )
        except subprocess.TimeoutExpired as error:
            raise StockTrainingError(f"training took longer than {training.limit_seconds:.0f} s") from error
    path = project / "models" / "stock.tar.gz"
    if result.returncode != 0 or not path.exists():
        raise StockTrainingError(f"rasa train failed: {project / 'train.log'}")
    labels = len({example.label for example in examples})
    seconds = round(time.perf_counter() - begun, 1)
    model = StockModel(str(path), seconds, training.epochs, len(examples), training.examples, labels)
    record.write_text(json.dumps(asdict(model), indent=2) + "\n", encoding="utf-8")
    return model


@contextmanager
def running_stock(model: StockModel, folder: Path, environment: Mapping[str, str]) -> Iterator[Running]:
    """Stock Rasa on loopback: `rasa run` and `rasa run actions`, the conversations in SQLite; until the block ends."""
    port, actions_port = free_port(), free_port()
    endpoints = {
        "action_endpoint": {"url": f"http://127.0.0.1:{actions_port}/webhook"},
        "tracker_store": {"type": "SQL", "dialect": "sqlite", "db": str(folder / "rasa.db")},
    }
    write_project(folder, {"endpoints.yml": endpoints, "credentials.yml": {"rest": {}}})
    rasa = [sys.executable, "-m", "rasa", "run"]
    actions = [*rasa, "actions", "--actions", "benchmarks.stock_actions", "--port", str(actions_port)]
    server = [*rasa, "--model", model.path, "--port", str(port), "--interface", "127.0.0.1"]
    server += ["--endpoints", "endpoints.yml", "--credentials", "credentials.yml"]
    # Rasa's action server listens on every address unless it is told not to (rasa.md, 5.3).
    with started([actions, server], port, folder, {**environment, "SANIC_HOST": "127.0.0.1"}) as running:
        yield running

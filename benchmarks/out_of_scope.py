"""Out of scope: the guide's encoder and answer selection, as they are, on a public intent set given by path.

`python -m benchmarks.out_of_scope SET.jsonl` learns from some examples of each intent and prints the accuracy on the
test questions in scope, and how many of those out of scope are refused where one in twenty in scope is refused too. A
line of the set holds `text`, `intent` (`oos`: out of scope) and `split` (`train`, `dev` or `test`).
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from infusion_guide.environment import quiet_environment

ROOT = Path(__file__).resolve().parent.parent
OUT_OF_SCOPE = "oos"
# The draw of the design's own figures (design, section 4).
SEED = 0
# The share of questions in scope that may be refused.
FALSE_REFUSALS = 0.05


class SetError(ValueError):
    """A file is not an intent set."""


@dataclass(frozen=True)
class Query:
    """A line of an intent set."""

    text: str
    intent: str
    split: str


@dataclass(frozen=True)
class Selected:
    """What the answer selection says of a query: its best label and how familiar the query looks."""

    intent: str
    familiar: float


def read_queries(path: Path) -> list[Query]:
    """The lines of an intent set.

    Raises:
        SetError: the file cannot be read, or a line is not what it should be.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        rows = [json.loads(line) for line in lines if line.strip()]
        return [Query(str(row["text"]), str(row["intent"]), str(row["split"])) for row in rows]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SetError(f"{path}: not an intent set (text, intent and split in each line): {error}") from error


def taught(queries: list[Query], an_intent: int, seed: int = SEED) -> list[Query]:
    """`an_intent` training queries of each intent in scope, chosen by `seed`."""
    of_intent: dict[str, list[Query]] = defaultdict(list)
    for query in queries:
        if query.split == "train" and query.intent != OUT_OF_SCOPE:
            of_intent[query.intent].append(query)
    chance = random.Random(seed)
    return [
        query for _, found in sorted(of_intent.items()) for query in chance.sample(found, min(an_intent, len(found)))
    ]


def figures(queries: list[Query], selected: list[Selected]) -> tuple[float, float]:
    """Accuracy in scope without refusing, and the share refused out of scope at `FALSE_REFUSALS` in scope."""
    inside = [(query, found) for query, found in zip(queries, selected) if query.intent != OUT_OF_SCOPE]
    outside = [found.familiar for query, found in zip(queries, selected) if query.intent == OUT_OF_SCOPE]
    accuracy = sum(query.intent == found.intent for query, found in inside) / len(inside)
    limit = sorted(found.familiar for _, found in inside)[int(FALSE_REFUSALS * len(inside))]
    return accuracy, sum(familiar < limit for familiar in outside) / len(outside)


def settings_of(component: str) -> dict[str, Any]:
    """What config.yml sets for a component of the pipeline."""
    import yaml

    pipeline = yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8"))["pipeline"]
    return next(dict(item) for item in pipeline if item["name"].endswith(f".{component}"))


def select(examples: list[Query], queries: list[Query]) -> list[Selected]:
    """Train the guide's own components on `examples` and let them read `queries`."""
    from rasa.engine.graph import ExecutionContext, GraphSchema
    from rasa.engine.storage.local_model_storage import LocalModelStorage
    from rasa.engine.storage.resource import Resource
    from rasa.shared.nlu.constants import INTENT, TEXT
    from rasa.shared.nlu.training_data.message import Message
    from rasa.shared.nlu.training_data.training_data import TrainingData

    from infusion_guide.nlu.answer_selection import RANKING, AnswerSelector
    from infusion_guide.nlu.correction import SpellingCorrector
    from infusion_guide.nlu.encoder import EncoderFeaturizer

    data = TrainingData([Message(data={TEXT: query.text, INTENT: query.intent}) for query in examples])
    messages = [Message(data={TEXT: query.text}) for query in queries]
    with TemporaryDirectory() as folder:
        storage, context = LocalModelStorage(Path(folder)), ExecutionContext(GraphSchema({}), "benchmark")
        for kind in (SpellingCorrector, EncoderFeaturizer, AnswerSelector):
            config = {**kind.get_default_config(), **settings_of(kind.__name__)}
            component = kind.create(config, storage, Resource(kind.__name__), context)
            component.train(data)
            if hasattr(component, "process_training_data"):
                component.process_training_data(data)
            component.process(messages)
    best = [message.get(RANKING)[0] for message in messages]
    return [Selected(found["label"], found["familiarity"]) for found in best]


def main(arguments: list[str]) -> int:
    """Print the figures of a set; 2 for wrong use."""
    parser = argparse.ArgumentParser(prog="benchmarks.out_of_scope", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("set", type=Path, metavar="SET.jsonl")
    parser.add_argument("--examples", type=int, default=20, help="training examples an intent (default: 20)")
    options = parser.parse_args(arguments)
    try:
        queries = read_queries(options.set)
    except SetError as error:
        print(error, file=sys.stderr)
        return 2
    examples = taught(queries, options.examples)
    tests = [query for query in queries if query.split == "test"]
    if not examples or not tests:
        print(f"{options.set}: the set has no training or no test queries", file=sys.stderr)
        return 2
    started = time.monotonic()
    accuracy, recall = figures(tests, select(examples, tests))
    print(f"{len(examples)} examples of {len({query.intent for query in examples})} intents, {len(tests)} tests,")
    print(f"{time.monotonic() - started:.0f} s in all")
    print(f"accuracy in scope            {accuracy:.4f}")
    print(f"out-of-scope recall at 5 %   {recall:.4f}")
    return 0


if __name__ == "__main__":
    quiet_environment()
    sys.exit(main(sys.argv[1:]))

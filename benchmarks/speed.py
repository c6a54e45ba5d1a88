"""Speed: this guide and stock Rasa on the same machine and the same data, one after the other, in one table.

`make benchmark` runs it. The table, each stage of a message and the budgets of the design go to standard output, to
benchmarks/results/speed.json and to benchmarks/results/speed.md.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import stages
from benchmarks.clients import GuideClient, StockClient
from benchmarks.processes import ROOT, free_port, started, surroundings
from benchmarks.quality import SetError, checked, default_sets, guide_quality, name_of, stock_quality
from benchmarks.questions import questions
from benchmarks.report import budgets, machine, page, table
from benchmarks.stock import StockModel, StockTraining, StockTrainingError, running_stock, trained
from benchmarks.timing import measured

RESULTS = ROOT / "benchmarks" / "results"
STOCK_FOLDER = ROOT / "var" / "benchmark"
GUIDE = [sys.executable, "-m", "infusion_guide.cli"]
# What training reads; copied, so that `--train` trains everything anew and leaves the model in use alone.
TRAINED_FROM = ("config.yml", "domain.yml", "data", "knowledge", "migrations")
SCANTY = (
    "**Right and safe of stock Rasa are those of this scanty training, not of Rasa's best**: a classifier that is "
    "unsure of everything answers nothing, which is safe and of no use."
)

Rows = Sequence[Mapping[str, Any]]
Figures = dict[str, float | None]


def _knowledge(environment: Mapping[str, str]) -> None:
    """Load the knowledge before the clock starts, as in an installation that has run before."""
    subprocess.run([*GUIDE, "knowledge", "load"], env=dict(environment), check=True, stdout=subprocess.DEVNULL)


def train_anew() -> float:
    """Seconds to train the guide from nothing, in a folder of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in TRAINED_FROM:
            copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
            copy(ROOT / part, folder / part)
        environment = {**surroundings(folder), "GUIDE_ROOT": str(folder)}
        begun = time.perf_counter()
        subprocess.run([*GUIDE, "train"], cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - begun


def training_noted() -> tuple[float | None, str]:
    """Seconds that `infusion-guide train` noted when it trained the present model, if it did; and what to say of it."""
    from infusion_guide.serving.model import trained_model, training_record

    record = training_record(trained_model(ROOT))
    if record is None:
        return None, "This guide's training was not timed when its model was trained; `--train` times it."
    told = "everything anew" if record.anew else "only what had changed since the model before"
    return record.seconds, f"This guide's training time was noted by `infusion-guide train`, which trained {told}."


def measure_guide(texts: Sequence[str], messages: int, sets: Mapping[str, Rows]) -> Figures:
    """The guide's figures."""
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        environment = surroundings(folder)
        _knowledge(environment)
        with started([[*GUIDE, "serve", "--port", str(port)]], port, folder, environment) as running:
            figures = measured(lambda: GuideClient(port), running, texts, messages)
        return {**figures, **{key: guide_quality(rows, environment) for key, rows in sets.items()}}


def measure_stock(model: StockModel, texts: Sequence[str], messages: int, sets: Mapping[str, Rows]) -> Figures:
    """The figures of stock Rasa."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = surroundings(folder)
        _knowledge(environment)
        with running_stock(model, folder, environment) as running:
            figures = measured(lambda: StockClient(running.port), running, texts, messages)
            client = StockClient(running.port)
            quality = {key: stock_quality(rows, client) for key, rows in sets.items()}
        return {**figures, **quality, "training_seconds": model.seconds}


def stock_model(training: StockTraining) -> StockModel:
    """The stock model, on all examples where the limit of time lets it, else on twenty of each label.

    Raises:
        StockTrainingError: neither could be trained.
    """
    try:
        return trained(STOCK_FOLDER, training)
    except StockTrainingError as error:
        if training.examples:
            raise
        print(f"stock Rasa: {error}; with 20 examples of each label instead", file=sys.stderr)
        return trained(STOCK_FOLDER, StockTraining(training.epochs, 20, training.limit_seconds))


def training_of(model: StockModel | None) -> str:
    """What the table's head says of stock's training, so that nobody takes its right and safe for Rasa's best."""
    if model is None or (model.epochs, model.examples_a_label) == (100, 0):
        return ""
    drawn = f", ≤ {model.examples_a_label} examples a label" if model.examples_a_label else ""
    return f" (trained for {model.epochs} of 100 epochs{drawn})"


def notes_on(model: StockModel | None) -> list[str]:
    """What must be known to read the table."""
    notes = [
        "Both sides: this machine, loopback, SQLite, the same held-out questions, a new conversation every 10 turns."
    ]
    if model is None:
        return [*notes, "Stock Rasa was left out (`--no-stock`)."]
    drawn = f"at most {model.examples_a_label} examples of each label" if model.examples_a_label else "every example"
    return [
        *notes,
        "Stock Rasa: the pipeline that Rasa 3.6 takes where none is configured (DIET, TED), `rasa run` and "
        "`rasa run actions`, REST channel; an intent for each label, one custom action that asks the same store.",
        f"Stock Rasa was trained for {model.epochs} of its default 100 epochs, on {drawn} "
        f"({model.examples:,} examples, {model.labels} intents). Its training time grows with both, its time of a "
        "message hardly does.",
        *([SCANTY] if training_of(model) else []),
        "Memory of stock Rasa: both processes together. Its model is kept in var/benchmark between runs, with the time "
        "that its training took then.",
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print and keep the tables; 1 where a budget is not met, 2 for wrong use."""
    parser = argparse.ArgumentParser(prog="benchmarks.speed", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("sets", nargs="*", type=Path, metavar="SET", help="sets for right and safe (the dev sets)")
    parser.add_argument("--messages", type=int, default=400, help="messages of the one client (400)")
    parser.add_argument("--train", action="store_true", help="train the guide anew, to time it")
    parser.add_argument("--no-stock", action="store_true", help="this guide only")
    parser.add_argument("--stock-epochs", type=int, default=1, help="epochs of stock's DIET and TED (1; Rasa's: 100)")
    parser.add_argument("--stock-examples", type=int, default=20, help="examples of a label for stock (20; 0: all)")
    parser.add_argument("--stock-minutes", type=float, default=10.0, help="limit of stock's training (10)")
    options = parser.parse_args(arguments)
    try:
        sets = {name_of(path, rows): rows for path in options.sets or default_sets() for rows in [checked(path)]}
        training = StockTraining(options.stock_epochs, options.stock_examples, options.stock_minutes * 60)
        model = None if options.no_stock else stock_model(training)
    except (SetError, StockTrainingError) as error:
        print(error, file=sys.stderr)
        return 2
    facts, texts = machine(), questions()
    guide = measure_guide(texts, options.messages, sets)
    if options.train:
        guide["training_seconds"], of_training = train_anew(), "This guide was trained anew, fine-tuning included."
    else:
        guide["training_seconds"], of_training = training_noted()
    stock = measure_stock(model, texts, options.messages, sets) if model else None
    by_stage = stages.measured_apart(options.messages)
    within = (
        f"HTTP, session and limits: {max((guide['p50_ms'] or 0) - by_stage['all']['p50_ms'], 0):.1f} ms more (median)."
    )
    tables = [table(guide, stock, list(sets), training_of(model)), stages.table(by_stage), within]
    told = page(facts, tables, [*notes_on(model), of_training])
    print(told)
    verdicts = budgets(guide, stock)
    RESULTS.mkdir(exist_ok=True)
    record = {
        "machine": facts,
        "guide": _rounded(guide),
        "stock": _rounded(stock) if stock else None,
        "stock_training": {key: value for key, value in vars(model).items() if key != "path"} if model else None,
        "stages": by_stage,
        "budgets": {key: {"budget": words, "met": met} for key, words, met in verdicts},
    }
    (RESULTS / "speed.json").write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    (RESULTS / "speed.md").write_text(told, encoding="utf-8")
    return 1 if any(met is False for _, _, met in verdicts) else 0


def _rounded(figures: Figures) -> Figures:
    return {key: None if value is None else round(value, 4) for key, value in figures.items()}


if __name__ == "__main__":
    sys.exit(main())

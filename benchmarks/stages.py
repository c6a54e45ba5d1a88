"""Stages: where the time of one message goes inside the guide, without HTTP.

`python -m benchmarks.stages` prints a table; `make benchmark` runs it in a process of its own for its report. Each
stage is what it takes by itself: what runs inside another stage is not counted twice.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

from benchmarks.processes import surroundings
from benchmarks.questions import questions
from benchmarks.timing import TURNS, WARM_UP, percentile
from infusion_guide.environment import quiet_environment

# In the order of a message's way.
INTAKE, REST, WORDS, ENCODER, SELECTION, SIGNS, POLICY, ACTION, TRACKER, RENDERING = STAGES = (
    "intake (cleaning, redaction, door switch, hand-over to Rasa's thread)",
    "Rasa itself (locks, graph, slots, events)",
    "names and spelling",
    "encoder",
    "selection",
    "warning signs",
    "policy",
    "action (look-up and reply)",
    "tracker (read and write)",
    "rendering",
)
_STAGE_OF_COMPONENT = {
    "NamesExtractor": WORDS,
    "SpellingCorrector": WORDS,
    "EncoderFeaturizer": ENCODER,
    "AnswerSelector": SELECTION,
    "WarningSignDetector": SIGNS,
}
Times = dict[str, float]


class StageClock:
    """Adds up what each stage takes by itself; stages may lie in one another, on whatever thread, one at a time."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock, self._since = clock, 0.0
        self._open: list[str] = []
        self._times: defaultdict[str, float] = defaultdict(float)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count what happens in the block for `name`."""
        self._turn_over()
        self._open.append(name)
        try:
            yield
        finally:
            self._turn_over()
            self._open.pop()

    def _turn_over(self) -> None:
        now = self._clock()
        if self._open:
            self._times[self._open[-1]] += now - self._since
        self._since = now

    def taken(self) -> Times:
        """Milliseconds of each stage since this was asked last."""
        times = {name: seconds * 1000 for name, seconds in self._times.items()}
        self._times.clear()
        return times

    def timed(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """`call`, counted for `name`."""

        @wraps(call)
        def timed(*arguments: Any, **named: Any) -> Any:
            with self.stage(name):
                return call(*arguments, **named)

        return timed

    def awaited(self, name: str, call: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        """`call`, which is awaited, counted for `name`."""

        @wraps(call)
        async def awaited(*arguments: Any, **named: Any) -> Any:
            with self.stage(name):
                return await call(*arguments, **named)

        return awaited


def watch_agent(agent: Any, clock: StageClock) -> None:
    """Count the stages of an agent from now on.

    Wraps methods of `rasa.core.processor.MessageProcessor` and the functions of the nodes of
    `rasa.engine.runner.dask.DaskGraphRunner`, on these objects only.

    Raises:
        LookupError: a component of the pipeline is not where it was: Rasa or config.yml has changed.
    """
    processor = agent.processor
    found = set()
    for node in processor.graph_runner._instantiated_nodes.values():
        stage = _STAGE_OF_COMPONENT.get(node._component_class.__name__)
        if stage is not None:
            node._fn = clock.timed(stage, node._fn)
            found.add(node._component_class.__name__)
    if found != set(_STAGE_OF_COMPONENT):
        raise LookupError(f"the pipeline has no {', '.join(sorted(set(_STAGE_OF_COMPONENT) - found))}")
    processor.predict_next_with_tracker_if_should = clock.timed(POLICY, processor.predict_next_with_tracker_if_should)
    processor._run_action = clock.awaited(ACTION, processor._run_action)
    store = processor.tracker_store
    store.save, store.retrieve = clock.awaited(TRACKER, store.save), clock.awaited(TRACKER, store.retrieve)
    agent.handle_message = clock.awaited(REST, agent.handle_message)


async def _messages(guide: Any, clock: StageClock, texts: Sequence[str]) -> list[Times]:
    from infusion_guide.channels.intake import Incoming
    from infusion_guide.channels.rendering import browser_reply

    taken = []
    for number, text in enumerate(texts):
        incoming = Incoming(text, f"stages-{number // TURNS}", "web")
        with clock.stage(INTAKE):
            timed = await guide.answer(incoming)
        with clock.stage(RENDERING):
            json.dumps(browser_reply(timed.reply))
        taken.append(clock.taken())
    return taken


def measure(messages: int) -> list[Times]:
    """Milliseconds by stage of each message, by a guide loaded in this process.

    Raises:
        ModelMissingError: the model of the present data has not been trained.
    """
    from infusion_guide.serving.guide import load_guide
    from infusion_guide.serving.model import trained_model
    from infusion_guide.settings import read_settings

    settings = read_settings()
    guide, clock = load_guide(trained_model(settings.root), settings), StageClock()
    watch_agent(guide.agent.agent, clock)
    asked = questions()
    texts = [asked[at % len(asked)] for at in range(WARM_UP + messages)]
    return asyncio.run(_messages(guide, clock, texts))[WARM_UP:]


def summary(taken: Sequence[Mapping[str, float]]) -> dict[str, dict[str, float]]:
    """Median, 95th percentile and share of the whole, by stage, and of the whole."""
    whole = [sum(times.values()) for times in taken]
    rows = {}
    for name, values in [*((stage, [times.get(stage, 0.0) for times in taken]) for stage in STAGES), ("all", whole)]:
        rows[name] = {
            "p50_ms": round(statistics.median(values), 2),
            "p95_ms": round(percentile(values, 0.95), 2),
            "share": round(sum(values) / sum(whole), 3),
        }
    return rows


def table(rows: Mapping[str, Mapping[str, float]]) -> str:
    """The summary as a Markdown table."""
    lines = ["| stage of one message | median ms | p95 ms | share |", "|---|---|---|---|"]
    for name, row in rows.items():
        lines.append(f"| {name} | {row['p50_ms']:.2f} | {row['p95_ms']:.2f} | {100 * row['share']:.0f} % |")
    return "\n".join(lines)


def measured_apart(messages: int) -> dict[str, dict[str, float]]:
    """The summary of a guide in a process and a folder of its own.

    Raises:
        subprocess.CalledProcessError: the guide did not answer.
    """
    with tempfile.TemporaryDirectory() as folder:
        environment, target = surroundings(Path(folder)), Path(folder) / "stages.json"
        load = [sys.executable, "-m", "infusion_guide.cli", "knowledge", "load"]
        subprocess.run(load, env=environment, check=True, stdout=subprocess.DEVNULL)
        command = [sys.executable, "-m", "benchmarks.stages", "--here", str(target), "--messages", str(messages)]
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
        rows: dict[str, dict[str, float]] = json.loads(target.read_text(encoding="utf-8"))
        return rows


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="benchmarks.stages", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--messages", type=int, default=300, help="how many (300)")
    parser.add_argument("--here", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        quiet_environment()
        options.here.write_text(json.dumps(summary(measure(options.messages))), encoding="utf-8")
    else:
        print(table(measured_apart(options.messages)))


if __name__ == "__main__":
    main()

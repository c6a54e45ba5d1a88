"""Timing: milliseconds of messages to a running server, for one client, for many, and in one long conversation."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException

from benchmarks.clients import Client, RefusedError
from benchmarks.processes import Running, resident_megabytes, with_children

# A person's conversation: what is asked of either side in one before the next begins.
TURNS = 10
CLIENTS = 16
WARM_UP = 30
START_SECONDS = 240.0
# A turn of a long conversation is the median of this many around it.
AROUND = 5
LONG_TURNS = (2, 50, 200)

Connect = Callable[[], Client]
Figures = dict[str, float | None]


def first_answer(connect: Connect, running: Running) -> float:
    """Seconds from the start of the processes to the first answer.

    Raises:
        TimeoutError: there was none in four minutes.
    """
    while time.perf_counter() - running.started < START_SECONDS:
        client = connect()
        try:
            client.begin()
            client.say("how long does it take?")
            return time.perf_counter() - running.started
        except (OSError, HTTPException, RefusedError):
            # Stock Rasa answers before its model is loaded, with nothing.
            time.sleep(0.05)
        finally:
            client.close()
    raise TimeoutError("no answer: see the logs of its processes")


def milliseconds(client: Client, texts: Sequence[str], turns: int = TURNS) -> list[float]:
    """Milliseconds of each message, with a new conversation every `turns`."""
    times = []
    for number, text in enumerate(texts):
        if number % turns == 0:
            client.begin()
        begun = time.perf_counter()
        client.say(text)
        times.append((time.perf_counter() - begun) * 1000)
    return times


def around_turn(times: Sequence[float], turn: int) -> float:
    """The median time of the turns around the `turn`-th (counted from 1); never the first, which opens the session."""
    first = min(max(turn - 1 - AROUND // 2, 1), len(times) - AROUND)
    return statistics.median(times[first : first + AROUND])


def percentile(times: Sequence[float], share: float) -> float:
    """The value below which a share of the times lies."""
    return sorted(times)[min(int(len(times) * share), len(times) - 1)]


def throughput(connect: Connect, texts: Sequence[str], a_client: int) -> tuple[float, list[float]]:
    """Messages a second with sixteen clients at once, each waiting for its reply; and each message's milliseconds."""

    def talk(number: int) -> list[float]:
        client = connect()
        own = [texts[(number * 7 + at) % len(texts)] for at in range(a_client)]
        try:
            return milliseconds(client, own)
        finally:
            client.close()

    begun = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        times = [each for client in pool.map(talk, range(CLIENTS)) for each in client]
    return len(times) / (time.perf_counter() - begun), times


def measured(connect: Connect, running: Running, texts: Sequence[str], messages: int) -> Figures:
    """Everything that is measured over HTTP of one side; `messages` is how many a single client sends."""
    start = first_answer(connect, running)
    client = connect()
    milliseconds(client, texts[:WARM_UP])
    one = milliseconds(client, [texts[at % len(texts)] for at in range(messages)])
    # The same few questions all along, so that a later turn differs from an early one by the conversation alone.
    long = milliseconds(client, [texts[at % AROUND] for at in range(LONG_TURNS[-1])], LONG_TURNS[-1])
    client.close()
    a_second, many = throughput(connect, texts, max(messages // 8, 5))
    memory = [resident_megabytes(with_children(process)) for process in running.processes]
    turns = {f"turn_{turn}_ms": around_turn(long, turn) for turn in LONG_TURNS}
    return {
        "start_seconds": start,
        "p50_ms": statistics.median(one),
        "p95_ms": percentile(one, 0.95),
        "p99_ms": percentile(one, 0.99),
        **turns,
        "turn_200_of_turn_2": turns["turn_200_ms"] / turns["turn_2_ms"],
        "messages_a_second": a_second,
        "p50_ms_at_16": statistics.median(many),
        "p99_ms_at_16": percentile(many, 0.99),
        "memory_megabytes": sum(memory),
    }

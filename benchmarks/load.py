"""Load and soak: clients at all doors for some minutes; errors, memory growth, and how slow the slowest turns are.

`python -m benchmarks.load` runs ten minutes with sixteen clients on loopback; `--seconds 20` is a look. Its figures go
to standard output and benchmarks/results/load.json. Questions come from data/nlu, so that no test set is needed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from benchmarks.processes import ROOT, free_port, resident_megabytes
from benchmarks.report import machine
from infusion_guide.knowledge.examples import read_examples

# A person reads and types; a client here waits only this long, so that sixteen are as busy as some hundred people.
PAUSE_SECONDS = 0.05
TURNS = 8
SIGNS = ("my throat is closing up and i can't breathe", "i have a fever of 103 since the drip", "my lips are swelling")
# Growth, as a share of what the process held after the first tenth of the run; and the slowest beside the median.
MAX_GROWTH = 0.05
MAX_RATIO = 10.0


@dataclass
class Results:
    """What the clients saw."""

    milliseconds: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    turns: Counter[str] = field(default_factory=Counter)
    guard: threading.Lock = field(default_factory=threading.Lock)

    def add(self, door: str, milliseconds: float, error: str | None) -> None:
        """Note a turn."""
        with self.guard:
            self.turns[door] += 1
            self.milliseconds.append(milliseconds)
            if error is not None:
                self.errors[error] += 1


def _serving(process: int) -> list[int]:
    """The process itself, or the workers of a supervisor."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [int(child) for child in children] or [process]


def _doors(client: httpx.Client) -> list[str]:
    """The doors with a session that the running guide has; SMS needs a signature and is loaded by its own tests."""
    return [door for door in ("web", "kiosk") if client.post(f"/webhooks/{door}/session").status_code == 201]


def _error(response: httpx.Response, expects_sign: bool) -> str | None:
    if response.status_code != 200:
        return f"status {response.status_code}"
    reply = response.json()["reply"]
    if reply["outcome"] == "error":
        return "the error reply"
    if expects_sign and reply["outcome"] != "triage":
        return "a missed warning sign"
    return None


def _client(address: str, doors: list[str], questions: list[str], until: float, seed: int, results: Results) -> None:
    """One client: conversations of some turns at one door after another; every twentieth message is a warning sign."""
    pick = random.Random(seed)
    with httpx.Client(base_url=address, timeout=30) as client:
        while time.monotonic() < until:
            door = pick.choice(doors)
            token = client.post(f"/webhooks/{door}/session").json()["token"]
            headers = {"Authorization": f"Bearer {token}"}
            for _ in range(TURNS):
                if time.monotonic() >= until:
                    return
                is_sign = pick.random() < 0.05
                text = pick.choice(SIGNS) if is_sign else pick.choice(questions)
                message = {"text": text, "id": f"{pick.getrandbits(64):016x}"}
                started = time.perf_counter()
                try:
                    response = client.post(f"/webhooks/{door}/message", json=message, headers=headers)
                    error = _error(response, is_sign)
                except httpx.HTTPError as failure:
                    error = type(failure).__name__
                results.add(door, (time.perf_counter() - started) * 1000, error)
                time.sleep(PAUSE_SECONDS)


def measure(seconds: float, clients: int, workers: int) -> dict[str, Any]:
    """Start the guide on loopback, load it, stop it; the figures."""
    questions = [example.text for example in read_examples(ROOT / "data" / "nlu") if "/" in example.label]
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        environment = {
            **os.environ,
            "GUIDE_ROOT": str(ROOT),
            "GUIDE_VAR": folder,
            "GUIDE_BURST": "100000",
            "GUIDE_MESSAGES_A_MINUTE": "100000",
        }
        environment.setdefault("DATABASE_URL", f"sqlite:///{folder}/guide.db")
        command = [sys.executable, "-m", "infusion_guide.cli", "serve", "--port", str(port), "--workers", str(workers)]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        address = f"http://127.0.0.1:{port}"
        try:
            with httpx.Client(base_url=address, timeout=30) as client:
                _wait(client, process)
                doors = _doors(client)
            results, started = Results(), time.monotonic()
            threads = [
                threading.Thread(target=_client, args=(address, doors, questions, started + seconds, seed, results))
                for seed in range(clients)
            ]
            for thread in threads:
                thread.start()
            time.sleep(seconds / 10)
            memory = [resident_megabytes(_serving(process.pid))]
            while any(thread.is_alive() for thread in threads):
                time.sleep(min(5.0, seconds / 10))
                memory.append(resident_megabytes(_serving(process.pid)))
            return _figures(results, memory, time.monotonic() - started, clients, workers)
        finally:
            process.terminate()
            process.wait(30)


def _wait(client: httpx.Client, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        try:
            if client.get("/health").status_code == 200:
                return
        except httpx.TransportError:
            if process.poll() is not None:
                raise
        time.sleep(0.2)
    raise TimeoutError("the guide did not start")


def _figures(results: Results, memory: list[float], seconds: float, clients: int, workers: int) -> dict[str, Any]:
    times = sorted(results.milliseconds)
    p50, p99 = statistics.median(times), times[int(len(times) * 0.99)]
    growth = memory[-1] / memory[0] - 1.0
    errors = sum(results.errors.values())
    return {
        "seconds": round(seconds),
        "clients": clients,
        "workers": workers,
        "turns": dict(results.turns),
        "messages_a_second": round(len(times) / seconds, 1),
        "errors": errors,
        "kinds_of_error": dict(results.errors),
        "p50_ms": round(p50, 1),
        "p99_ms": round(p99, 1),
        "slowest_ms": round(times[-1], 1),
        "memory_after_a_tenth_megabytes": round(memory[0]),
        "memory_at_the_end_megabytes": round(memory[-1]),
        "memory_growth": round(growth, 4),
        "met": {
            "no error": errors == 0,
            "memory grows by 5 % at most": growth <= MAX_GROWTH,
            "p99 is 10 x p50 at most": p99 <= MAX_RATIO * p50,
        },
    }


def main() -> None:
    """Load the guide, print the figures, and keep them with the machine's facts."""
    parser = argparse.ArgumentParser(description="Load and soak the guide on loopback.")
    parser.add_argument("--seconds", type=float, default=600.0, help="how long (600)")
    parser.add_argument("--clients", type=int, default=16, help="how many at once (16)")
    parser.add_argument("--workers", type=int, default=1, help="processes of the guide (1); more need REDIS_URL")
    chosen = parser.parse_args()
    facts = machine()
    figures = measure(chosen.seconds, chosen.clients, chosen.workers)
    for name, value in figures.items():
        print(f"{name:<32} {value}")
    results = ROOT / "benchmarks" / "results"
    results.mkdir(exist_ok=True)
    (results / "load.json").write_text(json.dumps({"machine": facts, "figures": figures}, indent=2) + "\n")
    if not all(figures["met"].values()):
        sys.exit(1)


if __name__ == "__main__":
    main()

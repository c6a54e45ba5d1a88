"""Speed: starts the guide as its users do and measures start, memory and the time of a message over HTTP.

`make benchmark` runs it; the figures go to standard output and to benchmarks/results/speed.json.
"""

from __future__ import annotations

import json
import os
import platform
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parent.parent
MESSAGES = 300
CLIENTS = 16
MESSAGES_A_CLIENT = 40


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _questions() -> list[str]:
    rows = (ROOT / "benchmarks" / "held_out" / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(row)["text"] for row in rows]


def _resident_megabytes(process: int) -> float:
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return float("nan")


def _session(client: httpx.Client) -> dict[str, str]:
    return {"Authorization": f"Bearer {client.post('/webhooks/web/session').json()['token']}"}


def _ask(client: httpx.Client, session: dict[str, str], text: str) -> float:
    started = time.perf_counter()
    response = client.post("/webhooks/web/message", json={"text": text}, headers=session)
    response.raise_for_status()
    return (time.perf_counter() - started) * 1000


def _one_client(address: str, questions: list[str]) -> list[float]:
    """Milliseconds of each message, a new conversation every tenth message."""
    times = []
    with httpx.Client(base_url=address, timeout=30) as client:
        session = _session(client)
        for number, question in enumerate(questions):
            if number % 10 == 0:
                session = _session(client)
            times.append(_ask(client, session, question))
    return times


def _turns(address: str, questions: list[str], turns: int) -> list[float]:
    with httpx.Client(base_url=address, timeout=30) as client:
        session = _session(client)
        return [_ask(client, session, questions[number % len(questions)]) for number in range(turns)]


def measure() -> dict[str, Any]:
    """Start the guide on loopback, measure, stop it."""
    questions = _questions()
    with tempfile.TemporaryDirectory() as folder:
        port = _free_port()
        address = f"http://127.0.0.1:{port}"
        environment = {
            **os.environ,
            "GUIDE_ROOT": str(ROOT),
            "GUIDE_VAR": folder,
            "DATABASE_URL": f"sqlite:///{folder}/guide.db",
            "GUIDE_BURST": "100000",
            "GUIDE_MESSAGES_A_MINUTE": "100000",
        }
        # The knowledge is loaded before the clock starts, as in an installation that has run before.
        command = [sys.executable, "-m", "infusion_guide.cli"]
        subprocess.run([*command, "knowledge", "load"], env=environment, check=True, stdout=subprocess.DEVNULL)
        started = time.perf_counter()
        process = subprocess.Popen([*command, "serve", "--port", str(port)], env=environment, stderr=subprocess.DEVNULL)
        try:
            while True:
                try:
                    with httpx.Client(base_url=address, timeout=30) as client:
                        _ask(client, _session(client), "how long does it take?")
                    break
                except httpx.TransportError:
                    if process.poll() is not None or time.perf_counter() - started > 120:
                        raise
                    time.sleep(0.05)
            start_seconds = time.perf_counter() - started
            _one_client(address, questions[:30])
            one = sorted(_one_client(address, [questions[n % len(questions)] for n in range(MESSAGES)]))
            long = _turns(address, questions, 200)
            before = time.perf_counter()
            with ThreadPoolExecutor(CLIENTS) as pool:
                slices = [questions[n * 7 : n * 7 + MESSAGES_A_CLIENT] for n in range(CLIENTS)]
                sent = sum(len(times) for times in pool.map(lambda part: _one_client(address, part), slices))
            throughput = sent / (time.perf_counter() - before)
            return {
                "start_to_first_answer_s": round(start_seconds, 1),
                "p50_ms": round(statistics.median(one), 1),
                "p95_ms": round(one[int(len(one) * 0.95)], 1),
                "p99_ms": round(one[int(len(one) * 0.99)], 1),
                "turn_2_ms": round(statistics.median(long[1:6]), 1),
                "turn_200_ms": round(statistics.median(long[-5:]), 1),
                "messages_a_second_at_16_clients": round(throughput, 1),
                "resident_megabytes": round(_resident_megabytes(process.pid)),
            }
        finally:
            process.terminate()
            process.wait(20)


def main() -> None:
    """Measure, print a table, and keep the figures with the machine's facts."""
    figures = measure()
    for name, value in figures.items():
        print(f"{name:<34} {value}")
    machine = {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.system()}
    results = ROOT / "benchmarks" / "results"
    results.mkdir(exist_ok=True)
    (results / "speed.json").write_text(json.dumps({"machine": machine, "figures": figures}, indent=2) + "\n")


if __name__ == "__main__":
    main()

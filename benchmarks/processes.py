"""Processes that are measured: started on loopback with a folder of their own, watched, and stopped."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Running:
    """Processes that serve: the port of the one to talk to, when all were started, and their ids."""

    port: int
    started: float
    processes: tuple[int, ...]


def free_port() -> int:
    """A port of loopback on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def surroundings(folder: Path | None = None) -> dict[str, str]:
    """The environment of a measured process: this repository, limits out of the way, databases in `folder`."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "GUIDE_ROOT": str(ROOT),
        "GUIDE_BURST": "100000",
        "GUIDE_MESSAGES_A_MINUTE": "100000",
        "GUIDE_ADDRESS_BURST": "100000",
        "GUIDE_ADDRESS_MESSAGES_A_MINUTE": "100000",
        "RASA_TELEMETRY_ENABLED": "false",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    }
    if folder is not None:
        environment |= {"GUIDE_VAR": str(folder), "DATABASE_URL": f"sqlite:///{folder}/guide.db"}
    return environment


def with_children(process: int) -> list[int]:
    """The process and its children: a supervisor serves through its workers."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [process, *map(int, children)]


def resident_megabytes(processes: Sequence[int]) -> float:
    """Resident memory of the processes, together."""
    total = 0
    for process in processes:
        for line in Path(f"/proc/{process}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                total += int(line.split()[1])
    return total / 1024


@contextmanager
def started(
    commands: Sequence[Sequence[str]], port: int, folder: Path, environment: Mapping[str, str]
) -> Iterator[Running]:
    """Run the commands in `folder` until the block ends; what they print goes to its log files."""
    logs = [(folder / f"{number}.log").open("w") for number in range(len(commands))]
    begun = time.perf_counter()
    processes = [
        subprocess.Popen(command, cwd=folder, env=dict(environment), stdout=log, stderr=log)
        for command, log in zip(commands, logs)
    ]
    try:
        yield Running(port, begun, tuple(process.pid for process in processes))
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
        for log in logs:
            log.close()

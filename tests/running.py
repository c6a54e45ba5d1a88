"""A really running guide on loopback, for the tests of doors and pages and for the screenshots."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def running_guide(folder: Path, **environment: str) -> Iterator[str]:
    """The address of a guide that writes into `folder`, until the block ends."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    variables = {
        **os.environ,
        "GUIDE_ROOT": str(ROOT),
        "GUIDE_VAR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / 'guide.db'}",
        "GUIDE_PUBLIC_URL": f"{address}/",
        **environment,
    }
    command = [sys.executable, "-m", "infusion_guide.cli", "serve", "--port", str(port)]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=variables, stdout=log, stderr=log)
        try:
            deadline = time.monotonic() + 150
            while True:
                try:
                    httpx.get(f"{address}/webhooks/web/", timeout=1)
                    break
                except httpx.TransportError:
                    assert process.poll() is None, (folder / "log").read_text()
                    assert time.monotonic() < deadline, (folder / "log").read_text()
                    time.sleep(0.2)
            yield address
        finally:
            process.terminate()
            process.wait(20)

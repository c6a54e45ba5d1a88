"""Real servers for the tests: Postgres, Redis, and running guides; each in a folder of its own, on loopback only."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).resolve().parent.parent


def must_be_there(found: object, name: str) -> None:
    """Skip where a program is not installed; fail where CI should have it."""
    if found:
        return
    if os.environ.get("CI"):
        pytest.fail(f"CI must have {name}: .ci/run installs it")
    pytest.skip(f"{name} is not installed (Debian: {name})")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class PostgresServer:
    """A Postgres on a Unix socket, that can be stopped and started again.

    Its folder is not pytest's: every pytest that starts on the machine closes that to all users but its own, and
    Postgres, which refuses to run as root, would lose sight of its data in the middle of a test.
    """

    def __init__(self) -> None:
        binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
        must_be_there(binaries, "postgresql")
        folder = Path(tempfile.mkdtemp(prefix="guide-postgres-"))
        self._tools, self._folder, self._data = binaries[-1].parent, folder, folder / "data"
        folder.chmod(0o755)
        # initdb refuses to run as root.
        self._as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        if self._as_user:
            shutil.chown(folder, "postgres", "postgres")
        self._run(self._tools / "initdb", "-D", self._data, "-A", "trust", "-U", "guide")
        self.url = f"postgresql://guide@/postgres?host={folder}"

    def _run(self, *command: object) -> None:
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run([*self._as_user, *map(str, command)], check=True, cwd=self._folder, **quiet)

    def start(self) -> None:
        options = f"-c listen_addresses='' -c unix_socket_directories={self._folder} -c fsync=off"
        log = self._folder / "log"
        self._run(self._tools / "pg_ctl", "-D", self._data, "-w", "-l", log, "-o", options, "start")

    def stop(self) -> None:
        self._run(self._tools / "pg_ctl", "-D", self._data, "-m", "immediate", "stop")

    def close(self) -> None:
        """Stop for good, and clear away."""
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)


class RedisServer:
    """A Redis on a Unix socket, that can be stopped and started again; it keeps nothing."""

    def __init__(self, folder: Path) -> None:
        must_be_there(shutil.which("redis-server"), "redis-server")
        self._folder, self._process = folder, None
        self.url = f"unix://{folder}/redis.sock"

    def start(self) -> None:
        path = self._folder / "redis.sock"
        options = ["--port", "0", "--unixsocket", path, "--save", "", "--dir", self._folder]
        self._process = subprocess.Popen(["redis-server", *map(str, options)], stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while not path.exists():
            assert time.monotonic() < deadline, "Redis did not start"
            time.sleep(0.02)

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(10)
        (self._folder / "redis.sock").unlink(missing_ok=True)


class RunningGuide:
    """`infusion-guide serve` as a clinic runs it, on a port of its own; its log is kept."""

    def __init__(self, folder: Path, *arguments: str, **environment: str) -> None:
        self.port, self.log = free_port(), folder / f"guide-{time.monotonic_ns()}.log"
        self.url = f"http://127.0.0.1:{self.port}"
        self._arguments = arguments
        self._environment = {**os.environ, "GUIDE_ROOT": str(ROOT), "GUIDE_VAR": str(folder), **environment}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> RunningGuide:
        command = [sys.executable, "-m", "infusion_guide.cli", "serve", "--port", str(self.port), *self._arguments]
        with self.log.open("a") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=self._environment, stdout=log, stderr=log)
        return self

    def wait(self, seconds: float = 180) -> RunningGuide:
        """Until it answers; a listening socket alone is not enough."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            assert self.process is not None
            assert self.process.poll() is None, self.log.read_text()
            try:
                if httpx.get(f"{self.url}/health", timeout=2).status_code == 200:
                    return self
            except httpx.TransportError:
                time.sleep(0.2)
        raise AssertionError(f"the guide did not start: {self.log.read_text()}")

    def kill(self) -> None:
        """As if the machine had gone."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def stop(self) -> int:
        """As an operator stops it; the exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.terminate()
        return self.process.wait(30)

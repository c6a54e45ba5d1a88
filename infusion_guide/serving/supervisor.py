"""The supervisor: several processes on one port; one that dies is started again, and all stop gracefully.

It loads no model and imports nothing of Rasa. Each worker is a process of its own, not a fork: TensorFlow and
onnxruntime do not survive forks, which is how Sanic 21.12 starts workers (`sanic.server.runners.serve_multiple`).
"""

from __future__ import annotations

import logging
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from prometheus_client import multiprocess

logger = logging.getLogger(__name__)

_LOOK_SECONDS = 0.1
# A worker that lived less did not really start; the next try waits longer.
_SOUND_SECONDS = 30.0
_LONGEST_WAIT = 30.0


def listening_socket(host: str, port: int) -> socket.socket:
    """A socket that listens, to be handed to the workers: what waits in it survives a worker's death.

    Raises:
        OSError: the port is taken, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(512)
    except OSError:
        listening.close()
        raise
    listening.set_inheritable(True)
    return listening


def metrics_folder(variable: Path) -> Path:
    """An empty folder in which the workers add their metrics up."""
    folder = variable / "metrics"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


class _Worker:
    """A place for a worker: its process, or when the next one may start."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self.started = 0.0
        self.start_at = 0.0
        self.wait = 0.5


class Supervisor:
    """Keeps `count` processes of `command` alive; each gets `--socket <descriptor>` of the listening socket."""

    def __init__(
        self,
        command: Sequence[str],
        count: int,
        listening: socket.socket,
        environment: Mapping[str, str],
        grace_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._command = [*command, "--socket", str(listening.fileno())]
        self._listening, self._environment = listening, dict(environment)
        self._grace_seconds, self._clock = grace_seconds, clock
        self._workers = [_Worker() for _ in range(count)]
        self._stopping = threading.Event()

    @property
    def processes(self) -> list[int]:
        """The ids of the workers that are alive."""
        return [worker.process.pid for worker in self._workers if worker.process and worker.process.poll() is None]

    def stop(self) -> None:
        """Ask for a graceful stop."""
        self._stopping.set()

    def run(self) -> None:
        """Keep the workers alive until a signal or `stop` ends it; then let each finish its turns."""
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: self.stop())
        while not self._stopping.wait(_LOOK_SECONDS):
            for worker in self._workers:
                self._look_after(worker)
        self._end()

    def _look_after(self, worker: _Worker) -> None:
        now = self._clock()
        if worker.process is None:
            if now >= worker.start_at:
                # A session of its own: Ctrl-C reaches the supervisor alone, which then stops the workers in order.
                worker.process = subprocess.Popen(
                    self._command,
                    env=self._environment,
                    pass_fds=[self._listening.fileno()],
                    start_new_session=True,
                )
                worker.started = now
            return
        code = worker.process.poll()
        if code is None:
            return
        self._forget(worker.process.pid)
        lived = now - worker.started
        worker.wait = 0.5 if lived >= _SOUND_SECONDS else min(worker.wait * 2, _LONGEST_WAIT)
        worker.process, worker.start_at = None, now + worker.wait
        logger.error("a worker ended with %s after %.0f s; another starts in %.0f s", code, lived, worker.wait)

    def _forget(self, process: int) -> None:
        folder = self._environment.get("PROMETHEUS_MULTIPROC_DIR")
        if folder:
            multiprocess.mark_process_dead(process, folder)  # type: ignore[no-untyped-call]

    def _end(self) -> None:
        # Closed here and in every worker, the port refuses instead of holding who comes too late.
        self._listening.close()
        alive = [worker.process for worker in self._workers if worker.process and worker.process.poll() is None]
        for process in alive:
            process.terminate()
        until = self._clock() + self._grace_seconds
        for process in alive:
            try:
                process.wait(max(0.0, until - self._clock()))
            except subprocess.TimeoutExpired:
                logger.error("a worker did not stop in %s s and is ended", self._grace_seconds)
                process.kill()
                process.wait()


def end_with_parent(parent: int) -> None:
    """Stop this process gracefully when its supervisor has died without saying so."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1.0)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent", daemon=True).start()

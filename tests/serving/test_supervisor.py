"""The supervisor, with workers that answer with their process id: no model is needed to see how it keeps them."""

import os
import signal
import socket
import sys
import threading
import time
from contextlib import suppress

import pytest

from infusion_guide.serving.supervisor import Supervisor, listening_socket, metrics_folder

WORKER = """
import os, socket, sys, signal, time
stopping = []
signal.signal(signal.SIGTERM, lambda *_: stopping.append(1))
listening = socket.socket(fileno=int(sys.argv[sys.argv.index("--socket") + 1]))
listening.settimeout(0.05)
slow = float(os.environ.get("SLOW", "0"))
while not stopping:
    try:
        connection, _ = listening.accept()
    except TimeoutError:
        continue
    time.sleep(slow)
    connection.sendall(str(os.getpid()).encode())
    connection.close()
"""


@pytest.fixture
def start():
    started = []

    def begin(count=2, grace=5.0, code=WORKER, **environment):
        listening = listening_socket("127.0.0.1", 0)
        port = listening.getsockname()[1]
        command = [sys.executable, "-c", code]
        supervisor = Supervisor(command, count, listening, {**os.environ, **environment}, grace)
        thread = threading.Thread(target=supervisor.run)
        thread.start()
        started.append((supervisor, thread))
        return supervisor, thread, port

    yield begin
    for supervisor, thread in started:
        supervisor.stop()
        thread.join(20)


def who(port):
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        return int(connection.recv(20) or b"0")


def until(condition, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_all_workers_serve_one_port(start):
    supervisor, _, port = start(2)
    seen = set()
    until(lambda: seen.add(who(port)) or len(seen) == 2, 20)
    assert seen == set(supervisor.processes)


def test_a_worker_that_dies_is_started_again_and_nobody_is_refused_meanwhile(start):
    supervisor, _, port = start(1)
    first = who(port)
    os.kill(first, signal.SIGKILL)
    second = who(port)
    assert second not in (0, first)
    assert supervisor.processes == [second]


def test_a_turn_that_has_begun_is_finished_before_the_stop(start):
    supervisor, thread, port = start(1, SLOW="0.6")
    who(port)
    replies = []
    asking = threading.Thread(target=lambda: replies.append(who(port)))
    asking.start()
    time.sleep(0.3)
    supervisor.stop()
    asking.join()
    thread.join(10)
    assert replies[0] > 0
    assert supervisor.processes == []
    with pytest.raises(ConnectionRefusedError):
        who(port)


def test_a_worker_that_does_not_stop_is_ended(start):
    stubborn = WORKER.replace("stopping.append(1)", "None")
    supervisor, thread, port = start(1, grace=0.5, code=stubborn)
    process = who(port)
    supervisor.stop()
    thread.join(10)
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def test_a_worker_that_cannot_start_is_tried_less_and_less_often(start, caplog):
    start(1, code="import sys; sys.exit(3)")
    until(lambda: len([record for record in caplog.records if "ended with 3" in record.message]) >= 2)
    time.sleep(1.0)
    assert len([record for record in caplog.records if "ended with 3" in record.message]) <= 3


def test_a_port_that_is_taken_is_an_error():
    with listening_socket("127.0.0.1", 0) as listening, pytest.raises(OSError, match="in use"):
        listening_socket("127.0.0.1", listening.getsockname()[1])


def test_the_metrics_of_an_earlier_run_are_gone(tmp_path):
    folder = metrics_folder(tmp_path)
    (folder / "counter_1.db").touch()
    assert list(metrics_folder(tmp_path).iterdir()) == []
    with suppress(OSError):
        folder.rmdir()

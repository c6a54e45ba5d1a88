"""A running guide as its operators see it: alive, ready, measured, logged, limited, keeping nothing of a patient."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from types import SimpleNamespace

import httpx
import pytest

from infusion_guide.coordination.connection import SharedStore
from infusion_guide.coordination.limits import MemoryLimiter
from infusion_guide.serving.operating import AddressLimit, may_see_metrics
from infusion_guide.settings import read_settings
from tests.conftest import ROOT
from tests.identifiers import MESSAGES, SECRETS, found_in
from tests.servers import RunningGuide


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("operated")


@pytest.fixture(scope="module")
def environment(folder):
    return {
        "DATABASE_URL": f"sqlite:///{folder / 'guide.db'}",
        "GUIDE_BURST": "1000",
        "GUIDE_PROXIES": "1",
        "GUIDE_ADDRESS_BURST": "3",
        "GUIDE_ADDRESS_MESSAGES_A_MINUTE": "1",
        "REDIS_URL": "",
    }


@pytest.fixture(scope="module")
def running(folder, environment, guide):
    running = RunningGuide(folder, **environment).start().wait()
    yield running
    assert running.stop() == 0


@pytest.fixture
def client(running):
    with httpx.Client(base_url=running.url, timeout=20) as client:
        yield client


@pytest.fixture
def says(client):
    token = client.post("/webhooks/web/session").json()["token"]

    def say(text, **headers):
        headers = {"Authorization": f"Bearer {token}", **headers}
        return client.post("/webhooks/web/message", json={"text": text}, headers=headers)

    return say


def command(folder, environment, *arguments):
    variables = {**environment, "GUIDE_ROOT": str(ROOT), "GUIDE_VAR": str(folder)}
    full = [sys.executable, "-m", "infusion_guide.cli", *arguments]

    return subprocess.run(full, cwd=ROOT, env={**os.environ, **variables}, capture_output=True, text=True, timeout=60)


def test_it_is_alive_and_ready(client):
    assert client.get("/health").json() == {"status": "alive"}
    ready = client.get("/ready")
    assert ready.status_code == 200
    state = ready.json()
    assert (state["status"], state["database"], state["shared"]) == ("ready", "ok", "local")
    assert state["model"].startswith("guide-")
    assert state["knowledge"]["load"] >= 1
    assert state["doors"] == {"web": True, "kiosk": True, "sms": True}


def test_metrics_count_turns_and_stages(client, says):
    says("how long does it take")
    text = client.get("/metrics").text
    assert 'guide_turns_total{door="web",outcome="answer"}' in text
    for stage in ("agent", "lock", "understanding", "action", "tracker_read", "tracker_write"):
        assert f'guide_stage_seconds_count{{stage="{stage}"}}' in text


def test_metrics_are_not_shown_through_a_proxy(client):
    assert client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 404


@pytest.mark.parametrize(
    ("token", "address", "headers", "given", "shown"),
    [
        (None, "127.0.0.1", {}, None, True),
        (None, "::1", {}, None, True),
        (None, "10.0.0.7", {}, None, False),
        (None, "127.0.0.1", {"x-forwarded-for": "203.0.113.9"}, None, False),
        ("hush", "10.0.0.7", {}, "hush", True),
        ("hush", "10.0.0.7", {"x-forwarded-for": "203.0.113.9"}, "hush", True),
        ("hush", "127.0.0.1", {}, None, False),
        ("hush", "127.0.0.1", {}, "wrong", False),
    ],
)
def test_who_sees_metrics(token, address, headers, given, shown):
    assert may_see_metrics(SimpleNamespace(token=given, headers=headers, ip=address), token) is shown


def test_a_request_has_an_id_in_reply_and_log(running, says):
    identity = "0123456789abcdef" * 2
    assert says("how long does it take", **{"X-Request-ID": identity}).headers["X-Request-ID"] == identity
    lines = [json.loads(line) for line in running.log.read_text().splitlines() if line.startswith("{")]
    (turn,) = [line for line in lines if line.get("request_id") == identity]
    assert (turn["event"], turn["door"], turn["outcome"]) == ("turn", "web", "answer")
    assert turn["ms"] > 0


def test_an_id_that_could_carry_words_is_replaced(says):
    given = says("how long does it take", **{"X-Request-ID": "mary-quillfeather"}).headers["X-Request-ID"]
    assert "mary" not in given
    assert len(given) == 32


def test_an_address_is_limited_and_its_signs_are_met(client, says):
    somebody = {"X-Forwarded-For": "203.0.113.77"}
    replies = [says("how long does it take", **somebody).json()["reply"] for _ in range(5)]
    assert [reply["outcome"] for reply in replies] == ["answer", "answer", "answer", "error", "error"]
    assert "wait a moment" in replies[-1]["text"]
    assert says("my throat is closing and i can't breathe", **somebody).json()["reply"]["tier"] == "emergency"
    refused = client.post("/webhooks/web/session", headers=somebody)
    assert refused.status_code == 429
    assert "wait a moment" in refused.json()["reply"]["text"]
    assert says("how long does it take", **{"X-Forwarded-For": "203.0.113.78"}).json()["reply"]["outcome"] == "answer"


def test_somebody_cannot_pick_an_address_of_his_own(says):
    outcomes = []
    for number in range(5):
        headers = {"X-Forwarded-For": f"198.51.100.{number}, 203.0.113.99"}
        outcomes.append(says("how long does it take", **headers).json()["reply"]["outcome"])
    assert outcomes[-1] == "error"


def test_loopback_is_not_limited():
    settings = read_settings({"GUIDE_ADDRESS_BURST": "1"})
    limit = AddressLimit(settings, SharedStore(None), MemoryLimiter(1, 1), b"key")
    assert all(limit.allows(address) for address in ("127.0.0.1",) * 5 + ("::1",) * 5)
    assert [limit.allows("203.0.113.5") for _ in range(2)] == [True, False]


def test_a_request_that_is_too_large_gets_a_calm_reply(client, says):
    response = says("a" * 17_000)
    assert response.status_code == 413
    assert "555-0100" in response.json()["reply"]["text"]


@pytest.mark.parametrize("path", ["/", "/web/chat.js", "/web/chat.css", "/web/icon.svg", "/health", "/nothing"])
def test_every_page_has_its_security_headers(client, path):
    headers = client.get(path).headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    for name in ("X-Content-Type-Options", "Referrer-Policy", "Permissions-Policy"):
        assert headers[name]


def test_a_door_is_switched_off_and_on_while_it_runs(folder, environment, client, says):
    result = command(folder, environment, "door", "web", "off")
    assert result.stdout == "web: off\nkiosk: on\nsms: on\n"
    try:
        deadline = time.monotonic() + 3
        while says("how long does it take").json()["reply"]["outcome"] != "handoff":
            assert time.monotonic() < deadline
        assert says("my throat is closing and i can't breathe").json()["reply"]["tier"] == "emergency"
        welcome = client.post("/webhooks/web/session").json()["reply"]
        assert "switched off" in welcome["text"]
        assert client.get("/ready").json()["doors"]["web"] is False
    finally:
        assert command(folder, environment, "door", "web", "on").returncode == 0
    deadline = time.monotonic() + 3
    while says("how long does it take").json()["reply"]["outcome"] != "answer":
        assert time.monotonic() < deadline


def test_nothing_of_a_patient_is_kept(folder, running, client, says):
    for message in MESSAGES:
        assert says(message).status_code == 200
    client.post("/webhooks/web/message", content=json.dumps({"text": MESSAGES[0]}))
    client.post("/webhooks/web/message", content=MESSAGES[0].encode(), headers={"Authorization": "Bearer x"})
    client.get(f"/{MESSAGES[2]}")
    metrics = client.get("/metrics").content
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} >= {".db", ".log"}
    assert {path.name: found_in(path.read_bytes()) for path in files if found_in(path.read_bytes())} == {}
    assert found_in(metrics) == []
    # The search does find what is there, and the conversation is there.
    assert found_in(" ".join(MESSAGES).encode()) == list(SECRETS)
    with sqlite3.connect(folder / "guide.db") as database:
        assert database.execute("SELECT count(*) FROM conversation").fetchone()[0] >= 1
        assert database.execute("SELECT count(*) FROM unanswered_question").fetchone()[0] == 0


def test_unanswered_and_purge_on_the_command_line(folder, environment):
    listed = command(folder, environment, "unanswered")
    assert listed.returncode == 0
    assert "GUIDE_KEEP_UNANSWERED=1" in listed.stderr
    purged = command(folder, environment, "purge", "--older-than", "30d")
    assert "0 conversations deleted" in purged.stdout
    refused = command(folder, environment, "purge", "--older-than", "soon")
    assert refused.returncode == 2
    assert "30d or 12h" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_several_workers_need_redis(folder, environment):
    refused = command(folder, environment, "serve", "--workers", "2")
    assert refused.returncode == 2
    assert "REDIS_URL" in refused.stderr


def test_production_does_not_start_with_an_invented_clinic(folder, environment):
    production = {**environment, "GUIDE_ENVIRONMENT": "production", "GUIDE_SECRET": "k" * 40}
    refused = command(folder, production, "serve", "--port", "0")
    assert refused.returncode == 2
    assert "invented clinic" in refused.stderr


def test_a_database_that_is_away_at_the_start_is_told_in_one_line(folder, environment):
    refused = command(folder, {**environment, "DATABASE_URL": "postgresql://guide@127.0.0.1:1/guide"}, "serve")
    assert refused.returncode == 1
    assert "the database cannot be used" in refused.stderr
    assert "Traceback" not in refused.stderr

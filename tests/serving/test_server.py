"""A really running guide on loopback: doors, pages, and what must not be reachable."""

import json
import os
import socket
import subprocess
import sys
import time

import httpx
import pytest

from tests.conftest import ROOT


@pytest.fixture(scope="module")
def url(tmp_path_factory, guide):
    folder = tmp_path_factory.mktemp("server")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "GUIDE_ROOT": str(ROOT),
        "GUIDE_VAR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / 'guide.db'}",
        "GUIDE_BURST": "40",
    }
    log = (folder / "log").open("w")
    command = [sys.executable, "-m", "infusion_guide.cli", "serve", "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            httpx.get(f"{address}/webhooks/web/", timeout=1)
            break
        except httpx.TransportError:
            assert process.poll() is None, (folder / "log").read_text()
            time.sleep(0.2)
    yield address
    process.terminate()
    process.wait(20)
    assert "how long" not in (folder / "log").read_text()


@pytest.fixture
def client(url):
    with httpx.Client(base_url=url, timeout=20) as client:
        yield client


@pytest.fixture
def session(client):
    return {"Authorization": f"Bearer {client.post('/webhooks/web/session').json()['token']}"}


def test_a_question_over_http(client, session):
    response = client.post("/webhooks/web/message", json={"text": "how long does it take?"}, headers=session)
    assert response.status_code == 200
    reply = response.json()["reply"]
    assert reply["outcome"] == "answer"
    assert "several hours" in reply["text"].lower()
    assert any("What to Expect" in source for source in reply["sources"])


def test_a_session_begins_with_who_speaks(client):
    response = client.post("/webhooks/web/session")
    assert response.status_code == 201
    text = response.json()["reply"]["text"]
    assert "computer program" in text
    assert "911" in text


def test_a_conversation_remembers_over_http(client, session):
    client.post("/webhooks/web/message", json={"text": "tell me how rituximab works"}, headers=session)
    reply = client.post("/webhooks/web/message", json={"text": "how long does it take?"}, headers=session).json()[
        "reply"
    ]
    assert "rituximab" in reply["text"].lower()


@pytest.mark.parametrize("token", ["", "Bearer", "Bearer forged", "Bearer a.b.c", "Basic abc"])
def test_a_token_that_is_not_ours_is_refused_with_a_calm_reply(client, token):
    response = client.post("/webhooks/web/message", json={"text": "hi"}, headers={"Authorization": token})
    assert response.status_code == 401
    assert "555-0100" in response.json()["reply"]["text"]


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'"text"', b'{"text": 5}', b'{"text": null}', b'{"text": "hi", "choice": 3}', b"\xff\xfe"],
)
def test_a_malformed_body_is_refused_with_a_calm_reply(client, session, body):
    response = client.post("/webhooks/web/message", content=body, headers=session)
    assert response.status_code == 400
    assert response.json()["reply"]["text"]


def test_a_huge_body_is_refused(client, session):
    body = json.dumps({"text": "a" * 50_000}).encode()
    assert client.post("/webhooks/web/message", content=body, headers=session).status_code == 413


@pytest.mark.parametrize(
    "path",
    ["/model", "/status", "/version", "/domain", "/conversations/x/tracker", "/model/parse", "/model/train",
     "/webhooks/rest/webhook", "/web/../config.yml", "/web/%2e%2e/config.yml", "/web/nothing.js"],
)  # fmt: skip
def test_nothing_of_rasas_api_and_no_file_outside_is_reachable(client, path):
    assert client.get(path).status_code == 404
    assert client.post(path, json={}).status_code in (404, 405)


def test_forged_fields_change_nothing(client, session):
    forged = {"text": "hello", "sender": "somebody", "input_channel": "sms", "metadata": {"therapy": "ivig"}}
    response = client.post("/webhooks/web/message", json=forged, headers=session)
    assert response.json()["reply"]["outcome"] == "smalltalk"


def test_the_page_is_served_with_its_security_headers(client):
    response = client.get("/")
    assert response.status_code == 200
    assert "Infusion guide" in response.text
    assert "'unsafe" not in response.headers["Content-Security-Policy"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_a_flood_is_slowed_with_a_calm_reply(client, session):
    answers = [client.post("/webhooks/web/message", json={"text": "hi"}, headers=session) for _ in range(60)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert "wait a moment" in refused[0].json()["reply"]["text"]
    assert all(answer.status_code in (200, 429) for answer in answers)

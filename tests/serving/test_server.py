"""A really running guide on loopback: doors, pages, and what must not be reachable."""

import json
from dataclasses import replace
from html import escape

import httpx
import pytest

from infusion_guide.serving.server import demo_page
from tests.running import ROOT


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
    reply = client.post("/webhooks/web/message", json={"text": "how long does the drip take?"}, headers=session).json()[
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
    assert "'unsafe" not in response.headers["Content-Security-Policy"]
    assert "require-trusted-types-for 'script'" in response.headers["Content-Security-Policy"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_the_page_gives_the_clinics_own_number_without_javascript_too(client, knowledge):
    text = client.get("/").text
    assert "$" not in text
    assert f'href="tel:{knowledge.clinic.care_team_phone.replace("-", "")}"' in text
    assert knowledge.clinic.care_team_phone in text.partition("<noscript>")[2].partition("</noscript>")[0]


@pytest.mark.parametrize("name", ["", 'Drs. <b>Q & A</b> "Infusion"'])
def test_a_clinics_name_is_text_in_the_page(knowledge, name):
    clinic = replace(knowledge.clinic, name=name)
    page = demo_page((ROOT / "web" / "index.html").read_text(encoding="utf-8"), clinic)
    assert "<b>" not in page
    assert f'data-clinic="{escape(name)}"' in page


def test_the_widget_may_be_shown_elsewhere_and_is_kept_for_minutes(client):
    headers = client.get("/web/infusion-chat.js").headers
    assert headers["Content-Type"].startswith("text/javascript")
    assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "max-age=300" in headers["Cache-Control"]


def test_a_conversation_leaves_no_words_in_the_log(client, session, server_folder):
    client.post("/webhooks/web/message", json={"text": "how long is the zebra crossing"}, headers=session)
    assert "zebra" not in (server_folder / "log").read_text()

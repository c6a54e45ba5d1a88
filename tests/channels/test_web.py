"""The contract of the web door, on a really running guide."""

import json
import time
from datetime import datetime, timedelta, timezone

import httpx
import pytest
import sqlalchemy
from itsdangerous import URLSafeTimedSerializer
from jsonschema import Draft7Validator

from infusion_guide.channels.session import Sessions
from tests.running import ROOT

SCHEMA = Draft7Validator(json.loads((ROOT / "docs" / "web-door.schema.json").read_text(encoding="utf-8")))


@pytest.fixture
def client(url):
    with httpx.Client(base_url=f"{url}/webhooks/web", timeout=20) as client:
        yield client


@pytest.fixture
def token(client):
    return client.post("/session").json()["token"]


@pytest.fixture
def key(server_folder, url):
    return (server_folder / "secret.key").read_text(encoding="ascii").strip()


@pytest.fixture
def database(server_folder, url):
    return sqlalchemy.create_engine(f"sqlite:///{server_folder / 'guide.db'}", future=True)


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def say(client, token, text, **content):
    return client.post("/message", json={"text": text, **content}, headers=bearer(token))


def faults(content):
    return [error.message for error in SCHEMA.iter_errors(content)]


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("how long does it take?", "answer"),
        ("my throat is closing and i cant breathe", "triage"),
        ("can i drive home afterwards", "defer"),
        ("what is the capital of france", "off_topic"),
        ("let me talk to a nurse", "handoff"),
        ("", "clarify"),
        ("a" * 5000, "clarify"),
    ],
)
def test_every_reply_keeps_to_the_schema(client, token, text, outcome):
    response = say(client, token, text)
    assert response.status_code == 200
    assert response.json()["reply"]["outcome"] == outcome
    assert faults(response.json()) == []


def test_the_begin_of_a_session_keeps_to_the_schema(client):
    response = client.post("/session")
    assert response.status_code == 201
    assert faults(response.json()) == []
    assert response.json()["phone"] in client.post("/message").json()["reply"]["text"]


def test_a_refusal_keeps_to_the_schema(client, token):
    refused = [client.post("/message"), client.post("/message", content=b"{", headers=bearer(token))]
    assert [response.status_code for response in refused] == [401, 400]
    assert [faults(response.json()) for response in refused] == [[], []]


def test_the_schema_refuses_what_is_no_reply(client, token):
    reply = say(client, token, "hi").json()
    del reply["reply"]["text"]
    assert faults(reply)
    assert faults({})


def test_the_first_suggestions_can_be_picked(client, token):
    choice = client.post("/session").json()["reply"]["choices"][0]
    reply = say(client, token, choice["title"], choice=choice["id"]).json()["reply"]
    assert reply["answers"] == [choice["id"]]


def test_the_suggestions_may_be_named(client):
    asked = ["premedication/why", "no/such", 5, "during-infusion/length", "premedication/why"]
    choices = client.post("/session", json={"topics": asked}).json()["reply"]["choices"]
    assert [choice["id"] for choice in choices] == ["premedication/why", "during-infusion/length"]


@pytest.mark.parametrize("path", ["/message", "/feedback"])
@pytest.mark.parametrize(
    "spoil",
    [lambda token: "forged", lambda token: "x" + token, lambda token: token.swapcase(), lambda token: token[:-4]],
    ids=["invented", "longer", "other letters", "shorter"],
)
def test_a_forged_token_is_refused(client, token, path, spoil):
    assert client.post(path, json={"text": "hi"}, headers=bearer(spoil(token))).status_code == 401


def test_an_expired_token_is_refused(client, key, monkeypatch):
    old = int((datetime.now(timezone.utc) - timedelta(minutes=31)).timestamp())
    signer = URLSafeTimedSerializer(key, salt="session-web")
    monkeypatch.setattr("itsdangerous.timed.TimestampSigner.get_timestamp", lambda _: old)
    expired = signer.dumps("web-someone")
    monkeypatch.undo()
    response = say(client, expired, "hi")
    assert response.status_code == 401
    assert "expired" in response.json()["error"]
    # The same token with today's date is good: it was its age that was refused.
    assert say(client, signer.dumps("web-someone"), "hi").status_code == 200


def test_a_token_of_another_door_is_refused(client, key):
    assert say(client, Sessions(key, "kiosk", 30).begin(), "hi").status_code == 401


def test_the_payload_of_another_session_under_ones_own_signature_is_refused(client, token):
    other = client.post("/session").json()["token"]
    forged = ".".join([other.split(".")[0], *token.split(".")[1:]])
    assert say(client, forged, "hi").status_code == 401


def test_one_conversation_does_not_know_another(client, token):
    other = client.post("/session").json()["token"]
    say(client, token, "tell me how rituximab works")
    assert "rituximab" in say(client, token, "how often is it given?").json()["reply"]["text"].lower()
    alone = say(client, other, "how often is it given?").json()["reply"]["text"]
    fresh = client.post("/session").json()["token"]
    assert alone == say(client, fresh, "how often is it given?").json()["reply"]["text"]


def conversations(database):
    with database.connect() as connection:
        return {row[0] for row in connection.execute(sqlalchemy.text("select sender_id from conversation"))}


@pytest.mark.parametrize("end", ["start over", "delete"])
def test_a_conversation_that_ends_is_forgotten_on_the_server(client, token, key, database, end):
    conversation = Sessions(key, "web", 30).conversation(token)
    say(client, token, "tell me how rituximab works")
    assert conversation in conversations(database)
    if end == "start over":
        begun = client.post("/session", headers=bearer(token))
        assert begun.status_code == 201
        assert begun.json()["token"] != token
    else:
        assert client.delete("/session", headers=bearer(token)).status_code == 204
    assert conversation not in conversations(database)


def test_a_conversation_that_goes_on_is_kept(client, token, key, database):
    say(client, token, "tell me how rituximab works")
    response = client.post("/session", json={"keep": True}, headers=bearer(token))
    assert response.status_code == 200
    assert response.json()["token"] == token
    assert Sessions(key, "web", 30).conversation(token) in conversations(database)


def test_a_forged_token_ends_nothing_and_goes_on_with_nothing(client):
    assert client.delete("/session", headers=bearer("forged")).status_code == 204
    assert client.post("/session", json={"keep": True}, headers=bearer("forged")).status_code == 201


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "https://clinic.example.evil.example",
                                    "http://clinic.example", "https://clinic.example:8443", "file://"])  # fmt: skip
@pytest.mark.parametrize("path", ["/session", "/message", "/feedback"])
def test_a_page_of_an_unlisted_site_is_refused(client, token, origin, path):
    headers = {**bearer(token), "Origin": origin}
    for method in ("POST", "OPTIONS"):
        response = client.request(method, path, json={"text": "hi"}, headers=headers)
        assert response.status_code == 403
        assert "Access-Control-Allow-Origin" not in response.headers
        assert "reply" not in response.json()


def test_a_page_of_a_listed_site_may_call_and_read(client, token):
    headers = {**bearer(token), "Origin": "https://clinic.example"}
    response = client.post("/message", json={"text": "hi"}, headers=headers)
    assert response.status_code == 200
    assert response.headers["Access-Control-Allow-Origin"] == "https://clinic.example"
    assert "Origin" in response.headers["Vary"]
    assert "Access-Control-Allow-Credentials" not in response.headers
    refused = client.post("/message", json={"text": "hi"}, headers={"Origin": "https://clinic.example"})
    assert (refused.status_code, refused.headers["Access-Control-Allow-Origin"]) == (401, "https://clinic.example")


def test_a_listed_sites_preflight_names_what_is_allowed(client):
    asks = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
    response = client.options("/message", headers={"Origin": "https://clinic.example", **asks})
    assert response.status_code == 204
    assert response.headers["Access-Control-Allow-Origin"] == "https://clinic.example"
    assert "authorization" in response.headers["Access-Control-Allow-Headers"]
    assert "POST" in response.headers["Access-Control-Allow-Methods"]


def test_the_guides_own_page_may_call(client, url):
    assert client.post("/session", headers={"Origin": url}).status_code == 201


def test_twenty_messages_in_a_second_are_slowed_with_a_calm_reply(client, token):
    answers = [say(client, token, "hi") for _ in range(20)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(refused) >= 8
    assert "wait a moment" in refused[0].json()["reply"]["text"]
    assert {answer.status_code for answer in answers} == {200, 429}
    other = client.post("/session").json()["token"]
    assert say(client, other, "hi").status_code == 200


def test_a_sign_among_too_many_messages_is_met_and_counted(client, token, database):
    def met():
        with database.connect() as connection:
            return connection.execute(sqlalchemy.text("select count(*) from warning_sign_met")).scalar()

    while say(client, token, "hi").status_code == 200:
        pass
    before = met()
    response = say(client, token, "my throat is closing and i cant breathe")
    assert response.status_code == 200
    assert response.json()["reply"]["tier"] == "emergency"
    assert faults(response.json()) == []
    deadline = time.monotonic() + 5
    while met() == before and time.monotonic() < deadline:
        time.sleep(0.02)
    assert met() == before + 1
    assert [say(client, token, "hi").status_code for _ in range(3)].count(429) >= 1


def test_a_message_that_is_sent_again_gets_the_reply_that_it_got(client, token, key, database):
    replies = [say(client, token, "tell me about rituximab", id="sent-again-1").json() for _ in range(3)]
    assert replies[0] == replies[1] == replies[2]
    with database.connect() as connection:
        events = connection.execute(
            sqlalchemy.text("select events from conversation where sender_id = :sender"),
            {"sender": Sessions(key, "web", 30).conversation(token)},
        ).scalar()
    assert [event["event"] for event in json.loads(events)].count("user") == 1


@pytest.mark.parametrize("message_id", ["short", "a" * 65, "with space", 12345678, "ümlaut-id"])
def test_an_id_that_is_none_is_refused(client, token, message_id):
    assert say(client, token, "hi", id=message_id).status_code == 400


@pytest.mark.parametrize(("size", "status"), [(16_000, 200), (17_000, 413), (50_000, 413), (200_000, 413)])
def test_a_body_above_sixteen_kilobytes_is_refused(client, token, size, status):
    body = json.dumps({"text": "hi", "more": "a" * size}).encode()
    assert client.post("/message", content=body, headers=bearer(token)).status_code == status


def kept(database):
    with database.connect() as connection:
        return list(connection.execute(sqlalchemy.text("select answer_id, helpful from answer_feedback")))


@pytest.mark.parametrize("helpful", [True, False])
def test_feedback_is_kept_and_thanked_for(client, token, database, helpful):
    before = len(kept(database))
    content = {"answers": ["premedication/why"], "helpful": helpful}
    response = client.post("/feedback", json=content, headers=bearer(token))
    assert response.status_code == 200
    assert "Thank you" in response.json()["reply"]["text"]
    assert faults(response.json()) == []
    assert kept(database)[before:] == [("premedication/why", int(helpful))]


def test_feedback_holds_nothing_of_the_person(database):
    columns = {column["name"] for column in sqlalchemy.inspect(database).get_columns("answer_feedback")}
    assert columns == {"id", "answer_id", "helpful"}


@pytest.mark.parametrize(
    "content",
    [{}, [], {"answers": ["premedication/why"]}, {"answers": [], "helpful": True},
     {"answers": ["no/such"], "helpful": True}, {"answers": "premedication/why", "helpful": True},
     {"answers": [5], "helpful": True}, {"answers": ["premedication/why"], "helpful": "yes"},
     {"answers": ["premedication/why"] * 11, "helpful": True}],
)  # fmt: skip
def test_feedback_on_nothing_that_was_shown_is_refused(client, token, database, content):
    before = kept(database)
    assert client.post("/feedback", json=content, headers=bearer(token)).status_code == 400
    assert kept(database) == before

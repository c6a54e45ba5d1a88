"""The kiosk's door: what a touched question is about, the code that is taken home, and the end of a conversation."""

import asyncio
import re
import sqlite3

import httpx
import pytest
import segno

from infusion_guide.channels.kiosk import code, focus, fragment


@pytest.mark.parametrize(
    ("content", "about"),
    [
        ({}, {("therapy", "ivig"), ("therapy", "rituximab"), ("condition", "sjogrens")}),
        ({"therapy": "ivig"}, {("therapy", "ivig"), ("condition", "sjogrens")}),
        ({"condition": "dermatomyositis"},
         {("therapy", "ivig"), ("therapy", "rituximab"), ("condition", "dermatomyositis")}),
        ({"therapy": "aspirin", "condition": ["x"]},
         {("therapy", "ivig"), ("therapy", "rituximab"), ("condition", "sjogrens")}),
    ],
)  # fmt: skip
def test_a_touched_question_is_about_what_its_button_says(content, about):
    assert set(focus(content)) == about


def modules(drawn):
    """The dark modules of an SVG code as (row, column), read from its path as a camera would see them."""
    dark, row, column = set(), 0.0, 0
    path = re.search(r'stroke="#000" d="([^"]+)"', drawn)[1]
    for command, numbers in re.findall(r"([Mmh])([-\d. ]+)", path):
        if command == "h":
            dark |= {(int(row - 0.5), column + step) for step in range(int(numbers))}
            column += int(numbers)
            continue
        across, down = map(float, numbers.split())
        column, row = (int(across), down) if command == "M" else (column + int(across), row + down)
    return dark


def test_the_code_is_dark_on_white_with_its_quiet_zone():
    drawn = code("https://clinic.example/infusion#dosing").decode()
    made = segno.make("https://clinic.example/infusion#dosing", error="m")
    expected = {(r + 4, c + 4) for r, line in enumerate(made.matrix) for c, bit in enumerate(line) if bit}
    assert modules(drawn) == expected
    assert 'fill="#fff" d="M0 0h' in drawn
    assert "style" not in drawn


@pytest.fixture
def client(url):
    with httpx.Client(base_url=f"{url}/webhooks/kiosk", timeout=20) as client:
        yield client


@pytest.fixture
def session(client):
    return {"Authorization": f"Bearer {client.post('/session').json()['token']}"}


def rows(folder):
    with sqlite3.connect(folder / "guide.db") as database:
        return {row[0] for row in database.execute("SELECT sender_id FROM conversation")}


def test_a_session_begins_with_who_speaks_and_the_nurse(client):
    response = client.post("/session")
    assert response.status_code == 201
    assert "computer program" in response.json()["reply"]["text"]
    assert "tell a nurse now" in response.json()["reply"]["text"]


def test_a_sign_at_the_kiosk_is_one_in_the_clinic(client, session):
    reply = client.post("/message", json={"text": "my chest hurts"}, headers=session).json()["reply"]
    assert reply["tier"] == "emergency"
    assert reply["text"].startswith("Press the call button, or tell a nurse or the front desk now.")
    # Nobody has to be asked where they are.
    assert reply["choices"] == []


def test_a_message_under_way_does_not_outlive_the_end(url, session, server_folder):
    async def speak_and_leave():
        async with httpx.AsyncClient(base_url=f"{url}/webhooks/kiosk", headers=session, timeout=20) as client:
            speaking = asyncio.ensure_future(client.post("/message", json={"text": "how long does ivig take?"}))
            # Long enough for the message to be taken in, and too short for its answer.
            await asyncio.sleep(0.01)
            ended = await client.post("/end")
            return await speaking, ended

    before = rows(server_folder)
    spoken, ended = asyncio.run(speak_and_leave())
    assert (spoken.status_code, ended.status_code) in ((200, 204), (401, 204))
    assert rows(server_folder) - before == set()


def test_the_end_of_a_conversation_deletes_it_and_its_token(client, session, server_folder):
    before = rows(server_folder)
    client.post("/message", json={"text": "how long does ivig take?"}, headers=session)
    [mine] = rows(server_folder) - before
    assert client.post("/end", headers=session).status_code == 204
    assert mine not in rows(server_folder)
    refused = client.post("/message", json={"text": "and rituximab?"}, headers=session)
    assert refused.status_code == 401
    assert "ask your nurse" in refused.json()["reply"]["text"]
    assert client.post("/end", headers=session).status_code == 204


@pytest.mark.parametrize("token", ["", "Bearer", "Bearer forged", "Bearer a.b.c", "Basic abc"])
def test_a_token_that_is_not_ours_is_refused_with_a_calm_reply(client, token):
    response = client.post("/message", json={"text": "hi"}, headers={"Authorization": token})
    assert response.status_code == 401
    assert "ask your nurse" in response.json()["reply"]["text"]


def test_a_token_of_the_website_is_none_of_the_kiosks(client, url):
    token = httpx.post(f"{url}/webhooks/web/session").json()["token"]
    response = client.post("/message", json={"text": "hi"}, headers={"Authorization": f"Bearer {token}"})
    assert response.status_code == 401


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"text": 5}', b'{"text": "hi", "choice": 3}', b"\xff\xfe"])
def test_a_malformed_body_is_refused_with_a_calm_reply(client, session, body):
    response = client.post("/message", content=body, headers=session)
    assert response.status_code == 400
    assert response.json()["reply"]["text"]


def test_a_huge_message_is_refused(client, session):
    assert client.post("/message", json={"text": "a" * 50_000}, headers=session).status_code == 413


def test_a_flood_is_slowed_with_a_calm_reply(client, session):
    answers = [client.post("/message", json={"text": "hi"}, headers=session) for _ in range(20)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert "tell a nurse now" in refused[0].json()["reply"]["text"]


def test_a_sign_among_too_many_messages_is_met(client, session):
    while client.post("/message", json={"text": "hi"}, headers=session).status_code == 200:
        pass
    response = client.post("/message", json={"text": "my chest hurts"}, headers=session)
    assert response.status_code == 200
    assert response.json()["reply"]["text"].startswith("Press the call button")


def test_the_code_that_is_taken_home_holds_what_was_read_in_the_fragment(client, url):
    read = ["premedication/why", "during-infusion/length", "premedication/why"]
    response = client.post("/code", json={"answers": read})
    assert response.headers["content-type"] == "image/svg+xml"
    assert response.content == code(f"{url}/#premedication/why,during-infusion/length")
    assert client.post("/code", json={"answers": []}).content == code(f"{url}/")


def test_the_code_holds_no_more_than_the_phone_suggests(knowledge):
    read = list(knowledge.answers)[:9]
    assert fragment(read) == "#" + ",".join(read[3:])


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b'{"topics": ["dosing"]}', b'{"answers": "dosing"}', b'{"answers": ["dosing"]}', b'{"answers": [{}]}'],
)
def test_a_code_of_anything_else_than_answers_is_refused(client, body):
    assert client.post("/code", content=body).status_code == 400


def test_what_can_be_asked_by_touch_is_for_the_same_pages_as_the_web_door(url, clinic_origin):
    def read(origin):
        return httpx.get(f"{url}/contents.json", headers={"Origin": origin})

    assert read(clinic_origin).headers["Access-Control-Allow-Origin"] == clinic_origin
    assert read(url).status_code == 200
    refused = read("https://evil.example")
    assert refused.status_code == 403
    assert "Access-Control-Allow-Origin" not in refused.headers
    assert "timelines" not in refused.json()


def test_what_can_be_asked_by_touch_is_what_the_guide_knows(url, knowledge):
    held = httpx.get(f"{url}/contents.json").json()
    asked = [question["id"] for topic in held["topics"] for question in topic["questions"]]
    assert sorted(asked) == sorted(knowledge.answers)
    assert [topic["id"] for topic in held["topics"]] == list(knowledge.topics)
    for timeline in held["timelines"]:
        for step, told in zip(knowledge.timelines[timeline["id"]].steps, timeline["steps"]):
            assert told["answer"] == step.answer
            assert told["question"] == knowledge.answers[step.answer].question
            assert told["when"] == step.phase.title()
            assert told["texts"] == {therapy: step.text(therapy).text for therapy in ("ivig", "rituximab")}


@pytest.mark.parametrize(
    "path", ["/kiosk/index.html", "/kiosk/../index.html", "/kiosk/%2e%2e/config.yml", "/kiosk/x.js"]
)
def test_no_other_file_is_reachable(url, path):
    assert httpx.get(url + path).status_code == 404


def test_the_page_is_served_under_the_strict_policy(url):
    response = httpx.get(f"{url}/kiosk", follow_redirects=True)
    assert response.status_code == 200
    policy = response.headers["Content-Security-Policy"]
    assert "'unsafe" not in policy
    assert "default-src 'none'" in policy
    assert response.headers["Cache-Control"] == "no-store"
    assert not re.search(r"<style|style=|<script(?! src=)|\son\w+=", response.text)

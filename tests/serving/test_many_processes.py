"""Two guides on one Postgres and one Redis: either answers any turn, and no failure is met with silence."""

import asyncio
import os
import signal
import threading
import time
import uuid
from pathlib import Path

import httpx
import pytest
from redis import Redis
from sqlalchemy import select

from infusion_guide.channels.session import Sessions
from infusion_guide.knowledge.store import open_database
from infusion_guide.serving.tracker_store import conversation
from tests.identifiers import MESSAGES, found_in
from tests.servers import PostgresServer, RedisServer, RunningGuide

SECRET = "a-key-for-tests-only-with-40-characters!"
SIGN = "my throat is closing and i can't breathe"


class Cluster:
    """Two guides, their Postgres and their Redis."""

    def __init__(self, folder):
        self.folder = folder
        for name in ("redis", "guide"):
            (folder / name).mkdir()
        self.postgres, self.redis = PostgresServer(), RedisServer(folder / "redis")
        self.postgres.start()
        self.redis.start()
        environment = {
            "DATABASE_URL": self.postgres.url,
            "REDIS_URL": self.redis.url,
            "GUIDE_SECRET": SECRET,
            "GUIDE_BURST": "1000",
            "GUIDE_MESSAGES_A_MINUTE": "10000",
        }
        # Both start on an empty database at once, as two machines would; the second has two workers.
        self.guides = [
            RunningGuide(folder / "guide", "--workers", workers, **environment).start() for workers in ("1", "2")
        ]
        for guide in self.guides:
            guide.wait()

    def stop(self):
        for guide in self.guides:
            guide.stop()
        self.redis.stop()
        self.postgres.close()

    def revive(self):
        """Start what an earlier test has ended."""
        dead = [guide for guide in self.guides if guide.process.poll() is not None]
        for guide in dead:
            guide.start().wait()

    def said(self, session):
        """How many of the patient's messages the conversation holds."""
        with open_database(self.postgres.url).connect() as connection:
            sender = Sessions(SECRET, "web", minutes=30).conversation(session.token)
            events = connection.execute(
                select(conversation.c.events).where(conversation.c.sender_id == sender)
            ).scalar_one()
        return sum(event["event"] == "user" for event in events)


@pytest.fixture(scope="module")
def running(tmp_path_factory, guide):
    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    yield cluster
    cluster.stop()


@pytest.fixture
def cluster(running):
    running.revive()
    return running


class Session:
    """A conversation that can be carried on with either guide."""

    def __init__(self, cluster):
        self.guides = [guide.url for guide in cluster.guides]
        response = httpx.post(f"{self.guides[0]}/webhooks/web/session", timeout=20)
        self.token = response.json()["token"]

    def says(self, text, at=0, **fields):
        response = httpx.post(
            f"{self.guides[at]}/webhooks/web/message",
            json={"text": text, **fields},
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=20,
        )
        return response.json()["reply"]


@pytest.fixture
def session(cluster):
    return Session(cluster)


def test_a_conversation_goes_on_with_the_other_process(session, cluster):
    session.says("tell me how rituximab works", at=0)
    here = session.says("how long does the drip take?", at=1)
    assert "rituximab" in here["text"].lower()
    assert session.says("how long does the drip take?", at=0)["text"] == here["text"]
    assert cluster.said(session) == 3


def test_fifty_conversations_at_once_are_not_mixed_up(cluster):
    async def talk(client, number, therapy):
        url = [guide.url for guide in cluster.guides]
        begun = await client.post(f"{url[number % 2]}/webhooks/web/session")
        headers = {"Authorization": f"Bearer {begun.json()['token']}"}
        for turn, text in enumerate((f"tell me how {therapy} works", "how long does the drip take?")):
            address = f"{url[(number + turn) % 2]}/webhooks/web/message"
            response = await client.post(address, json={"text": text}, headers=headers)
        return therapy, response.json()["reply"]["text"]

    async def all_of_them():
        async with httpx.AsyncClient(timeout=60) as client:
            therapies = ["rituximab" if number % 2 else "IVIG" for number in range(50)]
            return await asyncio.gather(*(talk(client, number, one) for number, one in enumerate(therapies)))

    replies = asyncio.run(all_of_them())
    by_therapy = {therapy: {text for one, text in replies if one == therapy} for therapy in ("IVIG", "rituximab")}
    assert [len(texts) for texts in by_therapy.values()] == [1, 1]
    assert by_therapy["IVIG"] != by_therapy["rituximab"]


def test_a_message_sent_twice_at_once_is_answered_once(session, cluster):
    message, replies = uuid.uuid4().hex, [None, None]

    def send(at):
        replies[at] = session.says("how often is rituximab given", at=at, id=message)

    threads = [threading.Thread(target=send, args=(at,)) for at in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert replies[0]["outcome"] == "answer"
    assert replies[0] == replies[1]
    assert cluster.said(session) == 1


def test_messages_of_one_conversation_at_once_are_all_kept(session, cluster):
    threads = [threading.Thread(target=session.says, args=("how often is it given", number % 2)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert cluster.said(session) == 4


def test_a_turn_that_dies_with_its_process_is_answered_by_the_other(session, cluster):
    session.says("tell me how rituximab works", at=1)
    message, failed = uuid.uuid4().hex, []

    def send():
        try:
            session.says("how long does the drip take?", at=0, id=message)
        except httpx.TransportError as error:
            failed.append(error)

    # Nobody can read the conversation: the turn waits in its middle, with its lock and its claim.
    with open_database(cluster.postgres.url).begin() as connection:
        connection.exec_driver_sql("LOCK TABLE conversation IN ACCESS EXCLUSIVE MODE")
        thread = threading.Thread(target=send)
        thread.start()
        time.sleep(0.5)
        cluster.guides[0].kill()
        thread.join()
    assert failed
    reply = session.says("how long does the drip take?", at=1, id=message)
    assert reply["outcome"] == "answer"
    assert "rituximab" in reply["text"].lower()
    assert cluster.said(session) == 2
    assert session.says("how long does the drip take?", at=1, id=message) == reply
    assert cluster.said(session) == 2


def workers(process):
    return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def test_a_worker_that_dies_is_not_felt_and_their_metrics_add_up(session, cluster):
    supervisor = cluster.guides[1].process.pid
    until(lambda: len(workers(supervisor)) == 2, 60)
    killed = workers(supervisor)[0]
    os.kill(killed, signal.SIGKILL)
    outcomes = [session.says("how often is it given", at=1)["outcome"] for _ in range(4)]
    assert outcomes == ["answer"] * 4
    until(lambda: len(workers(supervisor)) == 2 and killed not in workers(supervisor))
    counted = [
        float(line.split()[-1])
        for line in httpx.get(f"{cluster.guides[1].url}/metrics", timeout=20).text.splitlines()
        if line.startswith("guide_turns_total")
    ]
    assert sum(counted) >= 4


def until(condition, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_without_redis_both_go_on_and_say_so(session, cluster):
    cluster.redis.stop()
    try:
        assert session.says("tell me how rituximab works", at=0)["outcome"] == "answer"
        assert "rituximab" in session.says("how long does the drip take?", at=1)["text"].lower()
        for guide in cluster.guides:
            response = httpx.get(f"{guide.url}/ready", timeout=10)
            assert (response.status_code, response.json()["shared"]) == (200, "away")
    finally:
        cluster.redis.start()
    for guide in cluster.guides:
        until(lambda guide=guide: httpx.get(f"{guide.url}/ready", timeout=10).json()["shared"] == "shared")


def test_without_postgres_people_get_the_phone_number_and_signs_are_met(session, cluster):
    session.says("tell me how rituximab works")
    cluster.postgres.stop()
    try:
        reply = session.says("how long does the drip take?")
        assert reply["outcome"] == "error"
        assert "555-0100" in reply["text"]
        started = time.monotonic()
        assert session.says(SIGN)["tier"] == "emergency"
        assert time.monotonic() - started < 2
        ready = httpx.get(f"{cluster.guides[0].url}/ready", timeout=10)
        assert (ready.status_code, ready.json()["database"]) == (503, "away")
        assert httpx.get(f"{cluster.guides[0].url}/health", timeout=10).status_code == 200
    finally:
        cluster.postgres.start()
    assert "rituximab" in session.says("how long does the drip take?")["text"].lower()
    assert httpx.get(f"{cluster.guides[0].url}/ready", timeout=10).status_code == 200


def test_a_turn_that_has_begun_is_answered_before_the_process_stops(session, cluster):
    replies = []
    with open_database(cluster.postgres.url).begin() as connection:
        connection.exec_driver_sql("LOCK TABLE conversation IN ACCESS EXCLUSIVE MODE")
        thread = threading.Thread(target=lambda: replies.append(session.says("how often is it given", at=1)))
        thread.start()
        time.sleep(0.5)
        cluster.guides[1].process.terminate()
        time.sleep(0.3)
    thread.join()
    assert replies[0]["outcome"] == "answer"
    assert cluster.guides[1].process.wait(15) == 0


def test_nothing_of_a_patient_is_kept_in_postgres_redis_or_logs(session, cluster):
    for number, message in enumerate(MESSAGES):
        session.says(message, at=number % 2, id=uuid.uuid4().hex)
    with open_database(cluster.postgres.url).connect() as connection:
        tables = (
            connection.exec_driver_sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").scalars().all()
        )
        rows = [
            str(connection.exec_driver_sql(f"SELECT * FROM {table}").all())
            for table in tables
            if not table.startswith("knowledge")
        ]
    redis = Redis.from_url(cluster.redis.url, decode_responses=True)
    kept = {key: redis.get(key) for key in redis.scan_iter("guide:reply:*")}
    kept |= {key: redis.hgetall(key) for key in redis.scan_iter("guide:limit:*")}
    logs = [guide.log.read_text() for guide in cluster.guides]
    assert len(kept) > len(MESSAGES)
    assert cluster.said(session) >= 1
    assert found_in(" ".join([*rows, *logs, str(kept)]).encode()) == []

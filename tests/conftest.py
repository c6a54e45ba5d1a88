"""What tests share: a guide of the real model on a database of its own, and a patient who talks to it."""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from infusion_guide.environment import quiet_environment

quiet_environment()

from infusion_guide.contract import Reply
from infusion_guide.knowledge.files import read_knowledge
from infusion_guide.knowledge.migrations import migrate
from infusion_guide.knowledge.schema import Knowledge
from infusion_guide.knowledge.store import load, open_database
from tests.running import ROOT, free_port, running_guide
from tests.servers import PostgresServer, RedisServer


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return read_knowledge(ROOT / "knowledge")


@pytest.fixture(scope="session")
def guide(tmp_path_factory, knowledge):
    """The guide of the trained model, on a database of its own."""
    folder = tmp_path_factory.mktemp("guide")
    os.environ.update(GUIDE_ROOT=str(ROOT), GUIDE_VAR=str(folder), DATABASE_URL=f"sqlite:///{folder / 'guide.db'}")
    from infusion_guide.serving.guide import load_guide
    from infusion_guide.serving.model import trained_model
    from infusion_guide.settings import read_settings

    settings = read_settings()
    engine = open_database(settings.database_url)
    migrate(engine, ROOT / "migrations")
    load(engine, knowledge)
    return load_guide(trained_model(ROOT), settings)


@pytest.fixture(scope="session")
def clinic_origin() -> str:
    """Another site than the guide's, which may show the widget."""
    return f"http://127.0.0.1:{free_port()}"


@pytest.fixture(scope="session")
def server_folder(tmp_path_factory) -> Path:
    """Where the running guide writes: database, key, log."""
    return tmp_path_factory.mktemp("server")


@pytest.fixture(scope="session")
def url(server_folder, clinic_origin) -> Iterator[str]:
    """The address of a really running guide, one for all tests; its own page at / is the one for phones."""
    with running_guide(server_folder, GUIDE_ORIGINS=f"{clinic_origin}, https://clinic.example") as address:
        yield address
    log = (server_folder / "log").read_text()
    assert [words for words in ("how long", "throat") if words in log] == []


@dataclass
class Patient:
    """Somebody in a conversation: `says` a message, then `hears` what the reply must hold."""

    guide: object
    door: str = "web"
    setting: str = "unknown"
    reply: Reply | None = None

    def __post_init__(self):
        self.conversation = f"test-{uuid.uuid4().hex}"

    def says(self, text: str, choice: str | None = None) -> Patient:
        from infusion_guide.channels.intake import Incoming

        incoming = Incoming(text, self.conversation, self.door, self.setting, choice)
        self.reply = asyncio.run(self.guide.answer(incoming)).reply
        return self

    def picks(self, answer_id: str) -> Patient:
        """Taps a choice of the last reply."""
        title = next(choice.title for choice in self.reply.choices if choice.id == answer_id)
        return self.says(title, choice=answer_id)

    def hears(self, *words: str) -> Patient:
        for word in words:
            assert word.lower() in self.reply.text.lower(), f"{word!r} is not in: {self.reply.text}"
        return self

    def does_not_hear(self, *words: str) -> Patient:
        for word in words:
            assert word.lower() not in self.reply.text.lower(), f"{word!r} is in: {self.reply.text}"
        return self

    def gets(self, outcome: str, answer: str | None = None) -> Patient:
        assert self.reply.outcome == outcome, f"{self.reply.outcome}: {self.reply.text}"
        if answer:
            assert [shown.id for shown in self.reply.answers] == [answer]
        return self

    def sees_source(self, words: str) -> Patient:
        sources = [f"{source.document} — {source.section}" for source in self.reply.sources]
        assert any(words in source for source in sources), sources
        return self


@pytest.fixture(scope="session")
def watch(guide):
    """The trained detector as the intake uses it when Rasa fails."""
    return guide.intake.watch


@pytest.fixture
def patient(guide) -> Patient:
    return Patient(guide)


@pytest.fixture
def texting_patient(guide) -> Patient:
    return Patient(guide, door="sms")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A Postgres server of our own on a Unix socket; in CI it must be there, elsewhere its tests say that they skip."""
    server = PostgresServer()
    server.start()
    yield server.url
    server.close()


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory) -> Iterator[RedisServer]:
    """A Redis server of our own; a test that stops it starts it again."""
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def redis_url(redis_server) -> str:
    return redis_server.url

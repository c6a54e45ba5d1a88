import sqlite3
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import select, text

from infusion_guide.channels import text_store
from infusion_guide.channels.text_store import Sender, TextStore
from infusion_guide.knowledge.migrations import migrate
from infusion_guide.knowledge.store import open_database
from tests.conftest import ROOT

KEY = "k" * 32
KNOWN = Sender(greeted=True, choices=(("a/b", "Why?"), ("a/c", "How?")), pages=("page two", "page three"))


@pytest.fixture(params=["sqlite", "postgres"])
def url(request, tmp_path):
    if request.param == "sqlite":
        address = f"sqlite:///{tmp_path / 'texts.db'}"
    else:
        address = request.getfixturevalue("postgres_url")
    engine = open_database(address)
    migrate(engine, ROOT / "migrations")
    with engine.begin() as connection:
        for table in text_store.metadata.sorted_tables:
            connection.execute(table.delete())
    yield address
    engine.dispose()


@pytest.fixture
def now():
    return [1_000_000.0]


@pytest.fixture
def store(url, now):
    return TextStore(open_database(url), KEY, clock=lambda: now[0])


@pytest.fixture
def other(url, now):
    """The store of another process."""
    return TextStore(open_database(url), KEY, clock=lambda: now[0])


def test_what_is_remembered_of_a_number_is_known_to_every_process(store, other):
    begun = store.begin("m1", "s1")
    assert (begun.state, begun.sender) == ("new", Sender())
    store.finish("m1", "said", "s1", begun.sender, KNOWN)
    assert other.begin("m2", "s1").sender == KNOWN
    assert other.begin("m3", "s2").sender == Sender()


def test_a_message_is_answered_once_and_the_same_to_every_try(store, other):
    assert store.begin("m1", "s1").state == "new"
    assert other.begin("m1", "s1").state == "pending"
    assert other.said("m1") is None
    store.finish("m1", "said", "s1", Sender(), KNOWN)
    again = other.begin("m1", "s1")
    assert (again.state, again.reply) == ("answered", "said")
    assert other.said("m1").reply == "said"


def test_silence_is_an_answer_too(store):
    store.begin("m1", "s1")
    store.finish("m1", None, "s1", Sender(), Sender(opted_out=True))
    assert (store.begin("m1", "s1").state, store.said("m1").reply) == ("answered", None)


def test_of_many_tries_at_once_one_answers(url):
    stores = [TextStore(open_database(url), KEY) for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        states = list(pool.map(lambda n: stores[n % 4].begin("same", "s1").state, range(40)))
    assert states.count("new") == 1
    assert states.count("pending") == 39


def test_what_a_process_left_behind_is_taken_over_once(store, other, now):
    store.begin("m1", "s1")
    now[0] += text_store.ABANDONED_SECONDS + 1
    assert other.begin("m1", "s1").state == "new"
    assert store.begin("m1", "s1").state == "pending"


def test_a_copy_of_an_old_message_is_known_as_one_and_its_reply_is_forgotten(store, now):
    store.begin("m1", "s1")
    store.finish("m1", "said", "s1", Sender(), KNOWN)
    now[0] += text_store.RETRY_SECONDS + 1
    assert store.begin("m1", "s1").state == "replayed"
    assert store.said("m1").reply is None
    now[0] += 300 * 24 * 3600
    assert store.begin("m1", "s1").state == "replayed"


def test_choices_and_pages_of_a_silent_number_are_forgotten_and_its_opt_out_is_not(store, now):
    store.begin("m1", "s1")
    store.finish("m1", "said", "s1", Sender(), replace(KNOWN, opted_out=True))
    now[0] += text_store.CHOICE_SECONDS + 1
    store.forget()
    assert store.begin("m2", "s1").sender == Sender(greeted=True, opted_out=True)
    now[0] += 10 * 365 * 24 * 3600
    store.forget()
    assert store.begin("m3", "s1").sender.opted_out


def test_an_opt_out_survives_an_answer_that_was_on_its_way(store, other):
    store.begin("m0", "s1")
    store.finish("m0", "said", "s1", Sender(), KNOWN)
    question, stop = store.begin("m1", "s1"), other.begin("m2", "s1")
    other.finish("m2", "bye", "s1", stop.sender, Sender(greeted=True, opted_out=True))
    store.finish("m1", "answer", "s1", question.sender, replace(KNOWN, pages=()))
    assert store.begin("m3", "s1").sender.opted_out


def test_coming_back_ends_the_opt_out(store):
    store.begin("m1", "s1")
    store.finish("m1", "bye", "s1", Sender(), Sender(opted_out=True))
    before = store.begin("m2", "s1").sender
    store.finish("m2", "hello", "s1", before, Sender(greeted=True))
    assert not store.begin("m3", "s1").sender.opted_out


def test_the_pseudonym_needs_the_key(store, url):
    name = store.pseudonym("number", "+15550100001")
    assert len(name) == 64
    assert name == store.pseudonym("number", "+15550100001")
    assert name != store.pseudonym("message twilio", "+15550100001")
    assert name != TextStore(open_database(url), "another" * 8).pseudonym("number", "+15550100001")
    assert store.pseudonym("number", "\ud800")


def test_a_stranger_who_is_met_with_an_error_leaves_no_row(store):
    store.begin("m1", "s1")
    store.finish("m1", "error", "s1", Sender(), Sender())
    with store._engine.connect() as connection:
        assert connection.execute(select(text_store.text_sender)).all() == []


def test_the_tables_hold_no_more_than_docs_say(tmp_path):
    engine = open_database(f"sqlite:///{tmp_path / 'fresh.db'}")
    migrate(engine, ROOT / "migrations")
    with engine.connect() as connection:
        for table in text_store.metadata.sorted_tables:
            found = {row[1] for row in connection.execute(text(f"PRAGMA table_info({table.name})"))}
            assert found == {column.name for column in table.columns}


def test_a_database_that_refuses_is_an_error_of_sqlalchemy(tmp_path):
    path = tmp_path / "broken.db"
    sqlite3.connect(path).close()
    from sqlalchemy.exc import SQLAlchemyError

    with pytest.raises(SQLAlchemyError):
        TextStore(open_database(f"sqlite:///{path}"), KEY).begin("m1", "s1")

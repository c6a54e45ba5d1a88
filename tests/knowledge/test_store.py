from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from infusion_guide.knowledge.files import read_knowledge
from infusion_guide.knowledge.migrations import migrate
from infusion_guide.knowledge.store import KnowledgeStore, KnowledgeUnavailableError, load, open_database, versions
from infusion_guide.knowledge.tables import knowledge_item
from tests.conftest import ROOT
from tests.knowledge.small import write_small_knowledge


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request, tmp_path):
    sqlite = request.param == "sqlite"
    url = f"sqlite:///{tmp_path / 'guide.db'}" if sqlite else request.getfixturevalue("postgres_url")
    engine = open_database(url)
    migrate(engine, ROOT / "migrations")
    yield engine
    with engine.begin() as connection:
        for table in ("knowledge_item", "knowledge_load"):
            connection.exec_driver_sql(f"DELETE FROM {table}")
    engine.dispose()


@pytest.fixture
def small(tmp_path):
    return read_knowledge(write_small_knowledge(tmp_path))


def reworded(knowledge, words):
    answer = knowledge.answers["premedication/why"]
    variant = replace(answer.variants[0], answer=words)
    return replace(knowledge, answers={answer.id: replace(answer, variants=(variant,))})


def test_what_is_loaded_is_what_is_looked_up(engine, knowledge):
    load(engine, knowledge)
    found = KnowledgeStore(engine).knowledge()
    assert found == knowledge
    assert found.verdicts


def test_loading_the_same_again_changes_nothing(engine, small):
    assert load(engine, small).anything
    assert not load(engine, small).anything


def test_an_earlier_version_of_an_answer_is_kept(engine, small):
    load(engine, small)
    result = load(engine, reworded(small, "New words."))
    assert (result.added, result.changed, result.removed) == (0, 1, 0)
    found = versions(engine, "answer", "premedication/why")
    assert [(row["version"], row["current"]) for row in found] == [(1, False), (2, True)]
    assert found[0]["content"]["variants"][0]["answer"] == "The tablets make chills less likely."


def test_a_removed_answer_comes_back_as_a_new_version(engine, small):
    load(engine, small)
    load(engine, replace(small, answers={}))
    assert KnowledgeStore(engine).knowledge().answers == {}
    load(engine, small)
    assert [row["version"] for row in versions(engine, "answer", "premedication/why")] == [1, 2]
    assert "premedication/why" in KnowledgeStore(engine).knowledge().answers


def test_a_load_that_fails_half_way_changes_nothing(engine, small, monkeypatch):
    load(engine, small)
    # The old version is retired first, then the new one cannot be written: both must be undone.
    monkeypatch.setattr("infusion_guide.knowledge.store._digest", lambda content: str(hash(str(content)))[:60])
    unwritable = replace(small, clinic=replace(small.clinic, details={"hours": object()}))
    with pytest.raises(SQLAlchemyError):
        load(engine, unwritable)
    monkeypatch.undo()
    assert KnowledgeStore(engine).knowledge() == small
    assert not load(engine, small).anything


def test_a_new_load_is_noticed_by_a_store_that_is_open(engine, small):
    now = [0.0]
    store = KnowledgeStore(engine, fresh_seconds=1.0, clock=lambda: now[0])
    load(engine, small)
    assert "less likely" in store.knowledge().answers["premedication/why"].variants[0].answer
    load(engine, reworded(small, "New words."))
    assert "less likely" in store.knowledge().answers["premedication/why"].variants[0].answer
    now[0] = 1.5
    assert store.knowledge().answers["premedication/why"].variants[0].answer == "New words."


def test_an_empty_database_says_what_to_do(engine):
    with pytest.raises(KnowledgeUnavailableError, match="knowledge load"):
        KnowledgeStore(engine).knowledge()


def test_what_was_read_outlives_an_outage(tmp_path, small):
    engine = open_database(f"sqlite:///{tmp_path / 'away.db'}")
    migrate(engine, ROOT / "migrations")
    load(engine, small)
    store = KnowledgeStore(engine, fresh_seconds=0)
    assert store.knowledge() == small
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE knowledge_item")
        connection.exec_driver_sql("DROP TABLE knowledge_load")
    assert store.knowledge() == small


def test_sqlite_writes_ahead(tmp_path):
    engine = open_database(f"sqlite:///{tmp_path / 'guide.db'}")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"


def test_at_most_one_version_of_an_item_is_current(engine, small):
    load(engine, small)
    with engine.connect() as connection:
        row = connection.execute(select(knowledge_item).where(knowledge_item.c.kind == "answer")).mappings().one()
    again = {**row, "id": 9999, "version": 99}
    with pytest.raises(SQLAlchemyError), engine.begin() as connection:
        connection.execute(knowledge_item.insert().values(again))

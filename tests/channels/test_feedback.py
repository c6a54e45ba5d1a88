import pytest
from sqlalchemy import inspect

from infusion_guide.channels.feedback import Feedback
from infusion_guide.knowledge.migrations import migrate
from infusion_guide.knowledge.store import open_database
from tests.running import ROOT


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request, tmp_path):
    url = f"sqlite:///{tmp_path / 'f.db'}" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    engine = open_database(url)
    migrate(engine, ROOT / "migrations")
    return engine


def test_yes_and_no_are_counted_for_each_answer(engine):
    feedback = Feedback(engine)
    feedback.add(["premedication/why", "during-infusion/length"], True)
    feedback.add(["premedication/why"], False)
    assert feedback.counts() == [("premedication/why", 1, 1), ("during-infusion/length", 1, 0)]


def test_nothing_of_the_person_is_kept(engine):
    assert {column["name"] for column in inspect(engine).get_columns("answer_feedback")} == {
        "id",
        "answer_id",
        "helpful",
    }

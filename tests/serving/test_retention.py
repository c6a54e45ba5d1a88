import time
from datetime import datetime, timedelta, timezone

import pytest
from sqlalchemy import func, insert, select

from infusion_guide.knowledge.migrations import migrate
from infusion_guide.knowledge.store import open_database
from infusion_guide.privacy.unanswered import UnansweredQuestions, unanswered_question
from infusion_guide.safety.record import warning_sign_met
from infusion_guide.serving.retention import age, purge
from infusion_guide.serving.tracker_store import conversation
from tests.conftest import ROOT

NOW = datetime.now(timezone.utc)


@pytest.mark.parametrize(("text", "hours"), [("30d", 720), ("12h", 12), (" 1d ", 24)])
def test_an_age_in_days_or_hours(text, hours):
    assert age(text) == timedelta(hours=hours)


@pytest.mark.parametrize("text", ["", "30", "d", "-1d", "1w", "30 days"])
def test_anything_else_is_refused(text):
    with pytest.raises(ValueError, match="30d or 12h"):
        age(text)


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request, tmp_path):
    url = f"sqlite:///{tmp_path / 'p.db'}" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    engine = open_database(url)
    migrate(engine, ROOT / "migrations")
    with engine.begin() as connection:
        for table in (conversation, unanswered_question, warning_sign_met):
            connection.execute(table.delete())
    return engine


def keep(engine, name, days):
    then = NOW - timedelta(days=days)
    with engine.begin() as connection:
        connection.execute(
            insert(conversation).values(sender_id=name, events=[], slots={}, last_active=then.timestamp())
        )
        connection.execute(insert(unanswered_question).values(asked_at=then, channel="web", text=f"question {name}"))
        connection.execute(insert(warning_sign_met).values(sign=name, tier="same_day", channel="web", met_at=then))


def test_what_is_older_goes_and_what_is_younger_stays(engine):
    keep(engine, "old", 31)
    keep(engine, "young", 29)
    deleted = purge([engine], timedelta(days=30), NOW)
    assert deleted == {"conversations": 1, "unanswered questions": 1, "warning signs": 1}
    with engine.connect() as connection:
        assert connection.execute(select(conversation.c.sender_id)).scalars().all() == ["young"]
        assert connection.execute(select(func.count()).select_from(unanswered_question)).scalar() == 1
    assert purge([engine], timedelta(days=30), NOW)["conversations"] == 0


def test_what_is_purged_is_not_in_the_file_any_more(tmp_path):
    engine = open_database(f"sqlite:///{tmp_path / 'p.db'}")
    migrate(engine, ROOT / "migrations")
    UnansweredQuestions(engine, now=lambda: NOW - timedelta(days=31)).add("a question about zebras", "web")

    def is_there():
        return any(b"zebras" in path.read_bytes() for path in tmp_path.iterdir())

    assert is_there()
    purge([engine], timedelta(days=30), NOW)
    assert not is_there()


def test_a_purge_does_not_stop_the_server_that_writes(tmp_path):
    engine = open_database(f"sqlite:///{tmp_path / 'p.db'}")
    migrate(engine, ROOT / "migrations")
    other = open_database(f"sqlite:///{tmp_path / 'p.db'}")
    started = time.monotonic()
    with other.connect() as reading:
        reading.execute(select(conversation.c.sender_id)).all()
        purge([engine], timedelta(days=30), NOW)
    keep(other, "after", 0)
    assert time.monotonic() - started < 10

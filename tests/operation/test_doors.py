import pytest

from infusion_guide.knowledge.migrations import migrate
from infusion_guide.knowledge.store import open_database
from infusion_guide.operation.doors import DoorSwitches, doors, switch
from tests.conftest import ROOT


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request, tmp_path):
    url = f"sqlite:///{tmp_path / 'd.db'}" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    engine = open_database(url)
    migrate(engine, ROOT / "migrations")
    return engine


def test_a_door_is_open_until_it_is_switched_off(engine):
    assert doors(engine)["kiosk"]
    switch(engine, "kiosk", False)
    assert not doors(engine)["kiosk"]
    assert doors(engine)["web"]
    switch(engine, "kiosk", True)
    assert doors(engine)["kiosk"]


def test_a_running_server_follows_within_its_freshness(engine):
    now = [0.0]
    seen = DoorSwitches(engine, fresh_seconds=1.0, clock=lambda: now[0])
    assert seen.is_open("sms")
    switch(engine, "sms", False)
    assert seen.is_open("sms")
    now[0] = 1.1
    assert not seen.is_open("sms")
    switch(engine, "sms", True)


def test_a_door_stays_as_it_was_while_the_database_is_away(tmp_path):
    engine = open_database(f"sqlite:///{tmp_path / 'd.db'}")
    migrate(engine, ROOT / "migrations")
    switch(engine, "sms", False)
    seen = DoorSwitches(engine, fresh_seconds=0)
    assert not seen.is_open("sms")
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE door_switch")
    assert not seen.is_open("sms")
    assert seen.is_open("web")

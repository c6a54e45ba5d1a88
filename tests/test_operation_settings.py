import pytest

from infusion_guide.settings import SettingsError, read_settings

PRODUCTION = {
    "GUIDE_ENVIRONMENT": "production",
    "GUIDE_SECRET": "k" * 32,
    "DATABASE_URL": "postgresql://guide@db/guide",
}


def test_production_with_all_that_it_needs():
    assert read_settings(PRODUCTION).in_production


@pytest.mark.parametrize("name", ["GUIDE_SECRET", "DATABASE_URL"])
@pytest.mark.parametrize("how", ["absent", "empty"])
def test_a_secret_that_is_missing_in_production_stops_the_start_with_its_name(name, how):
    environment = {**PRODUCTION, name: ""}
    if how == "absent":
        del environment[name]
    with pytest.raises(SettingsError, match=name):
        read_settings(environment)


def test_a_short_key_is_refused_in_production():
    with pytest.raises(SettingsError, match="GUIDE_SECRET must have at least 32"):
        read_settings({**PRODUCTION, "GUIDE_SECRET": "short"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GUIDE_ENVIRONMENT", "prod"),
        ("GUIDE_WORKERS", "0"),
        ("GUIDE_KEEP_UNANSWERED", "yes"),
        ("GUIDE_KEEP_DAYS", "-1"),
        ("GUIDE_PROXIES", "many"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(name, value):
    with pytest.raises(SettingsError, match=name):
        read_settings({name: value})


def test_no_words_are_kept_unless_asked_for():
    assert not read_settings({}).keep_unanswered
    assert read_settings({"GUIDE_KEEP_UNANSWERED": "1"}).keep_unanswered


def test_no_secret_shows_when_settings_are_printed():
    settings = read_settings({"REDIS_URL": "redis://:secret@r/0", "GUIDE_METRICS_TOKEN": "hush"})
    assert "secret" not in repr(settings)
    assert "hush" not in repr(settings)


def test_both_databases_take_the_url_that_hosts_hand_out():
    settings = read_settings({"DATABASE_URL": "postgres://a/b", "CONVERSATIONS_URL": "postgres://c/d"})
    assert settings.database_url == "postgresql://a/b"
    assert settings.conversations_url == "postgresql://c/d"

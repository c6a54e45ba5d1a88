import pytest

from infusion_guide.knowledge.migrations import migrate
from infusion_guide.knowledge.store import open_database
from infusion_guide.privacy.unanswered import LONGEST, UnansweredQuestions, kept_words
from tests.conftest import ROOT


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("I'm Mary Jones, can I dive", "Mary"),
        ("I'm Mary Jones, can I dive", "Jones"),
        ("Mary Jones here, can I dive", "Jones"),
        ("can I dive? thanks, Mary", "Mary"),
        ("my nurse Patricia said no diving", "Patricia"),
        ("can I dive with Tom Brown", "Brown"),
        ("my pin is 4711 can I dive", "4711"),
        ("I live at 12345 Oak and can I dive", "12345"),
        ("call me 555-867-5309 about diving", "867"),
        ("mary.jones@example.org wants to dive", "mary"),
        ("born 3/5/1961, can I dive", "1961"),
    ],
)
def test_what_is_kept_names_nobody(text, secret):
    kept = kept_words(text)
    assert secret not in kept
    assert "div" in kept


@pytest.mark.parametrize(
    "text",
    [
        "Can I dive after IVIG?",
        "how about Rituximab and Benadryl on Monday",
        "is 102 too warm for a bath, and I'm on day 3",
    ],
)
def test_what_was_asked_stays_readable(text):
    assert kept_words(text) == text


def test_it_is_cut_short():
    assert len(kept_words("diving " * 100)) == LONGEST


def test_what_is_kept_is_listed_newest_first(tmp_path):
    engine = open_database(f"sqlite:///{tmp_path / 'u.db'}")
    migrate(engine, ROOT / "migrations")
    questions = UnansweredQuestions(engine)
    questions.add("can I dive", "web")
    questions.add("I'm Mary Jones, may I ski", "sms")
    assert [(one.channel, one.text) for one in questions.all()] == [
        ("sms", "I'm [name], may I ski"),
        ("web", "can I dive"),
    ]


def test_a_database_that_is_away_is_only_logged(tmp_path, caplog):
    UnansweredQuestions(open_database(f"sqlite:///{tmp_path / 'none.db'}")).add("my secret", "web")
    assert "could not be kept" in caplog.text
    assert "my secret" not in caplog.text

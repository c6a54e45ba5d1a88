"""The page of the kiosk as the server writes it."""

from dataclasses import replace
from string import Template

import pytest

from infusion_guide.serving.kiosk_page import contents, page
from infusion_guide.settings import read_settings
from tests.conftest import ROOT

TEMPLATE = Template((ROOT / "web" / "kiosk" / "index.html").read_text(encoding="utf-8"))


@pytest.fixture
def settings():
    return read_settings({}, ROOT)


def test_every_sign_that_calls_for_help_in_the_clinic_is_on_the_card(knowledge, settings):
    shown = page(TEMPLATE, knowledge, settings)
    emergency, nurse = shown.split("These can be an emergency")[1].split("Your nurse wants to know")
    for sign in knowledge.warning_signs.signs.values():
        if sign.infusing == "crisis":
            assert "Please call 988 now, or tell any nurse" in emergency
            continue
        held = emergency if sign.infusing == "emergency" else nurse
        assert f"<li>{sign.name[:1].upper()}{sign.name[1:]}".replace("'", "&#x27;") in held


def test_what_the_clinic_writes_is_text_never_markup(knowledge, settings):
    clinic = replace(knowledge.clinic, name="<b>A & B</b> $clinic")
    shown = page(TEMPLATE, replace(knowledge, clinic=clinic), settings)
    assert "&lt;b&gt;A &amp; B&lt;/b&gt; $clinic" in shown
    assert "<b>" not in shown


@pytest.mark.parametrize(("url", "offered"), [("", "no"), ("https://clinic.example/", "yes")])
def test_the_code_is_offered_only_where_there_is_a_public_page(knowledge, settings, url, offered):
    assert f'data-code="{offered}"' in page(TEMPLATE, knowledge, replace(settings, public_url=url))


def test_the_times_are_those_of_the_settings(knowledge, settings):
    changed = replace(settings, kiosk_idle_seconds=90, kiosk_warning_seconds=30, kiosk_emergency_seconds=200)
    shown = page(TEMPLATE, knowledge, changed)
    assert 'data-idle="90" data-warning="30" data-emergency="200"' in shown
    assert "wiped in 30 seconds" in shown


def test_a_topic_without_a_title_still_shows_its_questions(knowledge):
    held = contents(replace(knowledge, topics={}))
    assert {topic["id"] for topic in held["topics"]} == {answer.topic for answer in knowledge.answers.values()}

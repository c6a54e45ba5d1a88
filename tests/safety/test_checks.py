from datetime import date
from pathlib import Path

import pytest

from infusion_guide.knowledge.examples import Example, read_examples
from infusion_guide.knowledge.files import KnowledgeFileError, read_knowledge
from infusion_guide.safety.checks import check_warning_signs
from tests.conftest import ROOT
from tests.knowledge.small import write_small_knowledge

TODAY = date(2026, 11, 22)
PATH = Path("data/nlu/warning_signs.yml")


def report(sign="racing-heart", status="present", intent="warning_sign", line=1):
    return Example(f"report {line}", intent, f"{intent}/{sign}", PATH, line, sign, status)


def findings(tmp_path, old="", new="", examples=None):
    folder = write_small_knowledge(tmp_path)
    path = folder / "warning_signs.yml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new) if old else path.read_text())
    given = [report(line=line) for line in range(40)] if examples is None else examples
    return [str(found) for found in check_warning_signs(read_knowledge(folder), given, folder, TODAY)]


def test_good_signs_have_no_finding(tmp_path):
    assert findings(tmp_path) == []


def test_our_own_signs_have_no_finding(knowledge):
    examples = read_examples(ROOT / "data" / "nlu")
    assert check_warning_signs(knowledge, examples, ROOT / "knowledge", TODAY) == []


def test_the_examples_are_as_many_as_the_detector_needs():
    examples = read_examples(ROOT / "data" / "nlu")
    assert sum(example.intent == "warning_sign" for example in examples) >= 1200
    assert sum(example.intent == "no_warning_sign" for example in examples) >= 1200


LONG = "web: Call {emergency} now. " + "Help is near. " * 30
HARD = "web: Immediately telephone {emergency} regarding cardiovascular abnormalities necessitating intervention."


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("web: Call {emergency} now. You wrote about {sign}.", LONG, "at most 60"),
        ("web: Call {emergency} now. You wrote about {sign}.", HARD, "reading grade"),
        ("sms: Call {emergency} now.", "sms: Call \u2018{emergency}\u2019 now.", "GSM-7"),
        ("sms: Call {emergency} now.", "sms: Call {emergency} now. " + "Do it. " * 50, "at most 306"),
        ("{sign}", "{signs}", "unknown placeholder {signs}"),
        ("home: emergency", "home: same_day", "no advice for same_day, home"),
        ("home: emergency", "home: nurse_now", "nurse_now is no tier for home"),
        ("sources: [LOCAL]", "sources: [NOWHERE]", "unknown source NOWHERE"),
        ("phrases: [heart racing, heart pounding,", "phrases: [", "8 phrases, at least 10"),
        ("heart racing", '"*"', "no word that must be there"),
    ],
)
def test_what_must_not_reach_a_patient_is_found(tmp_path, old, new, reason):
    found = findings(tmp_path, old, new)
    assert any(reason in finding for finding in found), found
    assert all("warning_signs.yml:" in finding for finding in found)


@pytest.mark.parametrize(
    ("example", "reason"),
    [
        (report(sign="nonsense"), "unknown sign"),
        (report(status="past"), "does not fit"),
        (report(intent="no_warning_sign"), "does not fit"),
    ],
)
def test_a_wrong_label_is_found(tmp_path, example, reason):
    given = [report(line=line) for line in range(40)] + [example]
    assert [reason in finding for finding in findings(tmp_path, examples=given)] == [True]


def test_few_reports_are_found(tmp_path):
    assert "3 reports" in findings(tmp_path, examples=[report(line=line) for line in range(3)])[0]


@pytest.mark.parametrize(
    ("new", "reason"),
    [
        ("heading: Tell {sign} now", "unwell, heading: unknown placeholder {sign}"),
        ("heading: " + "Tell a nurse now. " * 16, "unwell, heading: 64 words, at most 60"),
    ],
)
def test_the_card_for_feeling_unwell_is_checked(tmp_path, new, reason):
    found = findings(tmp_path, "heading: Tell a nurse now", new)
    lines = (tmp_path / "knowledge" / "warning_signs.yml").read_text().splitlines()
    assert any(f"warning_signs.yml:{lines.index('unwell:') + 1}: {reason}" in line for line in found), found


def test_a_damaged_file_names_its_line(tmp_path):
    folder = write_small_knowledge(tmp_path)
    path = folder / "warning_signs.yml"
    path.write_text(path.read_text().replace("tier: emergency", "tier: urgent"))
    with pytest.raises(KnowledgeFileError, match=r"warning_signs.yml:6: 'tier' is 'urgent'"):
        read_knowledge(folder)

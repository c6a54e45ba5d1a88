from datetime import date
from pathlib import Path

import pytest

from infusion_guide.knowledge.checks import check, check_documents
from infusion_guide.knowledge.examples import Example, read_examples
from infusion_guide.knowledge.files import read_knowledge
from tests.conftest import ROOT
from tests.knowledge.small import write_small_knowledge

TODAY = date(2026, 11, 22)


def examples(count=40, label="premedication/why"):
    path = Path("data/nlu/premedication.yml")
    mine = [Example(f"question {n}", "premedication", label, path, n) for n in range(count)]
    uncovered = Example("can i drive", "not_covered", "not_covered/driving-home", path, 99)
    return [*mine, uncovered, Example("should i take it", "medical_advice", "medical_advice/should-i", path, 100)]


def findings(tmp_path, file="", old="", new="", given=None):
    folder = write_small_knowledge(tmp_path)
    if file:
        path = folder / file
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new))
    return [str(found) for found in check(read_knowledge(folder), given or examples(), folder, TODAY)]


def test_good_knowledge_has_no_finding(tmp_path):
    assert findings(tmp_path) == []


LONG = "answer: " + "The tablets help you. " * 21
HARD = "answer: Immunomodulatory premedication considerably ameliorates acute hypersensitivity manifestations."


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("facts: [doc.part.purpose]", "facts: [doc.part.other]", "unknown fact doc.part.other"),
        ("answer: The tablets make chills less likely.", LONG, "84 words, at most 80"),
        ("answer: The tablets make chills less likely.", HARD, "reading grade"),
        ("sms: The tablets make chills less likely.", "sms: The tablets “help” you.", "GSM-7) does not hold: “”"),
        ("sms: The tablets make chills less likely.", "sms: " + "The pill is ok. " * 20, "at most 306"),
        ("review: {state: draft}", "ask_next: [a/b]\n  review: {state: draft}", "ask_next names a/b"),
        (
            "review: {state: draft}",
            "review: {state: approved, by: nurse, on: 2025-01-01, due: 2026-01-01}",
            "the review expired on 2026-01-01",
        ),
    ],
)
def test_a_bad_answer_is_found_with_file_and_line(tmp_path, old, new, reason):
    found = findings(tmp_path, "answers/premedication.yml", old, new)
    assert any(reason in line and "premedication.yml:1:" in line for line in found), found


@pytest.mark.parametrize(
    ("file", "old", "new", "reason"),
    [
        ("topics.yml", "id: premedication", "id: elsewhere", "topics.yml:1: elsewhere: no answers/elsewhere.yml"),
        ("topics.yml", "id: premedication", "id: elsewhere", "no title for the topic premedication"),
        ("topics.yml", "Medicines before it", "One two three four five six seven", "premedication: 7 words, at most 6"),
        ("timelines.yml", "answer: premedication/why", "answer: a/b", "timelines.yml:4: visit, tablets: no answer a/b"),
        ("timelines.yml", "[doc.part.purpose]", "[doc.part.other]", "unknown fact doc.part.other"),
        ("timelines.yml", "[doc.part.purpose]", "[]", "visit, tablets (any): no facts"),
        ("timelines.yml", "The tablets make chills less likely.", "The tablets help you. " * 8, "32 words, at most 30"),
        ("timelines.yml", "text: The tablets make", f"text: {HARD[8:]}", "reading grade"),
        ("facts.yml", "therapy: [general]", "therapy: [ivig]", "states doc.part.purpose, which is about ivig alone"),
        (
            "timelines.yml",
            "{state: draft}",
            "{state: approved, by: nurse, on: 2025-01-01, due: 2026-01-01}",
            "visit: the review expired on 2026-01-01",
        ),
    ],
)
def test_a_bad_topic_or_timeline_is_found_with_file_and_line(tmp_path, file, old, new, reason):
    found = findings(tmp_path, file, old, new)
    assert any(reason in line for line in found), found


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("[doc.part.purpose]", "[doc.part.other]", "(any, any): unknown fact doc.part.other"),
        ("answer: The tablets make chills less likely.", HARD, "(any, any): answer: reading grade"),
        ("sms: The tablets make chills less likely.", "sms: " + "The pill is ok. " * 20, "at most 306"),
        ("id: should-i", "id: unasked", "unasked: no examples in data/nlu/medical_advice.yml"),
        (
            "{state: draft}",
            "{state: approved, by: nurse, on: 2025-01-01, due: 2026-01-01}",
            "should-i: the review expired on 2026-01-01",
        ),
    ],
)
def test_what_is_said_beside_declined_advice_is_checked_like_an_answer(tmp_path, old, new, reason):
    found = findings(tmp_path, "medical_advice.yml", old, new)
    assert any(reason in line and "medical_advice.yml:1:" in line for line in found), found


def test_a_step_must_not_state_what_its_answer_does_not(tmp_path):
    folder = write_small_knowledge(tmp_path)
    facts = folder / "facts.yml"
    facts.write_text(facts.read_text() + facts.read_text().replace("doc.part.purpose", "doc.part.more"))
    timelines = folder / "timelines.yml"
    timelines.write_text(timelines.read_text().replace("[doc.part.purpose]", "[doc.part.more]"))
    found = [str(finding) for finding in check(read_knowledge(folder), examples(), folder, TODAY)]
    assert any("states doc.part.more, which its answer premedication/why does not" in line for line in found), found


def test_a_phrase_for_the_kiosk_is_checked_like_the_others(tmp_path):
    found = findings(tmp_path, "phrases.yml", "  sms:", "  kiosk: Ask {nobody}.\n  sms:")
    assert any("error (kiosk): unknown placeholder {nobody}" in line for line in found), found


def test_an_answer_needs_forty_examples(tmp_path):
    assert any("39 examples" in line for line in findings(tmp_path, given=examples(39)))


def test_an_example_must_not_stand_in_two_answers(tmp_path):
    path = Path("data/nlu/dosing.yml")
    twice = [*examples(), Example("Question 3!", "dosing", "dosing/other", path, 7)]
    assert any("dosing.yml:7" in line and "stands already" in line for line in findings(tmp_path, given=twice))


@pytest.mark.parametrize(
    ("intent", "label", "reason"),
    [
        ("premedication", "premedication/gone", "no answer premedication/gone"),
        ("premedication", "premedication", "no answer premedication"),
        ("not_covered", "not_covered/gone", "no subject gone"),
        ("medical_advice", "medical_advice/gone", "no entry gone in medical_advice.yml"),
    ],
)
def test_an_example_must_ask_for_something_that_is_there(tmp_path, intent, label, reason):
    stray = Example("something new", intent, label, Path("data/nlu/x.yml"), 4)
    assert any("x.yml:4" in line and reason in line for line in findings(tmp_path, given=[*examples(), stray]))


def test_another_disease_must_be_named(tmp_path):
    found = findings(tmp_path, "facts.yml", "condition: sjogrens", "condition: dermatomyositis")
    assert any("dermatomyositis and does not name it" in line for line in found)


def test_a_stale_digest_names_the_answers_it_touches(tmp_path):
    folder = write_small_knowledge(tmp_path)
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "doc.txt").write_text("A part\nNew words.\n")
    found = check_documents(read_knowledge(folder), documents, folder)
    assert [str(line).split("see ")[-1] for line in found] == ["medical_advice/should-i, premedication/why"]
    assert "stale digest" in str(found[0])


def test_the_clinics_knowledge_is_clean(knowledge):
    found = check(knowledge, read_examples(ROOT / "data" / "nlu"), ROOT / "knowledge", TODAY)
    assert [str(line) for line in found] == []


def test_the_documents_have_not_changed(knowledge):
    documents = ROOT.parent / "shared" / "documents"
    if not documents.exists():
        pytest.skip("the source documents are not beside the repository")
    assert check_documents(knowledge, documents, ROOT / "knowledge") == []


def test_no_answer_copies_a_sentence_of_a_document(knowledge):
    documents = ROOT.parent / "shared" / "documents"
    if not documents.exists():
        pytest.skip("the source documents are not beside the repository")
    text = " ".join(path.read_text() for path in documents.glob("*.txt"))
    words = "".join(c if c.isalnum() else " " for c in text.lower()).split()
    runs = {tuple(words[at : at + 9]) for at in range(len(words) - 8)}
    for answer in knowledge.answers.values():
        for variant in answer.variants:
            mine = "".join(c if c.isalnum() else " " for c in variant.answer.lower()).split()
            assert not runs & {tuple(mine[at : at + 9]) for at in range(len(mine) - 8)}, answer.id


def test_a_clinics_answer_to_an_unknown_subject_is_found(tmp_path):
    new = "name: A clinic\nanswers: {flying: Ask us.}"
    assert "no such subject" in "".join(findings(tmp_path, "clinic.yml", "name: A clinic", new))

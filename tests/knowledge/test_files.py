from pathlib import Path

import pytest

from infusion_guide.knowledge.files import KnowledgeFileError, read_knowledge
from tests.knowledge.small import write_small_knowledge


def test_reads_what_is_written(tmp_path):
    knowledge = read_knowledge(write_small_knowledge(tmp_path))
    answer = knowledge.answers["premedication/why"]
    assert answer.variant(None, None).facts == ("doc.part.purpose",)
    assert knowledge.source("doc.part.purpose") == ("A document", "A part", "A document")


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "reason"),
    [
        ("answers/premedication.yml", "  question:", "  qestion:", 2, "unknown field 'qestion'"),
        ("answers/premedication.yml", "state: draft", "state: fine", 8, "'state' is 'fine'"),
        ("answers/premedication.yml", "state: draft", "state: approved", 8, "needs by"),
        ("answers/premedication.yml", "therapy: any", "therapy: aspirin", 4, "'therapy' is 'aspirin'"),
        ("answers/premedication.yml", "therapy: any", "therapy: ivig", 3, "must fit everybody"),
        ("answers/premedication.yml", "id: premedication/why", "id: dosing/why", 1, "must be premedication/<name>"),
        ("facts.yml", "id: doc.part.purpose", "id: purpose", 1, "a fact id is document.section.name"),
        ("facts.yml", "safety: true", "safety: perhaps", 7, "must be true or false"),
        ("clinic.yml", "name: A clinic", "name: [A, clinic", 1, "not valid YAML"),
        ("phrases.yml", "outcome: error", "outcome: great", 2, "'outcome' is 'great'"),
        ("topics.yml", "title:", "titel:", 2, "unknown field 'titel'"),
        ("timelines.yml", "phase: before", "phase: tomorrow", 6, "'phase' is 'tomorrow'"),
        ("timelines.yml", "icon: tablet", "icon: rocket", 7, "'icon' is 'rocket'"),
        ("timelines.yml", "therapy: any", "therapy: ivig", 9, "a text for any therapy, or one for each"),
        ("medical_advice.yml", "general:", "generally:", 2, "unknown field 'generally'"),
        ("medical_advice.yml", "therapy: any", "therapy: aspirin", 3, "'therapy' is 'aspirin'"),
        ("warning_signs.yml", "  heading: Tell", "  headline: Tell", 29, "unknown field 'headline'"),
    ],
)
def test_names_file_and_line_of_a_damage(tmp_path, file, old, new, line, reason):
    folder = write_small_knowledge(tmp_path)
    path = folder / file
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(KnowledgeFileError) as error:
        read_knowledge(folder)
    assert reason in str(error.value)
    assert error.value.path == path
    assert abs(error.value.line - line) <= 1


def test_half_written_file_is_refused(tmp_path):
    folder = write_small_knowledge(tmp_path)
    path = folder / "answers" / "premedication.yml"
    text = path.read_text()
    path.write_text(text[: text.index("facts:")])
    with pytest.raises(KnowledgeFileError, match=r"premedication.yml:\d+: .*facts"):
        read_knowledge(folder)


def test_an_id_that_stands_twice_is_refused(tmp_path):
    folder = write_small_knowledge(tmp_path)
    path = folder / "facts.yml"
    path.write_text(path.read_text() * 2)
    with pytest.raises(KnowledgeFileError, match="stands twice"):
        read_knowledge(folder)


def test_bytes_that_are_no_text_are_refused(tmp_path):
    folder = write_small_knowledge(tmp_path)
    (folder / "facts.yml").write_bytes(b"- id: a\n  statement: \xff\xfe\n")
    with pytest.raises(KnowledgeFileError, match=r"facts.yml:2: not UTF-8"):
        read_knowledge(folder)


def test_a_missing_file_is_named(tmp_path):
    folder = write_small_knowledge(tmp_path)
    (folder / "clinic.yml").unlink()
    with pytest.raises(KnowledgeFileError, match=r"clinic\.yml:1: the file is missing"):
        read_knowledge(Path(folder))


@pytest.mark.parametrize(
    ("new", "reason"),
    [
        ("opening: {monday: 8-17}", "hours are written like 08:00-17:00"),
        ("opening: {someday: 08:00-17:00}", "unknown field 'someday'"),
        ("opening: {monday: 08:00-17:00}", "'time_zone' must be one like"),
        ("opening: {monday: 08:00-17:00}\ntime_zone: Nowhere/Land", "'time_zone' must be one like"),
    ],
)
def test_hours_that_cannot_be_read_are_refused(tmp_path, new, reason):
    folder = write_small_knowledge(tmp_path)
    path = folder / "clinic.yml"
    path.write_text(f"{path.read_text()}{new}\n")
    with pytest.raises(KnowledgeFileError, match=reason):
        read_knowledge(folder)

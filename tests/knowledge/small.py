"""A knowledge of one document, one fact and one answer, for tests that damage it."""

from pathlib import Path

FILES = {
    "documents.yml": """\
- id: doc
  title: A document
  sections:
    - id: part
      heading: A part
      digest: "0"
""",
    "facts.yml": """\
- id: doc.part.purpose
  statement: The tablets make chills less likely.
  topic: premedication
  therapy: [general]
  condition: sjogrens
  audience: patient
  safety: true
""",
    "answers/premedication.yml": """\
- id: premedication/why
  question: Why the tablets?
  variants:
    - therapy: any
      answer: The tablets make chills less likely.
      sms: The tablets make chills less likely.
      facts: [doc.part.purpose]
  review: {state: draft}
""",
    "not_covered.yml": """\
- id: driving-home
  title: Driving home
  group: afterwards
  ask: your nurse
  review: {state: draft}
""",
    "phrases.yml": """\
- id: error
  outcome: error
  web: Please call {phone}.
  sms: Please call {phone}.
""",
    "clinic.yml": """\
name: A clinic
care_team_phone: 555-0100
demo: true
""",
}


def write_small_knowledge(folder: Path) -> Path:
    for name, text in FILES.items():
        path = folder / "knowledge" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder / "knowledge"

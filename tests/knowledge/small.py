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
    "medical_advice.yml": """\
- id: should-i
  general:
    - therapy: any
      answer: The tablets make chills less likely.
      sms: The tablets make chills less likely.
      facts: [doc.part.purpose]
  review: {state: draft}
""",
    "phrases.yml": """\
- id: error
  outcome: error
  web: Please call {phone}.
  sms: Please call {phone}.
""",
    "warning_signs.yml": """\
review: {state: draft}
sources: {LOCAL: no source}
limits: {fever_fahrenheit: 100.4, fever_celsius: 38, pulse_high: 120, pulse_low: 40, oxygen_low: 92,
  systolic_low: 90, systolic_high: 180}
advice:
  - tier: emergency
    setting: home
    web: Call {emergency} now. You wrote about {sign}.
    sms: Call {emergency} now.
    spanish: Llame al {emergency} ahora.
    spanish_sms: Llame al {emergency} ahora.
  - tier: nurse_now
    setting: infusing
    web: Tell your nurse now. You wrote about {sign}.
    sms: Tell your nurse now.
    spanish: Avise a su enfermera ahora.
    spanish_sms: Avise a su enfermera ahora.
signs:
  - id: racing-heart
    name: a racing heart
    spanish: latidos rápidos
    infusing: nurse_now
    home: emergency
    sources: [LOCAL]
    phrases: [heart racing, heart pounding, heart fluttering, heart skips, heart jumps, heart banging, heart hammering,
      heart thumping, heart flips, heart gallops]
    review: {state: draft}
unwell:
  heading: Tell a nurse now
  text: Tell a nurse now. If no one comes, call {emergency}.
  emergency: "Do not wait with these:"
  nurse_now: "Tell your nurse of these:"
  crisis: "If you think of dying:"
""",
    "warning_sign_words.yml": """\
cues:
  - status: denied
    where: before
    reach: 4
    scope: clause
    phrases: [no, not]
breaks: [but]
idioms: [heart of gold]
settings: {infusing: [drip is in], home: [at home]}
spanish_words: [tengo]
patterns: {}
""",
    "topics.yml": """\
- id: premedication
  title: Medicines before it
""",
    "timelines.yml": """\
- id: visit
  title: Your visit
  steps:
    - id: tablets
      title: The tablets
      phase: before
      icon: tablet
      answer: premedication/why
      texts:
        - therapy: any
          text: The tablets make chills less likely.
          facts: [doc.part.purpose]
  review: {state: draft}
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

from infusion_guide.knowledge.coverage import coverage
from infusion_guide.knowledge.files import read_knowledge
from tests.knowledge.small import write_small_knowledge


def test_every_fact_of_the_clinic_is_stated(knowledge):
    assert len(knowledge.facts) == 229
    assert coverage(knowledge).unstated == ()


def test_a_fact_that_no_answer_states_is_named(tmp_path):
    folder = write_small_knowledge(tmp_path)
    facts = folder / "facts.yml"
    facts.write_text(facts.read_text() + facts.read_text().replace("purpose", "other"))
    found = coverage(read_knowledge(folder))
    assert [fact.id for fact in found.unstated_patient_facts] == ["doc.part.other"]
    assert found.stated_by["doc.part.purpose"] == ("premedication/why",)

"""Stock Rasa beside the guide: the same examples, the same answers."""

from benchmarks.processes import ROOT
from benchmarks.stock import chosen_examples, default_configuration, project_files
from benchmarks.stock_actions import stock_reply, turn_of
from benchmarks.stock_labels import ACTION, intent_of_label, label_of_intent
from infusion_guide.knowledge.examples import read_examples


def understood(*labels, fallback=False):
    intents = [{"name": intent_of_label(label), "confidence": 0.9 / (at + 1)} for at, label in enumerate(labels)]
    if fallback:
        intents.insert(0, {"name": "nlu_fallback", "confidence": 0.3})
    return {"text": "a question", "intent": intents[0], "intent_ranking": intents}


def test_every_label_of_the_guide_is_an_intent_with_a_rule():
    examples = read_examples(ROOT / "data" / "nlu")
    files = project_files(ROOT, chosen_examples(examples, 3), epochs=1)
    labels = {example.label for example in examples}
    intents = files["domain.yml"]["intents"]
    assert {label_of_intent(intent) for intent in intents} == labels
    asked = {step["intent"] for rule in files["data/rules.yml"]["rules"] for step in rule["steps"] if "intent" in step}
    assert asked == {*intents, "nlu_fallback"}
    assert max(block["examples"].count("\n") for block in files["data/nlu.yml"]["nlu"]) <= 3


def test_all_examples_are_taken_where_there_is_no_bound():
    examples = read_examples(ROOT / "data" / "nlu")
    assert sorted(example.text for example in chosen_examples(examples, 0)) == sorted(e.text for e in examples)


def test_stories_are_the_guides_own_with_labels():
    files = project_files(ROOT, read_examples(ROOT / "data" / "nlu"), epochs=1)
    steps = [step for story in files["data/stories.yml"]["stories"] for step in story["steps"]]
    assert {step["intent"] for step in steps if "intent" in step} <= set(files["domain.yml"]["intents"])
    assert {step["action"] for step in steps if "action" in step} == {ACTION}


def test_the_pipeline_is_rasas_default_but_for_the_epochs():
    configuration = default_configuration(7)
    epochs = {part["name"]: part["epochs"] for part in configuration["pipeline"] if "epochs" in part}
    assert epochs == {"DIETClassifier": 7, "ResponseSelector": 7}
    assert "TEDPolicy" in {policy["name"] for policy in configuration["policies"]}


def test_every_label_gets_a_reply_and_every_answer_its_own(knowledge):
    for label in {example.label for example in read_examples(ROOT / "data" / "nlu")}:
        reply = stock_reply(turn_of(understood(label)), knowledge)
        assert reply.text
        if label in knowledge.answers:
            assert [shown.id for shown in reply.answers] == [label]


def test_a_mention_of_a_sign_gives_way_to_the_question_behind_it(knowledge):
    answer = next(iter(knowledge.answers))
    reply = stock_reply(turn_of(understood("no_warning_sign/question", answer)), knowledge)
    assert [shown.id for shown in reply.answers] == [answer]


def test_below_the_threshold_the_nearest_answers_are_offered(knowledge):
    answers = list(knowledge.answers)[:2]
    reply = stock_reply(turn_of(understood(*answers, fallback=True)), knowledge)
    assert not reply.answers
    assert [choice.id for choice in reply.choices][:2] == answers

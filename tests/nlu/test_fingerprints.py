"""What Rasa's training cache must notice."""

import types

from rasa.engine.training import fingerprinting

from infusion_guide.nlu.fingerprints import code_digest
from infusion_guide.nlu.warning_signs import WarningSignDetector
from infusion_guide.safety import classifier, rules


def test_other_code_has_another_digest():
    assert code_digest(classifier) == code_digest(classifier)
    assert code_digest(classifier) != code_digest(rules)


def test_rasa_asks_a_component_for_its_addon(monkeypatch):
    def key():
        return fingerprinting.calculate_fingerprint_key(WarningSignDetector, {}, {})

    before = key()
    monkeypatch.setattr("infusion_guide.nlu.warning_signs.classifier", types.ModuleType("changed"))
    monkeypatch.setattr("infusion_guide.nlu.fingerprints.inspect.getsource", lambda module: module.__name__)
    assert key() != before

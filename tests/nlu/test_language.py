import pytest
from rasa.shared.nlu.training_data.formats.rasa_yaml import RasaYAMLReader

from infusion_guide.nlu.entities import words_of
from infusion_guide.nlu.language import LanguageReader, named
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def reader():
    return LanguageReader(words_of(RasaYAMLReader().read(ROOT / "data" / "nlu" / "names.yml")))


@pytest.mark.parametrize(
    ("text", "therapies"),
    [
        ("how long is a Rituxan drip", ("rituximab",)),
        ("MABTHERA or Truxima or ruxience", ("rituximab",)),
        ("Gammagard vs Gamunex-C vs privigen, octagam, Panzyga", ("ivig",)),
        ("gamma globulin for my nerves", ("ivig",)),
        ("rituxumab, retuximab, rituxamib, rituximabb", ("rituximab",)),
        ("imunoglobulins and gammaguard", ("ivig",)),
        ("IVIG or rituximab?", ("ivig", "rituximab")),
        ("will it wipe out my B cells", ("rituximab",)),
        ("does IVIG touch my B cells", ("ivig",)),
        ("my immunologist works biologically", ()),
        ("how long does it take", ()),
    ],
)
def test_finds_the_therapies(reader, text, therapies):
    assert named(reader.read(text), "therapy") == therapies


@pytest.mark.parametrize(
    ("text", "conditions"),
    [
        ("Sjögren’s syndrome", ("sjogrens",)),
        ("sjorgens, shogrens or sjogerns", ("sjogrens",)),
        ("dermatomyocitis since May", ("dermatomyositis",)),
        ("my cousin with Guillain-Barré", ("guillain-barre",)),
        ("GBS", ("guillain-barre",)),
        ("the dermatologist said so", ()),
    ],
)
def test_finds_the_condition(reader, text, conditions):
    assert named(reader.read(text), "condition") == conditions


def test_a_mention_knows_where_it_stands(reader):
    text = "Is Gamunex ok?"
    mention = reader.read(text)[0]
    assert text[mention.start : mention.end] == "Gamunex"

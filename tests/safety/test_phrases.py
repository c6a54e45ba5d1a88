import pytest

from infusion_guide.safety.phrases import PhraseReader


def found(phrase: str, text: str) -> bool:
    reader = PhraseReader({"sign": [phrase]})
    return bool(reader.find(reader.read(text)))


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("chest hurts", "my CHEST is... no, chest hurting"),
        ("cant breathe", "I can’t breathe"),
        ("cant breathe", "i cnat brethe"),
        ("lips|tongue swelling", "tongue swelled"),
        ("throat * closing", "my throat feels like it's closing"),
        ("throat (is) closing", "throat closing"),
        ("throat (is) closing", "throat is closing up"),
    ],
)
def test_a_phrase_finds_its_words_in_other_forms(phrase, text):
    assert found(phrase, text)


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("chest hurts", "my foot hurts"),
        ("throat * closing", "throat fine. the clinic is closing"),
        ("throat * closing", "throat is dry and sore today while they are closing"),
        ("lips|tongue swelling", "ankle swelling"),
    ],
)
def test_a_phrase_leaves_other_words_alone(phrase, text):
    assert not found(phrase, text)


def test_a_phrase_of_nothing_is_refused():
    with pytest.raises(ValueError, match="no word that must be there"):
        PhraseReader({"sign": ["(a) *"]})

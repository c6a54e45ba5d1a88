import pytest

from infusion_guide.knowledge.schema import Answer, Phrase, Review, Step, StepText, Variant


def variant(therapy, condition="any"):
    return Variant(therapy, condition, f"{therapy} {condition}", "", (), ())


ANSWER = Answer(
    "a/b",
    "?",
    (variant("any"), variant("ivig"), variant("rituximab"), variant("ivig", "dermatomyositis")),
    (),
    Review(),
)


@pytest.mark.parametrize(
    ("therapy", "condition", "shown"),
    [
        (None, None, "any any"),
        ("ivig", None, "ivig any"),
        ("rituximab", "sjogrens", "rituximab any"),
        ("ivig", "dermatomyositis", "ivig dermatomyositis"),
        (None, "dermatomyositis", "ivig dermatomyositis"),
        ("rituximab", "dermatomyositis", "rituximab any"),
        ("ivig", "guillain-barre", "ivig any"),
    ],
)
def test_the_most_specific_variant_is_shown(therapy, condition, shown):
    assert ANSWER.variant(therapy, condition).answer == shown


@pytest.mark.parametrize(
    ("texts", "ivig", "rituximab"),
    [
        ({"any": "both"}, "both", "both"),
        ({"any": "both", "rituximab": "its own"}, "both", "its own"),
        ({"ivig": "one", "rituximab": "other"}, "one", "other"),
    ],
)
def test_a_step_says_what_fits_the_therapy_best(texts, ivig, rituximab):
    parts = tuple(StepText(therapy, text, ()) for therapy, text in texts.items())
    step = Step("a", "A", "before", "drip", "a/b", parts)
    assert (step.text("ivig").text, step.text("rituximab").text) == (ivig, rituximab)


@pytest.mark.parametrize(("kiosk", "shown"), [("Tell a nurse.", "Tell a nurse."), ("", "Call us.")])
def test_the_kiosk_says_what_the_web_says_unless_it_has_words_of_its_own(kiosk, shown):
    phrase = Phrase("a", "error", "Call us.", "Call.", kiosk=kiosk)
    assert (phrase.text("kiosk"), phrase.text("web"), phrase.text("sms")) == (shown, "Call us.", "Call.")

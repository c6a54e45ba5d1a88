import pytest

from infusion_guide.knowledge.schema import Answer, Review, Variant


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

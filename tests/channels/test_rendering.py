from infusion_guide.channels.rendering import browser_reply, plain_text
from infusion_guide.contract import Choice, Reply, Shown, Source

REPLY = Reply(
    "answer",
    "Several hours.",
    answers=(Shown("a/b", ("d.s.f",)),),
    choices=(Choice("a/c", "What next?", ()),),
    sources=(Source("A document", "A part"), Source("Another", "")),
    notes=("Not yet reviewed.",),
)


def test_a_terminal_shows_text_source_note_and_choices():
    assert plain_text(REPLY).splitlines() == [
        "Several hours.",
        "",
        "From: A document — A part",
        "From: Another",
        "Not yet reviewed.",
        "",
        "  › What next?",
    ]


def test_a_browser_gets_ids_and_titles_of_choices():
    assert browser_reply(REPLY)["choices"] == [{"id": "a/c", "title": "What next?"}]

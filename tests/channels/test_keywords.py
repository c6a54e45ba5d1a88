import pytest
from hypothesis import given
from hypothesis import strategies as st

from infusion_guide.channels.keywords import HELP, MORE, START, STOP, chosen, keyword

CARRIERS_WORDS = {
    STOP: ["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"],
    START: ["START", "UNSTOP"],
    HELP: ["HELP", "INFO"],
    MORE: ["MORE"],
}
EACH = [(word, name) for name, words in CARRIERS_WORDS.items() for word in words]
TITLES = ["How soon will I feel better?", "Why do I get tablets before?", "Yes, it's running"]


@pytest.mark.parametrize(("word", "name"), EACH)
def test_a_carriers_word_is_a_keyword(word, name):
    for written in (word, word.lower(), word.title(), f" {word}. ", f'"{word}"!!', f"{word}\n"):
        found = keyword(written)
        assert (found.name, found.bare) == (name, True), written


@given(
    st.sampled_from(EACH),
    st.lists(st.booleans(), min_size=12, max_size=12),
    st.text(alphabet=" .,!?-*'\"\n\t", max_size=5),
    st.text(alphabet=" .,!?-*'\"\n\t", max_size=5),
)
def test_neither_case_nor_punctuation_nor_space_matters(each, upper, before, after):
    word, name = each
    written = "".join(letter.upper() if up else letter.lower() for letter, up in zip(word, upper))
    assert keyword(before + written + after).name == name


@pytest.mark.parametrize(
    "words",
    [
        "dont text me anymore", "Don't text me anymore!", "please stop texting me", "stop sending me messages",
        "Stop please", "please stop", "no more texts", "No more messages, please", "take me off your list",
        "unsubscribe me", "opt out", "opt me out", "stop the texts", "cancel these text messages", "end texts",
        "do not contact me again", "I want to stop getting these texts", "i dont want any more texts",
        "remove me from your list", "quit texting me", "can you please stop messaging me", "stop all texts",
        "i want to unsubscribe", "never text this number again", "Stop, thank you", "STOP ALL",
    ],
)  # fmt: skip
def test_a_reasonable_wording_opts_out(words):
    assert keyword(words).name == STOP


@pytest.mark.parametrize(
    "words",
    [
        "HELP i cant breathe", "stop it hurts", "stop it", "please stop it hurts", "cancel my infusion",
        "please cancel",
        "cancel", "end it", "i want to end it", "i want to stop living", "i want to stop", "end", "quit ivig",
        "can i stop rituximab", "stop the infusion", "stop the drip", "what if i stop", "start over", "please start",
        "help me", "more info about ivig", "is there more", "no", "no thanks", "i dont want to get the infusion",
        "i dont want to die", "remove me from the drip", "take me off the ivig", "never mind", "end my life",
        "how do i stop the itching", "i dont want any more infusions", "stop my heart is racing", "info on ivig",
        "when does it end", "i quit my job", "the texts help", "what do your messages cost", "", "   ", "?!", "🙂",
    ],
)  # fmt: skip
def test_what_only_holds_such_a_word_is_no_opt_out(words):
    found = keyword(words)
    if words in ("cancel", "end"):
        assert found.bare, "alone they are carriers' words"
    else:
        assert found is None


@given(st.text(max_size=200))
def test_any_text_is_read_without_an_error(text):
    found = keyword(text)
    assert found is None or found.name in CARRIERS_WORDS
    assert chosen(text, []) is None
    place = chosen(text, TITLES)
    assert place is None or 1 <= place <= 9


@given(st.sampled_from(EACH), st.sampled_from(["it hurts", "my chest hurts", "my infusion", "i cant breathe", "ivig"]))
def test_a_keyword_with_something_to_say_beside_it_is_none(each, rest):
    assert keyword(f"{each[0]} {rest}") is None
    assert keyword(f"{rest} {each[0]}") is None


@pytest.mark.parametrize(
    ("words", "place"),
    [
        ("2", 2), (" 2. ", 2), ("#2", 2), ("(2)", 2), ("2)", 2), ("Reply 2", 2), ("option 2", 2), ("number 2", 2),
        ("two", 2), ("the second one", 2), ("second", 2), ("2nd", 2), ("Why do I get tablets before?", 2),
        ("why do i get tablets before", 2), ("yes its running", 3), ("Yes, it’s running", 3), ("7", 7),
    ],
)  # fmt: skip
def test_a_choice_is_named_by_digit_place_or_words(words, place):
    assert chosen(words, TITLES) == place


@pytest.mark.parametrize(
    "words", ["102", "101.5", "39 C", "2 hours", "yes", "no", "10", "0", "1 or 2", "22", "one day"]
)
def test_a_number_that_says_something_is_no_choice(words):
    assert chosen(words, TITLES) is None

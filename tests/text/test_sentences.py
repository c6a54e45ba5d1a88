from infusion_guide.text.sentences import MAX_SENTENCES, parts


def test_one_sentence_is_the_whole_only():
    assert parts("how long does it take?") == ["how long does it take?"]


def test_a_story_is_whole_and_in_sentences():
    assert parts("I got home at four. My lips are swelling!") == [
        "I got home at four. My lips are swelling!",
        "I got home at four.",
        "My lips are swelling!",
    ]


def test_the_cost_of_a_long_story_is_bounded():
    assert len(parts("It was a long long day. " * 50)) == 1 + MAX_SENTENCES

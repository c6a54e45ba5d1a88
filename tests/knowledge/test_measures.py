from infusion_guide.knowledge.measures import characters_outside_sms, reading_grade, sms_characters, sms_segments


def test_short_words_read_easier_than_long_ones():
    assert reading_grade("You get the drug in a vein.") < 3 < reading_grade("Immunomodulatory therapies ameliorate.")


def test_sjogrens_fits_a_text_message_and_curly_quotes_do_not():
    assert characters_outside_sms("Sjögren's") == ""
    assert characters_outside_sms("it’s — so") == "—’"


def test_characters_of_the_extension_table_count_twice():
    assert sms_characters("a[b]") == 6


def test_a_message_of_161_characters_costs_two():
    assert (sms_segments("a" * 160), sms_segments("a" * 161)) == (1, 2)

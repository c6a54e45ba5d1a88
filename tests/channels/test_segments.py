import pytest
from hypothesis import given
from hypothesis import strategies as st

from infusion_guide.channels.segments import fits, gsm_text, pages
from infusion_guide.knowledge.measures import characters_outside_sms, sms_segments

# GSM 03.38, written down anew: the counter must agree with the standard, not with the library that it uses.
BASIC = (
    "@£$¥èéùìòÇ\nØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = "^{}\\[~]|€"
MORE = "Reply MORE for more."


def counted(text):
    """Segments by the standard: 160 characters alone, else 153 a part; an extension character is never torn apart."""
    sizes = [2 if character in EXTENSION else 1 for character in text]
    if sum(sizes) <= 160:
        return 1
    parts, used = 1, 0
    for size in sizes:
        if used + size > 153:
            parts, used = parts + 1, 0
        used += size
    return parts


@given(st.text(alphabet=BASIC + EXTENSION, min_size=1, max_size=700))
def test_segments_are_counted_as_the_standard_says(text):
    assert sms_segments(text) == counted(text)


@given(st.text(alphabet=BASIC + EXTENSION * 9, min_size=1, max_size=500), st.integers(min_value=1, max_value=4))
def test_what_fits_is_what_is_counted(text, segments):
    assert fits(text, segments) == (counted(text) <= segments)


@given(st.integers(min_value=140, max_value=170), st.integers(min_value=0, max_value=3), st.integers(1, 4))
def test_what_fits_is_what_is_counted_at_the_edge(length, extra, segments):
    text = "a" * (153 * segments - 5) + "€" * extra + "b" * (length - 150 + 5 if length > 150 else 0)
    assert fits(text, segments) == (counted(text) <= segments)


@given(st.text(max_size=300))
def test_any_text_is_folded_into_gsm_and_folding_again_changes_nothing(text):
    folded = gsm_text(text)
    assert characters_outside_sms(folded) == ""
    assert set(folded) <= set(BASIC + EXTENSION)
    assert gsm_text(folded) == folded


@given(st.text(alphabet=BASIC.replace("\n", ""), max_size=300))
def test_what_gsm_holds_is_kept(text):
    assert gsm_text(text) == " ".join(text.split())


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Sjögren’s", "Sjögren's"), ("“how long” – or so…", '"how long" - or so...'),
        ("Clínica Álamo", "Clinica Alamo"),
        ("a\u00a0b\u202fc\u2009d", "a b c d"), ("good 🙂 day", "good day"), ("garçon", "garcon"),
        ("38 °C", "38 degrees C"),
        ("a\x1bb\x0cc\rd\r\ne", "a b c\nd\ne"), ("  a \n\n\n\n b ", "a\n\nb"), ("ﬁne", "fine"), ("½ hour", "1/2 hour"),
    ],
)  # fmt: skip
def test_folding_keeps_the_meaning(written, shown):
    assert gsm_text(written) == shown


PIECES = st.lists(st.text(alphabet=BASIC.replace("\n", "") + EXTENSION, min_size=1, max_size=600), max_size=8)


@given(PIECES, st.integers(min_value=1, max_value=3))
def test_every_page_fits_and_nothing_is_lost(pieces, segments):
    made = pages(pieces, segments, MORE)
    assert all(fits(page, segments) for page in made)
    assert all(page.endswith(MORE) for page in made[:-1])
    shown = "".join(page.removesuffix(MORE) if page is not made[-1] else page for page in made)
    assert "".join(shown.split()) == "".join("".join(pieces).split())


def test_pieces_stay_whole_where_they_fit():
    lines = [f"Line {number} of the list, with some words after it." for number in range(12)]
    made = pages(lines, 2, MORE)
    assert [line for page in made for line in page.split("\n") if line != MORE] == lines


def test_a_long_paragraph_is_cut_behind_a_sentence():
    made = pages(["This is a sentence of some length. " * 20], 1, MORE)
    assert len(made) > 4
    assert all(page.removesuffix(f"\n{MORE}").endswith(".") for page in made[:-1])


def test_nothing_is_no_page():
    assert pages([], 3, MORE) == ()

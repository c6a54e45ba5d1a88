import pytest

from infusion_guide.privacy.redaction import redacted


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("call me on 555-867-5309 please", "867"),
        ("my number is (212) 555 0187", "0187"),
        ("ring +44 20 7946 0958", "7946"),
        ("write to mary.jones@example.org", "mary"),
        ("dob 3/5/1961 and ivig", "1961"),
        ("born 3 May 1961", "1961"),
        ("born May 3rd, 1961", "1961"),
        ("ssn 123-45-6789", "6789"),
        ("MRN 00123456 how long", "00123456"),
        ("medical record number: AB-12345", "12345"),
        ("my name is Mary Ann Smith and I get IVIG", "Smith"),
        ("my name is mary", "mary"),
        ("I saw Dr. Patel about it", "Patel"),
    ],
)
def test_takes_identifiers_out(text, secret):
    assert secret not in redacted(text)


@pytest.mark.parametrize(
    "text",
    [
        "temp 102.4 since last night",
        "39 C and shaking",
        "bp 190 over 110, pulse 160",
        "190/110",
        "0.4 g/kg over 5 days",
        "is 3-4 hours normal, 2 infusions 14 days apart",
        "creatinine 1.4 and IgG 450",
        "how long does it take",
        "oxygen 88",
        "it ran from 9:30 to 14:15",
    ],
)
def test_leaves_clinical_numbers_alone(text):
    assert redacted(text) == text

import pytest

from infusion_guide.channels.origins import Origins

ORIGINS = Origins(["https://clinic.example", "http://127.0.0.1:8000"])


@pytest.mark.parametrize("origin", [None, "https://clinic.example", "http://127.0.0.1:8000", "https://guide.example"])
def test_listed_sites_and_the_guides_own_pages_may_call(origin):
    assert ORIGINS.allows(origin, "guide.example")


@pytest.mark.parametrize(
    "origin",
    ["", "null", "*", "https://", "http://clinic.example", "https://clinic.example.evil.example",
     "https://evil.example", "https://guide.example:8443", "https://guide.example.evil.example"],
)  # fmt: skip
def test_nobody_else_may_call(origin):
    assert not ORIGINS.allows(origin, "guide.example")
    assert not ORIGINS.allows(origin, "")


def test_only_a_listed_site_may_read_and_only_it_is_named():
    assert ORIGINS.headers("https://clinic.example")["Access-Control-Allow-Origin"] == "https://clinic.example"
    for origin in (None, "https://evil.example", "https://guide.example"):
        assert ORIGINS.headers(origin) == {"Vary": "Origin"}

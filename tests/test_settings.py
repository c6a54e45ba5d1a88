import pytest

from infusion_guide.settings import SettingsError, read_settings


@pytest.mark.parametrize(
    ("text", "origins"),
    [
        ("", ()),
        ("https://clinic.example", ("https://clinic.example",)),
        (" https://Clinic.example/ ,https://b.example:443 ", ("https://clinic.example", "https://b.example")),
        ("http://127.0.0.1:8000\nhttps://[::1]:8443", ("http://127.0.0.1:8000", "https://[::1]:8443")),
        ("https://a.example https://a.example/", ("https://a.example",)),
    ],
)
def test_origins_are_read_as_browsers_write_them(text, origins):
    assert read_settings({"GUIDE_ORIGINS": text}).origins == origins


@pytest.mark.parametrize(
    "text",
    ["*", "https://*", "https://*.clinic.example", "clinic.example", "null", "file:///x", "https://clinic.example/page",
     "https://user@clinic.example", "https://", "https://clinic.example https://b.example:port"],
)  # fmt: skip
def test_what_is_no_origin_is_refused_by_name(text):
    with pytest.raises(SettingsError, match="GUIDE_ORIGINS"):
        read_settings({"GUIDE_ORIGINS": text})

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


@pytest.mark.parametrize("address", ["https://clinic.example/infusion", "http://10.0.0.5:5005/", ""])
def test_a_public_address_is_taken_as_it_is(tmp_path, address):
    assert read_settings({"GUIDE_PUBLIC_URL": address}, tmp_path).public_url == address


@pytest.mark.parametrize(
    "address",
    ["clinic.example", "javascript:alert(1)", "https://", "https://a.example/#x", "https://a.example/?who=me"],
)
def test_a_public_address_that_is_no_plain_page_is_refused_by_name(tmp_path, address):
    with pytest.raises(SettingsError, match="GUIDE_PUBLIC_URL must be a page's address"):
        read_settings({"GUIDE_PUBLIC_URL": address}, tmp_path)


def test_nobody_is_given_less_than_twenty_seconds_to_say_that_they_are_there(tmp_path):
    with pytest.raises(SettingsError, match="GUIDE_KIOSK_WARNING_SECONDS must lie between 20 and 120"):
        read_settings({"GUIDE_KIOSK_WARNING_SECONDS": "5"}, tmp_path)


from infusion_guide.settings import read_text_settings

KEY = "k" * 32
TWILIO = {"GUIDE_TWILIO_TOKEN": "token", "GUIDE_SMS_URL": "https://g.example/webhooks/sms/twilio", "GUIDE_SMS_KEY": KEY}


def test_without_settings_there_are_no_text_messages():
    assert read_text_settings({}) is None
    assert read_text_settings({"GUIDE_SMS_KEY": KEY}) is None


def test_what_is_set_is_read_and_no_secret_is_shown():
    texts = read_text_settings({**TWILIO, "GUIDE_SMS_JSON_SECRET": "j" * 40})
    assert (texts.key, texts.url, texts.twilio_token) == (KEY, TWILIO["GUIDE_SMS_URL"], "token")
    assert not any(secret in repr(texts) for secret in (KEY, "token", "j" * 40))


@pytest.mark.parametrize("missing", sorted(TWILIO))
def test_a_missing_setting_is_named(missing):
    with pytest.raises(SettingsError, match=f"^{missing} is missing"):
        read_text_settings({name: value for name, value in TWILIO.items() if name != missing})


def test_the_plain_webhook_needs_the_key_alone():
    assert read_text_settings({"GUIDE_SMS_JSON_SECRET": "j" * 32, "GUIDE_SMS_KEY": KEY}).twilio_token == ""
    with pytest.raises(SettingsError, match=r"^GUIDE_SMS_KEY is missing"):
        read_text_settings({"GUIDE_SMS_JSON_SECRET": "j" * 32})


@pytest.mark.parametrize(
    "url", ["guide.example.org", "ftp://x/y", "https://", "https://x:port/", "https://x:99999/", "//x"]
)
def test_an_address_that_is_none_is_refused(url):
    with pytest.raises(SettingsError, match=r"^GUIDE_SMS_URL must be"):
        read_text_settings({**TWILIO, "GUIDE_SMS_URL": url})


@pytest.mark.parametrize("name", ["GUIDE_SMS_KEY", "GUIDE_SMS_JSON_SECRET"])
def test_a_short_secret_is_refused(name):
    with pytest.raises(SettingsError, match=f"^{name} must have at least 32"):
        read_text_settings({**TWILIO, name: "short"})

import pytest

from infusion_guide.settings import SettingsError, read_text_settings

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

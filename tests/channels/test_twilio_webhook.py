from urllib.parse import urlencode

import pytest
from twilio.request_validator import RequestValidator

from infusion_guide.channels.text_provider import NotFromProviderError, UnusableRequestError, plain_number
from infusion_guide.channels.twilio_webhook import TwilioWebhook

TOKEN, URL = "0123456789abcdef", "https://guide.example.org/webhooks/sms/twilio"
FIELDS = {
    "MessageSid": "SM0123", "SmsSid": "SM0123", "AccountSid": "AC1", "From": "+15550100001", "To": "+15550100009",
    "Body": "how long does it take? 50% & more + é 🙂", "NumMedia": "0", "FromCity": "", "FromState": "", "ToZip": "",
}  # fmt: skip


def signed(fields, url=URL, token=TOKEN):
    return {"X-Twilio-Signature": RequestValidator(token).compute_signature(url, fields)}


@pytest.fixture
def webhook():
    return TwilioWebhook(TOKEN, URL)


def test_a_message_with_blank_fields_is_read(webhook):
    message = webhook.read(signed(FIELDS), urlencode(FIELDS).encode())
    assert (message.id, message.number, message.text) == ("SM0123", "+15550100001", FIELDS["Body"])
    assert not message.answered


def test_a_keyword_that_twilio_has_answered_is_marked(webhook):
    fields = {**FIELDS, "Body": "STOP", "OptOutType": "STOP"}
    assert webhook.read(signed(fields), urlencode(fields).encode()).answered


@pytest.mark.parametrize(
    "headers",
    [
        {}, {"X-Twilio-Signature": ""}, {"X-Twilio-Signature": "x"}, signed(FIELDS, token="another"),
        signed(FIELDS, url="http://guide.example.org/webhooks/sms/twilio"), signed(FIELDS, url=URL + "/"),
        signed(FIELDS, url=URL + "?a=b"), signed({**FIELDS, "Body": "other words"}), {"X-Twilio-Signature": "é" * 28},
        signed({name: value for name, value in FIELDS.items() if value}),
    ],
)  # fmt: skip
def test_a_signature_that_does_not_fit_is_refused(webhook, headers):
    with pytest.raises(NotFromProviderError):
        webhook.read(headers, urlencode(FIELDS).encode())


@pytest.mark.parametrize("name", ["Body", "From", "MessageSid", "FromCity"])
def test_a_tampered_or_added_field_is_refused(webhook, name):
    for body in (urlencode({**FIELDS, name: "+15550100002"}), urlencode(FIELDS) + f"&{name}=+15550100002"):
        with pytest.raises(NotFromProviderError):
            webhook.read(signed(FIELDS), body.encode())


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"&&&", b"=", b"{}", b"%", b"a=1&" * 500])
def test_no_form_is_refused(webhook, body):
    with pytest.raises(NotFromProviderError):
        webhook.read(signed({}, token="another"), body)


@pytest.mark.parametrize("name", ["From", "MessageSid"])
def test_a_signed_form_without_sender_or_id_is_unusable(webhook, name):
    for fields in ({**FIELDS, name: ""}, {key: value for key, value in FIELDS.items() if key != name}):
        with pytest.raises(UnusableRequestError):
            webhook.read(signed(fields), urlencode(fields).encode())


def test_a_picture_without_words_is_an_empty_message(webhook):
    fields = {key: value for key, value in FIELDS.items() if key != "Body"}
    assert webhook.read(signed(fields), urlencode(fields).encode()).text == ""


def test_the_reply_is_twiml(webhook):
    response = webhook.response('5 < 6 & "so"')
    assert response.content_type == "application/xml"
    assert response.body.endswith('<Response><Message>5 &lt; 6 &amp; "so"</Message></Response>')
    assert webhook.response(None).body.endswith("<Response />")


def test_a_number_is_one_however_it_is_spelled():
    assert {plain_number(n) for n in ("+1 (555) 010-0001", "+1.555.010.0001", " +15550100001 ")} == {"+15550100001"}

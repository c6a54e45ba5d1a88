import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infusion_guide.channels.json_webhook import TOLERANCE_SECONDS, JsonWebhook, signature
from infusion_guide.channels.text_provider import NotFromProviderError, UnusableRequestError

SECRET, NOW = "s" * 32, 1_800_000_000
BODY = json.dumps({"id": "g-1", "from": "+15550100001", "text": "how long does it take?"}).encode()


@pytest.fixture(scope="module")
def webhook():
    return JsonWebhook(SECRET, clock=lambda: float(NOW))


def signed(body, timestamp=NOW, secret=SECRET):
    return {"X-Guide-Timestamp": str(timestamp), "X-Guide-Signature": signature(secret, str(timestamp), body)}


def test_the_signature_is_that_of_the_documents():
    import hashlib
    import hmac

    expected = hmac.new(b"s" * 32, b"1800000000.{}", hashlib.sha256).hexdigest()
    assert signature(SECRET, "1800000000", b"{}") == f"sha256={expected}"


def test_a_signed_message_is_read(webhook):
    message = webhook.read(signed(BODY), BODY)
    assert (message.id, message.number, message.text) == ("g-1", "+15550100001", "how long does it take?")


@pytest.mark.parametrize(
    "headers",
    [
        {}, {"X-Guide-Timestamp": str(NOW)}, {**signed(BODY), "X-Guide-Timestamp": str(NOW + 1)},
        signed(BODY, secret="another"), signed(BODY + b" "), {**signed(BODY), "X-Guide-Signature": "sha256=é"},
        signed(BODY, timestamp="now"), signed(BODY, timestamp="²"), signed(BODY, timestamp="-5"),
        signed(BODY, timestamp=""),
    ],
)  # fmt: skip
def test_a_signature_that_does_not_fit_is_refused(webhook, headers):
    with pytest.raises(NotFromProviderError):
        webhook.read(headers, BODY)


@pytest.mark.parametrize("age", [TOLERANCE_SECONDS + 1, -TOLERANCE_SECONDS - 1, 10**9])
def test_an_old_request_is_refused_though_its_signature_fits(webhook, age):
    with pytest.raises(NotFromProviderError, match="too old"):
        webhook.read(signed(BODY, timestamp=NOW - age), BODY)
    assert webhook.read(signed(BODY, timestamp=NOW - TOLERANCE_SECONDS), BODY)


@pytest.mark.parametrize(
    "content",
    [[], "text", 5, None, {}, {"id": "a", "from": "b"}, {"id": 1, "from": "b", "text": "c"},
     {"id": "a", "from": "b", "text": None}, {"id": " ", "from": "b", "text": "c"},
     {"id": "a", "from": "", "text": "c"}],
)  # fmt: skip
def test_signed_json_without_a_message_is_unusable(webhook, content):
    body = json.dumps(content).encode()
    with pytest.raises(UnusableRequestError):
        webhook.read(signed(body), body)


@given(st.binary(max_size=300))
def test_any_signed_bytes_are_a_message_or_refused(webhook, body):
    try:
        webhook.read(signed(body), body)
    except UnusableRequestError:
        return


def test_the_reply_is_a_list_of_messages(webhook):
    assert json.loads(webhook.response("Sjögren's").body) == {"messages": ["Sjögren's"]}
    assert json.loads(webhook.response(None).body) == {"messages": []}

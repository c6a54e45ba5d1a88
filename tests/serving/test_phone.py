"""`infusion-guide sms-simulate`: a terminal that texts a really running guide."""

import re

from tests.test_cli import run

TEXTS = {
    "GUIDE_TWILIO_TOKEN": "token",
    "GUIDE_SMS_URL": "https://guide.example.org/webhooks/sms/twilio",
    "GUIDE_SMS_KEY": "k" * 32,
}


def test_a_conversation_with_a_guide_of_its_own():
    result = run("sms-simulate", "--start", stdin="how long does it take?\n1\nSTOP\nhello\nHELP i cant breathe\n")
    assert result.returncode == 0, result.stderr
    blocks = result.stdout.split("> ")[1:]
    assert len(blocks) == 5
    assert "Reply 1: " in blocks[0]
    assert "Texts are not private." in blocks[0]
    characters, segments = map(int, re.search(r"\[(\d+) characters, (\d) segments, \d+ ms\]", blocks[0]).groups())
    assert 306 < characters <= 459
    assert segments == 3
    assert "no more texts" in blocks[2]
    assert "(no reply)\n  [0 characters, 0 segments" in blocks[3]
    assert "call 911" in blocks[4]


def test_without_a_guide_it_says_so():
    result = run("sms-simulate", "--at", "http://127.0.0.1:1", stdin="hi\n", **TEXTS)
    assert result.returncode == 1
    assert "no guide answers at http://127.0.0.1:1/webhooks/sms/" in result.stderr
    assert "Traceback" not in result.stderr


def test_the_start_stops_with_the_name_of_what_is_missing():
    for missing in TEXTS:
        result = run("serve", **{**TEXTS, missing: ""})
        assert result.returncode == 2
        assert f"Error: {missing} is missing" in result.stderr

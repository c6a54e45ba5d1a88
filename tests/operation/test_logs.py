import io
import json
import logging

import pytest
import structlog

from infusion_guide.operation.logs import configure_logs, places

WORDS = "my tongue feels odd, says Mary Jones"


@pytest.fixture
def lines():
    """What is logged in a test, as JSON objects; the logging of the tests is put back afterwards."""
    root, kept = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure_logs(stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:], root.level = handlers, level
    structlog.configure(**kept)


def test_our_own_lines_carry_the_request_and_known_fields_only(lines):
    structlog.contextvars.bind_contextvars(request_id="0" * 32)
    logging.getLogger("infusion_guide.test").info("turn", extra={"door": "web", "text": WORDS})
    structlog.contextvars.clear_contextvars()
    (line,) = lines()
    assert (line["event"], line["door"], line["request_id"], line["level"]) == ("turn", "web", "0" * 32, "info")
    assert "Mary" not in json.dumps(line)


def test_another_librarys_words_are_withheld(lines):
    logging.getLogger("rasa.core.processor").warning(f"failed on {WORDS}")
    logging.getLogger("rasa.core.processor").warning("failed on %s", WORDS)
    structlog.get_logger("rasa.core.agent").warning("agent.message.failed", text=WORDS, user_message=WORDS)
    structlog.get_logger("rasa.core.agent").warning(WORDS)
    said = lines()
    assert len(said) == 4
    assert "Mary" not in json.dumps(said)
    assert said[0]["at"].startswith("test_logs.py:")
    assert said[2]["event"] == "agent.message.failed"


def test_an_exception_is_types_and_places(lines):
    def broken():
        raise ValueError(WORDS)

    try:
        try:
            broken()
        except ValueError as error:
            raise RuntimeError(f"could not answer {WORDS}") from error
    except RuntimeError:
        logging.getLogger("infusion_guide.test").exception("a turn failed")
    (line,) = lines()
    assert "Mary" not in json.dumps(line)
    assert "builtins.RuntimeError" in line["exception"]
    assert "builtins.ValueError" in line["exception"]
    assert any("broken" in place for place in line["exception"])


def test_an_exception_without_a_trace_has_a_type():
    assert places(KeyError(WORDS)) == ["builtins.KeyError"]

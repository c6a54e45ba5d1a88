import asyncio
import inspect

import pytest
from jsonschema import ValidationError
from rasa.core.actions.action import RemoteAction
from rasa.utils.endpoints import EndpointConfig

from infusion_guide.serving.in_process_actions import InProcessActions, install_fast_validation, is_plain


def run(coroutine):
    return asyncio.run(coroutine)


def test_rasa_still_calls_the_endpoint_as_the_seam_expects():
    source = inspect.getsource(RemoteAction.run)
    assert "self.action_endpoint.request(" in source
    assert "self._validate_action_result(response)" in source
    assert "ClientResponseError" in source
    assert "method" in inspect.signature(EndpointConfig.request).parameters


def test_every_action_of_the_domain_is_there(guide):
    endpoint = InProcessActions("actions")
    custom = {name for name in guide.agent.agent.domain.user_actions if name.startswith("action_")}
    assert custom <= set(endpoint._executor.actions)


def test_a_wrong_result_is_still_refused():
    install_fast_validation()
    action = RemoteAction("action_answer", None)
    assert action._validate_action_result({"events": [], "responses": []})
    with pytest.raises(ValidationError):
        action._validate_action_result({"events": [{"event": "slot"}], "responses": "no"})


@pytest.mark.parametrize(
    ("result", "plain"),
    [
        ({"events": [{"event": "slot", "name": "setting", "value": "home"}], "responses": [{"text": "hi"}]}, True),
        ({"events": [{"event": "reminder"}], "responses": []}, False),
        ({"events": [{"event": "slot"}], "responses": []}, False),
        ({"events": [], "responses": "no"}, False),
        ([], False),
    ],
)
def test_only_slots_and_replies_are_plain(result, plain):
    assert is_plain(result) is plain


def test_an_action_that_fails_still_speaks(guide, monkeypatch):
    from actions.answer import ActionAnswer

    def broken(*_):
        raise RuntimeError("the database is gone")

    monkeypatch.setattr(ActionAnswer, "reply", broken)
    endpoint = InProcessActions("actions")
    tracker = {
        "sender_id": "x",
        "slots": {},
        "latest_message": {"text": "how long", "intent": {"name": "during_infusion"}, "entities": []},
        "events": [],
        "paused": False,
        "followup_action": None,
        "active_loop": {},
        "latest_action_name": None,
    }
    call = {"next_action": "action_answer", "sender_id": "x", "tracker": tracker, "domain": {}, "version": "3.6.21"}
    responses = run(endpoint.request(json=call))["responses"]
    assert any("555-0100" in (response.get("text") or "") for response in responses)

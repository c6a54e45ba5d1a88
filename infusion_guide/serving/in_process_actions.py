"""In-process actions: runs the custom actions in the server's own process instead of a second server.

Stands in for two parts of Rasa 3.6.21 (`rasa.core.actions.action`): the HTTP call of `RemoteAction`, and
`RemoteAction._validate_action_result`, which checks a constant schema against its meta-schema on every call and takes
22 of an action's 26 ms (design, section 5). tests/serving/test_in_process_actions.py fails when Rasa changes either.
"""

from __future__ import annotations

from typing import Any

from jsonschema import Draft7Validator
from rasa.core.actions.action import RemoteAction
from rasa.utils.endpoints import ClientResponseError, EndpointConfig
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection


class InProcessActions(EndpointConfig):  # type: ignore[misc]
    """An action endpoint that calls the actions of a package directly."""

    def __init__(self, package: str) -> None:
        # The domain is not sent: no action of ours reads it, and it is large.
        super().__init__(url="in-process", enable_selective_domain=True)
        self._executor = ActionExecutor()
        self._executor.register_package(package)

    async def request(self, method: str = "post", json: Any = None, **_: Any) -> Any:
        """Run the action named in `json`; the result is what the action server would send.

        Raises:
            ClientResponseError: the action rejected its execution, as Rasa expects it from an action server.
        """
        try:
            return await self._executor.run(json)
        except ActionExecutionRejection as rejection:
            text = f'{{"error": "{rejection.message}", "action_name": "{rejection.action_name}"}}'
            raise ClientResponseError(400, "rejected", text) from rejection


def is_plain(result: Any) -> bool:
    """Whether an action's result is what all actions of ours give: slots that are set, and replies."""
    if not isinstance(result, dict) or not result.keys() <= {"events", "responses"}:
        return False
    events, responses = result.get("events", []), result.get("responses", [])
    return (
        isinstance(events, list)
        and isinstance(responses, list)
        and all(isinstance(response, dict) for response in responses)
        and all(
            isinstance(event, dict) and event.get("event") == "slot" and isinstance(event.get("name"), str)
            for event in events
        )
    )


def install_fast_validation() -> None:
    """Check the results of every `RemoteAction` of this process: what is plain at a glance, the rest by the schema."""
    validator = Draft7Validator(RemoteAction.action_response_format_spec())

    def validate(_: RemoteAction, result: dict[str, Any]) -> bool:
        if not is_plain(result):
            # The validator is built once; with the schema it still takes a millisecond, which plain results need not.
            validator.validate(result)
        return True

    RemoteAction._validate_action_result = validate

import asyncio
from types import SimpleNamespace

import pytest
from rasa.core.channels.channel import UserMessage

from infusion_guide.serving.thread import tell_what_was_spoken_of

LENGTH = {"label": "during-infusion/length", "words": "How long does an infusion take?"}


@pytest.mark.parametrize(("kept", "told"), [(LENGTH, LENGTH), ("How long does an infusion take?", None), (None, None)])
def test_understanding_is_told_what_was_spoken_of_and_never_what_an_earlier_version_kept(kept, told):
    async def understand(message, tracker, only_output_properties):
        return message.metadata

    agent = SimpleNamespace(processor=SimpleNamespace(parse_message=understand))
    tell_what_was_spoken_of(agent)
    tracker = SimpleNamespace(get_slot={"spoken_of": kept}.get)
    metadata = asyncio.run(agent.processor.parse_message(UserMessage("and how often"), tracker))
    assert (metadata or {}).get("spoken_of") == told

"""A conversation that is ended is wiped on the server, whatever is still under way in it."""

import asyncio

import pytest

from infusion_guide.channels.intake import Incoming


def remembered(guide, conversation):
    return asyncio.run(guide.agent.agent.tracker_store.retrieve(conversation))


def test_a_conversation_is_forgotten(guide, patient):
    patient.says("tell me how rituximab works")
    assert remembered(guide, patient.conversation)
    asyncio.run(guide.agent.forget(patient.conversation))
    assert remembered(guide, patient.conversation) is None


def test_a_message_that_is_under_way_does_not_bring_it_back(guide, patient):
    async def both():
        answering = asyncio.ensure_future(guide.answer(Incoming("how long?", patient.conversation, "web")))
        # Long enough for the message to be under way, not for its answer.
        await asyncio.sleep(0.004)
        await guide.agent.forget(patient.conversation)
        return await answering

    assert asyncio.run(both()).reply.outcome == "answer"
    assert remembered(guide, patient.conversation) is None


def test_forgetting_what_is_not_there_is_no_fault(guide):
    asyncio.run(guide.agent.forget("nobody"))


def test_a_failing_database_is_told_to_who_ends_the_conversation(guide, monkeypatch):
    async def broken(_):
        raise OSError("away")

    monkeypatch.setattr(guide.agent.agent.tracker_store, "delete", broken)
    with pytest.raises(OSError, match="away"):
        asyncio.run(guide.agent.forget("someone"))
